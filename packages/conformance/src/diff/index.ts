export {
  changesMachine,
  readChangeExamples,
  readUnshownChanges,
  type ChangeExample,
} from "./changeExamples.ts";
export {
  diffReleases,
  type DiffedChange,
  type DifferingExample,
  type ReleaseDiff,
  type ShownChange,
  type SwitchDiff,
} from "./releaseDiff.ts";
export { diffOnTarget, type TargetAnswers, type TargetDiff } from "./diffOnTarget.ts";
export { answersDiffer, tryOnModel, tryOnTarget, type ExampleAnswers } from "./tryExample.ts";
export { CannotRun } from "../target/cannotRun.ts";
export { openTarget, REAL_TARGETS } from "../target/openTarget.ts";
export type { Target } from "../target/target.ts";
export { withRecord } from "../recorded/recordedText.ts";
