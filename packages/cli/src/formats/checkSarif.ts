import {
  LINT_RULES,
  type CheckReport,
  type ReportedFinding,
  type ReportedLint,
} from "@kadvise/conformance";
import { REASONS } from "@kadvise/kernel";
import { version } from "../version.ts";
import { findingText } from "./findingText.ts";

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

/**
 * SARIF 2.1.0, as code-scanning services read it: a result for each finding and for each of the
 * lint's, a rule for each reason.
 */
export function checkSarif({ findings, kernel, assumptions, lint = [] }: CheckReport): string {
  const reasons = findings.map(({ reason }) => reason.id);
  const ids = [...new Set([...reasons, ...lint.map(({ rule }) => rule)])].sort();
  const log = {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "kadvise",
            semanticVersion: version(),
            rules: ids.map((id) => ruleOf(id, findings)),
          },
        },
        columnKind: "utf16CodeUnits",
        properties: { kernel, assumptions },
        results: [
          ...findings.map((finding) => resultOf(finding, ids)),
          ...lint.map((finding) => lintResult(finding, ids)),
        ],
      },
    ],
  };
  return JSON.stringify(log, null, 2);
}

function ruleOf(id: string, findings: readonly ReportedFinding[]): object {
  const summary = LINT_RULES.find((rule) => rule.id === id)?.summary;
  if (summary !== undefined) return { id, shortDescription: { text: summary } };
  const entry = Object.hasOwn(REASONS, id) ? REASONS[id] : undefined;
  const text = entry?.text ?? findings.find(({ reason }) => reason.id === id)?.reason.text ?? id;
  return {
    id,
    shortDescription: { text },
    ...(entry === undefined
      ? {}
      : {
          fullDescription: { text: `${entry.errno}: ${entry.text} (${entry.linux})` },
          help: { text: `To change it: ${entry.remedy}` },
        }),
  };
}

/** Whether a result is a failure, and how grave: a level goes with the kind `fail` alone (3.27.10). */
const KINDS: {
  readonly [verdict in ReportedFinding["verdict"]]: {
    readonly kind: string;
    readonly level: string;
  };
} = {
  deviation: { kind: "fail", level: "error" },
  unread: { kind: "fail", level: "warning" },
  undetermined: { kind: "open", level: "none" },
  constrained: { kind: "pass", level: "none" },
  exact: { kind: "pass", level: "none" },
};

function resultOf(finding: ReportedFinding, ids: readonly string[]): object {
  const { file, line, verdict, reason } = finding;
  return {
    ruleId: reason.id,
    ruleIndex: ids.indexOf(reason.id),
    ...KINDS[verdict],
    message: { text: findingText(finding) },
    locations: [placeOf(file, line)],
  };
}

/** Suspicious, and no deviation: a log may show it and conform. */
function lintResult({ file, line, rule, text }: ReportedLint, ids: readonly string[]): object {
  return {
    ...{ ruleId: rule, ruleIndex: ids.indexOf(rule), kind: "fail", level: "note" },
    message: { text },
    locations: [placeOf(file, line)],
  };
}

function placeOf(file: string, line: number): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file) },
      region: { startLine: line },
    },
  };
}

/** A relative path stays relative to wherever the log is looked at from. */
function uriOf(file: string): string {
  const path = file.split("/").map(encodeURIComponent).join("/");
  return file.startsWith("/") ? `file://${path}` : path;
}
