import { ownCopy } from "./ownCopy.ts";

/** More than any kernel has calls; only a file that is no log comes here. */
const MOST = 2_000;

/**
 * The names of calls, each kept once.
 *
 * A million events share a few dozen strings, none of which holds the chunk that it was read from.
 */
export class Names {
  readonly #known = new Map<string, string>();

  /** The name in `text` from `from` to `to`. */
  at(text: string, from: number, to: number): string {
    const name = text.slice(from, to);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const copy = ownCopy(name);
    if (this.#known.size < MOST) this.#known.set(copy, copy);
    return copy;
  }
}
