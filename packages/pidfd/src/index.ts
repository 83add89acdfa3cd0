export { FileTable, type Slot } from "./fileTable.ts";
export { Pid } from "./pid.ts";
export { Pidfd, taskOf } from "./pidfd.ts";
export { ProcessTable, type SpawnOptions } from "./processTable.ts";
export { reasons as pidfdReasons, type PidfdReason } from "./reasons.ts";
export { Thread } from "./thread.ts";
export { ThreadGroup, type ExitStatus } from "./threadGroup.ts";
export { findZombie, type WaitFor } from "./wait.ts";
