import { ERRNO, type ErrnoName } from "./errno.ts";
import type { ComparedValue, Refusal } from "./result.ts";

/**
 * One rule of Linux as data: what it answers, why, where it stands in the kernel, and what would
 * change it.
 */
export interface ReasonEntry {
  /** The error that the rule answers with. */
  readonly errno: ErrnoName;
  /** One sentence, in the words of somebody who stares at the errno. */
  readonly text: string;
  /** Where Linux decides it: file and function. */
  readonly linux: string;
  /**
   * The first release that has the rule; "seed" for a rule that only the never-merged proposal has.
   */
  readonly since: string;
  /** What would turn the answer, in a few words. */
  readonly remedy: string;
  /** One sentence for when the rule has no objection. */
  readonly passes?: string;
  /** The names of the compared values, in the order in which they are reported. */
  readonly compares?: readonly string[];
}

/** A check as a listener sees it. */
export interface Check {
  readonly id: string;
  readonly passed: boolean;
  readonly compared: Readonly<Record<string, ComparedValue>>;
}

/** Who is told of each check; `undefined` while nobody listens, and then nothing is allocated. */
export interface CheckSink {
  readonly listener: ((check: Check) => void) | undefined;
}

/**
 * The catalogue of a package's reasons: the data, and the two ways in which a rule speaks of
 * itself.
 *
 * Compared values are given by position; their names are in the catalogue. Positions instead of an
 * object keep a check that passes free of allocation while nobody listens.
 */
export class Reasons<Id extends string> {
  readonly entries: { readonly [id in Id]: ReasonEntry };

  constructor(entries: { readonly [id in Id]: ReasonEntry }) {
    this.entries = entries;
  }

  /** Reports that a rule had no objection. */
  passed(sink: CheckSink, id: Id, a?: ComparedValue, b?: ComparedValue, c?: ComparedValue): void {
    if (sink.listener === undefined) return;
    sink.listener(Object.freeze({ id, passed: true, compared: this.#compared(id, a, b, c) }));
  }

  /** Reports that a rule refused, and returns the refusal. */
  refuse(
    sink: CheckSink,
    id: Id,
    a?: ComparedValue,
    b?: ComparedValue,
    c?: ComparedValue,
  ): Refusal {
    return this.#refuse(sink, id, undefined, this.#compared(id, a, b, c));
  }

  /** As {@link refuse}, for a refusal that stands on one of the floor below. */
  refuseBecause(
    sink: CheckSink,
    id: Id,
    because: Refusal,
    a?: ComparedValue,
    b?: ComparedValue,
  ): Refusal {
    return this.#refuse(sink, id, because, this.#compared(id, a, b, undefined));
  }

  #refuse(
    sink: CheckSink,
    id: Id,
    because: Refusal | undefined,
    compared: Record<string, ComparedValue>,
  ): Refusal {
    const entry = this.entries[id];
    if (sink.listener !== undefined) sink.listener(Object.freeze({ id, passed: false, compared }));
    const reason = Object.freeze({ id, text: entry.text, compared });
    const refusal = { ok: false as const, code: entry.errno, errno: ERRNO[entry.errno], reason };
    return Object.freeze(because === undefined ? refusal : { ...refusal, because });
  }

  #compared(
    id: Id,
    a: ComparedValue | undefined,
    b: ComparedValue | undefined,
    c: ComparedValue | undefined,
  ): Record<string, ComparedValue> {
    const names = this.entries[id].compares ?? [];
    const compared: Record<string, ComparedValue> = {};
    if (a !== undefined) compared[names[0] ?? "value"] = a;
    if (b !== undefined) compared[names[1] ?? "second"] = b;
    if (c !== undefined) compared[names[2] ?? "third"] = c;
    return Object.freeze(compared);
  }
}
