import type { DecodedArgument, Outcome, SystemCall, Task } from "@kadvise/syscalls";

/** A call that can be run again and again; whoever runs it takes it back. */
export interface CallAtHand {
  readonly task: Task;
  readonly call: SystemCall;
  readonly args: readonly DecodedArgument[];
  /** Has the facts that are open answered in one certain way by the next run. */
  begin(): void;
  /** Runs the call, or the same with other arguments. @throws Unknown */
  run(args?: readonly DecodedArgument[]): Outcome;
}
