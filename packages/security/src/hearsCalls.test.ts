import { expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { commoncap } from "./policies/commoncap.ts";
import type { Policy } from "./policy.ts";

const filter: Policy = { name: "filter", syscall: () => undefined };

test("whether a policy hears of calls follows the stack", () => {
  const access = new AccessControl();
  expect(access.hearsCalls).toBe(false);
  access.policies = [commoncap(), filter];
  expect(access.hearsCalls).toBe(true);
  access.policies = [commoncap()];
  expect(access.hearsCalls).toBe(false);
  expect(new AccessControl({ policies: [filter] }).hearsCalls).toBe(true);
});

test("whether a policy hears of calls is what it was once a change was taken back", () => {
  for (const [before, tried] of [
    [[], [filter]],
    [[filter], []],
  ]) {
    const access = new AccessControl({ policies: before });
    access.ports.journal.attempt(() => {
      access.policies = tried;
      expect(access.hearsCalls).toBe(tried.length > 0);
    });
    expect(access.hearsCalls).toBe(before.length > 0);
  }
});
