export { Checks, type CheckReport } from "./checks.ts";
export { USUAL, Unknown, type Choices, type Question } from "./choices.ts";
export { Facts } from "./facts.ts";
export { Journal } from "./journal.ts";
export { quietPorts, type Ports } from "./ports.ts";
export {
  restoreSnapshot,
  takeSnapshot,
  type Snapshot,
  type SnapshotClasses,
  type SnapshotExternals,
  type SnapshotObject,
  type SnapshotValue,
} from "./snapshot.ts";
