export { ASSUMPTIONS, type AssumptionName } from "./judge/assumptions.ts";
export { Checker, type CheckOptions, type LogCheck } from "./judge/check.ts";
export type { Finding, Listener } from "./judge/finding.ts";
export { Judge } from "./judge/judge.ts";
export type { CheckReport, Counts, LogReport, ReportedFinding } from "./judge/report.ts";
export type { Verdict } from "./judge/verdict.ts";
export { parseScenario, type ScenarioError, type Step } from "./scenario/parse.ts";
export { zygoteScenario, type ZygoteOptions } from "./scenario/zygote.ts";
export { resultsAgree, ScenarioMisuse, ScenarioRunner, type StepReport } from "./scenario/run.ts";
