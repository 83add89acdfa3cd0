import { describe, expect, test } from "vitest";
import { Reasons, type Check } from "./reasons.ts";
import { DONE, KernelError, must, success, type Refusal } from "./result.ts";

const QUIET = { listener: undefined };
const reasons = new Reasons({
  "ptrace/not-dumpable": {
    errno: "EPERM",
    text: "the target is not dumpable",
    linux: "kernel/ptrace.c __ptrace_may_access",
    since: "2.6",
    remedy: "hold CAP_SYS_PTRACE",
    compares: ["dumpable"],
  },
  "process_madvise/access": {
    errno: "EACCES",
    text: "the target may not be accessed",
    linux: "kernel/fork.c mm_access",
    since: "5.10",
    remedy: "be its owner",
    compares: ["caller", "target", "mode"],
  },
  "pid/none-left": {
    errno: "EAGAIN",
    text: "every number is in use",
    linux: "kernel/pid.c alloc_pid",
    since: "2.6",
    remedy: "wait",
  },
});

/** Whether a value and everything in it is frozen. */
function isDeepFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeepFrozen);
}

const lower = reasons.refuse(QUIET, "ptrace/not-dumpable", 0);
const refusal = reasons.refuseBecause(QUIET, "process_madvise/access", lower, 11, 12);

describe("a refusal", () => {
  test("has the errno of its reason, positive as in Linux' tables, and what was compared", () => {
    expect(lower).toEqual({
      ok: false,
      code: "EPERM",
      errno: 1,
      reason: {
        id: "ptrace/not-dumpable",
        text: "the target is not dumpable",
        compared: { dumpable: 0 },
      },
    });
  });

  test("names compared values by their position, and leaves out what was not given", () => {
    const all = reasons.refuse(QUIET, "process_madvise/access", 1, "0x7f", null);
    expect(all.reason.compared).toEqual({ caller: 1, target: "0x7f", mode: null });
    expect(refusal.reason.compared).toEqual({ caller: 11, target: 12 });
    expect(reasons.refuse(QUIET, "pid/none-left", 9).reason.compared).toEqual({ value: 9 });
    expect(reasons.refuse(QUIET, "pid/none-left").reason.compared).toEqual({});
  });

  test("keeps the one of the floor below that it stands on", () => {
    expect([refusal.code, refusal.because]).toEqual(["EACCES", lower]);
    expect(lower).not.toHaveProperty("because");
  });

  test("is frozen through and through", () => {
    expect(isDeepFrozen(refusal)).toBe(true);
    expect(() => Object.assign(refusal, { errno: 0 })).toThrow(TypeError);
    expect(() => Object.assign(refusal.reason.compared, { caller: 0 })).toThrow(TypeError);
  });

  test("is the same after a journey through JSON, and through a structured clone", () => {
    expect(JSON.parse(JSON.stringify(refusal))).toEqual(refusal);
    expect(structuredClone(refusal)).toEqual(refusal);
  });
});

describe("a check", () => {
  test("is reported to who listens, refused or not, before the refusal is returned", () => {
    const heard: Check[] = [];
    const sink = { listener: (check: Check) => void heard.push(check) };
    reasons.passed(sink, "ptrace/not-dumpable", 1);
    reasons.refuse(sink, "process_madvise/access", 1, 2);
    reasons.refuseBecause(sink, "process_madvise/access", lower, 3);
    expect(heard).toEqual([
      { id: "ptrace/not-dumpable", passed: true, compared: { dumpable: 1 } },
      { id: "process_madvise/access", passed: false, compared: { caller: 1, target: 2 } },
      { id: "process_madvise/access", passed: false, compared: { caller: 3 } },
    ]);
    expect(heard.every(isDeepFrozen)).toBe(true);
  });

  test("that nobody listens to is no error", () => {
    expect(() => reasons.passed(QUIET, "pid/none-left", 1)).not.toThrow();
  });
});

describe("a success", () => {
  test("has its value, also where that is nothing", () => {
    expect(success(0)).toEqual({ ok: true, value: 0 });
    expect(success(undefined)).toEqual({ ok: true, value: undefined });
  });

  test("without a value is one frozen object", () => {
    expect(DONE).toEqual({ ok: true, value: undefined });
    expect(Object.isFrozen(DONE)).toBe(true);
  });
});

describe("must", () => {
  test.each([4096, 0, null, undefined, 0x7fff_0000_0000n])("gives the value %s", (value) => {
    expect(must(success(value))).toBe(value);
  });

  test("throws what reads like Node's own system errors", () => {
    const fail = (given: Refusal): unknown => {
      try {
        return must(given);
      } catch (error) {
        return error;
      }
    };
    const error = fail(refusal);
    expect(error).toBeInstanceOf(KernelError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: "KernelError",
      code: "EACCES",
      errno: 13,
      syscall: "process_madvise",
      reason: refusal.reason,
    });
    expect(String(error)).toBe(
      "KernelError: EACCES: the target may not be accessed, process_madvise",
    );
  });
});
