import { CLONE, IOCTL, must, PIDFD_COREDUMP, PIDFD_INFO, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { exitProcess, exitTask } from "../process/exit.ts";
import type { Task } from "../task.ts";
import { call, said } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";

const { PIDFD_INFO_PID, PIDFD_INFO_CREDS, PIDFD_INFO_CGROUPID } = PIDFD_INFO;
const { PIDFD_INFO_EXIT, PIDFD_INFO_COREDUMP, PIDFD_INFO_SUPPORTED_MASK } = PIDFD_INFO;
const OF_LIVING = PIDFD_INFO_PID | PIDFD_INFO_CREDS | PIDFD_INFO_CGROUPID;
const EVERYTHING = 0xff;
const POISON = 0x5555_5555;

const request = (size: number): number =>
  ((IOCTL.PIDFD_GET_INFO & 0xc000_ffff) | (size << 16)) >>> 0;

/** A task, its child, and what PIDFD_GET_INFO says of it: the words of the structure. */
function family(release: string) {
  const task = taskWithPages(1, { release });
  const number = must(call(task, "clone", SIG.SIGCHLD, 0, 0, 0, 0));
  const child = task.machine.processes.find(number)!.thread!.payload;
  const pidfd = must(call(task, "pidfd_open", number, 0));
  const info = (mask: number, size = 64, fd = pidfd): readonly number[] | string => {
    const words = new Uint32Array(24).fill(POISON);
    words[0] = mask;
    must(task.space.write(HEAP / PAGE, new Uint8Array(words.buffer)));
    const answer = said(call(task, "ioctl", fd, request(size), HEAP));
    if (answer !== 0) return String(answer);
    return [...new Uint32Array(must(task.space.read(HEAP / PAGE, 96)).slice().buffer)];
  };
  return { task, child, pidfd, info };
}

function thread(leader: Task): Task {
  const flags = CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD;
  const number = must(call(leader, "clone", flags, 0, 0, 0, 0));
  return leader.machine.processes.find(number)!.thread!.payload;
}

function end(child: Task, code = 0, signal = 0): void {
  exitProcess(child, { code, signal, coreDumped: false });
}

const mask = (words: readonly number[] | string): number | string =>
  typeof words === "string" ? words : words[0];

describe("PIDFD_GET_INFO", () => {
  test("tells numbers, the first cgroup and eight ids, asked for or not", () => {
    const { task, child, info } = family("6.16");
    must(call(child, "setresgid", 20, 21, 22));
    must(call(child, "setfsgid", 20));
    must(call(child, "setresuid", 10, 11, 12));
    must(call(child, "setfsuid", 10));
    const { number } = child.pid;
    const told = [OF_LIVING, 0, 1, 0, number, number, task.pid.number];
    expect(info(0).slice(0, 16)).toEqual([...told, 10, 20, 11, 21, 12, 22, 10, 20, 0]);
  });

  test("tells of the first of a pid namespace who its parent is outside", () => {
    const { task, info } = family("6.16");
    const flags = CLONE.CLONE_NEWPID | SIG.SIGCHLD;
    const init = must(call(task, "clone", flags, 0, 0, 0, 0));
    const fd = must(call(task, "pidfd_open", init, 0));
    expect(info(0, 64, fd).slice(4, 7)).toEqual([init, init, task.pid.number]);
  });

  test("tells of a thread its own number, its group's, and its group's parent", () => {
    const { task, child, info } = family("6.16");
    const other = thread(child);
    const fd = must(call(task, "pidfd_open", other.pid.number, 0x80));
    const numbers = [other.pid.number, child.pid.number, task.pid.number];
    expect(info(0, 64, fd).slice(4, 7)).toEqual(numbers);
  });

  test.each([
    ["6.12", "ENOTTY ioctl/not-a-request", "EINVAL ioctl/argument"],
    ["6.16", "EINVAL pidfd_info/no-structure", "EINVAL pidfd_info/no-structure"],
    ["6.17", "EINVAL pidfd_info/no-structure", "ENOTTY ioctl/not-a-request"],
  ])("on %s a null pointer is %s, a small structure %s", (release, ofNull, ofSmall) => {
    const { task, pidfd, info } = family(release);
    expect(said(call(task, "ioctl", pidfd, request(64), 0))).toBe(ofNull);
    expect(info(0, 63)).toBe(ofSmall);
  });

  test.each([
    ["6.16", 0],
    ["6.17", "ENOTTY ioctl/not-a-request"],
  ])("on %s the request's direction answers %s", (release, answer) => {
    const { task, pidfd } = family(release);
    for (const direction of [0x8000_0000, 0x4000_0000]) {
      const turned = (request(64) & 0x3fff_ffff) + direction;
      expect(said(call(task, "ioctl", pidfd, turned, HEAP))).toBe(answer);
    }
    const otherType = request(64) & ~0x100;
    expect(said(call(task, "ioctl", pidfd, otherType, HEAP))).toBe("ENOTTY ioctl/not-a-request");
  });

  test("a pointer that cannot be read or written is EFAULT, also of a process that is gone", () => {
    const { task, child, pidfd } = family("6.18");
    const ask = (): number | string => said(call(task, "ioctl", pidfd, request(64), 8));
    expect(ask()).toBe("EFAULT syscall/fault");
    end(child);
    call(task, "wait4", -1, 0, 0, 0);
    expect(ask()).toBe("EFAULT syscall/fault");
    call(task, "mprotect", HEAP, PAGE, 1);
    const own = must(call(task, "pidfd_open", task.pid.number, 0));
    expect(said(call(task, "ioctl", own, request(64), HEAP))).toBe("EFAULT syscall/fault");
  });
});

describe("the structure's size", () => {
  test.each([
    ["6.13", 64, []],
    ["6.16", 72, [0, 0, 0, 0, 0, 0]],
    ["6.19", 80, [0x7f, 0, 0, 0, 0, 0]],
    ["7.1", 88, [0, 0, 0xff, 0, 0, 0]],
  ])("on %s is %i, and what lies beyond is zeroed as far as it was given", (release, _, tail) => {
    const { info } = family(release);
    const words = info(PIDFD_INFO_SUPPORTED_MASK, 96);
    const untouched = Array.from({ length: 6 - tail.length }, () => POISON);
    expect(words.slice(18)).toEqual([...tail, ...untouched]);
  });

  test("a smaller structure gets what it has room for", () => {
    const words = family("7.1").info(EVERYTHING, 72);
    expect(words.slice(18)).toEqual(Array.from({ length: 6 }, () => POISON));
    expect(words[0]).toBe(OF_LIVING | PIDFD_INFO_COREDUMP | PIDFD_INFO_SUPPORTED_MASK);
  });
});

describe("of a process that ended", () => {
  test("the end is told once it was waited for, and only where it is asked for", () => {
    const { task, child, info } = family("6.16");
    expect(mask(info(PIDFD_INFO_EXIT))).toBe(OF_LIVING);
    end(child, 3);
    expect(mask(info(PIDFD_INFO_EXIT))).toBe(OF_LIVING);
    call(task, "wait4", -1, 0, 0, 0);
    expect(info(PIDFD_INFO_PID)).toBe("ESRCH pidfd_info/no-process");
    const words = info(PIDFD_INFO_EXIT | PIDFD_INFO_PID);
    expect([words[0], words[2], words[4], words[15]]).toEqual([
      PIDFD_INFO_EXIT | PIDFD_INFO_CGROUPID,
      1,
      0,
      0x300,
    ]);
  });

  test("a signal is told as wait tells it, a thread's end as its own", () => {
    const { task, child, info } = family("6.16");
    const other = thread(child);
    const fd = must(call(task, "pidfd_open", other.pid.number, 0x80));
    exitTask(other, { code: 5, signal: 0, coreDumped: false });
    expect(info(PIDFD_INFO_EXIT, 64, fd)[15]).toBe(0x500);
    exitProcess(child, { code: 0, signal: SIG.SIGSEGV, coreDumped: true });
    call(task, "wait4", -1, 0, 0, 0);
    expect(info(PIDFD_INFO_EXIT)[15]).toBe(0x80 | SIG.SIGSEGV);
  });

  test("6.13 and 6.14 know nothing of it", () => {
    const { task, child, pidfd, info } = family("6.14");
    end(child);
    call(task, "wait4", -1, 0, 0, 0);
    expect(info(PIDFD_INFO_EXIT)).toBe("ESRCH pidfd_info/no-process");
    expect(said(call(task, "ioctl", pidfd, request(64), 0))).toBe("ESRCH pidfd_info/no-process");
  });
});

describe("a core dump", () => {
  test.each([
    [0, PIDFD_COREDUMP.PIDFD_COREDUMP_SKIP],
    [1, PIDFD_COREDUMP.PIDFD_COREDUMP_USER],
    [2, PIDFD_COREDUMP.PIDFD_COREDUMP_ROOT],
  ] as const)("of a process with dumpable %i is %i", (dumpable, told) => {
    const { child, info } = family("6.16");
    child.subject.exec.dumpable = dumpable;
    expect(info(PIDFD_INFO_COREDUMP, 72)[16]).toBe(told);
  });

  const { PIDFD_COREDUMP_USER: USER } = PIDFD_COREDUMP;
  test.each([
    ["6.15", [0, POISON], [0, POISON], [0, POISON]],
    ["6.16", [PIDFD_INFO_COREDUMP, USER], [PIDFD_INFO_COREDUMP, 0], [PIDFD_INFO_COREDUMP, 0]],
    ["6.19", [PIDFD_INFO_COREDUMP, USER], [0, 0], [0, 0]],
    ["7.2", [PIDFD_INFO_COREDUMP, USER], [PIDFD_INFO_COREDUMP, USER], [0, 0]],
  ])("on %s is told %o while it lives, %o of a zombie, %o after it", (release, ...told) => {
    const { task, child, info } = family(release);
    const size = release === "6.15" ? 64 : 72;
    const asked = (): unknown => {
      const words = info(PIDFD_INFO_COREDUMP | PIDFD_INFO_EXIT, size);
      return [(words[0] as number) & PIDFD_INFO_COREDUMP, words[16]];
    };
    const seen = [asked()];
    end(child);
    seen.push(asked());
    call(task, "wait4", -1, 0, 0, 0);
    seen.push(asked());
    expect(seen).toEqual(told);
  });
});
