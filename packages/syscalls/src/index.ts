export type { Outcome, SystemCall } from "./call.ts";
export { NEVER_RETURNS, neverReturns } from "./call.ts";
export { CallWork, Machine } from "./machine.ts";
export { Limits, type Limit } from "./limits.ts";
export { Registers } from "./registers.ts";
export {
  parameter,
  type NameTable,
  type Parameter,
  type ParameterKind,
  type StructureName,
} from "./signature.ts";
export { Task, type OpenEntry, type TaskOptions } from "./task.ts";
export { callByNumber, enter, hasCall, runCall, SYSTEM_CALLS } from "./table.ts";
export { DecodedMemory, NoMemory, TaskMemory, type UserMemory } from "./userMemory.ts";
export { exitProcess, exitTask } from "./process/exit.ts";
export { execProgram, freshMemory } from "./process/execve.ts";
export { onlyChecked, openProgram, type ProgramPlace } from "./process/execveat.ts";
export { KTHREADD, spawnKernelThread } from "./process/kernelThread.ts";
export { statusWord } from "./process/wait4.ts";
export {
  callDecoded,
  rangeBytes,
  type CutRanges,
  type DecodedArgument,
  type DecodedOutcome,
  type LinkedBytes,
  type Range,
} from "./decoded.ts";
export { SYSCALL_REASONS } from "./reasons.ts";
export { Vector } from "./vector.ts";
export { TaskActor } from "./actor.ts";
export { ownFiles } from "./descriptor/closeRange.ts";
export { mmAccess } from "./mmAccess.ts";
