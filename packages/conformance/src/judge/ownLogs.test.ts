import { describe, expect, test } from "vitest";
import { Checker } from "./check.ts";
import type { CheckReport } from "./report.ts";
import { ownLogs, RECORDED_KERNELS } from "./testing/ownLogs.ts";

function check(kernel: string): CheckReport {
  const logs = ownLogs([kernel]);
  const checker = new Checker({
    kernel,
    all: true,
    maxFindings: Number.POSITIVE_INFINITY,
    ...(logs[0] === undefined ? {} : { settings: logs[0].settings }),
  });
  for (const { name, text } of logs) {
    const log = checker.log(name);
    log.push(text);
    log.end();
  }
  return checker.finish();
}

test("the shipped logs come from six kernels, 5.10 to 7.3", () => {
  expect([...RECORDED_KERNELS].sort()).toEqual(
    ["5.10.223", "6.1.176", "6.12.107", "6.16.12", "6.18.44", "7.3.4"].sort(),
  );
});

describe.each(RECORDED_KERNELS)("the logs recorded on %s", (kernel) => {
  const report = check(kernel);
  const vectors = report.findings.filter(({ syscall }) => syscall === "process_madvise");

  test("hold enough calls of process_madvise, a third of them refused", () => {
    const refused = vectors.filter(({ observed }) => observed.startsWith("-1"));
    expect(vectors.length).toBeGreaterThanOrEqual(350);
    expect(refused.length / vectors.length).toBeGreaterThan(1 / 3);
  });

  test("deviate nowhere, and every line of them is read", () => {
    const wrong = report.findings.filter(
      ({ verdict }) => verdict === "deviation" || verdict === "unread",
    );
    expect(wrong).toEqual([]);
  });

  test("leave no result of process_madvise undetermined", () => {
    expect(vectors.filter(({ verdict }) => verdict === "undetermined")).toEqual([]);
  });

  test("are judged exactly nine times in ten", () => {
    expect(report.exact / report.inScope).toBeGreaterThanOrEqual(0.9);
  });

  test("show each error that the call can give on any kernel", () => {
    const errors = new Set(
      vectors.flatMap(({ observed }) => /^-1 (\w+)/.exec(observed)?.[1] ?? []),
    );
    const every = ["EACCES", "EBADF", "EFAULT", "EINVAL", "ENOMEM", "EPERM", "ESRCH"];
    expect([...errors].sort()).toEqual(every);
  });
});
