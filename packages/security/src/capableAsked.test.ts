import type { CapabilityName } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { ExecState } from "./execState.ts";
import { commoncap } from "./policies/commoncap.ts";
import type { Subject } from "./subject.ts";
import { task } from "./testing/tasks.ts";

/** Which capabilities a policy is asked about while one task looks at another. */
function asked(caller: Subject, target: Subject): CapabilityName[] {
  const names: CapabilityName[] = [];
  const diary = {
    name: "diary",
    capable: ({ capability }: { readonly capability: CapabilityName }) =>
      void names.push(capability),
  };
  const access = new AccessControl({ policies: [commoncap(), diary] });
  access.ptraceAccess({ caller, target, mode: "PTRACE_MODE_READ_FSCREDS" });
  return names;
}

// A capability that is asked for is one that is used: PF_SUPERPRIV, an audit record.
// Linux: kernel/ptrace.c __ptrace_may_access, ok
describe("CAP_SYS_PTRACE is asked for only where nothing else lets the caller in:", () => {
  test("not where the ids agree, even by root", () => {
    expect(asked(task({ uid: 0 }), task({ uid: 0 }))).toEqual([]);
    expect(asked(task({ uid: 5 }), task({ uid: 5 }))).toEqual([]);
  });

  test("once where they differ", () => {
    expect(asked(task({ uid: 0 }), task({ uid: 5 }))).toEqual(["CAP_SYS_PTRACE"]);
  });

  test("once more where the target is not dumpable", () => {
    const closed = task({ uid: 5 }, { exec: new ExecState(0) });
    expect(asked(task({ uid: 0 }), closed)).toEqual(["CAP_SYS_PTRACE", "CAP_SYS_PTRACE"]);
  });
});

test("who is let in by the ids is not said to be let in by a capability", () => {
  const access = new AccessControl();
  const { checks } = access.explain({
    caller: task({ uid: 0 }),
    target: task({ uid: 0 }),
    mode: "PTRACE_MODE_READ_FSCREDS",
  });
  const compared = checks.find(({ id }) => id === "ptrace_access/ids-differ")?.compared;
  expect(compared).toMatchObject({ by: "ids" });
});
