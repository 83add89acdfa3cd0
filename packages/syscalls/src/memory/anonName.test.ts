import { PR } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { call, decoded, said } from "../testing/machine.ts";
import { HEAP, LIMIT, PAGE, taskWithPages } from "../testing/pages.ts";
import type { Task } from "../task.ts";

const MAX = 2n ** 64n;
const TEXT = HEAP + 3 * PAGE;

function task(settings = { anonName: true }, release = "6.12"): Task {
  return taskWithPages(4, { release, settings });
}

/** Names with what lies in the task's own memory, which ends at HEAP + 4 pages. */
function nameFrom(of: Task, text: string, address: number, at: number | bigint = HEAP): string {
  const bytes = Uint8Array.from(text, (one) => one.charCodeAt(0));
  of.memory.write(Math.floor(address / PAGE), address % PAGE, bytes);
  return String(said(call(of, "prctl", PR.PR_SET_VMA, 0, at, PAGE, address)));
}

test.each([
  ["without the configuration", { anonName: false }, "6.12"],
  ["before 5.17", { anonName: true }, "5.10"],
])("there are no names %s", (_, settings, release) => {
  expect(nameFrom(task(settings, release), "a\0", TEXT)).toBe("EINVAL prctl/vma-unknown");
});

test("there is one operation", () => {
  for (const operation of [1, -1, 2 ** 32])
    expect(said(call(task(), "prctl", PR.PR_SET_VMA, operation, HEAP, PAGE, 0))).toBe(
      "EINVAL prctl/vma-unknown",
    );
});

test("a name that a program or a log gives shows in maps", () => {
  const one = task();
  expect(nameFrom(one, "heap of jemalloc 5.3\0", TEXT)).toBe("0");
  const text = Uint8Array.from("log\0", (letter) => letter.charCodeAt(0));
  expect(decoded(one, "prctl", PR.PR_SET_VMA, 0, HEAP + PAGE, PAGE, text).outcome.ok).toBe(true);
  const names = one.space
    .maps()
    .trimEnd()
    .split("\n")
    .map((line) => /\[.*/.exec(line)?.[0]);
  expect(names).toEqual(["[anon:heap of jemalloc 5.3]", "[anon:log]", undefined]);
});

describe("the name", () => {
  test.each([
    ["of 79 bytes", "a".repeat(79), "0"],
    ["of 80 bytes", "a".repeat(80), "EINVAL prctl/name-too-long"],
    ["of none", "", "0"],
    ["with a blank", "a b", "0"],
    ...[..."\\`$[]\x1f\x7f\x80\n"].map((one) => [
      `with ${JSON.stringify(one)}`,
      `a${one}b`,
      "EINVAL prctl/name-character",
    ]),
  ] as [string, string, string][])("%s", (_, name, answer) => {
    expect(nameFrom(task(), `${name}\0`, TEXT)).toBe(answer);
  });

  test("is read as far as it goes, and no byte behind it", () => {
    expect(nameFrom(task(), "end\0", HEAP + 4 * PAGE - 4)).toBe("0");
    expect(nameFrom(task(), "ends", HEAP + 4 * PAGE - 4)).toBe("EFAULT syscall/fault");
    expect(nameFrom(task(), "across\0", HEAP + 3 * PAGE - 3)).toBe("0");
    // Eighty bytes without an end are too many, whatever lies behind them.
    expect(nameFrom(task(), "a".repeat(80), HEAP + 4 * PAGE - 80)).toBe(
      "EINVAL prctl/name-too-long",
    );
  });

  test("is read before the range is looked at", () => {
    const answer = said(call(task(), "prctl", PR.PR_SET_VMA, 0, 1, 0, HEAP + 4 * PAGE));
    expect(answer).toBe("EFAULT syscall/fault");
  });
});

describe("the range", () => {
  test.each([
    ["begins at a page", HEAP + 1, PAGE, "EINVAL prctl/name-unaligned"],
    ["may be empty, wherever", 0x1000, 0, 0],
    ["may be empty at the very end", MAX - 4096n, 0, 0],
    ["is rounded up", HEAP, 1, 0],
    ["does not wrap", MAX - 4096n, PAGE, "EINVAL prctl/name-length"],
    ["does not wrap when it is rounded", HEAP, MAX - 1n, "EINVAL prctl/name-length"],
    ["is no range of the kernel's", LIMIT, PAGE, "ENOMEM prctl/name-hole"],
  ] as const)("%s", (_, at, length, answer) => {
    expect(said(call(task(), "prctl", PR.PR_SET_VMA, 0, at, length, 0))).toBe(answer);
  });
});
