import { describe, expect, test } from "vitest";
import type { AccessDecision } from "./accessDecision.ts";
import { AccessControl } from "./accessControl.ts";
import { setresuid } from "./calls/setresuid.ts";
import { commoncap } from "./policies/commoncap.ts";
import { yama } from "./policies/yama.ts";
import type { CapableQuestion, Policy } from "./policy.ts";
import { said, task } from "./testing/tasks.ts";

const question = () =>
  ({
    caller: task({ uid: 1 }),
    target: task({ uid: 1 }),
    mode: "PTRACE_MODE_READ_FSCREDS",
  }) as const;
const no: Policy = {
  name: "no",
  ptraceAccess: () => ({ code: "EACCES", id: "no/never", text: "never" }),
};

describe("AccessControl", () => {
  test("has commoncap, quiet ports and fs.suid_dumpable 0 unless it is told otherwise", () => {
    const access = new AccessControl();
    expect(access.policies.map(({ name }) => name)).toEqual(["commoncap"]);
    expect(access.settings).toEqual({ suidDumpable: 0 });
    expect(access.accessChecks).toBe(0);
  });

  test("gives one shared success, and nothing else, for a yes", () => {
    const access = new AccessControl();
    expect(access.ptraceAccess(question())).toBe(access.capable(task({ uid: 0 }), "CAP_KILL"));
  });

  test("lets its policies be replaced while it runs", () => {
    const access = new AccessControl();
    const asked = question();
    expect(access.ptraceAccess(asked).ok).toBe(true);
    access.policies = [...access.policies, no];
    expect(said(access.ptraceAccess(asked))).toBe("EACCES no/never");
    access.policies = [];
    expect(access.ptraceAccess(asked).ok).toBe(true);
  });

  test("takes a replaced stack back with the attempt in which it was replaced", () => {
    const access = new AccessControl();
    const asked = question();
    access.ports.journal.attempt(() => {
      access.policies = [no];
      access.settings = { suidDumpable: 2 };
      expect(access.ptraceAccess(asked).ok).toBe(false);
    });
    expect(access.policies.map(({ name }) => name)).toEqual(["commoncap"]);
    expect(access.settings.suidDumpable).toBe(0);
    expect(access.ptraceAccess(asked).ok).toBe(true);
  });

  test("keeps a stack of its own: pushing to the array that one gave changes nothing", () => {
    const mine = [commoncap()];
    const access = new AccessControl({ policies: mine });
    mine.push(no);
    expect(access.ptraceAccess(question()).ok).toBe(true);
    expect(Object.isFrozen(access.policies)).toBe(true);
  });

  test("without commoncap has every task capable of everything", () => {
    const access = new AccessControl({ policies: [] });
    expect(access.capable(task({ uid: 1000 }), "CAP_SYS_ADMIN").ok).toBe(true);
    const weak = {
      caller: task({ uid: 1 }),
      target: task({ uid: 2 }),
      mode: "PTRACE_MODE_READ_FSCREDS",
    } as const;
    expect(access.ptraceAccess(weak).ok).toBe(true);
  });

  test("asks a policy that keeps its questions a new one each time, frozen", () => {
    const kept: CapableQuestion[] = [];
    const keeper: Policy = {
      name: "keeper",
      capable: (asked) => {
        kept.push(asked);
      },
    };
    const access = new AccessControl({ policies: [commoncap(), keeper] });
    access.capable(task({ uid: 0 }), "CAP_KILL");
    access.capable(task({ uid: 0 }), "CAP_CHOWN");
    expect(kept.map(({ capability }) => capability)).toEqual(["CAP_KILL", "CAP_CHOWN"]);
    expect(kept.every((asked) => Object.isFrozen(asked))).toBe(true);
  });

  test("uses a question again only where every policy promised to keep none", () => {
    const seen: CapableQuestion[] = [];
    const careless: Policy = {
      name: "careless",
      keepsNoQuestion: true,
      capable: (asked) => {
        seen.push(asked);
      },
    };
    const access = new AccessControl({ policies: [commoncap(), careless] });
    access.capable(task({ uid: 0 }), "CAP_KILL");
    access.capable(task({ uid: 0 }), "CAP_CHOWN");
    expect(seen[0]).toBe(seen[1]);
  });

  test("asks a hook that itself asks with another question, and leaves the first one whole", () => {
    const heard: string[] = [];
    const curious: Policy = {
      name: "curious",
      keepsNoQuestion: true,
      capable: (asked, access) => {
        if (asked.capability === "CAP_KILL") access.capable(asked.subject, "CAP_CHOWN");
        heard.push(asked.capability);
      },
    };
    const access = new AccessControl({ policies: [curious, commoncap()] });
    expect(access.capable(task({ uid: 0, capabilities: ["CAP_KILL"] }), "CAP_KILL").ok).toBe(true);
    expect(heard).toEqual(["CAP_CHOWN", "CAP_KILL"]);
  });

  test("can be replaced as a whole by any object that decides", () => {
    const real = new AccessControl();
    const nobody: AccessDecision = {
      features: real.features,
      settings: real.settings,
      ports: real.ports,
      ptraceAccess: real.ptraceAccess.bind(real),
      ptraceTraceme: real.ptraceTraceme.bind(real),
      capable: (subject) =>
        real.capable(task({ uid: 1000 }), "CAP_KILL", subject.credentials.userNamespace),
      fork: real.fork.bind(real),
      exit: real.exit.bind(real),
      prctl: real.prctl.bind(real),
      syscall: real.syscall.bind(real),
    };
    expect(said(setresuid(nobody, task({ uid: 0 }), 1, 1, 1))).toBe(
      "EPERM setresuid/not-permitted",
    );
  });

  test("asks Yama after commoncap where the stack says so", () => {
    const access = new AccessControl({ policies: [commoncap(), yama({ scope: 3 })] });
    const attach = { ...question(), mode: "PTRACE_MODE_ATTACH_REALCREDS" } as const;
    expect(said(access.ptraceAccess(attach))).toBe("EPERM yama/no-attach");
  });
});
