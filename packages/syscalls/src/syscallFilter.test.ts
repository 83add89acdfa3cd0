import { AccessControl, commoncap, seccompList, type SyscallQuestion } from "@kadvise/security";
import { describe, expect, test } from "vitest";
import { Registers } from "./registers.ts";
import { enter } from "./table.ts";
import { call, call32, decoded, said, TestMachine } from "./testing/machine.ts";
import type { Task } from "./task.ts";

function filtered(list: readonly (string | number)[], release = "6.12"): Task {
  return new TestMachine({ release, policies: [commoncap(), seccompList(list)] }).spawn();
}

/** A task whose calls are all let through, and what the filter heard of them. */
function overheard(): { task: Task; heard: SyscallQuestion[] } {
  const heard: SyscallQuestion[] = [];
  const policies = [
    { name: "ear", syscall: (call: SyscallQuestion): void => void heard.push(call) },
  ];
  return { task: new TestMachine({ policies }).spawn(), heard };
}

describe("a seccomp filter", () => {
  test.each([
    [["process_madvise"], "EPERM seccomp/listed"],
    [[440], "EPERM seccomp/listed"],
    [["process_madvise=ENOSYS"], "ENOSYS seccomp/listed"],
    [["440=EACCES"], "EACCES seccomp/listed"],
    // The bad flags are what Linux would see first of this call, the closed descriptor next.
    [["ptrace"], "EINVAL process_madvise/flags"],
  ])("%o answers by both doors before an argument is looked at: %s", (list, verdict) => {
    const task = filtered(list);
    expect(said(call(task, "process_madvise", 99, 1, 1, 99, 1))).toBe(verdict);
    expect(said(call32(task, "process_madvise", 99, 1, 1, 99, 1))).toBe(verdict);
    const ranges = [{ base: 0, length: 4096 }];
    expect(said(decoded(task, "process_madvise", 99, ranges, 1, 99, 1).outcome)).toBe(verdict);
  });

  test("changes nothing when it answers", () => {
    const task = filtered(["dup", "setuid"]);
    expect([said(call(task, "dup", 0)), said(call(task, "setuid", 1000))]).toEqual([
      "EPERM seccomp/listed",
      "EPERM seccomp/listed",
    ]);
    expect([task.files.get(3), said(call(task, "getuid"))]).toEqual([undefined, 0]);
  });

  test("answers for calls that the kernel lacks and for those that nobody models", () => {
    const task = filtered(["mseal", "read=EIO", 9999], "5.10");
    expect(said(call(task, "mseal", 0, 0, 0))).toBe("EPERM seccomp/listed");
    expect(said(enter(task, "x86-64", 0, new Registers()))).toBe("EIO seccomp/listed");
    expect(said(enter(task, "x86-64", 9999, new Registers()))).toBe("EPERM seccomp/listed");
    expect(said(enter(task, "x86-64", 9998, new Registers()))).toBe("ENOSYS syscall/unknown");
  });

  test("hears the number of the gate that the call came by", () => {
    const { task, heard } = overheard();
    call(task, "madvise", 0, 0, 4);
    call32(task, "madvise", 0, 0, 4);
    decoded(task, "madvise", 0, 0, 4);
    // i386 has getuid twice: 24 is the call with 16-bit ids.
    enter(task, "i386", 24, new Registers());
    enter(task, "x86-64", 9999, new Registers());
    enter(task, "i386", 3, new Registers());
    expect(heard.map(({ name, number }) => `${name} ${String(number)}`)).toEqual([
      ...["madvise 28", "madvise 219", "madvise 28", "getuid 24", "syscall_0x270f 9999", "read 3"],
    ]);
    expect(heard.every(({ subject }) => subject === task.subject)).toBe(true);
  });

  test("is a rung of the ladder, passed or not", () => {
    const task = filtered(["ptrace"]);
    const seen: string[] = [];
    task.machine.ports.checks.listener = ({ id, passed }): void => {
      seen.push(`${id} ${String(passed)}`);
    };
    call(task, "close", 99);
    call(task, "ptrace", 16, 0);
    expect(seen).toEqual([...["seccomp/listed true", "fd/closed false", "seccomp/listed false"]]);
  });
});

describe("without a filter", () => {
  test("no policy is asked, and no question made", () => {
    const access = new AccessControl({ policies: [commoncap()] });
    let asked = 0;
    access.syscall = (): never => {
      asked++;
      throw new RangeError("nobody hears calls");
    };
    const task = new TestMachine({ access }).spawn();
    expect([said(call(task, "dup", 0)), asked]).toEqual([3, 0]);
  });

  test("one that is put on later is asked from the next call on, until it is taken off", () => {
    const machine = new TestMachine();
    const task = machine.spawn();
    const access = machine.machine.access as AccessControl;
    const usual = access.policies;
    access.policies = [...usual, seccompList(["dup"])];
    expect(said(call(task, "dup", 0))).toBe("EPERM seccomp/listed");
    access.policies = usual;
    expect(said(call(task, "dup", 0))).toBe(3);
  });

  test("one that was only tried is taken off, and one that was taken off on trial is back", () => {
    const { machine, ports } = new TestMachine();
    const access = machine.access as AccessControl;
    const [usual, filter] = [access.policies, [commoncap(), seccompList(["dup"])]];
    ports.journal.attempt(() => (access.policies = filter));
    expect(access.hearsCalls).toBe(false);
    access.policies = filter;
    ports.journal.attempt(() => (access.policies = usual));
    expect(access.hearsCalls).toBe(true);
  });
});
