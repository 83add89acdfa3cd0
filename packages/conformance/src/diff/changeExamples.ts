import { readFileSync } from "node:fs";
import { USUAL_SETTINGS, type Settings } from "@kadvise/releases";
import { notesOf, type Fact } from "../recorded/fact.ts";
import { readFacts } from "../recorded/folder.ts";
import { answersByKernel, withoutRecord } from "../recorded/recordedText.ts";

/** A scenario that answers otherwise with a change than without it. */
export interface ChangeExample {
  /** The change's id. */
  readonly change: string;
  /** The steps, for the model. */
  readonly scenario: string;
  /** The steps for a real machine: it is prepared first, and left as it was found. */
  readonly onRealKernels: string;
  /** Settings that a model must have for it. */
  readonly settings: Partial<Settings>;
  /** Why the model cannot run it, where it cannot: it is asked of real kernels alone. */
  readonly notModelled?: string;
  /** What real kernels answered, by version. */
  readonly recorded: ReadonlyMap<string, readonly string[]>;
}

/** Beside src and dist alike. */
export const EXAMPLES_FOLDER: URL = new URL("../../changes/", import.meta.url);

/** The examples, by the ids of their changes. */
export function readChangeExamples(): ReadonlyMap<string, ChangeExample> {
  return new Map(readFacts(EXAMPLES_FOLDER).map((fact) => [fact.name, exampleOf(fact)]));
}

/** Changes that no scenario shows, and why. */
export function readUnshownChanges(): ReadonlyMap<string, string> {
  const lines = readFileSync(new URL("none.txt", EXAMPLES_FOLDER), "utf8").split("\n");
  return new Map(
    lines
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const at = line.indexOf(": ");
        return [line.slice(0, at), line.slice(at + 2)];
      }),
  );
}

/** A step that only a real machine needs, in a comment. */
const REAL = /^# Real: /;

export function exampleOf(fact: Fact): ChangeExample {
  const lines = withoutRecord(fact.text).trimEnd().split("\n");
  const { model } = notesOf(fact);
  return {
    change: fact.name,
    scenario: lines.filter((line) => !line.startsWith("#")).join("\n"),
    onRealKernels: lines
      .map((line) => line.replace(REAL, ""))
      .filter((line) => !line.startsWith("#"))
      .join("\n"),
    settings: Object.assign({}, ...lines.map(settingsIn)) as Partial<Settings>,
    ...(model === undefined ? {} : { notModelled: model }),
    recorded: answersByKernel(fact.text),
  };
}

/** `# Config: swap=false maxMapCount=6` */
function settingsIn(line: string): Partial<Settings> {
  const [, words = ""] = /^# Config: (.*)$/.exec(line) ?? [];
  const pairs = words.split(" ").filter(Boolean);
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key = "", value = ""] = pair.split("=");
      if (!Object.hasOwn(USUAL_SETTINGS, key)) throw new RangeError(`unknown setting ${key}`);
      return [key, JSON.parse(value) as unknown];
    }),
  );
}

/** Whether an example changes settings of the machine: it is asked of emulated ones alone. */
export function changesMachine({ onRealKernels }: ChangeExample): boolean {
  return onRealKernels.split("\n").some((line) => /\bwrite\("\/|\braw\(16[78],/.test(line));
}
