import {
  TOTALS,
  type LeftOut,
  type LiveRange,
  type PageCounts,
  type Prediction,
  type ProcessFacts,
  type SmapsTotals,
} from "@kadvise/conformance";
import { capabilityNames, capabilityHalves } from "@kadvise/security";
import { adviceName, errnoName } from "@kadvise/uapi";
import { bold, dim, green, red, yellow } from "../paint.ts";
import { wayLines } from "./explainText.ts";

/** One call of the plan. */
export interface CallTold {
  readonly advice: number;
  readonly ranges: readonly LiveRange[];
  readonly prediction: Prediction;
  /** What pagemap shows of its pages; absent where it cannot be read. */
  readonly pages: PageCounts | undefined;
  /** What came back: bytes, or a negative errno. */
  readonly answered?: number;
  readonly isAsPredicted?: boolean;
}

/** What `kadvise why` found. */
export interface WhyReport {
  readonly schemaVersion: 1;
  readonly kernel: string;
  readonly advice: number;
  readonly caller: ProcessFacts;
  readonly target: ProcessFacts;
  readonly leftOut: readonly LeftOut[];
  readonly calls: readonly CallTold[];
  /** What is taken for granted, and what the answer does not tell. */
  readonly notes: readonly string[];
  /** Kilobytes that smaps showed of the ranges, before the calls and behind them. */
  readonly before?: SmapsTotals | undefined;
  readonly after?: SmapsTotals | undefined;
}

/** The report for people. */
export function whyText(report: WhyReport): string {
  const { caller, target, kernel, leftOut, calls, advice } = report;
  const lines = [
    `caller  ${partyText(caller)}`,
    `target  ${partyText(target)}`,
    `kernel  ${kernel}`,
    ...leftOutLines(leftOut, report),
  ];
  if (calls.length === 0) {
    lines.push("", "nothing to advise: no area is left");
    return lines.join("\n");
  }
  const name = adviceName(advice) ?? String(advice);
  lines.push(
    "",
    bold(
      `${calls.length === 1 ? "the call" : `${calls.length} calls`} of process_madvise, ${name}`,
    ),
  );
  for (const [i, call] of calls.slice(0, MOST_CALLS).entries()) lines.push(callLine(call, i + 1));
  if (calls.length > MOST_CALLS) lines.push(dim(`  … and ${calls.length - MOST_CALLS} more`));
  const shown = calls.find(({ prediction }) => isOdd(prediction)) ?? calls[0];
  if (shown !== undefined) lines.push(...predictionLines(shown.prediction));
  if (report.before !== undefined && report.after !== undefined)
    lines.push(...smapsLines(report.before, report.after));
  lines.push("", ...report.notes.map((text) => dim(`note: ${text}`)));
  return lines.join("\n");
}

const MOST_CALLS = 20;
const MOST_LEFT_OUT = 12;

function isOdd({ ways, result }: Prediction): boolean {
  return result === undefined || ways.some(({ refusal }) => refusal !== undefined);
}

function partyText(facts: ProcessFacts): string {
  const { pid, name, credentials, dumpable, namespace, seccomp, label, state } = facts;
  const [, euid] = credentials.uids;
  const [, egid] = credentials.gids;
  const parts = [
    `${pid} ${name}:`,
    `${ids("uid", credentials.uids, euid)}, ${ids("gid", credentials.gids, egid)};`,
    `${capabilitiesText(credentials.effective)};`,
    dumpable === "unknown"
      ? "dumpable or not (its files do not tell)"
      : dumpable === 1
        ? "dumpable"
        : "not dumpable",
  ];
  if (namespace === undefined) parts.push("; its user namespace cannot be read");
  else if (namespace !== "4026531837") parts.push(`; user namespace ${namespace}`);
  if (seccomp > 0) parts.push("; under a seccomp filter");
  if (label !== undefined) parts.push(`; labelled ${label}`);
  if (state === "Z") parts.push("; a zombie");
  else if (facts.isKernelThread) parts.push("; a kernel thread");
  return parts.join(" ").replaceAll(" ;", ";");
}

function ids(name: string, list: readonly number[], effective = 0): string {
  const isOne = list.every((id) => id === effective);
  return isOne ? `${name} ${effective}` : `${name}s ${list.join(" ")}`;
}

const MOST_NAMES = 5;

function capabilitiesText(hex: string): string {
  const bits = BigInt(`0x${hex}`);
  const names = capabilityNames(capabilityHalves(Number(bits & 0xffff_ffffn), Number(bits >> 32n)));
  if (names.length === 0) return "no capability";
  const wanted = ["CAP_SYS_NICE", "CAP_SYS_PTRACE", "CAP_PERFMON"] as const;
  if (names.length <= MOST_NAMES) return names.join(", ");
  const has = wanted.filter((name) => names.includes(name));
  const lacks = wanted.filter((name) => !names.includes(name));
  return `${names.length} capabilities, ${has.length > 0 ? has.join(", ") : "none that matters here"} among them${
    lacks.length > 0 && has.length > 0 ? `, not ${lacks.join(", ")}` : ""
  }`;
}

function leftOutLines(leftOut: readonly LeftOut[], { target }: WhyReport): string[] {
  if (target.areas === undefined && target.hasMemory) {
    const error = target.lacks["smaps"] ?? target.lacks["maps"] ?? "unreadable";
    return ["", yellow(`the target's maps cannot be read (${error})`)];
  }
  if (leftOut.length === 0) return [];
  const lines = ["", "left out, for the advice would stop there or do nothing"];
  for (const { line, why, id } of leftOut.slice(0, MOST_LEFT_OUT))
    lines.push(`  ${line}: ${why}${id === undefined ? "" : dim(` [${id}]`)}`);
  if (leftOut.length > MOST_LEFT_OUT)
    lines.push(dim(`  … and ${leftOut.length - MOST_LEFT_OUT} more (--format json has all)`));
  return lines;
}

function callLine({ ranges, prediction, pages, answered, isAsPredicted }: CallTold, n: number) {
  const bytes = ranges.reduce((sum, { length }) => sum + length, 0);
  const result = prediction.result === undefined ? yellow("undecided") : `= ${prediction.result}`;
  const inMemory =
    pages === undefined
      ? ""
      : `; of ${pages.pages} pages ${pages.present} are in memory, ${pages.alone} of them in no other process, ${pages.swapped} swapped out`;
  const came =
    answered === undefined
      ? ""
      : `\n     came: ${answerText(answered)}${
          isAsPredicted === undefined
            ? ""
            : isAsPredicted
              ? green(", as predicted")
              : red(", not as predicted")
        }`;
  const what =
    ranges.length === 0
      ? "an empty vector, which asks for access alone"
      : `${ranges.length} range${ranges.length === 1 ? "" : "s"}, ${bytes} bytes`;
  return `  ${n}: ${what}: ${result}${ranges.length === 0 ? "" : inMemory}${came}`;
}

function answerText(answered: number): string {
  return answered < 0 ? `-1 ${errnoName(-answered) ?? String(-answered)}` : String(answered);
}

function predictionLines({ result, lacks, ways }: Prediction): string[] {
  const lines: string[] = [];
  if (result === undefined) {
    lines.push("", yellow("undecided: lacks"));
    for (const fact of lacks) lines.push(`  ? ${fact}`);
  }
  for (const [i, way] of ways.entries()) {
    if (ways.length > 1) lines.push("", bold(`way ${i + 1} of ${ways.length}: ${way.result}`));
    lines.push(...wayLines(way));
  }
  return lines;
}

function smapsLines(before: SmapsTotals, after: SmapsTotals): string[] {
  const lines = ["", "smaps of these areas, in kB: before, after"];
  for (const name of TOTALS) {
    if (before[name] === 0 && after[name] === 0) continue;
    const change = after[name] - before[name];
    const shown = change === 0 ? "" : ` (${change > 0 ? "+" : ""}${change})`;
    lines.push(
      `  ${name.padEnd(14)} ${String(before[name]).padStart(9)} ${String(after[name]).padStart(9)}${shown}`,
    );
  }
  return lines;
}
