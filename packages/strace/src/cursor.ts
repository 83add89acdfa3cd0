import { SPACE, TAB, isNamePart } from "./characters.ts";
import { GrammarError } from "./grammarError.ts";

/**
 * How many levels of brackets and operators a value may have; strace stays below ten, junk does
 * not.
 */
const MAX_DEPTH = 100;

/**
 * A place in a text that the value readers share and move forward.
 */
export class Cursor {
  readonly text: string;
  readonly end: number;
  at: number;
  #depth = 0;

  constructor(text: string, at: number = 0, end: number = text.length) {
    this.text = text;
    this.at = at;
    this.end = end;
  }

  /** The code unit here, or -1 at the end. */
  get code(): number {
    return this.at < this.end ? this.text.charCodeAt(this.at) : -1;
  }

  /** The code unit some places further, or -1 beyond the end. */
  peek(offset: number): number {
    return this.at + offset < this.end ? this.text.charCodeAt(this.at + offset) : -1;
  }

  /** Whether the text goes on with `word` from here. */
  sees(word: string): boolean {
    return this.at + word.length <= this.end && this.text.startsWith(word, this.at);
  }

  /** Steps over `word` if it stands here. */
  take(word: string): boolean {
    if (!this.sees(word)) return false;
    this.at += word.length;
    return true;
  }

  skipSpaces(): void {
    while (this.code === SPACE || this.code === TAB) this.at++;
  }

  /** The letters, digits and underscores from here on, stepped over. */
  takeName(): string {
    const from = this.at;
    while (this.at < this.end && isNamePart(this.text.charCodeAt(this.at))) this.at++;
    return this.text.slice(from, this.at);
  }

  /** Starts anew at a place, whatever level a reader gave up at. */
  reset(at: number): void {
    this.at = at;
    this.#depth = 0;
  }

  /** Goes one level deeper. */
  enter(): void {
    if (++this.#depth > MAX_DEPTH) this.fail("fewer levels of brackets");
  }

  leave(): void {
    this.#depth--;
  }

  fail(expected: string): never {
    throw new GrammarError(this.at, expected);
  }
}
