import type { LogCallExplained, PicturedArea, WayExplained } from "@kadvise/conformance";
import { adviceName } from "@kadvise/uapi";
import { bold, dim, green, red, yellow } from "../paint.ts";

type Rung = WayExplained["checks"][number];
type RangeVerdict = NonNullable<WayExplained["ranges"]>[number];

/** A logged call, explained for people. */
export function logCallText(told: LogCallExplained, file: string): string {
  const { line, call, observed, verdict, kernel, kernelAsked } = told;
  const lines = [
    bold(`${file}:${line}  ${call} = ${observed}`),
    `kernel ${kernel}${kernelAsked ? "" : " (not checked on a real kernel)"}: ${verdictText(told)}`,
    ...told.lint.map(({ rule, text }) => `${yellow("lint")}: ${text} ${dim(`[${rule}]`)}`),
  ];
  if (told.open.length > 0 && told.ways.length !== 1) {
    lines.push("", "what the log does not show, and would decide");
    for (const { fact, id } of told.open) lines.push(`  ? ${fact} ${dim(`[${id}]`)}`);
  }
  for (const [i, way] of told.ways.entries()) {
    if (told.ways.length > 1) {
      const which = way.isObserved
        ? "as observed"
        : way.open === undefined
          ? "not what was observed"
          : "nobody can say";
      lines.push("", bold(`way ${i + 1} of ${told.ways.length}: ${way.result} (${which})`));
    }
    lines.push(...wayLines(way));
  }
  if (told.waysOmitted > 0) lines.push("", dim(`… and ${told.waysOmitted} further ways`));
  if (told.ways.length === 0 && verdict !== "deviation")
    lines.push("", `  ${told.reason.text} ${dim(`[${told.reason.id}]`)}`);
  return lines.join("\n");
}

function verdictText({ verdict, allowed }: LogCallExplained): string {
  const list = allowed.slice(0, 4).join(" or ");
  if (verdict === "deviation") return `${red("deviation")}; Linux answers ${list}`;
  if (verdict === "undetermined") return `${yellow("undetermined")}; allowed: ${list}`;
  return green(verdict);
}

/** What one way of things comes to: answer, ladder, ranges, changes. */
export function wayLines(way: WayExplained): readonly string[] {
  return [
    "",
    ...answerLines(way),
    ...ladderLines(way.checks),
    ...rangesLines(way),
    ...areasLines(way),
    ...turnsLines(way),
  ];
}

function answerLines({ refusal, resume, open }: WayExplained): string[] {
  if (open !== undefined)
    return [
      `${yellow("open")}: ${open.fact} is not known ${dim(`[${open.id}]`)}; the checks before:`,
      "",
    ];
  if (refusal === undefined)
    return [resume === undefined ? "no rule refuses this call" : "the call handled a part", ""];
  const { code, text, from, isHiddenByCount } = refusal;
  const where = from === "call" ? "before any range was looked at" : "a range refused";
  const hidden = isHiddenByCount ? "; the count of what was done hides it" : "";
  return [`${red(code)}: ${text} ${dim(`(${where}${hidden})`)}`, ""];
}

const MARKS: { readonly [outcome in Rung["outcome"]]: string } = {
  passed: green("✓"),
  refused: red("✗"),
  "no-help": yellow("-"),
  "not-reached": dim("·"),
};

/** The ladder: checks of the call first, then those of the range that refused. */
function ladderLines(checks: readonly Rung[]): string[] {
  const ofCall = checks.filter(({ range, ...rung }) => range === undefined && !isDetail(rung));
  const refused = checks.findLast(({ outcome }) => outcome === "refused");
  const ofRange = checks.filter(
    ({ range }) => range !== undefined && range === (refused?.range ?? range),
  );
  const shownRange = refused?.range ?? ofRange[0]?.range;
  const reached = ofCall.filter(({ outcome }) => outcome !== "not-reached");
  const unreached = ofCall.filter(({ outcome }) => outcome === "not-reached");
  const rangeRungs = ofRange.filter(({ range }) => range === shownRange);
  const lines = ["checks, in Linux' order", ...reached.flatMap(rungLines)];
  if (rangeRungs.length > 0)
    lines.push(`  ${dim(`element ${shownRange}:`)}`, ...rangeRungs.flatMap(rungLines));
  if (unreached.length > 0) {
    const ids = unreached.map(({ id }) => id).join(", ");
    lines.push(`  ${MARKS["not-reached"]} ${dim(`not reached: ${ids}`)}`);
  }
  return lines;
}

/** Steps within a check: of interest where they refuse. */
function isDetail({ id, outcome }: Pick<Rung, "id" | "outcome">): boolean {
  const isStep = id === "commoncap/capability-missing" || id === "ptrace_access/mode-invalid";
  return isStep && outcome === "passed";
}

function rungLines({ id, outcome, text, compared, linux, since }: Rung): string[] {
  const values = Object.entries(compared)
    .filter(([name, value]) => value !== "" && value !== null && !isCount(name, outcome))
    .map(([name, value]) => `${name} ${valueText(name, value)}`);
  const shown = values.length === 0 ? "" : ` (${values.join("; ")})`;
  const help = outcome === "no-help" ? "does not help: " : "";
  const first = `  ${MARKS[outcome]} ${help}${text}${shown} ${dim(`[${id}]`)}`;
  if (outcome !== "refused" || linux === undefined) return [first];
  const when = since === "seed" ? "since the proposal of May 2020" : `since ${since}`;
  return [first, `      ${linux}, ${when}`];
}

function valueText(name: string, value: string | number | boolean | null): string {
  return name === "advice" ? (adviceName(Number(value)) ?? String(value)) : String(value);
}

/** Where no element was refused, what stands there is how many there were. */
function isCount(name: string, outcome: Rung["outcome"]): boolean {
  return name === "element" && outcome === "passed";
}

/** What of a range need not be told apart from the others. */
const PLAIN: ReadonlySet<RangeVerdict["outcome"]> = new Set(["done", "not-reached", "empty"]);

/** So many elements are told; those that were not simply done come first. */
const MOST_ELEMENTS = 12;

function rangesLines({ ranges = [], resume }: WayExplained): string[] {
  if (ranges.length === 0) return [];
  const lines = ["", "ranges"];
  const odd = ranges.filter(({ outcome }) => !PLAIN.has(outcome));
  const near = ranges.filter((range) => odd.includes(range) || range.index < MOST_ELEMENTS / 2);
  const told = (ranges.length <= MOST_ELEMENTS ? ranges : near).slice(0, MOST_ELEMENTS);
  for (const range of told) lines.push(...rangeLines(range));
  if (told.length < ranges.length) {
    const rest = ranges.filter((range) => !told.includes(range));
    const kinds = [...new Set(rest.map(({ outcome }) => outcome))].map(
      (kind) => `${rest.filter(({ outcome }) => outcome === kind).length} ${words(kind)}`,
    );
    lines.push(dim(`  … and ${rest.length} more: ${kinds.join(", ")}`));
  }
  const sum = ranges.reduce((n, { outcome, counted }) => n + (outcome === "done" ? counted : 0), 0);
  const pages = ranges.reduce((n, { tally }) => n + (tally?.acted ?? 0), 0);
  const isTallied = ranges.some(({ tally }) => tally !== undefined);
  if (isTallied) lines.push(`  ${sum} bytes done completely, ${pages} pages acted on`);
  if (resume !== undefined) {
    const { element, offset, address, countedBytes, uncountedBytes, text } = resume;
    const place = `element ${element}${offset === 0 ? "" : `, offset ${offset}`}${address === undefined ? "" : ` (${address})`}`;
    lines.push(
      `  go on at ${place}: ${text}; ${countedBytes} bytes counted` +
        (uncountedBytes > 0 ? `, ${uncountedBytes} more were advised and not counted` : ""),
    );
  }
  return lines;
}

/** Areas that the call split, merged or changed: before, and behind it. */
function areasLines({ picture }: WayExplained): string[] {
  if (picture === undefined) return [];
  const key = ({ start, end, flags, states }: PicturedArea): string =>
    `${start} ${end} ${flags.join()} ${JSON.stringify(states)}`;
  const [before, after] = [picture.before, picture.after].map((list) => new Set(list.map(key)));
  const gone = picture.before.filter((area) => !after?.has(key(area)));
  const come = picture.after.filter((area) => !before?.has(key(area)));
  if (gone.length + come.length === 0) return [];
  return [
    "",
    "areas that changed",
    ...gone.slice(0, MOST_ELEMENTS).map((area) => red(`  - ${areaText(area)}`)),
    ...come.slice(0, MOST_ELEMENTS).map((area) => green(`  + ${areaText(area)}`)),
  ];
}

function areaText({ start, end, permissions, name, flags, states }: PicturedArea): string {
  const pages = Object.entries(states ?? {}).map(([state, n]) => `${n} ${state}`);
  const told = pages.length === 0 ? "" : `: ${pages.join(", ")}`;
  return `${start}-${end} ${permissions} ${name}`.trim() + ` [${flags.join(" ")}]${told}`;
}

function words(kind: string): string {
  return kind.replaceAll("-", " ");
}

function rangeLines({ index, base, length, counted, outcome, by, at, parts, tally }: RangeVerdict) {
  const end = `0x${(BigInt(base) + BigInt(length)).toString(16)}`;
  const cut = counted === length ? "" : `, ${counted} of them counted`;
  const why = by === undefined ? "" : `: ${by.code}${at === undefined ? "" : ` at ${at}`}`;
  const mark =
    outcome === "done" ? green("done") : outcome === "partly" ? yellow("partly") : words(outcome);
  const lines = [`  ${index}: ${base}-${end}, ${length} bytes${cut}: ${mark}${why}`];
  if (outcome === "partly" || (outcome === "refused" && parts.length > 1)) {
    const runs = runsOf(parts);
    const at = runs.findIndex(([first]) => first?.outcome === "refused");
    const from = Math.max(0, Math.min(at - 2, runs.length - MOST_ELEMENTS));
    const shown = runs.slice(from, from + MOST_ELEMENTS);
    lines.push(...shown.map(runLine));
    if (shown.length < runs.length)
      lines.push(dim(`       … and ${runs.length - shown.length} more stretches`));
  }
  if (tally !== undefined) {
    const skipped = Object.entries(tally.skipped).map(([reason, n]) => `${n} ${words(reason)}`);
    const rest = skipped.length === 0 ? "" : `; skipped: ${skipped.join(", ")}`;
    lines.push(`       ${tally.considered} pages considered, ${tally.acted} acted on${rest}`);
  }
  return lines;
}

type RangePart = RangeVerdict["parts"][number];

/** Stretches of which the same became, side by side. */
function runsOf(parts: readonly RangePart[]): readonly (readonly RangePart[])[] {
  const runs: RangePart[][] = [];
  for (const part of parts) {
    const run = runs.at(-1);
    if (run?.[0]?.outcome === part.outcome) run.push(part);
    else runs.push([part]);
  }
  return runs;
}

function runLine(run: readonly RangePart[]): string {
  const [first, last] = [run[0], run.at(-1)];
  if (first === undefined || last === undefined) return "";
  const pages = run.reduce((sum, part) => sum + part.pages, 0);
  const what = run.length === 1 ? (first.area ?? "") : `${run.length} areas, ${pages} pages`;
  return `       ${first.start}-${last.end} ${words(first.outcome)} ${dim(what)}`.trimEnd();
}

function turnsLines({ turns, refusal, checks }: WayExplained): string[] {
  if (refusal === undefined) return [];
  const lines = ["", "what would change it"];
  for (const set of turns.slice(0, MOST_TURNS))
    lines.push(`  - ${set.map(({ text }) => shortened(text)).join(", and ")}`);
  if (turns.length > MOST_TURNS)
    lines.push(dim(`  … and ${turns.length - MOST_TURNS} further ways (--format json has all)`));
  const remedies = checks.filter(({ outcome }) => outcome === "refused").map((rung) => rung.remedy);
  const remedy = remedies.findLast((text) => text !== undefined);
  if (turns.length === 0 && remedy !== undefined) lines.push(`  - ${remedy}`);
  return turns.length === 0 && remedy === undefined ? [] : lines;
}

/** So many sets of changes are told. */
const MOST_TURNS = 5;
/** So many capabilities are named in one line. */
const MOST_NAMED = 4;

/** A long list of capabilities, cut. */
function shortened(text: string): string {
  return text.replace(/CAP_\w+(?:, CAP_\w+)+/, (list) => {
    const names = list.split(", ");
    if (names.length <= MOST_NAMED) return list;
    return `${names.slice(0, MOST_NAMED).join(", ")} and ${names.length - MOST_NAMED} more`;
  });
}
