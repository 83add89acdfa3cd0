import {
  AccessControl,
  commoncap,
  credentials,
  subject,
  yama,
  type Policy,
} from "@kadvise/security";
import { profile } from "@kadvise/releases";
import { expect, test } from "vitest";

test("the printed sample compiles and says what it says", () => {
  const vault: Policy = {
    name: "vault",
    ptraceAccess: ({ caller, target }) =>
      target.credentials.uid !== 7000 || caller.pid === target.pid
        ? undefined
        : {
            code: "EACCES",
            id: "vault/sealed",
            text: "the vault is closed to every other process",
          },
  };
  const access = new AccessControl({
    features: profile("6.12").security,
    policies: [commoncap(), yama({ scope: 1 })],
  });
  const caller = subject({
    pid: 11,
    credentials: credentials({ uid: 0, capabilities: ["CAP_SYS_PTRACE"] }),
  });
  const target = subject({ pid: 12, credentials: credentials({ uid: 7000 }) });
  const question = { caller, target, mode: "PTRACE_MODE_READ_FSCREDS" } as const;
  expect(access.ptraceAccess(question).ok).toBe(true);
  access.policies = [...access.policies, vault];
  expect(access.explain(question).checks.at(-1)?.id).toBe("vault/sealed");
});
