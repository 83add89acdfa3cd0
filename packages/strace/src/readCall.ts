import { readArguments } from "./arguments.ts";
import type { CallEvent } from "./event.ts";
import { ownCopy } from "./ownCopy.ts";
import type { CallResult } from "./result.ts";
import type { Argument } from "./value.ts";

/**
 * A call as the reader hands it out: its arguments are a place in the chunk until somebody asks.
 *
 * The event keeps that chunk alive. Who stores calls for longer stores what it took from them.
 */
export class ReadCall implements CallEvent {
  readonly kind = "call";
  readonly line: number;
  readonly entryLine: number;
  readonly name: string;
  readonly result: CallResult;
  pid?: number;
  entryPid?: number;
  time?: string;
  seconds?: number;
  number?: number;
  isUnterminated?: true;
  readonly #before: string;
  #text: string;
  #from: number;
  #to: number;
  #args: readonly Argument[] | undefined;

  /** The arguments are `before`, the half from an earlier line, and `text` from `from` to `to`. */
  constructor(
    line: number,
    entryLine: number,
    name: string,
    result: CallResult,
    before: string,
    text: string,
    from: number,
    to: number,
  ) {
    this.line = line;
    this.entryLine = entryLine;
    this.name = name;
    this.result = result;
    this.#before = before;
    this.#text = text;
    this.#from = from;
    this.#to = to;
  }

  get argumentText(): string {
    return this.#before + this.#text.slice(this.#from, this.#to);
  }

  get args(): readonly Argument[] {
    this.#args ??= readArguments(ownCopy(this.argumentText));
    return this.#args;
  }
}
