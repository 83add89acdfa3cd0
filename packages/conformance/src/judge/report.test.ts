import { describe, expect, test } from "vitest";
import { Checker } from "./check.ts";
import { ASSUMPTIONS } from "./assumptions.ts";
import { findingAt, judgeText, log, verdicts } from "./testing/judgeText.ts";

const MAPPED =
  "1 mmap(0x10000000, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x10000000";
const COLD = "1 madvise(0x10000000, 8192, MADV_COLD) =";
const NO_MEMORY = "-1 ENOMEM (Cannot allocate memory)";

describe("a report", () => {
  const report = judgeText(
    log(MAPPED, `${COLD} 0`, '1 chdir("/") = 0', `${COLD} ${NO_MEMORY}`, "#!"),
  );

  test("has the keys that people script against", () => {
    expect(Object.keys(report)).toEqual([
      ...["schemaVersion", "kernel", "kernelAsked", "assumptions", "calls", "inScope", "exact"],
      ...["constrained", "undetermined", "deviations", "unread", "outOfScope"],
      ...["undeterminedNeeds", "logs", "means", "findings", "findingsOmitted"],
    ]);
    const counts = ["inScope", "exact", "constrained", "undetermined", "deviations"];
    expect(Object.keys(report.logs[0] ?? {})).toEqual([
      "file",
      "calls",
      "unread",
      ...counts,
      "forms",
    ]);
    expect(Object.keys(report.logs[0]?.forms[0] ?? {})).toEqual(["form", ...counts]);
    expect(Object.keys(findingAt(report, 5))).toEqual([
      ...["file", "line", "entryLine", "pid", "syscall", "observed", "allowed", "verdict"],
      ...["reason", "form", "needs"],
    ]);
  });

  test("counts each result once, and what is out of scope by name", () => {
    expect(report).toMatchObject({ calls: 5, inScope: 4, deviations: 1, unread: 1 });
    expect(report.exact + report.constrained + report.undetermined + report.deviations).toBe(4);
    expect(report.outOfScope).toEqual({ chdir: 1 });
  });

  test("is plain data: as JSON it says the same", () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test("says in strace's notation what would have been right, and why", () => {
    expect(findingAt(report, 5)).toMatchObject({ allowed: ["0"], observed: NO_MEMORY, pid: 1 });
    expect(findingAt(report, 6)).toMatchObject({ verdict: "unread", observed: "#!" });
  });

  test("keeps so many findings, and counts the others", () => {
    const checker = new Checker({ kernel: "6.12", maxFindings: 2 });
    const check = checker.log("junk");
    for (let i = 0; i < 5; i++) check.push(`what is this\n1 getpid() = 1\n`);
    check.end();
    const { findings, findingsOmitted } = checker.finish();
    expect([findings.length, findingsOmitted]).toEqual([2, 3]);
  });
});

describe("after a deviation the log is believed", () => {
  test("an area that was not there before is there from then on", () => {
    const unmap = "1 munmap(0x10000000, 8192) = 0";
    expect(verdicts(log(MAPPED, unmap, `${COLD} 0`, `${COLD} 0`)).slice(-2)).toEqual([
      "4 madvise deviation",
      "5 madvise undetermined",
    ]);
  });

  test("a munmap that should have failed has unmapped nothing that counts against what follows", () => {
    const odd = "1 munmap(0x10000001, 4096) = 0";
    const text = log(MAPPED, odd, `${COLD} 0`, `${COLD} ${NO_MEMORY}`);
    expect(judgeText(text).deviations).toBe(1);
  });

  test("a descriptor that appears out of order is the one that the program has", () => {
    const text = log(
      ...["1 getpid() = 1", "1 close_range(3, 4294967295, 0) = 0", "1 pidfd_open(1, 0) = 9"],
      ...["1 close(9) = 0", "1 close(9) = -1 EBADF (Bad file descriptor)"],
    );
    expect(judgeText(text).deviations).toBe(1);
  });
});

describe("assumptions", () => {
  test("are printed, one sentence each", () => {
    expect(judgeText(log(MAPPED)).assumptions).toEqual(Object.values(ASSUMPTIONS));
  });

  test("that are switched off are not printed", () => {
    const checker = new Checker({ kernel: "6.12", assumptionsOff: ["one-id"] });
    expect(checker.finish().assumptions).not.toContain(ASSUMPTIONS["one-id"]);
  });

  test("a length that may only be read by a pointer nobody stated rests on one of them", () => {
    const lines = log("1 getpid() = 1", "1 getresuid([0], [0], [0]) = 0");
    expect(judgeText(lines).deviations).toBe(0);
  });
});

test("a call of which nothing is known makes everything of its process unknown", () => {
  const text = log(MAPPED, "1 frobnicate(1, 2) = 0", `${COLD} 0`, `${COLD} ${NO_MEMORY}`);
  expect(verdicts(text).slice(-2)).toEqual(["4 madvise undetermined", "5 madvise undetermined"]);
});

test("a call that changes nothing that is modelled leaves everything known", () => {
  const text = log(MAPPED, '1 chmod("file", 0644) = 0', `${COLD} 0`);
  expect(verdicts(text).at(-1)).toBe("4 madvise exact");
});

test("what mremap moves is followed to its new place", () => {
  const text = log(
    MAPPED,
    MAPPED.replaceAll("0x1000", "0x2000"),
    "1 mremap(0x10001000, 4096, 4096, MREMAP_MAYMOVE|MREMAP_FIXED, 0x20000000) = 0x20000000",
    "1 madvise(0x10000000, 4096, MADV_COLD) = 0",
    `1 madvise(0x10001000, 4096, MADV_COLD) = ${NO_MEMORY}`,
    "1 madvise(0x20000000, 4096, MADV_COLD) = 0",
  );
  expect(verdicts(text).slice(-4)).toEqual([
    ...["4 mremap exact", "5 madvise exact", "6 madvise exact", "7 madvise exact"],
  ]);
});

test("mremap of what exec mapped makes unknown what it moved, and nothing beside it", () => {
  const text = log(
    MAPPED,
    "1 mremap(0x30000000, 4096, 4096, MREMAP_MAYMOVE|MREMAP_FIXED, 0x20000000) = 0x20000000",
    "1 madvise(0x10000000, 4096, MADV_COLD) = 0",
    "1 madvise(0x20000000, 4096, MADV_COLD) = 0",
  );
  expect(verdicts(text).slice(-3)).toEqual([
    ...["3 mremap undetermined", "4 madvise exact", "5 madvise undetermined"],
  ]);
});

test("a result that strace injected is passed over, and changes nothing", () => {
  const text = log(MAPPED, `1 munmap(0x10000000, 8192) = ${NO_MEMORY} (INJECTED)`, `${COLD} 0`);
  expect(verdicts(text)).toEqual(["1 execve exact", "2 mmap exact", "4 madvise exact"]);
});

test("a long log leaves nothing behind but its counts", () => {
  const checker = new Checker({ kernel: "6.12.107", maxFindings: 10 });
  const check = checker.log("long");
  check.push(log(MAPPED));
  const before = JSON.stringify(checker.finish()).length;
  const odd = "1 madvise(0x10000000, 4096, 0x3039 /* MADV_??? */) = 0";
  const piece = `${COLD} 0\n1 munmap(0x10000000, 8192) = 0\n${MAPPED}\n${odd}\n`.repeat(50);
  for (let i = 0; i < 40; i++) check.push(piece);
  check.end();
  const report = checker.finish();
  expect(report.deviations).toBe(2000);
  expect(report.logs[0]?.forms.length).toBeLessThan(8);
  expect([report.findings.length, report.findingsOmitted]).toEqual([10, 1990]);
  expect(JSON.stringify(report).length).toBeLessThan(before + 10_000);
});
