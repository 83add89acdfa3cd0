import type { Policy } from "@kadvise/security";
import { must, PR, type CapabilityName } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { PAGE, PROFILES, said, scene, since, type SceneOptions } from "../testing/scene.ts";

/** 5.10.24 and 5.12 turned ATTACH into READ and asked for CAP_SYS_NICE instead. Sheet 2.1. */
const MODE = since({ seed: "PTRACE_MODE_ATTACH_FSCREDS", "5.10": "PTRACE_MODE_READ_FSCREDS" });

describe.each(PROFILES)("PTRACE_MODE_ATTACH_FSCREDS on %s", (release) => {
  test("the policies are asked with this mode, once a call, and not about oneself", () => {
    const asked: string[] = [];
    const witness: Policy = {
      name: "witness",
      ptraceAccess: ({ mode }) => {
        asked.push(mode);
      },
    };
    const { manager, heap, own, other } = scene(release, { policies: [witness] });
    const ranges = [0, 1, 2].map((page) => ({ base: heap + BigInt(page * PAGE), length: PAGE }));
    must(manager.processMadvise(own, ranges, "MADV_COLD"));
    expect(asked).toEqual([]);
    must(manager.processMadvise(other, ranges, "MADV_COLD"));
    expect(asked).toEqual([MODE[release]]);
  });

  test("a refusal is EACCES, never EPERM, and stands on the check's own", () => {
    const { manager, heap, other } = scene(release, { manager: stranger("CAP_SYS_NICE") });
    const refused = manager.processMadvise(other, [{ base: heap, length: PAGE }], "MADV_COLD");
    expect(refused).toMatchObject({
      ok: false,
      code: "EACCES",
      errno: 13,
      reason: { id: "mm_access/denied", compared: { mode: MODE[release] } },
      because: { ok: false, code: "EPERM" },
    });
  });

  test("FSCREDS: the file system uid decides, not the real one", () => {
    const options: SceneOptions = {
      manager: { uid: 2000, fsuid: 1000, gid: 1000, capabilities: ["CAP_SYS_NICE"] },
      app: { uid: 1000 },
    };
    expect(remoteCold(release, options)).toBe(PAGE);
    const swapped: SceneOptions = {
      manager: { uid: 1000, fsuid: 2000, gid: 1000, capabilities: ["CAP_SYS_NICE"] },
      app: { uid: 1000 },
    };
    expect(remoteCold(release, swapped)).toBe("EACCES");
  });

  test("a process that made itself undumpable is closed to its own user", () => {
    const { manager, app, heap, other } = scene(release, {
      manager: { uid: 1000, capabilities: ["CAP_SYS_NICE"] },
      app: { uid: 1000 },
    });
    const ranges = [{ base: heap, length: PAGE }];
    must(app.prctl(PR.PR_SET_DUMPABLE, 0));
    expect(said(manager.processMadvise(other, ranges, "MADV_COLD"))).toBe("EACCES");
    must(app.prctl(PR.PR_SET_DUMPABLE, 1));
    expect(said(manager.processMadvise(other, ranges, "MADV_COLD"))).toBe(PAGE);
  });
});

function stranger(...capabilities: readonly CapabilityName[]): SceneOptions["manager"] & object {
  return { uid: 2000, capabilities };
}

function remoteCold(release: string, options: SceneOptions): number | string {
  const { manager, heap, other } = scene(release, options);
  return said(manager.processMadvise(other, [{ base: heap, length: PAGE }], "MADV_COLD"));
}

/** Who has what, and the answer with and without the CAP_SYS_NICE rule. Sheet F12 to F17, 2.4. */
const user = { uid: 1000 };
const MATRIX: readonly (readonly [string, SceneOptions, number | string, number | string])[] = [
  ["the same user without capabilities", { manager: user, app: user }, PAGE, "EPERM"],
  [
    "the same user with CAP_SYS_NICE",
    { manager: { ...user, capabilities: ["CAP_SYS_NICE"] }, app: user },
    PAGE,
    PAGE,
  ],
  [
    "the same user, of a target with one capability more",
    {
      manager: { ...user, capabilities: ["CAP_SYS_NICE"] },
      app: { ...user, capabilities: ["CAP_CHOWN"] },
    },
    "EACCES",
    "EACCES",
  ],
  ["another user without capabilities", { manager: stranger(), app: user }, "EACCES", "EACCES"],
  [
    "another user with CAP_SYS_NICE",
    { manager: stranger("CAP_SYS_NICE"), app: user },
    "EACCES",
    "EACCES",
  ],
  [
    "another user with CAP_SYS_PTRACE",
    { manager: stranger("CAP_SYS_PTRACE"), app: user },
    PAGE,
    "EPERM",
  ],
  [
    "another user with both",
    { manager: stranger("CAP_SYS_PTRACE", "CAP_SYS_NICE"), app: user },
    PAGE,
    PAGE,
  ],
  [
    "the same user of another group",
    { manager: { uid: 1000, gid: 2000, capabilities: ["CAP_SYS_NICE"] }, app: user },
    "EACCES",
    "EACCES",
  ],
  ["root, of a user", { app: user }, PAGE, PAGE],
];

describe.each(MATRIX)("%s", (_who, options, atFirst, withNice) => {
  const expected = since({ seed: atFirst, "5.10": withNice });
  test.each(PROFILES)("on %s", (release) => {
    expect(remoteCold(release, options)).toBe(expected[release]);
  });
});

/** CAP_PERFMON reads what the check refused, from 6.16 on; it was never asked before. Sheet F15. */
test.each([
  ["seed", "EACCES"],
  ["6.12", "EACCES"],
  ["6.18", PAGE],
  ["7.3", PAGE],
])("a stranger with CAP_PERFMON and CAP_SYS_NICE on %s: %s", (release, expected) => {
  const manager = stranger("CAP_PERFMON", "CAP_SYS_NICE");
  expect(remoteCold(release, { manager, app: user })).toBe(expected);
});

/** Yama restricts attaching alone: with READ it has no say. Sheet, cases G46. */
const YAMA = since<number | string>({ seed: "EACCES", "5.10": PAGE });

test.each(PROFILES)("Yama's ptrace_scope 1 closes what is no descendant on %s", (release) => {
  const settings = { ptraceScope: 1 } as const;
  const manager = { ...user, capabilities: ["CAP_SYS_NICE"] } as const;
  expect(remoteCold(release, { settings, manager, app: user })).toBe(YAMA[release]);
  const set = scene(release, { settings, manager, app: user });
  const child = must(set.manager.fork());
  const pidfd = must(set.manager.pidfdOpen(child.pid));
  const ranges = [{ base: set.heap, length: PAGE }];
  expect(said(set.manager.processMadvise(pidfd, ranges, "MADV_COLD"))).toBe(PAGE);
});
