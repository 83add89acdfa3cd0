import { Unknown } from "@kadvise/ports";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { prctl } from "./calls/prctl.ts";
import { forkSubject, releaseSubject } from "./lifecycle.ts";
import { commoncap } from "./policies/commoncap.ts";
import { yama } from "./policies/yama.ts";
import type { Policy, PtraceMode } from "./policy.ts";
import { ladder, said, task } from "./testing/tasks.ts";

const READ: PtraceMode = "PTRACE_MODE_READ_FSCREDS";
const refuse = (name: string): Policy => ({
  name,
  ptraceAccess: () => ({ code: "EACCES", id: `${name}/no`, text: `${name} says no` }),
});

function withPolicies(...policies: Policy[]): AccessControl {
  return new AccessControl({ policies });
}

function askPeers(access: AccessControl): ReturnType<AccessControl["ptraceAccess"]> {
  return access.ptraceAccess({ caller: task({ uid: 1 }), target: task({ uid: 1 }), mode: READ });
}

describe("a stack of policies", () => {
  test("answers with the first objection, and asks nobody after it", () => {
    let asked = 0;
    const last: Policy = { name: "last", ptraceAccess: () => void asked++ };
    expect(said(askPeers(withPolicies(refuse("a"), refuse("b"), last)))).toBe("EACCES a/no");
    expect(asked).toBe(0);
    askPeers(withPolicies(last, refuse("a")));
    expect(asked).toBe(1);
  });

  test("makes of an objection a refusal with its errno, id, text and what was compared", () => {
    const policy: Policy = {
      name: "quota",
      ptraceAccess: () => ({
        code: "EUSERS",
        id: "quota/full",
        text: "no more",
        compared: { used: 9 },
      }),
    };
    expect(askPeers(withPolicies(policy))).toEqual({
      ok: false,
      code: "EUSERS",
      errno: 87,
      reason: { id: "quota/full", text: "no more", compared: { used: 9 } },
    });
  });

  test("can only refuse: whatever a policy says, nothing that was refused without it passes", () => {
    const verdicts = [undefined, { code: "EPERM", id: "p/no", text: "no" }] as const;
    const ids = fc.constantFrom(0, 1000, 2000);
    const modes = fc.constantFrom<PtraceMode>(READ, "PTRACE_MODE_ATTACH_REALCREDS");
    fc.assert(
      fc.property(
        ids,
        ids,
        modes,
        fc.constantFrom(...verdicts),
        fc.boolean(),
        (a, b, mode, verdict, first) => {
          const question = { caller: task({ uid: a }), target: task({ uid: b }), mode };
          const without = withPolicies(commoncap()).ptraceAccess(question);
          const extra: Policy = { name: "p", ptraceAccess: () => verdict, capable: () => verdict };
          const policies = first ? [extra, commoncap()] : [commoncap(), extra];
          const answer = withPolicies(...policies).ptraceAccess(question);
          if (!without.ok) expect(answer.ok).toBe(false);
          if (verdict === undefined) expect(answer.ok).toBe(without.ok);
        },
      ),
    );
  });

  test("gates capabilities too, as a security module does", () => {
    const gate: Policy = {
      name: "gate",
      capable: ({ capability }) =>
        capability === "CAP_SYS_PTRACE"
          ? { code: "EACCES", id: "gate/ptrace", text: "not that one" }
          : undefined,
    };
    const access = withPolicies(commoncap(), gate);
    expect(said(access.capable(task({ uid: 0 }), "CAP_SYS_PTRACE"))).toBe("EACCES gate/ptrace");
    expect(said(access.capable(task({ uid: 0 }), "CAP_KILL"))).toBe("ok");
    const question = { caller: task({ uid: 0 }), target: task({ uid: 5 }), mode: READ };
    const answer = access.ptraceAccess(question);
    expect(said(answer)).toBe("EPERM ptrace_access/ids-differ");
    expect(answer.ok || answer.because?.reason.id).toBe("gate/ptrace");
  });

  test("may refuse a fork, and the child is then not made", () => {
    const sterile: Policy = {
      name: "sterile",
      fork: () => ({ code: "EAGAIN", id: "sterile/fork", text: "none" }),
    };
    expect(said(forkSubject(withPolicies(sterile), task({ uid: 0 }), { pid: 9 }))).toBe(
      "EAGAIN sterile/fork",
    );
  });

  test("may refuse a prctl that is nobody's in particular", () => {
    const strict: Policy = {
      name: "strict",
      prctl: ({ option, args }) =>
        option === 41 && args[0] === 1n
          ? { code: "EPERM", id: "strict/thp", text: "huge pages stay" }
          : undefined,
    };
    const access = withPolicies(strict);
    expect(said(prctl(access, task({ uid: 0 }), { option: 41, args: [1] }))).toBe(
      "EPERM strict/thp",
    );
    expect(prctl(access, task({ uid: 0 }), { option: 41, args: [0] })).toBeUndefined();
  });

  test("may know a prctl option of its own, which then succeeds", () => {
    const owner: Policy = { name: "owner", prctlOptions: [4711] };
    expect(prctl(withPolicies(owner), task({ uid: 0 }), { option: 4711, args: [] })).toEqual({
      ok: true,
      value: 0,
    });
    expect(prctl(withPolicies(), task({ uid: 0 }), { option: 4711, args: [] })).toBeUndefined();
  });

  test("hears of a task that is gone", () => {
    const gone: number[] = [];
    const access = withPolicies({
      name: "diary",
      exit: ({ subject }) => void gone.push(subject.pid),
    });
    const one = task({ uid: 0 });
    releaseSubject(access, one);
    expect(gone).toEqual([one.pid]);
  });

  test("calls a hook as a method, so a policy may be an instance of a class", () => {
    class Counter implements Policy {
      readonly name = "counter";
      asked = 0;
      ptraceAccess(): void {
        this.asked++;
      }
    }
    const counter = new Counter();
    askPeers(withPolicies(counter));
    expect(counter.asked).toBe(1);
  });
});

describe("misuse of a hook is a TypeError that names the policy and the hook", () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ["true", true, "returned true, but a policy can only object, never grant"],
    ["false", false, "returned false"],
    ["null", null, "returned null"],
    ["a word", "EPERM", 'returned "EPERM"'],
    ["a number", -1, "returned -1"],
    ["an empty object", {}, "returned an empty object, but a policy can only object, never grant"],
    [
      "a grant",
      { allow: true },
      "returned an object with allow, but a policy can only object, never grant",
    ],
    ["ok", { ok: true }, "returned an object with ok, but a policy can only object, never grant"],
    ["a promise", Promise.resolve(), "returned a promise, but hooks are synchronous"],
    [
      "an unknown code",
      { code: "ENOPE", id: "x", text: "y" },
      'objected with the code "ENOPE", no error name',
    ],
    [
      "a number as code",
      { code: 13, id: "x", text: "y" },
      "objected with the code 13, no error name",
    ],
    ["no id", { code: "EPERM", text: "y" }, "objected with the id undefined, no stable id"],
    ["an empty id", { code: "EPERM", id: "", text: "y" }, 'objected with the id "", no stable id'],
    ["no text", { code: "EPERM", id: "x" }, "objected with the text undefined, no sentence"],
    [
      "deep values",
      { code: "EPERM", id: "x", text: "y", compared: { deep: {} } },
      "objected with values to compare that are not plain",
    ],
  ];

  test.each(cases)("%s", (_, returned, message) => {
    const policy = { name: "mine", ptraceAccess: () => returned } as unknown as Policy;
    const advice =
      'return nothing to let it pass, or { code: "EPERM", id: "…", text: "…" } to object';
    expect(() => askPeers(withPolicies(policy))).toThrow(
      new TypeError(`policy mine: ptraceAccess ${message}; ${advice}`),
    );
  });

  test("a hook that throws, and the cause is kept", () => {
    const cause = new Error("no such field");
    const policy: Policy = {
      name: "mine",
      capable: () => {
        throw cause;
      },
    };
    const access = withPolicies(policy);
    let thrown: unknown;
    try {
      access.capable(task({ uid: 0 }), "CAP_KILL");
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    expect((thrown as TypeError).message).toMatch(
      /^policy mine: capable threw: no such field; return nothing/,
    );
    expect((thrown as TypeError).cause).toBe(cause);
  });

  test("but a question without an answer passes through a hook as it is", () => {
    const policy: Policy = {
      name: "mine",
      ptraceAccess: () => {
        throw new Unknown("credentials/uid", "nobody stated the uid");
      },
    };
    expect(() => askPeers(withPolicies(policy))).toThrow(Unknown);
  });

  test("an objection to a task's end", () => {
    const policy = {
      name: "mine",
      exit: () => ({ code: "EPERM", id: "mine/stay", text: "stay" }),
    } as unknown as Policy;
    expect(() => {
      releaseSubject(withPolicies(policy), task({ uid: 0 }));
    }).toThrow("policy mine: exit objected, but a task that is gone is gone");
  });
});

describe("misuse of a stack shows when it is assigned", () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ["no array", { name: "a" }, "policies must be an array of objects, first asked first"],
    ["no object", [null], "policy 0 of the stack is no object with a name and hooks"],
    ["a word", [commoncap(), "yama"], "policy 1 of the stack is no object with a name and hooks"],
    ["no name", [{ ptraceAccess: () => undefined }], "policy 0 of the stack has no name"],
    ["an empty name", [{ name: "" }], "policy 0 of the stack has no name"],
    [
      "a hook that is no function",
      [{ name: "a", capable: true }],
      "policy a: capable must be a function",
    ],
    [
      "a state that is no function",
      [{ name: "a", state: {} }],
      "policy a: state must be a function",
    ],
    [
      "a letter too few",
      [{ name: "a", ptraceAcess: () => undefined }],
      "policy a: ptraceAcess is no hook; did you mean ptraceAccess?",
    ],
    [
      "the wrong case",
      [{ name: "a", ptraceaccess: () => undefined }],
      "policy a: ptraceaccess is no hook; did you mean ptraceAccess?",
    ],
    [
      "a letter too many",
      [{ name: "a", forks: () => undefined }],
      "policy a: forks is no hook; did you mean fork?",
    ],
  ];

  test.each(cases)("%s", (_, policies, message) => {
    expect(() => new AccessControl({ policies: policies as Policy[] })).toThrow(
      new TypeError(message),
    );
    const access = new AccessControl();
    expect(() => {
      access.policies = policies as Policy[];
    }).toThrow(TypeError);
    expect(access.policies).toHaveLength(1);
  });

  test("but members of a policy's own are its own matter", () => {
    const policy = { name: "a", vaultOf: () => 7000, forks: 3, hook: "x" };
    expect(() => withPolicies(policy)).not.toThrow();
  });
});

describe("what a policy remembers", () => {
  function counting(): Policy & { live: { count: number; by: Record<string, number[]> } } {
    const live = { count: 0, by: {} as Record<string, number[]> };
    return {
      name: "counting",
      live,
      state: () => live,
      ptraceAccess: ({ caller }) => {
        live.count++;
        (live.by[caller.credentials.uid] ??= []).push(live.count);
      },
    };
  }

  test("is taken back with the attempt, however deep it lies", () => {
    const policy = counting();
    const access = withPolicies(policy);
    askPeers(access);
    const before = structuredClone(policy.live);
    access.ports.journal.attempt(() => {
      askPeers(access);
      access.ptraceAccess({ caller: task({ uid: 2 }), target: task({ uid: 2 }), mode: READ });
      expect(policy.live.count).toBe(3);
    });
    expect(policy.live).toEqual(before);
    expect(Object.keys(policy.live)).toEqual(Object.keys(before));
  });

  test("stays when the recording is kept", () => {
    const policy = counting();
    const access = withPolicies(policy);
    const mark = access.ports.journal.begin();
    askPeers(access);
    access.ports.journal.keep(mark);
    expect(policy.live.count).toBe(1);
  });

  test("must be plain data, and what is not is named", () => {
    const policy: Policy = {
      name: "odd",
      state: () => ({ seen: new Map() }),
      ptraceAccess: () => undefined,
    };
    const access = withPolicies(policy);
    expect(() => access.ports.journal.attempt(() => askPeers(access))).toThrow(
      "policy odd: state().seen is no plain data",
    );
  });

  test("must be an object", () => {
    const policy = {
      name: "odd",
      state: () => 5,
      ptraceAccess: () => undefined,
    } as unknown as Policy;
    const access = withPolicies(policy);
    expect(() => access.ports.journal.attempt(() => askPeers(access))).toThrow(
      "policy odd: state() must return the plain object that holds its state",
    );
  });

  test("is not looked at while nobody records", () => {
    let looked = 0;
    const policy: Policy = {
      name: "shy",
      state: () => ({ looked: looked++ }),
      ptraceAccess: () => undefined,
    };
    askPeers(withPolicies(policy));
    expect(looked).toBe(0);
  });
});

describe("a policy that reports no check of its own", () => {
  test("gets one for its silence, and its objection is reported once", () => {
    const silent: Policy = { name: "silent", ptraceAccess: () => undefined };
    const access = withPolicies(commoncap(), silent, refuse("loud"));
    expect(ladder(access, () => askPeers(access)).slice(-3)).toEqual([
      "+ commoncap/ptrace-permitted-not-subset",
      "+ silent/ptraceAccess",
      "- loud/no",
    ]);
  });

  test("and one that reports gets no second", () => {
    const access = withPolicies(yama({ scope: 0 }));
    expect(ladder(access, () => askPeers(access)).at(-1)).toBe("+ yama/no-attach");
  });

  test("and the listener is what it was afterwards, also after a hook that threw", () => {
    const broken: Policy = {
      name: "broken",
      ptraceAccess: () => {
        throw new Error("oh");
      },
    };
    const access = withPolicies(broken);
    const heard: string[] = [];
    const listener = (check: { id: string }): void => void heard.push(check.id);
    access.ports.checks.listener = listener;
    expect(() => askPeers(access)).toThrow(TypeError);
    expect(access.ports.checks.listener).toBe(listener);
    expect(heard).toContain("ptrace_access/mode-invalid");
  });
});
