import {
  CHANGES,
  isInForce,
  profile,
  resolveVersion,
  type Change,
  type Profile,
} from "@kadvise/releases";
import { notesOf, type Fact } from "./fact.ts";
import { answersByKernel, byVersion } from "./recordedText.ts";

/** What docs/facts.md is made of. */
export interface FactsTable {
  readonly facts: readonly Fact[];
  /** The kernels that were asked: version, uname -r and -v, and what was set. */
  readonly kernels: readonly TableKernel[];
  /** Lines of the fact sheets that no scenario asks about, and why. */
  readonly notAsked: readonly (readonly [sheet: string, why: string])[];
}

export interface TableKernel {
  readonly kernel: string;
  readonly release: string;
  readonly version: string;
  readonly settings: { readonly [name: string]: unknown };
}

/** Writes the table of facts, in Markdown. */
export function factsTable({ facts, kernels, notAsked }: FactsTable): string {
  const sorted = kernels.toSorted((a, b) => byVersion(a.kernel, b.kernel));
  const versions = sorted.map(({ kernel }) => kernel);
  const corrected = facts.filter((fact) => notesOf(fact).corrects !== undefined);
  const settled = facts.filter((fact) => notesOf(fact).settles !== undefined);
  return [
    "# What real kernels answered",
    "",
    "Made by `node scripts/facts.mjs table` from the scenarios in",
    "[packages/conformance/facts](../packages/conformance/facts): each asks Linux one thing, and",
    "holds what the kernels below answered. `node scripts/facts.mjs check --target qemu:6.12` asks",
    "again; a test holds the model of each release to the answers. Marks such as F6 name lines of",
    "the fact sheets that the model was made from.",
    "",
    "## Kernels",
    "",
    ...table(
      ["kernel", "uname -r", "uname -v", "settings that differ"],
      sorted.map((one) => [one.kernel, one.release, one.version, settingsText(one, sorted)]),
    ),
    "",
    "## Where the sheets are wrong",
    "",
    ...listed(corrected, "corrects"),
    "",
    "## What they left open, and is settled",
    "",
    ...listed(settled, "settles"),
    "",
    "## What was asked, and what came",
    "",
    ...table(
      ["scenario", "sheet", "asked", "answers"],
      facts.map((fact) => {
        const { title, sheets } = notesOf(fact);
        return [`\`${fact.name}\``, sheets.join(", "), title, answersText(fact, versions)];
      }),
    ),
    "",
    "## Dated changes",
    "",
    "The two kernels next to a change that a scenario tells apart; where no two kernels stand around",
    "it, it was not checked on a real kernel.",
    "",
    ...table(
      ["change", "release", "scenarios", "kernels around it"],
      CHANGES.map((change) => {
        const scenarios = scenariosOf(change, facts).map(({ name }) => `\`${name}\``);
        const pairs = pairsAround(change, versions).map((pair) => pair.join(" / "));
        return [
          `\`${change.id}\``,
          change.mainline,
          scenarios.join(", ") || "none: see below",
          scenarios.length === 0 ? "" : pairs.join(", ") || "not checked on a real kernel",
        ];
      }),
    ),
    "",
    "## What was not asked",
    "",
    ...table(["sheet or change", "why"], notAsked),
    "",
  ].join("\n");
}

/** The scenarios whose comments name a change. */
export function scenariosOf({ id }: Change, facts: readonly Fact[]): readonly Fact[] {
  return facts.filter((fact) => notesOf(fact).changes.includes(id));
}

/**
 * Neighbours among kernels of which one has a change and the other has not; where later changes
 * between them have taken it back, they are none.
 */
export function pairsAround(
  change: Change,
  versions: readonly string[],
): readonly (readonly [string, string])[] {
  const has = versions.map((version) => isInForce(change, resolveVersion(version)));
  return versions.flatMap((version, i): [string, string][] => {
    const next = versions[i + 1];
    if (next === undefined || has[i] === has[i + 1]) return [];
    return isSwitched(change, version, next) ? [[version, next]] : [];
  });
}

/** Whether what a change sets is otherwise on two kernels. */
function isSwitched({ set = {} }: Change, before: string, after: string): boolean {
  const [left, right] = [before, after].map((name) => profile(name));
  const switches = Object.entries(set).flatMap(([section, values]) =>
    Object.keys(values).map((name): [string, string] => [section, name]),
  );
  return (
    switches.length === 0 ||
    switches.some(
      ([section, name]) => valueOf(left, section, name) !== valueOf(right, section, name),
    )
  );
}

function valueOf(kernel: Profile, section: string, name: string): unknown {
  const features = new Map<string, unknown>(Object.entries(kernel)).get(section);
  return new Map<string, unknown>(Object.entries(features ?? {})).get(name);
}

/** `5.10.223 to 6.12.107: EINVAL; from 6.16.12 on: 4096`. */
export function answersText({ text }: Fact, versions: readonly string[]): string {
  const answers = answersByKernel(text);
  const differ = (lines: (seen: readonly string[]) => string): boolean =>
    new Set([...answers.values()].map(lines)).size > 1;
  const hasAreas = differ((seen) => seen.join()) && !differ((seen) => seen.filter(isAnswer).join());
  const groups = new Map<string, string[]>();
  for (const version of versions) {
    const seen = answers.get(version);
    if (seen === undefined) continue;
    const lines = seen.filter((line) => hasAreas || isAnswer(line)).map(short);
    const shown = lines.length > MOST_ANSWERS ? grouped(text, lines) : lines.join(", ");
    groups.set(shown, [...(groups.get(shown) ?? []), version]);
  }
  if (groups.size === 1) return [...groups.keys()].join("");
  const all = versions.filter((version) => answers.has(version));
  return [...groups].map(([shown, some]) => `${spans(some, all)}: ${shown}`).join("<br>");
}

/** More answers than these are told by what they are about. */
const MOST_ANSWERS = 8;

/** `EINVAL: FREE, REMOVE; 0: NORMAL, RANDOM`. */
function grouped(text: string, lines: readonly string[]): string {
  const steps = text.split("\n").filter((line) => !line.startsWith("#") && line.endsWith("= ?"));
  const labels = steps.map(
    (step) => /\bMADV_(\w+)/.exec(step)?.[1] ?? /^\S+ +(\w+)/.exec(step)?.[1] ?? "",
  );
  const groups = new Map<string, string[]>();
  for (const [i, line] of lines.entries())
    groups.set(line, [...(groups.get(line) ?? []), labels[i] ?? "areas"]);
  return [...groups].map(([line, names]) => `${line}: ${names.join(" ")}`).join("; ");
}

function isAnswer(line: string): boolean {
  return !/^2[0-9a-f]{7}-/.test(line);
}

/** `= -1 EINVAL (Invalid argument)` is EINVAL. */
function short(line: string): string {
  return line.replace(/^= (?:-1 (\w+) \(.*\)|0 \((.*)\)|(.*))$/, "$1$2$3");
}

/** Neighbours among all kernels, as spans. */
function spans(some: readonly string[], all: readonly string[]): string {
  const runs: string[][] = [];
  for (const version of some) {
    const run = runs.at(-1);
    if (run !== undefined && all.indexOf(run.at(-1) ?? "") + 1 === all.indexOf(version))
      run.push(version);
    else runs.push([version]);
  }
  return runs
    .map((run) => (run.length < 3 ? run.join(", ") : `${run[0]} to ${run.at(-1)}`))
    .join(", ");
}

function listed(facts: readonly Fact[], key: "corrects" | "settles"): readonly string[] {
  return facts.map((fact) => {
    const notes = notesOf(fact);
    return `- ${notes.sheets.join(", ")} (\`${fact.name}\`): ${notes[key] ?? ""}`;
  });
}

/** Settings that are not the same on all kernels. */
function settingsText(one: TableKernel, all: readonly TableKernel[]): string {
  return Object.entries(one.settings)
    .filter(([name]) => !MACHINE.has(name))
    .filter(([name, value]) => all.some(({ settings }) => settings[name] !== value))
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(" ");
}

/** How large the machine is. */
const MACHINE: ReadonlySet<string> = new Set([
  ...["commitPages", "commitLimitPages", "committedPages", "adminReservePages"],
  ...["userReservePages", "pidMax"],
]);

function table(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)];
}
