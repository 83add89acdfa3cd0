import { readFileSync } from "node:fs";
import { factsPathOf, parseLogFacts, type LogFacts } from "@kadvise/conformance";
import { profile, type Settings } from "@kadvise/releases";
import { kernelName } from "./kernelOption.ts";
import { note } from "./streams.ts";

/** What `kadvise record` kept beside a log; undefined where there is nothing, or nothing to be used. */
export function recordedFacts(log: string): LogFacts | undefined {
  if (log === "-") return undefined;
  const path = factsPathOf(log);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  try {
    return parseLogFacts(text);
  } catch (error) {
    note(`${path}: ${error instanceof Error ? error.message : String(error)}; left aside`);
    return undefined;
  }
}

/** The kernel and settings to judge by. */
export interface JudgedBy {
  readonly kernel: string;
  readonly settings: Partial<Settings>;
}

/**
 * The kernel that was asked for, or the one that the logs were recorded on; and its settings, where
 * they are the same for all logs. What `--config` says goes before.
 */
export function judgedBy(
  asked: string | undefined,
  config: Partial<Settings>,
  logs: readonly (LogFacts | undefined)[],
): JudgedBy {
  const [first] = logs;
  const isOne =
    first !== undefined &&
    logs.every(
      (facts) =>
        facts?.kernel === first.kernel &&
        JSON.stringify(facts.settings) === JSON.stringify(first.settings),
    );
  if (!isOne) {
    if (asked === undefined && logs.some((facts) => facts !== undefined))
      note("the logs were not recorded on one kernel with one set of settings: name --kernel");
    return { kernel: kernelName(asked), settings: config };
  }
  const settings = { ...first.settings, ...config };
  if (asked !== undefined) return { kernel: kernelName(asked), settings };
  if (!isKnown(first.kernel)) {
    note(`the log was recorded on ${first.kernel}, of which no data tells: name --kernel`);
    return { kernel: kernelName(undefined), settings };
  }
  note(`kernel: ${first.kernel}, as recorded`);
  return { kernel: first.kernel, settings };
}

function isKnown(kernel: string): boolean {
  try {
    profile(kernel);
    return true;
  } catch {
    return false;
  }
}
