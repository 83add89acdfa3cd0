export { ASSUMPTIONS, type AssumptionName } from "./judge/assumptions.ts";
export { Checker, type CheckOptions, type LogCheck } from "./judge/check.ts";
export {
  errnoReasons,
  LogExplainer,
  type ErrnoReason,
  type ErrnoReasons,
  type ExplainLogOptions,
  type LogCallExplained,
  type Picture,
  type PicturedArea,
  type WayExplained,
} from "./explain/index.ts";
export type { Finding, Listener } from "./judge/finding.ts";
export { Judge } from "./judge/judge.ts";
export type {
  CheckReport,
  Counts,
  LogReport,
  ReportedFinding,
  ReportedLint,
} from "./judge/report.ts";
export type { Verdict } from "./judge/verdict.ts";
export { parseScenario, type ScenarioError, type Step } from "./scenario/parse.ts";
export { zygoteScenario, type ZygoteOptions } from "./scenario/zygote.ts";
export { resultsAgree, ScenarioMisuse, ScenarioRunner, type StepReport } from "./scenario/run.ts";
export {
  compileScenario,
  placesOf,
  type CompiledScenario,
  type CompiledStep,
  type CompileOptions,
  type Places,
} from "./scenario/compileScenario.ts";
export { scenarioLines, type ScenarioLine } from "./scenario/scenarioLines.ts";
export { CannotRun } from "./target/cannotRun.ts";
export { ModelTarget, type ModelOptions } from "./target/modelTarget.ts";
export { CallHistory, type KnownPidfd, type ProcessSeen } from "./lint/callHistory.ts";
export { LINT_RULES, lintCall, LogLinter, type LocatedLintFinding } from "./lint/lint.ts";
export type { LintFinding, LintRule } from "./lint/rule.ts";
export { openModel } from "./target/openModel.ts";
export { openTarget, REAL_TARGETS, type OpenOptions } from "./target/openTarget.ts";
export type { Target, TargetFacts } from "./target/target.ts";
export { differentViews, textOf as observedText } from "./model/compareResults.ts";
export {
  followProgram,
  type Difference,
  type Followed,
  type FollowOptions,
} from "./model/followProgram.ts";
export type * from "./program/program.ts";
export { ProgramBuilder, resultOf } from "./program/programBuilder.ts";
export type { OperationResult, OperationState, ProgramResult } from "./program/result.ts";
export type { ObservedArea, ObservedCredentials, StartState } from "./target/startState.ts";
export * from "./live/index.ts";
export * from "./record/index.ts";
