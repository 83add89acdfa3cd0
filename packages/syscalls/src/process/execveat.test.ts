import { AT, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, call32, decoded, said } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";

const { AT_FDCWD, AT_EMPTY_PATH, AT_EXECVE_CHECK, AT_SYMLINK_NOFOLLOW } = AT;
const UNKNOWN = 0x8000;
/** Where nothing is mapped. */
const NOWHERE = 0x1000;

const on = (release: string): Task => taskWithPages(2, { release });

function execveat(
  task: Task,
  dirfd: number,
  path: string | number,
  { flags = 0, argv = 0, envp = 0 }: { flags?: number; argv?: number; envp?: number } = {},
): number | string {
  return said(decoded(task, "execveat", dirfd, path, argv, envp, flags).outcome);
}

describe("a path", () => {
  test.each([
    [AT_FDCWD, "/program"],
    [AT_FDCWD, "program"],
    [77, "/program"],
    [-1, "/program"],
  ])("from %i on, %s leads to a program, which takes the memory", (dirfd, path) => {
    const task = on("6.12");
    expect(execveat(task, dirfd, path, { flags: AT_SYMLINK_NOFOLLOW })).toBe(0);
    expect(task.space.maps()).toBe("");
  });

  test.each([
    [77, "EBADF execveat/closed"],
    [-1, "EBADF execveat/closed"],
    [0, "ENOTDIR execveat/not-a-directory"],
  ])("begins at a directory, which descriptor %i is not", (dirfd, answer) => {
    const task = on("6.12");
    expect(execveat(task, dirfd, "program")).toBe(answer);
    expect(execveat(task, dirfd, "program", { flags: AT_EMPTY_PATH })).toBe(answer);
    expect(task.space.maps()).not.toBe("");
  });

  test("is read, and ends within 4096 bytes", () => {
    const task = on("6.12");
    expect(execveat(task, AT_FDCWD, NOWHERE)).toBe("EFAULT syscall/fault");
    expect(execveat(task, AT_FDCWD, 0)).toBe("EFAULT syscall/fault");
    expect(execveat(task, AT_FDCWD, `/${"x".repeat(4094)}`)).toBe(0);
    expect(execveat(on("6.12"), AT_FDCWD, `/${"x".repeat(4095)}`)).toBe(
      "ENAMETOOLONG execveat/path-too-long",
    );
  });

  test("may be empty where the flags say that the descriptor is meant", () => {
    const task = on("6.12");
    expect(execveat(task, 77, "")).toBe("ENOENT execveat/empty-path");
    expect(execveat(task, 77, "", { flags: AT_EMPTY_PATH })).toBe("EBADF execveat/closed");
    expect(execveat(task, AT_FDCWD, "", { flags: AT_EMPTY_PATH })).toBe(
      "EACCES execveat/not-executable",
    );
  });
});

describe("a descriptor", () => {
  test.each([
    ["a file in memory", ["memfd_create", HEAP, 0], "ENOEXEC execveat/no-program"],
    ["one that nobody may execute", ["memfd_create", HEAP, 8], "EACCES execveat/not-executable"],
    ["secret memory", ["memfd_secret", 0], "EACCES execveat/not-executable"],
    ["a pidfd", ["pidfd_open", "own", 0], "EACCES execveat/not-executable"],
    ["a terminal", ["dup", 0], "EACCES execveat/not-executable"],
  ] as const)("of %s", (_, [name, ...args], answer) => {
    const task = on("6.12");
    const own = args.map((one) => (one === "own" ? task.pid.number : one));
    const fd = must(call(task, name, ...own));
    expect(execveat(task, fd, "", { flags: AT_EMPTY_PATH })).toBe(answer);
    expect(task.space.maps()).not.toBe("");
  });
});

describe("AT_EXECVE_CHECK", () => {
  test("executes nothing, and does not look into the file", () => {
    const task = on("6.14");
    const fd = must(call(task, "memfd_create", HEAP, 0));
    const flags = AT_EXECVE_CHECK | AT_EMPTY_PATH;
    expect(execveat(task, fd, "", { flags })).toBe(0);
    expect(execveat(task, AT_FDCWD, "/program", { flags: AT_EXECVE_CHECK })).toBe(0);
    expect(execveat(task, 0, "", { flags })).toBe("EACCES execveat/not-executable");
    expect(execveat(task, fd, "", { flags, argv: NOWHERE })).toBe("EFAULT syscall/fault");
    expect(task.space.maps()).not.toBe("");
  });

  test("is unknown up to 6.13", () => {
    expect(execveat(on("6.13"), AT_FDCWD, "/program", { flags: AT_EXECVE_CHECK })).toBe(
      "EINVAL execveat/flags",
    );
  });
});

describe("what is refused first", () => {
  const refused = (
    release: string,
    ...args: Parameters<typeof execveat> extends [Task, ...infer R] ? R : never
  ): string => String(execveat(on(release), ...args)).split(" ")[0];

  test.each([
    ["6.1", "EFAULT", "ENOENT", "EINVAL"],
    ["6.12", "EFAULT", "ENOENT", "EINVAL"],
    ["6.19", "EFAULT", "ENOENT", "EINVAL"],
    ["7.0", "EINVAL", "EINVAL", "EINVAL"],
  ])(
    "on %s of bad flags and no path %s, an empty one %s, a closed descriptor %s",
    (release, ...answers) => {
      const flags = UNKNOWN;
      expect([
        refused(release, AT_FDCWD, 0, { flags }),
        refused(release, AT_FDCWD, "", { flags }),
        refused(release, 77, "program", { flags }),
      ]).toEqual(answers);
    },
  );

  test.each([
    ["6.1", "EFAULT"],
    ["6.12", "EBADF"],
  ])("on %s of words that cannot be read and a closed descriptor: %s", (release, answer) => {
    expect(refused(release, 77, "program", { argv: NOWHERE })).toBe(answer);
    expect(refused(release, 77, "program", { envp: NOWHERE })).toBe(answer);
  });
});

describe("the words of a program", () => {
  /** Pointers at HEAP; words behind them. */
  function withWords(pointers: readonly number[], bytes = 8): Task {
    const task = taskWithPages(64);
    const list = new Uint8Array(pointers.length * bytes);
    const view = new DataView(list.buffer);
    for (const [i, pointer] of pointers.entries()) view.setUint32(i * bytes, pointer, true);
    must(task.space.write(HEAP / PAGE, list));
    return task;
  }

  test.each([
    ["none", [], 0],
    ["empty ones", [HEAP + PAGE, HEAP + 2 * PAGE], 0],
    ["one that leads nowhere", [HEAP + PAGE, NOWHERE], "EFAULT syscall/fault"],
  ])("%s", (_, pointers, answer) => {
    expect(execveat(withWords(pointers), AT_FDCWD, "/p", { argv: HEAP })).toBe(answer);
    expect(execveat(withWords(pointers), AT_FDCWD, "/p", { envp: HEAP })).toBe(answer);
  });

  test("have 128 KiB at most, the NUL included", () => {
    const start = HEAP + PAGE;
    const task = withWords([start]);
    must(task.space.write(start / PAGE, new Uint8Array(131_072).fill(0x78)));
    expect(execveat(task, AT_FDCWD, "/p", { argv: HEAP })).toBe("E2BIG execve/word-too-long");
    must(task.space.write(start / PAGE, new Uint8Array(131_071).fill(0x78)));
    must(task.space.write(start / PAGE + 31, Uint8Array.of(0), 4095));
    expect(execveat(task, AT_FDCWD, "/p", { argv: HEAP })).toBe(0);
  });

  test("of a 32-bit caller are named by pointers of four bytes", () => {
    const task = withWords([HEAP + PAGE, HEAP + 2 * PAGE], 4);
    must(task.space.write(HEAP / PAGE + 1, Uint8Array.of(0x2f, 0x70)));
    expect(said(call32(task, "execveat", 0, HEAP + PAGE, HEAP, 0, 0))).toBe(0);
  });
});
