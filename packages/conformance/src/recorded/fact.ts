import { compileScenario, placesOf, type CompiledScenario } from "../scenario/compileScenario.ts";
import { parseScenario } from "../scenario/parse.ts";
import type { Target, TargetFacts } from "../target/target.ts";
import { seenAnswers, type SeenAnswers } from "./seenAnswers.ts";

/** A question to Linux: a scenario, and what its comments say of it. */
export interface Fact {
  /** The file's name without its ending. */
  readonly name: string;
  readonly text: string;
}

/** What the comments in front of a scenario's first step say. */
export interface FactNotes {
  /** What the scenario is about. */
  readonly title: string;
  /** Lines of the fact sheets that it asks about: `F6`. */
  readonly sheets: readonly string[];
  /** Changes of behaviour between whose releases the answer differs. */
  readonly changes: readonly string[];
  /** What is otherwise than the sheets say. */
  readonly corrects?: string;
  /** What the sheets left open, and is not any more. */
  readonly settles?: string;
  /** Why the model cannot be held to the answers. */
  readonly model?: string;
}

const KEYED = /^(Sheet|Change|Corrects|Settles|Model): (.*)$/;

/** Reads the comments in front of the first step. */
export function notesOf({ text }: Fact): FactNotes {
  const title: string[] = [];
  const keyed = new Map<string, string>();
  let key: string | undefined;
  for (const line of text.split("\n")) {
    const comment = /^# (.*)$/.exec(line)?.[1];
    if (comment === undefined) break;
    const [, name, value = ""] = KEYED.exec(comment) ?? [];
    if (name !== undefined) {
      keyed.set(name, value);
      key = name;
    } else if (key === undefined) title.push(comment);
    else keyed.set(key, `${keyed.get(key) ?? ""} ${comment.trim()}`);
  }
  const list = (name: string): readonly string[] =>
    (keyed.get(name) ?? "").split(/, */).filter(Boolean);
  const [corrects, settles, model] = ["Corrects", "Settles", "Model"].map((name) =>
    keyed.get(name),
  );
  return {
    title: title.join(" "),
    sheets: list("Sheet"),
    changes: list("Change"),
    ...(corrects === undefined ? {} : { corrects }),
    ...(settles === undefined ? {} : { settles }),
    ...(model === undefined ? {} : { model }),
  };
}

/** A fact as a program. @throws ScenarioMisuse, or RangeError for a line that is no step */
export function compileFact({ name, text }: Fact, facts: TargetFacts): CompiledScenario {
  const parsed = parseScenario(text);
  if ("error" in parsed) {
    const { line, column, expected } = parsed.error;
    throw new RangeError(`${name}:${line}:${column}: expected ${expected}`);
  }
  const image = facts.images["plain"] ?? "";
  const { steps } = parsed;
  const places = placesOf(facts.start);
  return compileScenario(steps, { abi: facts.abi, image, places, mapsEvery: steps.length });
}

/** Whether a fact changes settings of the machine: it is asked of emulated ones alone. */
export function changesSettings({ text }: Fact): boolean {
  return /\bwrite\("\/(?:sys|proc\/sys)\/|\bksm\(/.test(text);
}

/** Asks a target all facts, one after the other. */
export async function askFacts(
  target: Target,
  facts: readonly Fact[],
): Promise<ReadonlyMap<Fact, SeenAnswers>> {
  const described = await target.describe();
  const compiled = facts.map((fact) => compileFact(fact, described));
  const results = await target.run(compiled.map(({ program }) => program));
  return new Map(facts.map((fact, i) => [fact, seenAnswers(compiled[i], results[i])]));
}
