import type { PtraceMode, PtraceQuestion } from "@kadvise/security";
import { CLONE, IOCTL } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { call, said, TestMachine } from "./testing/machine.ts";

/** Two processes of one user, and what a policy hears when the one reaches for the other. */
function pair() {
  const heard: (readonly [caller: number, target: number, mode: PtraceMode])[] = [];
  const ear = {
    name: "ear",
    ptraceAccess: ({ caller, target, mode }: PtraceQuestion): void =>
      void heard.push([caller.pid, target.pid, mode]),
  };
  const machine = new TestMachine({ release: "6.12", policies: [ear] });
  const [caller, target] = [machine.spawn(), machine.spawn()];
  const number = target.thread.pid.number;
  const pidfd = said(call(caller, "pidfd_open", number, 0)) as number;
  return { heard, machine: machine.machine, caller, number, pidfd };
}

// Linux: kernel/kcmp.c kcmp, kernel/nsproxy.c validate_nsset, kernel/pid.c __pidfd_fget,
// fs/pidfs.c pidfd_ioctl, mm/madvise.c process_madvise (6.12)
test.each([
  ["kcmp", 2, "PTRACE_MODE_READ_REALCREDS"],
  ["setns", 1, "PTRACE_MODE_READ_REALCREDS"],
  ["pidfd_getfd", 1, "PTRACE_MODE_ATTACH_REALCREDS"],
  ["ioctl", 1, "PTRACE_MODE_READ_FSCREDS"],
  ["process_madvise", 1, "PTRACE_MODE_READ_FSCREDS"],
] as const)("%s asks %i times for access, and each is counted", (name, times, mode) => {
  const { heard, machine, caller, number, pidfd } = pair();
  const before = machine.work.accessChecks;
  const words = {
    kcmp: [number, number, 1, 0, 0],
    setns: [pidfd, CLONE.CLONE_NEWNET],
    pidfd_getfd: [pidfd, 0, 0],
    ioctl: [pidfd, IOCTL.PIDFD_GET_NET_NAMESPACE, 0],
    process_madvise: [pidfd, 0, 0, 20, 0],
  }[name];
  call(caller, name, ...words);
  expect(heard).toEqual(Array(times).fill([caller.thread.pid.number, number, mode]));
  expect(machine.work.accessChecks - before).toBe(times);
});
