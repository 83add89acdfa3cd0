import { Inode, OpenFile } from "@kadvise/files";
import { CLONE, must, PIDFD, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Process } from "../index.ts";
import { PAGE, PROFILES, scene, since, why, type Scene } from "../testing/scene.ts";

function advise({ manager, heap }: Scene, pidfd: number): number | string {
  return why(manager.processMadvise(pidfd, [{ base: heap, length: PAGE }], "MADV_COLD"));
}

function open(process: Process, fd: number, kind: "shmem" | "special", path: string): number {
  const file = new OpenFile(new Inode({ kind }), { flags: 0, path, mappable: false });
  process.task.files.set(fd, { file, closeOnExec: false });
  return fd;
}

describe.each(PROFILES)("pidfd and nothing else on %s", (release) => {
  test("an ordinary file, a directory of /proc, a closed number, a process number: all EBADF", () => {
    const set = scene(release);
    const { manager, app, own } = set;
    expect(advise(set, 0)).toBe("pidfd/other-file");
    expect(advise(set, open(manager, 50, "shmem", "/memfd:x"))).toBe("pidfd/other-file");
    expect(advise(set, open(manager, 51, "special", `/proc/${app.pid}`))).toBe("pidfd/other-file");
    expect(advise(set, 1000)).toBe("pidfd/closed");
    expect(advise(set, app.pid)).toBe("pidfd/closed");
    must(manager.close(own));
    expect(advise(set, own)).toBe("pidfd/closed");
  });

  test("a copy of a pidfd is one, whoever holds it and whichever number it has", () => {
    const set = scene(release);
    const { manager, other } = set;
    const copy = must(manager.call("dup", other).outcome);
    must(manager.close(other));
    expect(advise(set, copy)).toBe(PAGE);
    expect(advise(set, must(manager.call("dup2", copy, 700).outcome))).toBe(PAGE);
    const child = must(manager.fork());
    expect(advise({ ...set, manager: child }, 700)).toBe(PAGE);
  });

  test("it names a process for good: not the next one that gets the number", () => {
    const set = scene(release);
    const { kernel, manager, heap } = set;
    const child = must(manager.fork());
    const pidfd = must(manager.pidfdOpen(child.pid));
    child.exit();
    expect(advise(set, pidfd)).toBe("mm_access/no-memory");
    must(manager.wait(child.pid));
    expect(advise(set, pidfd)).toBe("pidfd/reaped");
    const heir = kernel.spawn({ pid: child.pid });
    must(heir.mmap({ length: PAGE, address: heap }));
    expect(advise(set, pidfd)).toBe("pidfd/reaped");
    expect(advise(set, must(manager.pidfdOpen(child.pid)))).toBe(PAGE);
  });

  test("a pidfd follows its process through execve", () => {
    const set = scene(release);
    const { manager, app, heap, other } = set;
    must(app.exec());
    expect(advise(set, other)).toBe("madvise/hole");
    must(app.mmap({ length: PAGE, address: heap }));
    expect(advise(set, other)).toBe(PAGE);
    must(manager.exec());
    must(manager.mmap({ length: PAGE, address: heap }));
    // Close-on-exec is a pidfd's birthmark: the caller's own do not survive its execve.
    expect(advise(set, other)).toBe("pidfd/closed");
  });
});

/** Sheet 1.3, corrections: which negative numbers stand for oneself. */
const SENTINELS = {
  ...since<readonly number[]>({ seed: [], "6.18": [-10_000, -10_001] }),
  "6.15": [-10_000, -20_000],
  "6.16": [-10_000, -20_000],
  "6.17": [-10_000, -10_001],
};

test.each(Object.entries(SENTINELS))(
  "negative numbers are EBADF, save the sentinels: %s takes %j",
  (release, sentinels) => {
    const set = scene(release);
    for (const number of [-1, -2, -100, -9999, -10_000, -10_001, -10_002, -20_000, -(2 ** 31)]) {
      const expected = sentinels.includes(number) ? PAGE : "pidfd/negative";
      expect([number, advise(set, number)]).toEqual([number, expected]);
    }
  },
);

test.each(PROFILES)("a pidfd of one thread is no pidfd of its process on %s", (release) => {
  const set = scene(release);
  const { manager, app } = set;
  const flags = CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD;
  const thread = must(app.clone(flags));
  // PIDFD_THREAD came with 6.9; before, a thread that leads no group cannot be opened at all.
  const opened = manager.pidfdOpen(thread.pid, PIDFD.PIDFD_THREAD);
  const expected = since({ seed: "pidfd_open/flags", "6.12": "pidfd/reaped" })[release];
  expect(opened.ok ? advise(set, opened.value) : why(opened)).toBe(expected);
  const leader = manager.pidfdOpen(app.pid, PIDFD.PIDFD_THREAD);
  if (leader.ok) expect(advise(set, leader.value)).toBe(PAGE);
});

test.each(PROFILES)("clone with CLONE_PIDFD hands out a pidfd too on %s", (release) => {
  const set = scene(release);
  const { manager } = set;
  const told = new Uint8Array(4);
  must(manager.call("clone", CLONE.CLONE_PIDFD | SIG.SIGCHLD, 0, told, 0, 0).outcome);
  expect(advise(set, told[0])).toBe(PAGE);
});
