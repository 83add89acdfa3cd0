import { describe, expect, test } from "vitest";
import { AccessControl } from "../accessControl.ts";
import type { Policy } from "../policy.ts";
import { ladder, said, task } from "../testing/tasks.ts";
import { seccompList } from "./seccompList.ts";

const MADVISE = { name: "process_madvise", number: 440 };
const PTRACE = { name: "ptrace", number: 101 };
const READ = { name: "read", number: 0 };

function call(
  policy: Policy,
  question: { name: string; number: number },
  subject = task({ uid: 0 }),
): string {
  return said(new AccessControl({ policies: [policy] }).syscall({ subject, ...question }));
}

describe("a seccomp list", () => {
  test.each([
    [["process_madvise"], "EPERM seccomp/listed"],
    [[440], "EPERM seccomp/listed"],
    [["process_madvise=ENOSYS"], "ENOSYS seccomp/listed"],
    [["ptrace", " process_madvise "], "EPERM seccomp/listed"],
    [["ptrace", 441], "ok"],
    [[], "ok"],
  ])("%o answers process_madvise with %s", (list, verdict) => {
    expect(call(seccompList(list), MADVISE)).toBe(verdict);
  });

  test("answers root like everybody else", () => {
    expect(call(seccompList(["ptrace"]), PTRACE, task({ uid: 0 }))).toBe("EPERM seccomp/listed");
  });

  test("may have another errno for all of its entries", () => {
    const list = seccompList(["ptrace", "process_madvise=EPERM"], { code: "ENOSYS" });
    expect(call(list, PTRACE)).toBe("ENOSYS seccomp/listed");
    expect(call(list, MADVISE)).toBe("EPERM seccomp/listed");
  });

  test("turned around, as a container's profile is, lets through what it names alone", () => {
    const profile = seccompList(["read", "ptrace"], { onlyListed: true });
    expect(call(profile, READ)).toBe("ok");
    expect(call(profile, MADVISE)).toBe("EPERM seccomp/listed");
    expect(call(seccompList(["read"], { onlyListed: true, code: "ENOSYS" }), MADVISE)).toBe(
      "ENOSYS seccomp/listed",
    );
  });

  test("holds those whom it is said to hold", () => {
    const list = seccompList(["ptrace"], { holds: ({ labels }) => labels.container === "web" });
    expect(call(list, PTRACE, task({ uid: 0 }, { labels: { container: "web" } }))).toBe(
      "EPERM seccomp/listed",
    );
    expect(call(list, PTRACE, task({ uid: 0 }))).toBe("ok");
  });

  test("names the call in its refusal, and reports a pass", () => {
    const access = new AccessControl({ policies: [seccompList(["ptrace"])] });
    const answer = access.syscall({ subject: task({ uid: 0 }), ...PTRACE });
    expect(answer.ok || answer.reason.compared).toEqual({ syscall: "ptrace (101)" });
    expect(ladder(access, () => access.syscall({ subject: task({ uid: 0 }), ...READ }))).toEqual([
      "+ seccomp/listed",
    ]);
  });

  test("has a name of its own where there are several", () => {
    expect(seccompList([], { name: "docker" }).name).toBe("docker");
  });

  test.each(["ptrace=EWRONG", "Ptrace", "a b", "", "ptrace="])(
    "does not take the entry %o",
    (entry) => {
      expect(() => seccompList([entry])).toThrow(TypeError);
    },
  );
});
