import fc from "fast-check";
import type { Stage } from "../stage.ts";

/** A call that somebody else makes than whose step it is. */
export interface Line {
  readonly who: string;
  readonly text: string;
}

/** A call, or some that follow each other; undefined where it makes no sense. */
export type Written = string | readonly (string | Line)[] | undefined;

/** Writes calls. */
export type Write = (stage: Stage) => Written;

/** A kind of step, and how often it is drawn. */
export interface Operation {
  readonly name: string;
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Write>;
  /** Whether a 32-bit caller makes the same call by the same name. */
  readonly compat?: boolean;
}

/** Calls that need nothing of the stage. */
export function literal(texts: fc.Arbitrary<string>): fc.Arbitrary<Write> {
  return texts.map(
    (text): Write =>
      () =>
        text,
  );
}

/** One of some calls that are written already. */
export function oneOf(...texts: readonly string[]): fc.Arbitrary<Write> {
  return literal(fc.constantFrom(...texts));
}

/** What is drawn mostly, and what else; the first is what it shrinks to. */
export function mostly<T>(
  usual: fc.Arbitrary<T>,
  ...others: readonly { readonly one: fc.Arbitrary<T>; readonly in: number }[]
): fc.Arbitrary<T> {
  const whole = 120;
  const rest = others.map(({ one, in: share }) => ({ weight: whole / share, arbitrary: one }));
  const taken = rest.reduce((sum, { weight }) => sum + weight, 0);
  return fc.oneof(
    { weight: Math.max(Math.round(whole - taken), 1), arbitrary: usual },
    ...rest.map(({ weight, arbitrary }) => ({
      weight: Math.max(Math.round(weight), 1),
      arbitrary,
    })),
  );
}
