import { expect, test } from "vitest";
import { found, lintText } from "../testing/lintText.ts";

const EXEC = '10 execve("/bin/x", [], 0x7ffd /* 0 vars */) = 0\n';

// What people wrote, and what the kernel was given.
test.each([
  ["MADV_DOFORK", /11 is MADV_DOFORK.*MADV_SEQUENTIAL\|MADV_WILLNEED\|MADV_DONTFORK/],
  ["0x1a /* MADV_??? */", /26 is no advice.*MADV_DONTFORK\|MADV_DONTDUMP/],
  ["0x5 /* MADV_??? */", /5 is no advice.*MADV_RANDOM\|MADV_DONTNEED/],
  ["0x6 /* MADV_??? */", /6 is no advice.*MADV_SEQUENTIAL\|MADV_DONTNEED/],
  ["0x7 /* MADV_??? */", /7 is no advice.*MADV_SEQUENTIAL\|MADV_WILLNEED\|MADV_DONTNEED/],
  ["0x1e /* MADV_??? */", /30 is no advice.*MADV_HUGEPAGE\|MADV_DONTDUMP/],
])("madvise(…, %s) looks like an OR", (advice, text) => {
  const log = `${EXEC}10 madvise(0x7f0000000000, 4096, ${advice}) = -1 EINVAL (Invalid argument)`;
  const [finding] = lintText(log);
  expect(finding).toMatchObject({ line: 2, rule: "advice/or-of-several" });
  expect(finding.text).toMatch(text);
});

test.each([
  "MADV_WILLNEED",
  "MADV_REMOVE",
  "MADV_HUGEPAGE",
  "MADV_NOHUGEPAGE",
  "MADV_UNMERGEABLE",
  "MADV_GUARD_INSTALL",
  "0x270f /* MADV_??? */",
  "-1",
])("madvise(…, %s) is nobody's OR", (advice) => {
  expect(found(`${EXEC}10 madvise(0x7f0000000000, 4096, ${advice}) = 0`)).toEqual([]);
});

test("MADV_DOFORK after MADV_DONTFORK is meant so", () => {
  const log = `${EXEC}10 madvise(0x7f0000000000, 4096, MADV_DONTFORK) = 0
10 madvise(0x7f0000000000, 4096, MADV_DOFORK) = 0`;
  expect(found(log)).toEqual([]);
});

test("MADV_DOFORK in a child of who gave MADV_DONTFORK is meant so", () => {
  const log = `${EXEC}10 madvise(0x7f0000000000, 4096, MADV_DONTFORK) = 0
10 fork() = 11
11 madvise(0x7f0000000000, 4096, MADV_DOFORK) = 0`;
  expect(found(log)).toEqual([]);
});

test("of a process that was not seen from its beginning, nothing is said", () => {
  expect(found("10 madvise(0x7f0000000000, 4096, MADV_DOFORK) = 0")).toEqual([]);
});

test("what was given before execve is gone with it", () => {
  const log = `${EXEC}10 madvise(0x7f0000000000, 4096, MADV_DONTFORK) = 0
${EXEC}10 madvise(0x7f0000000000, 4096, MADV_DOFORK) = 0`;
  expect(found(log)).toEqual(["4 advice/or-of-several"]);
});

test("process_madvise is looked at as well", () => {
  const log = `${EXEC}10 process_madvise(3, [{iov_base=0x7f0000000000, iov_len=4096}], 1, MADV_DODUMP, 0) = 4096`;
  expect(found(log)).toEqual(["2 advice/or-of-several"]);
});
