import { AccessControl, commoncap, yama, type Policy } from "@kadvise/security";
import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { Kernel } from "./index.ts";
import { observe } from "./testing/observe.ts";
import { PAGE, PROFILES, said, scene, why, type Scene } from "./testing/scene.ts";

/** A policy as anybody writes it: ten lines, no import. */
const nightWatch = {
  name: "night-watch",
  asked: { times: 0 },
  ptraceAccess({ caller, target }: { caller: { pid: number }; target: { pid: number } }) {
    this.asked.times++;
    if (caller.pid <= target.pid) return undefined;
    return {
      code: "EACCES",
      id: "night-watch/elders",
      text: "elders are not to be advised",
    } as const;
  },
  state(): object {
    return this.asked;
  },
};

type Hook = NonNullable<Policy["ptraceAccess"]>;

function cold({ manager, heap, other }: Scene): number | string {
  return why(manager.processMadvise(other, [{ base: heap, length: PAGE }], "MADV_COLD"));
}

describe.each(PROFILES)("policies of a running kernel on %s", (release) => {
  test("one written in ten lines is put on, asked, and taken off again", () => {
    // Not root: from 6.16 on CAP_PERFMON reads in spite of every policy.
    const nice = { uid: 1000, capabilities: ["CAP_SYS_NICE"] } as const;
    const set = scene(release, { manager: nice, app: nice });
    const { kernel, manager, app, heap } = set;
    nightWatch.asked.times = 0;
    const usual = kernel.policies;
    expect(cold(set)).toBe(PAGE);
    kernel.policies = [...usual, nightWatch];
    expect(cold(set)).toBe(PAGE);
    const backwards = must(app.pidfdOpen(manager.pid));
    const ranges = [{ base: heap, length: PAGE }];
    const refused = app.processMadvise(backwards, ranges, "MADV_COLD");
    expect(refused).toMatchObject({
      code: "EACCES",
      reason: { id: "mm_access/denied" },
      because: {
        code: "EACCES",
        reason: { id: "night-watch/elders", text: "elders are not to be advised" },
      },
    });
    expect(nightWatch.asked.times).toBe(2);
    kernel.attempt(() => cold(set));
    expect(nightWatch.asked.times).toBe(2);
    kernel.policies = usual;
    expect(said(app.processMadvise(backwards, ranges, "MADV_COLD"))).toBe(PAGE);
    expect(nightWatch.asked.times).toBe(2);
  });
});

test.each([
  ["6.12", "mm_access/denied"],
  ["6.18", PAGE],
])("what a policy refuses, CAP_PERFMON reads all the same from 6.16 on: %s", (name, expected) => {
  const no = { code: "EACCES", id: "no/no", text: "no" } as const;
  const set = scene(name, { policies: [commoncap(), { name: "no", ptraceAccess: () => no }] });
  expect(cold(set)).toBe(expected);
});

test("commoncap is part of the stack: without it, capabilities of the target do not matter", () => {
  const options = {
    manager: { uid: 1000, capabilities: ["CAP_SYS_NICE"] },
    app: { uid: 1000, capabilities: ["CAP_CHOWN"] },
  } as const;
  const set = scene("6.12", options);
  expect(set.kernel.policies.map(({ name }) => name)).toEqual(["commoncap", "yama"]);
  expect(cold(set)).toBe("mm_access/denied");
  set.kernel.policies = [];
  expect(cold(set)).toBe(PAGE);
});

test("Yama comes with the settings that have it, at their scope", () => {
  const without = new Kernel({ release: "6.12", settings: { ptraceScope: null } });
  expect(without.policies.map(({ name }) => name)).toEqual(["commoncap"]);
  const set = scene("seed", { manager: { uid: 1 }, app: { uid: 1 } });
  expect(cold(set)).toBe(PAGE);
  set.kernel.policies = [commoncap(), yama({ scope: 2 })];
  expect(cold(set)).toBe("mm_access/denied");
});

describe("a policy that is wrong is refused clearly", () => {
  const wrong: readonly (readonly [string, Hook, string])[] = [
    [
      "throws",
      () => {
        throw new Error("out of ink");
      },
      "policy bad: ptraceAccess threw: out of ink",
    ],
    [
      "returns a promise",
      (() => Promise.resolve(undefined)) as unknown as Hook,
      "policy bad: ptraceAccess returned a promise, but hooks are synchronous",
    ],
    ["tries to grant", (() => true) as unknown as Hook, "policy bad: ptraceAccess returned true"],
    [
      "tries to grant with an object",
      (() => ({ allow: true })) as unknown as Hook,
      "policy bad: ptraceAccess returned an object with allow, but a policy can only object",
    ],
    [
      "objects with no error name",
      (() => ({ code: "ENOPE", id: "x/y", text: "z" })) as unknown as Hook,
      'policy bad: ptraceAccess objected with the code "ENOPE", no error name',
    ],
  ];

  test.each(wrong)("one that %s", (_what, ptraceAccess, message) => {
    const set = scene("6.12");
    set.kernel.policies = [...set.kernel.policies, { name: "bad", ptraceAccess }];
    expect(() => cold(set)).toThrow(message);
    expect(() => cold(set)).toThrow(TypeError);
  });

  test("inside an attempt too, and nothing remains of the call", () => {
    const set = scene("6.12");
    const [, , message] = wrong[0];
    const bad: Policy = { name: "bad", ptraceAccess: wrong[0][1] };
    set.kernel.policies = [...set.kernel.policies, bad];
    const before = observe(set.kernel);
    expect(() => set.kernel.attempt(() => cold(set))).toThrow(message);
    expect(observe(set.kernel)).toEqual(before);
  });

  test("a misspelt hook or a nameless policy is refused when it is put on", () => {
    const { kernel } = scene("6.12");
    const misspelt = { name: "typo", ptraceacces: () => undefined } as unknown as Policy;
    expect(() => {
      kernel.policies = [misspelt];
    }).toThrow("policy typo: ptraceacces is no hook; did you mean ptraceAccess?");
    expect(() => {
      kernel.policies = [{} as unknown as Policy];
    }).toThrow("policy 0 of the stack has no name");
    expect(kernel.policies.map(({ name }) => name)).toEqual(["commoncap", "yama"]);
  });
});

test("a policy may gate a capability, and the refusal says on what it stands", () => {
  const gate: Policy = {
    name: "gate",
    capable: ({ capability }) =>
      capability === "CAP_SYS_NICE"
        ? { code: "EPERM", id: "gate/nice", text: "nobody is that nice" }
        : undefined,
  };
  const set = scene("6.12", { policies: [commoncap(), gate] });
  const ranges = [{ base: set.heap, length: PAGE }];
  expect(set.manager.processMadvise(set.other, ranges, "MADV_COLD")).toMatchObject({
    code: "EPERM",
    reason: { id: "process_madvise/remote-needs-cap-sys-nice" },
    because: { reason: { id: "gate/nice" } },
  });
});

test("a policy may refuse a fork: no process, no number, no trace", () => {
  const sterile: Policy = {
    name: "sterile",
    fork: () => ({ code: "EAGAIN", id: "sterile/enough", text: "there are enough" }),
  };
  const { kernel, manager } = scene("6.12");
  kernel.policies = [...kernel.policies, sterile];
  const before = observe(kernel);
  expect(why(manager.fork())).toBe("sterile/enough");
  expect(observe(kernel)).toMatchObject({ processes: (before as { processes: object }).processes });
});

test("another rule altogether stands in place of Linux' access control", () => {
  const inner = new AccessControl({ policies: [] });
  const everybody = Object.assign(Object.create(inner) as AccessControl, {
    ptraceAccess: () => ({ ok: true, value: undefined }) as const,
    capable: () => ({ ok: true, value: undefined }) as const,
  });
  const kernel = new Kernel({ release: "6.12", access: everybody });
  const [one, two] = [kernel.spawn({ uid: 1 }), kernel.spawn({ uid: 2 })];
  const base = must(two.mmap({ length: PAGE }));
  const pidfd = must(one.pidfdOpen(two.pid));
  expect(said(one.processMadvise(pidfd, [{ base, length: PAGE }], "MADV_COLD"))).toBe(PAGE);
});
