import { endOfAnnotation, endOfComment, endOfString } from "./annotation.ts";
import { CLOSE_PAREN, COMMA, LESS, OPEN_PAREN, QUOTE, SLASH, SPACE, STAR } from "./characters.ts";
import { PlainText } from "./plainText.ts";

/**
 * How the arguments of a call end on a line. `open` is a line that stops, or was torn, in the
 * middle of them.
 */
export type FrameEnd = "closed" | "unfinished" | "detached" | "open";

const UNFINISHED = "<unfinished ...>";
const DETACHED = "<detached ...>";
/** A thread executes a program and becomes its process' leader; strace >= 5.3 ends its line so. */
const PID_CHANGED = /^<pid changed to \d+ \.\.\.>$/;

/** From which length on it pays to ask first whether there is anything to walk around. */
const LONG = 200;

/**
 * Finds where the arguments of a call end without reading them.
 *
 * A log of a million calls holds a handful that anybody asks about: for the others this walk, which
 * only knows strings, comments, annotations and parentheses, is all the reading there is. One
 * object is used again and again, so a call allocates nothing here.
 */
export class Frame {
  end: FrameEnd = "open";
  /** The index behind the last character of the arguments. */
  argumentsEnd = 0;
  /** How many parentheses are open there. */
  depth = 0;

  readonly #plain = new PlainText();

  /** Walks `text` from `from`, with `depth` parentheses open, to the one that closes them all. */
  scan(text: string, from: number, to: number, depth: number): void {
    if (depth === 1 && to - from > LONG && this.#plain.holds(text, from, to)) {
      const closing = text.indexOf(")", from);
      return closing >= 0 && closing < to
        ? this.#stop("closed", closing, 0)
        : this.#stop("open", to, 1);
    }
    let open = depth;
    for (let at = from; at < to; at++) {
      const code = text.charCodeAt(at);
      // Letters, digits, commas and spaces, which is nearly everything.
      if ((code > SLASH && code !== LESS) || code === SPACE || code === COMMA) continue;
      let last = at;
      if (code === CLOSE_PAREN) {
        if (--open === 0) return this.#stop("closed", at, 0);
      } else if (code === OPEN_PAREN) {
        open++;
      } else if (code === QUOTE) {
        last = endOfString(text, at, to);
      } else if (code === LESS) {
        if (text.charCodeAt(at + 1) === LESS) last = at + 1;
        else if (isLast(UNFINISHED, text, at, to))
          return this.#stop("unfinished", trimmed(text, at, from), open);
        else if (text.startsWith("<pid", at) && PID_CHANGED.test(text.slice(at, to)))
          return this.#stop("unfinished", trimmed(text, at, from), open);
        else if (isLast(DETACHED, text, at, to))
          return this.#stop("detached", trimmed(text, at, from), open);
        else last = Math.max(at, endOfAnnotation(text, at, to));
      } else if (code === SLASH && text.charCodeAt(at + 1) === STAR) {
        last = endOfComment(text, at, to);
      }
      if (last < 0) break;
      at = last;
    }
    this.#stop("open", to, open);
  }

  #stop(end: FrameEnd, argumentsEnd: number, depth: number): void {
    this.end = end;
    this.argumentsEnd = argumentsEnd;
    this.depth = depth;
  }
}

function isLast(marker: string, text: string, at: number, to: number): boolean {
  return at + marker.length === to && text.startsWith(marker, at);
}

/** Strace sets one space before the marker that is not part of the arguments. */
function trimmed(text: string, at: number, from: number): number {
  return at > from && text.charCodeAt(at - 1) === SPACE ? at - 1 : at;
}
