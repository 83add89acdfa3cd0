import { readFileSync } from "node:fs";
import {
  isFine,
  MergeRefused,
  mergeReports,
  type CampaignReport,
  type ReportPart,
} from "@kadvise/conformance/fuzz";
import type { Command } from "../command.ts";
import { EXIT, worse, type ExitCode } from "../exitCodes.ts";
import { formatOf } from "../formatOption.ts";
import { fuzzOutput } from "../formats/fuzzOutput.ts";
import { given, type Parsed } from "../options.ts";
import { note } from "../streams.ts";
import { UsageError } from "../usageError.ts";

/** `kadvise merge PART…` */
export const merge: Command = {
  name: "merge",
  operands: "PART…",
  summary:
    "Adds up the reports of a campaign's shards (kadvise fuzz --shard, JSON or JSONL) and prints them as one run would have. Refuses parts that do not belong together.",
  options: {
    format: { type: "string", value: "FORMAT", help: "text or json" },
    coverage: {
      type: "boolean",
      help: "list which reasons, areas and errors were seen, and which were not (text)",
    },
  },
  examples: ["kadvise merge 1.json 2.json 3.jsonl"],
  run: mergeParts,
};

function mergeParts(parsed: Parsed): Promise<ExitCode> {
  if (parsed.operands.length === 0)
    throw new UsageError("expected at least one PART (a report of kadvise fuzz, or -)");
  const format = formatOf(parsed, ["text", "json"]);
  const files = parsed.operands.map((path) => reportsIn(path));
  const targets = [...new Set(files.flat().map(({ report }) => report.target))];
  requireSameTargets(files, targets);
  const output = fuzzOutput(format, {
    several: targets.length > 1,
    coverage: given(parsed, "coverage"),
  });
  let code: ExitCode = EXIT.conforms;
  for (const target of targets) {
    const report = merged(files.flat().filter((part) => part.report.target === target));
    output.report(report);
    code = worse(code, isFine(report) ? EXIT.conforms : EXIT.deviations);
  }
  output.end();
  return Promise.resolve(code);
}

function merged(parts: readonly ReportPart[]): CampaignReport {
  try {
    const report = mergeReports(parts);
    const { shard, target } = report;
    if (shard !== undefined) {
      const all = Array.from({ length: shard.of }, (_, i) => i + 1);
      const missing = all.filter((part) => !shard.parts.includes(part));
      note(`kadvise merge: ${target}: of ${shard.of} shards ${missing.join(", ")} are missing`);
    }
    return report;
  } catch (error) {
    if (error instanceof MergeRefused) throw new UsageError(error.message);
    throw error;
  }
}

/** A shard of a campaign on two targets has two reports; all shards have the same. */
function requireSameTargets(
  files: readonly (readonly ReportPart[])[],
  targets: readonly string[],
): void {
  for (const parts of files) {
    const missing = targets.find((name) => parts.every(({ report }) => report.target !== name));
    if (missing === undefined) continue;
    const from = files.flat().find(({ report }) => report.target === missing)?.from ?? "";
    throw new UsageError(
      `parts of one campaign have the same targets: ${missing} is in ${from} and not in ${parts[0]?.from ?? ""}`,
    );
  }
}

/** The reports in a file: one, an array of them, or the last event of each target of JSONL. */
function reportsIn(path: string): readonly ReportPart[] {
  const from = path === "-" ? "standard input" : path;
  const found = valuesIn(from, read(path)).flat().filter(isReport);
  if (found.length === 0) {
    throw new UsageError(`${from}: no report of kadvise fuzz --format json or jsonl`);
  }
  return found.map((report) => ({ from, report }));
}

function read(path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    const { code } = error as { code?: string };
    throw new UsageError(`${path}: ${code === "ENOENT" ? "no such file" : String(code)}`);
  }
}

function valuesIn(from: string, content: string): readonly unknown[] {
  try {
    return [JSON.parse(content)];
  } catch {
    // More than one value: a line each.
  }
  return content
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line, i) => {
      try {
        return JSON.parse(line) as unknown;
      } catch {
        throw new UsageError(`${from}:${i + 1}: neither JSON nor JSONL`);
      }
    });
}

/** An event of JSONL that is no report has neither steps nor differences. */
function isReport(value: unknown): value is CampaignReport {
  if (typeof value !== "object" || value === null) return false;
  const { schemaVersion, steps, cells, differences } = value as Partial<CampaignReport>;
  return (
    schemaVersion === 1 &&
    typeof steps === "number" &&
    typeof cells === "object" &&
    Array.isArray(differences)
  );
}
