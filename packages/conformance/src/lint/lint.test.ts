import { readdirSync, readFileSync } from "node:fs";
import { LogReader } from "@kadvise/strace";
import { describe, expect, test } from "vitest";
import { CallHistory } from "./callHistory.ts";
import { LINT_RULES, lintCall, LogLinter } from "./lint.ts";
import { found, lintText } from "./testing/lintText.ts";

const LOGS = new URL("../../logs/", import.meta.url);

test("every rule has an id of its own and says what it looks for", () => {
  const ids = LINT_RULES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, summary, calls } of LINT_RULES) {
    expect(id).toMatch(/^[a-z]+\/[a-z-]+$/);
    expect(summary).toMatch(/^[A-Z].*\.$/);
    expect(calls.length).toBeGreaterThan(0);
  }
});

test("the documents tell every rule", () => {
  const document = readFileSync(new URL("../../../../docs/lint.md", import.meta.url), "utf8");
  for (const { id } of LINT_RULES) expect(document).toContain(`\`${id}\``);
});

test("one call may have several findings, in the order of the rules", () => {
  const log = [
    '10 execve("/bin/x", [], 0x7ffd /* 0 vars */) = 0',
    "10 pidfd_open(11, 0) = 0",
    "10 process_madvise(0, [], 0, 0x1a /* MADV_??? */, 0) = 0",
  ].join("\n");
  expect(found(log)).toEqual([
    "2 pidfd/standard-descriptor",
    "3 advice/or-of-several",
    "3 probe/no-ranges",
  ]);
});

test("calls that have nothing to do with advice or pidfds are passed over unread", () => {
  const [event] = new LogReader().push('10 openat(AT_FDCWD, "/x", O_RDONLY) = 3\n');
  if (event?.kind !== "call") throw new TypeError("expected a call");
  Object.defineProperty(event, "args", {
    get: () => {
      throw new TypeError("read");
    },
  });
  expect(lintCall(event, new CallHistory())).toEqual([]);
});

test("a log in pieces is looked at as a whole", () => {
  const log =
    "10 pidfd_open(11, 0) = 3\n10 process_madvise(3, [{iov_base=0x7f0000000000, iov_len=4096}], 1, MADV_DONTNEED, 0) = -1 EINVAL (Invalid argument)\n";
  const whole = lintText(log);
  expect(whole.length).toBe(1);
  for (const size of [1, 7, 30]) {
    const reader = new LogReader();
    const linter = new LogLinter();
    const pieces = [];
    for (let at = 0; at < log.length; at += size)
      pieces.push(...linter.push(reader.push(log.slice(at, at + size))));
    pieces.push(...linter.push(reader.end()));
    expect(pieces).toEqual(whole);
  }
});

describe("logs of real kernels", () => {
  const releases = readdirSync(LOGS, { withFileTypes: true }).filter((one) => one.isDirectory());

  test.each(releases.map(({ name }) => name))("%s: what is found is what was done", (release) => {
    const folder = new URL(`${release}/`, LOGS);
    const logs = readdirSync(folder).filter((name) => name.endsWith(".strace"));
    for (const name of logs) {
      const text = readFileSync(new URL(name, folder), "utf8");
      const lines = text.split("\n");
      for (const { line, rule } of lintText(text)) {
        const call = lines[line - 1] ?? "";
        // What no release takes was refused by this one; what is capped ends as a vector ends.
        if (rule === "remote/never-allowed")
          expect(call).toMatch(/= -1 E(INVAL|ACCES|PERM|SRCH|BADF)/);
        if (rule === "vector/capped") expect(call).toMatch(/= 2147479552$/);
        if (rule === "vector/kernel-address") expect(call).toMatch(/= -1 EFAULT/);
        if (rule === "probe/no-ranges") expect(call).toMatch(/= 0$/);
      }
    }
  });
});
