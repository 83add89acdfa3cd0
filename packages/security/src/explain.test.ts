import { DONE } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { ExecState } from "./execState.ts";
import { explain } from "./explain.ts";
import { commoncap } from "./policies/commoncap.ts";
import { yama } from "./policies/yama.ts";
import { setuid } from "./calls/setuid.ts";
import type { Policy } from "./policy.ts";
import { SECURITY_REASONS } from "./reasons.ts";
import { task } from "./testing/tasks.ts";

const vault: Policy = {
  name: "vault",
  ptraceAccess: ({ target }) =>
    target.credentials.uid === 7000
      ? { code: "EACCES", id: "vault/sealed", text: "the vault is closed" }
      : undefined,
};
const mode = "PTRACE_MODE_READ_FSCREDS";

describe("an explanation", () => {
  test("is the ladder of checks with what each says, ending in the refusal", () => {
    const access = new AccessControl({ policies: [commoncap(), yama({ scope: 1 }), vault] });
    const question = { caller: task({ uid: 0 }), target: task({ uid: 7000 }), mode } as const;
    const { ok, checks, refusal } = access.explain(question);
    expect(ok).toBe(false);
    expect(checks.map(({ id, outcome }) => `${outcome} ${id}`)).toEqual([
      "passed ptrace_access/mode-invalid",
      "passed commoncap/capability-missing",
      "passed ptrace_access/ids-differ",
      "passed ptrace_access/not-dumpable",
      "passed commoncap/ptrace-permitted-not-subset",
      "passed yama/no-attach",
      "refused vault/sealed",
    ]);
    expect(checks.at(-1)?.text).toBe("the vault is closed");
    expect(checks[2]?.text).toBe(SECURITY_REASONS["ptrace_access/ids-differ"].passes);
    expect(checks[2]?.compared).toMatchObject({ by: "CAP_SYS_PTRACE" });
    expect(refusal?.reason.id).toBe("vault/sealed");
  });

  test("of a yes has no refusal, and names a policy that was silent", () => {
    const access = new AccessControl({ policies: [vault] });
    const explained = access.explain({ caller: task({ uid: 1 }), target: task({ uid: 1 }), mode });
    expect(explained.ok).toBe(true);
    expect(explained).not.toHaveProperty("refusal");
    expect(explained.checks.at(-1)).toEqual({
      id: "vault/ptraceAccess",
      outcome: "passed",
      text: "the policy vault had no objection",
      compared: {},
    });
  });

  test("tells what refused with everything that it stands on", () => {
    const access = new AccessControl();
    const target = task({ uid: 1 }, { exec: new ExecState(0) });
    const { checks } = access.explain({ caller: task({ uid: 1 }), target, mode });
    expect(checks.slice(-2)).toMatchObject([
      {
        id: "commoncap/capability-missing",
        outcome: "refused",
        text: "the capability is not effective",
      },
      { id: "ptrace_access/not-dumpable", outcome: "refused" },
    ]);
  });

  test("tells a closed way that was not needed from a refusal", () => {
    const access = new AccessControl();
    const one = task({ uid: 5, suid: 6 });
    const { ok, checks } = explain(access.ports, access.policies, () => setuid(access, one, 6));
    expect(ok).toBe(true);
    expect(checks[1]).toMatchObject({ id: "commoncap/capability-missing", outcome: "no-help" });
  });

  test("changes nothing", () => {
    const counting = {
      name: "counting",
      count: { asked: 0 },
      state: () => counting.count,
      ptraceAccess: () => void counting.count.asked++,
    };
    const access = new AccessControl({ policies: [commoncap(), counting] });
    const one = task({ uid: 0 });
    access.explain({ caller: one, target: task({ uid: 1 }), mode });
    explain(access.ports, access.policies, () => setuid(access, one, 6));
    expect([access.accessChecks, counting.count.asked, one.credentials.uid]).toEqual([0, 0, 0]);
    expect(access.ports.checks.listener).toBeUndefined();
  });

  test("of a check that is neither of this package nor of a policy says that nobody objected", () => {
    const { ports } = new AccessControl();
    const explained = explain(ports, [vault], () => {
      ports.checks.listener?.({ id: "elsewhere/rule", passed: true, compared: {} });
      ports.checks.listener?.({ id: "elsewhere/other", passed: false, compared: {} });
      return DONE;
    });
    expect(explained.checks.map(({ outcome, text }) => [outcome, text])).toEqual([
      ["passed", "no objection"],
      ["no-help", "a policy objected"],
    ]);
  });

  test("is plain data", () => {
    const access = new AccessControl({ policies: [commoncap(), yama({ scope: 3 })] });
    const explained = access.explain({ caller: task({ uid: 0 }), target: task({ uid: 5 }), mode });
    expect(JSON.parse(JSON.stringify(explained))).toEqual(explained);
  });
});
