export {
  askFacts,
  changesSettings,
  compileFact,
  notesOf,
  type Fact,
  type FactNotes,
} from "./fact.ts";
export * from "./folder.ts";
export {
  answersByKernel,
  byVersion,
  readRecorded,
  withoutRecord,
  withRecord,
  type Recorded,
} from "./recordedText.ts";
export { seenAnswers, type SeenAnswers } from "./seenAnswers.ts";
export { CannotRun } from "../target/cannotRun.ts";
export { openTarget } from "../target/openTarget.ts";
export { ModelTarget } from "../target/modelTarget.ts";
export { factsTable } from "./factsTable.ts";
