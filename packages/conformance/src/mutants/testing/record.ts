import type { Compared } from "../../fuzz/findingFile.ts";
import type { TargetFacts } from "../../target/target.ts";

/** Which mutant it is: its file, the text of its line, and which of the same changes there. */
export interface MutantKey {
  readonly file: string;
  readonly text: string;
  readonly change: string;
  /** Which one, where the file has several of the same text and change. */
  readonly nth: number;
}

/** What the full run made of one. */
export interface MutantRecord extends MutantKey {
  readonly end: "found" | "missed" | "threw" | "stuck";
  /** The steps that it took. */
  readonly steps: number;
  /** The seed of the round that found it. */
  readonly roundSeed?: number;
  /** The shrunk scenario, what the changed model made of its last line, and what the kernel did. */
  readonly scenario?: readonly string[];
  readonly compared?: Compared;
  readonly model?: string;
  readonly kernel?: string;
  readonly views?: readonly string[];
}

/** One that was drawn and is not counted: no program on this machine can tell it from the model. */
export interface PassedOver extends MutantKey {
  readonly why: string;
}

/** What is kept of the full run. */
export interface MutantsRecord {
  /** The seed of the order in which mutants are drawn. */
  readonly drawSeed: number;
  /** The campaign's seed and steps. */
  readonly seed: number;
  readonly steps: number;
  /** The machine that was asked: with these its processes begin where a scenario is replayed. */
  readonly facts: TargetFacts;
  readonly mutants: readonly MutantRecord[];
  readonly passedOver: readonly PassedOver[];
}

/** One word for which mutant it is. */
export function keyOf({ file, text, change, nth }: MutantKey): string {
  return [file, text, change, nth].join("\n");
}

/** A machine as it is kept: without what was read besides, and where its agent happened to lie. */
export function keptFacts(facts: TargetFacts): TargetFacts {
  const text = JSON.stringify({ ...facts, facts: {} }, (_, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
  return JSON.parse(text.replaceAll(/"[^"]*\/kadvise-[^/"]*/g, '"/work')) as TargetFacts;
}
