import { CLONE, CSIGNAL, Reasons, SIG } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import { cloneFor } from "./cloneFor.ts";

const entries = {
  "clone/pidfd-and-parent-tid": {
    errno: "EINVAL",
    text: "CLONE_PIDFD and CLONE_PARENT_SETTID would write to the same place",
    linux: "kernel/fork.c kernel_clone",
    since: "5.2",
    remedy: "use clone3, which has a pointer for each",
  },
  "clone/exit-signal": {
    errno: "EINVAL",
    text: "the exit signal is no signal",
    linux: "kernel/fork.c clone",
    since: "7.1",
    remedy: "pass a signal from 0 to 64 in the low byte of the flags",
    compares: ["signal"],
  },
} as const;

/** The reasons of clone's own argument checks. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const PIDFD_AND_TID: number = CLONE.CLONE_PIDFD | CLONE.CLONE_PARENT_SETTID;
const PARENT_TID = 2;
const CHILD_TID = 3;
const CHILD_TID_BACKWARDS = 4;

/**
 * clone(2). Up to 7.0 the exit signal may be any byte; one that is no signal is never sent.
 *
 * Linux: kernel/fork.c clone. i386 and arm64 have CONFIG_CLONE_BACKWARDS: tls comes before the
 * child's pointer.
 */
export const clone: SystemCall = {
  name: "clone",
  parameters: [
    parameter("flags", { flags: CLONE }),
    parameter("child_stack", "pointer"),
    parameter("parent_tidptr", "pointer"),
    parameter("child_tidptr", "pointer"),
    parameter("tls", "pointer"),
  ],
  returns: "pid",
  run(task, registers) {
    const { machine } = task;
    const low = registers.low(0);
    const exitSignal = low & CSIGNAL;
    if (machine.profile.pidfd.cloneChecksSignal && exitSignal > 64) {
      return reasons.refuse(machine.ports.checks, "clone/exit-signal", exitSignal);
    }
    if ((low & PIDFD_AND_TID) === PIDFD_AND_TID) {
      return reasons.refuse(machine.ports.checks, "clone/pidfd-and-parent-tid");
    }
    const childTid = task.abi === "x86-64" ? CHILD_TID : CHILD_TID_BACKWARDS;
    return cloneFor(task, {
      flags: (low & ~CSIGNAL) >>> 0,
      exitSignal,
      pointers: { registers, pidfd: PARENT_TID, parentTid: PARENT_TID, childTid },
    });
  },
};

/** fork(2). */
export const fork: SystemCall = {
  name: "fork",
  parameters: [],
  returns: "pid",
  run: (task) => cloneFor(task, { flags: 0, exitSignal: SIG.SIGCHLD }),
};

/** vfork(2): the child borrows the memory; the parent sleeps until it gives it back. */
export const vfork: SystemCall = {
  name: "vfork",
  parameters: [],
  returns: "pid",
  run: (task) =>
    cloneFor(task, { flags: CLONE.CLONE_VFORK | CLONE.CLONE_VM, exitSignal: SIG.SIGCHLD }),
};
