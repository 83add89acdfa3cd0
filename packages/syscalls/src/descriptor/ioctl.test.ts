import { Inode, OpenFile } from "@kadvise/files";
import { IOCTL, must, O, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { exitProcess } from "../process/exit.ts";
import type { Task } from "../task.ts";
import { call, said } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";

const PID_NAMESPACE = IOCTL.PIDFD_GET_PID_NAMESPACE;
const UNKNOWN = 0xff0c;

/** A task, its child, and the child's pidfd. */
function family(release: string) {
  const task = taskWithPages(1, { release });
  const number = must(call(task, "clone", SIG.SIGCHLD, 0, 0, 0, 0));
  const child = task.machine.processes.find(number)!.thread!.payload;
  const pidfd = must(call(task, "pidfd_open", number, 0));
  const ask = (request: number, argument = 0, asker: Task = task): number | string =>
    said(call(asker, "ioctl", pidfd, request, argument));
  return { task, child, pidfd, ask };
}

function end(child: Task): void {
  exitProcess(child, { code: 0, signal: 0, coreDumped: false });
}

describe("what every file takes", () => {
  test("FIOCLEX and FIONCLEX are the slot's mark, FIONBIO the file's flag", () => {
    const { task, pidfd, ask } = family("5.10");
    const marks = (): unknown[] => [
      said(call(task, "fcntl", pidfd, 1)),
      said(call(task, "fcntl", pidfd, 3)),
    ];
    expect(ask(IOCTL.FIONCLEX)).toBe(0);
    must(task.space.write(HEAP / PAGE, Uint8Array.of(0, 1, 0, 0)));
    expect(ask(IOCTL.FIONBIO, HEAP)).toBe(0);
    expect(marks()).toEqual([0, O.O_RDWR | O.O_NONBLOCK]);
    expect(ask(IOCTL.FIOCLEX)).toBe(0);
    must(task.space.write(HEAP / PAGE, new Uint8Array(4)));
    expect(ask(IOCTL.FIONBIO, HEAP)).toBe(0);
    expect(marks()).toEqual([1, O.O_RDWR]);
    expect(ask(IOCTL.FIONBIO, 8)).toBe("EFAULT syscall/fault");
  });

  test("FIONBIO is a flag of other files too", () => {
    const { task } = family("6.12");
    must(task.space.write(HEAP / PAGE, Uint8Array.of(1, 0, 0, 0)));
    expect(said(call(task, "ioctl", 0, IOCTL.FIONBIO, HEAP))).toBe(0);
    expect(said(call(task, "fcntl", 0, 3))).toBe(O.O_RDWR | O.O_LARGEFILE | O.O_NONBLOCK);
  });

  test("a closed descriptor and one of O_PATH are refused before the request is looked at", () => {
    const { task } = family("6.12");
    const path = new OpenFile(new Inode(), { flags: O.O_PATH, path: "/" });
    const fd = must(task.files.open(path, false, 1024));
    expect(said(call(task, "ioctl", 77, UNKNOWN, 0))).toBe("EBADF fd/closed");
    expect(said(call(task, "ioctl", fd, IOCTL.FIOCLEX, 0))).toBe("EBADF ioctl/path-only");
    expect(said(call(task, "ioctl", 0, PID_NAMESPACE, 0))).toBe("ENOTTY ioctl/not-a-request");
  });
});

describe("a pidfd's requests for namespaces", () => {
  test.each([
    ["6.1", "ENOTTY ioctl/not-a-request", "ENOTTY ioctl/not-a-request"],
    ["6.12", "EINVAL ioctl/argument", "ENOTTY ioctl/not-a-request"],
    ["6.18", "ENOTTY ioctl/not-a-request", "ENOTTY ioctl/not-a-request"],
  ])("on %s an unknown one is %s with an argument, %s without", (release, withOne, without) => {
    const { ask } = family(release);
    expect([ask(UNKNOWN, 1), ask(UNKNOWN)]).toEqual([withOne, without]);
  });

  test("up to 6.13 an unknown one too asks who may read the process", () => {
    for (const [release, answer] of [
      ["6.12", "EACCES ioctl/denied"],
      ["6.18", "ENOTTY ioctl/not-a-request"],
    ] as const) {
      const { task, pidfd } = family(release);
      const stranger = must(call(task, "clone", SIG.SIGCHLD, 0, 0, 0, 0));
      const asker = task.machine.processes.find(stranger)!.thread!.payload;
      must(call(asker, "setresuid", 1000, 1000, 1000));
      expect(said(call(asker, "ioctl", pidfd, UNKNOWN, 0))).toBe(answer);
    }
  });

  test("open a descriptor that is closed at execve, and is no pidfd", () => {
    const { task, pidfd, ask } = family("6.18");
    const fd = ask(PID_NAMESPACE);
    expect(fd).toBe(pidfd + 1);
    expect(said(call(task, "fcntl", fd as number, 1))).toBe(1);
    expect(said(call(task, "waitid", 3, fd as number, 0, 4, 0))).toBe("EBADF waitid/bad-pidfd");
  });

  test.each([
    ["6.12", "EINVAL ioctl/argument"],
    ["6.18", "ESRCH ioctl/no-process"],
  ])("on %s an argument for a process that is gone is %s", (release, answer) => {
    const { task, child, ask } = family(release);
    end(child);
    expect(ask(PID_NAMESPACE, 1)).toBe("EINVAL ioctl/argument");
    call(task, "wait4", -1, 0, 0, 0);
    expect(ask(PID_NAMESPACE, 1)).toBe(answer);
    expect(ask(PID_NAMESPACE)).toBe("ESRCH ioctl/no-process");
  });

  test.each([
    ["7.1", "ESRCH ioctl/no-process"],
    ["7.2", "EACCES ioctl/denied"],
  ])("on %s a stranger who asks of a zombie hears %s", (release, answer) => {
    const { task, child, pidfd } = family(release);
    const stranger = must(call(task, "clone", SIG.SIGCHLD, 0, 0, 0, 0));
    const asker = task.machine.processes.find(stranger)!.thread!.payload;
    must(call(asker, "setresuid", 1000, 1000, 1000));
    const ask = (): number | string => said(call(asker, "ioctl", pidfd, PID_NAMESPACE, 0));
    expect(ask()).toBe("EACCES ioctl/denied");
    end(child);
    expect(ask()).toBe(answer);
    expect(said(call(task, "ioctl", pidfd, PID_NAMESPACE, 0))).toBe("ESRCH ioctl/no-process");
  });
});
