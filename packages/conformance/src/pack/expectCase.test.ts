import { resolveVersion } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { compileCase } from "./compileCase.ts";
import { CaseExpectation, type Expected } from "./expectCase.ts";
import { packKernels, type StretchProfiles } from "./packKernels.ts";
import { inRanges, rangesText } from "./packReleases.ts";

const HEAP =
  "app  mmap(0x20000000, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = $heap\n";

function kernelsOf(release: string): StretchProfiles {
  const version = resolveVersion(release);
  return packKernels().find(({ stretch }) =>
    inRanges(
      version,
      rangesText([stretch], () => true),
    ),
  )!;
}

function expected(release: string, scenario: string): Expected {
  const compiled = compileCase({ id: "some/case", asks: "something", scenario });
  return new CaseExpectation(compiled).on(kernelsOf(release));
}

const OWN = `${HEAP}app  pidfd_open($app, 0) = $fd
app  process_madvise($fd, [{iov_base=$heap, iov_len=4096}], 1, MADV_COLD, 0)`;

describe("what a case needs", () => {
  test.each([
    ["5.10.0", []],
    ["5.10.223", ["CAP_SYS_NICE"]],
    ["6.6", ["CAP_SYS_NICE"]],
    ["6.12", []],
    ["7.3", []],
  ])("to advise oneself on %s: %j", (release, needs) => {
    expect(expected(release, OWN).needs).toEqual(needs);
  });

  test("that gives memory to KSM is KSM, where there is one to ask for", () => {
    const own = OWN.replace("MADV_COLD", "MADV_MERGEABLE");
    expect(expected("6.13", own).needs).toEqual(["KSM"]);
    expect(expected("6.12", own).needs).toEqual([]);
  });

  test("that enters by the 32-bit gate is that gate", () => {
    expect(expected("6.12", "app/i386  madvise(0x20000000, 4096, MADV_COLD)").needs).toEqual([
      "32-bit calls",
    ]);
  });

  test("that makes a process of another user is the right to do so", () => {
    const { needs } = expected("6.12", "app  spawn({uid=1000})\napp  getpid()");
    expect(needs).toEqual(["CAP_SETGID", "CAP_SETUID"]);
  });

  test("of a kernel that asks Yama for attachment is Yama at rest", () => {
    const other = `${HEAP}manager  pidfd_open($app, 0) = $fd
      manager  process_madvise($fd, [{iov_base=$heap, iov_len=4096}], 1, MADV_COLD, 0)`;
    expect(expected("5.10.0", other).needs).toContain("kernel.yama.ptrace_scope=0");
    expect(expected("5.10.223", other).needs).toEqual(["CAP_SYS_NICE"]);
  });

  test("that depends on what nobody can look up is refused", () => {
    const mapped = "app  mmap(0x8000, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)";
    expect(() => expected("6.12", `app  spawn({uid=1000})\n${mapped}`)).toThrow(
      /some\/case depend on a setting/,
    );
  });
});

describe("what a step may answer", () => {
  test("is one thing on a kernel that is known", () => {
    expect(expected("6.12", OWN).answers).toEqual([["ok"], ["ok"], ["4096"]]);
  });

  test("is either where it is not known whether a kernel has a change", () => {
    const within = `${HEAP.replace("8192", "0x600000")}app  touch($heap, 4096)
      app  madvise($heap + 4096, 4096, MADV_COLLAPSE)`;
    const answers = (release: string): unknown => expected(release, within).answers.at(-1);
    expect(kernelsOf("7.2.0").usual.bracketed).toContain("collapse-empty");
    expect(answers("7.2.0")).toEqual(["EINVAL", "0"]);
    expect(answers("7.1")).toEqual(["EINVAL"]);
    expect(answers("7.2")).toEqual(["0"]);
  });

  test("does not depend on which kernels were asked before", () => {
    const compiled = compileCase({ id: "some/case", asks: "something", scenario: OWN });
    const shared = new CaseExpectation(compiled);
    for (const release of ["7.3", "5.10.0", "6.6", "6.13", "5.15", "7.2.0"]) {
      const kernels = kernelsOf(release);
      expect(shared.on(kernels)).toEqual(new CaseExpectation(compiled).on(kernels));
    }
  });
});
