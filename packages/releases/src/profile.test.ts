import { describe, expect, test } from "vitest";
import { CHANGES } from "./changes.ts";
import { NEWEST_POINT } from "./lines.ts";
import { profile } from "./profile.ts";
import { SETTING_ALTERNATIVES, USUAL_SETTINGS } from "./settings.ts";

/** Whether a value and everything in it is frozen. */
function isDeepFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeepFrozen);
}

describe.each(Object.keys(NEWEST_POINT))("the profile of %s", (line) => {
  test("is that of its newest point release, under the name that was asked for", () => {
    const version = `${line}.${NEWEST_POINT[line]}`;
    expect(profile(line)).toEqual({ ...profile(version), name: line });
    expect(profile(line).version).toBe(version);
  });

  test("is frozen through and through, and plain enough for a structured clone", () => {
    expect(isDeepFrozen(profile(line))).toBe(true);
    expect(structuredClone(profile(line))).toEqual(profile(line));
  });

  test("names each change as present, as open, or not at all", () => {
    const { changes, bracketed } = profile(`${line}.0`);
    const known = CHANGES.map(({ id }) => id);
    expect(new Set([...changes, ...bracketed]).size).toBe(changes.length + bracketed.length);
    expect([...changes, ...bracketed].filter((id) => !known.includes(id))).toEqual([]);
  });
});

test("vm.unprivileged_userfaultfd is 1 up to 5.10 and 0 since, unless it is set", () => {
  const of = (name: string, settings = {}): boolean =>
    profile(name, { settings }).settings.unprivilegedUserfaultfd;
  expect([of("5.10"), of("5.11"), of("7.3")]).toEqual([true, false, false]);
  expect([of("5.10", { unprivilegedUserfaultfd: false })]).toEqual([false]);
  expect([of("7.3", { unprivilegedUserfaultfd: true })]).toEqual([true]);
});

describe("point releases are kernels of their own", () => {
  // The dates in the stable trees: see the changes of the same ids.
  test.each([
    ["5.10.23", "5.10.24", "process-madvise-read-and-nice"],
    ["5.10.109", "5.10.110", "process-madvise-bytes-advised"],
    ["5.15.32", "5.15.33", "process-madvise-bytes-advised"],
    ["6.1.148", "6.1.149", "remove-needs-may-write"],
    ["6.11.5", "6.11.6", "access-ok-limit-minus-one"],
    ["6.12.1", "6.12.2", "access-ok-limit"],
    ["6.12.30", "6.12.31", "pidfd-leader-waits"],
  ])("%s lacks what %s has: %s", (older, newer, id) => {
    expect(profile(older).changes).not.toContain(id);
    expect(profile(older).bracketed).not.toContain(id);
    expect(profile(newer).changes).toContain(id);
  });

  test("5.10.0 asks for ATTACH access, and 5.10 as it is now for READ and CAP_SYS_NICE", () => {
    expect(profile("5.10.0").processMadvise).toMatchObject({
      accessMode: "PTRACE_MODE_ATTACH_FSCREDS",
      sysNice: "nobody",
    });
    expect(profile("5.10").processMadvise).toMatchObject({
      accessMode: "PTRACE_MODE_READ_FSCREDS",
      sysNice: "everybody",
    });
  });
});

describe("a change of which nobody knows the point release", () => {
  test("is open between the last without it and the first with it, and taken as absent", () => {
    const states = ["6.18.35", "6.18.36", "6.18.43", "6.18.44"].map((name) => {
      const { changes, bracketed, mm } = profile(name);
      const id = "guard-flag";
      return [changes.includes(id), bracketed.includes(id), mm.guardFlag];
    });
    expect(states).toEqual([
      [false, false, false],
      [false, true, false],
      [false, true, false],
      [true, false, true],
    ]);
  });

  test("is closed by saying whether the kernel has it", () => {
    const others = [
      ...["mseal-merge-kept", "droppable-not-locked", "protect-keeps-huge-dirty"],
      "rewritten-huge-page-in-entries",
    ];
    expect(profile("6.18.40").bracketed).toEqual(["guard-flag", ...others]);
    expect(profile("6.18.40+guard-flag")).toMatchObject({
      mm: { guardFlag: true },
      bracketed: others,
    });
    expect(profile("6.18.40-guard-flag")).toMatchObject({
      mm: { guardFlag: false },
      bracketed: others,
    });
    const all = ["6.18.40-guard-flag", ...others].join(",+");
    expect(profile(all).bracketed).toEqual([]);
  });
});

describe("a vendor's kernel", () => {
  test("has what is added and lacks what is taken away, whatever its number says", () => {
    const vendor = profile("6.12+pidfd-self,-landlock");
    expect(vendor.pidfd).toMatchObject({ selfThread: -10000, selfGroup: -20000 });
    expect(vendor.security.landlock).toBe(false);
    expect(vendor.name).toBe("6.12+pidfd-self,-landlock");
    expect(vendor.version).toBe(profile("6.12").version);
  });

  test("does otherwise what its release does", () => {
    const { mm, vector, processMadvise } = profile("6.12+pidfd-self");
    expect({ mm, vector, processMadvise }).toEqual({
      mm: profile("6.12").mm,
      vector: profile("6.12").vector,
      processMadvise: profile("6.12").processMadvise,
    });
  });

  test("with a change that its release has anyway is that release", () => {
    expect({ ...profile("6.12+mseal"), name: "6.12" }).toEqual(profile("6.12"));
  });
});

describe("settings", () => {
  test("are the usual ones, and all assumed, where nobody stated any", () => {
    const { settings, assumed } = profile("6.12");
    expect(settings).toEqual(USUAL_SETTINGS);
    expect(assumed.toSorted()).toEqual(Object.keys(USUAL_SETTINGS).toSorted());
  });

  test("that are stated count, are no longer assumed, and leave the others alone", () => {
    const { settings, assumed } = profile("6.12", { settings: { swap: false, ptraceScope: null } });
    expect(settings).toEqual({ ...USUAL_SETTINGS, swap: false, ptraceScope: null });
    expect(assumed).not.toContain("swap");
    expect(assumed).not.toContain("ptraceScope");
    expect(assumed).toContain("thp");
  });

  test("are all stated where the caller assumes them all", () => {
    const { settings, assumed } = profile("6.12", { settings: { ksm: false }, assume: "all" });
    expect([settings.ksm, settings.thp, assumed]).toEqual([false, true, []]);
  });

  test("change no behaviour of the release", () => {
    const { mm, abi } = profile("6.12", { settings: { ksm: false, pageShift: 16 } });
    expect({ mm, abi }).toEqual({ mm: profile("6.12").mm, abi: profile("6.12").abi });
  });

  test("are among their alternatives, where these are few", () => {
    for (const [key, values] of Object.entries(SETTING_ALTERNATIVES)) {
      expect(values).toContain(USUAL_SETTINGS[key as keyof typeof USUAL_SETTINGS]);
      expect(new Set<unknown>(values).size).toBe(values.length);
      expect(values.length).toBeGreaterThan(1);
    }
  });
});

describe("whether a kernel was asked", () => {
  test("the line with three changes more is the next line's, but for its number", () => {
    const [next, adjusted] = [
      profile("6.18.15"),
      profile("6.17.13+collapse-read-only+pidfd-info-remote+thp-disable-except-advised"),
    ];
    expect(adjusted.changes).toEqual(next.changes);
  });

  test.each([
    ["6.12.107", true],
    ["6.17.12", true], // the same changes as one that was asked
    ["6.12.108", false], // one change is open
    ["6.12.0", false], // another access_ok
    ["5.10.0", false],
    ["6.18.40", false], // one change is open
    ["6.12.118", false], // newer than the data
    ["6.12.107+pidfd-self", false],
    ["6.1.172+dead-task-saved-dumpable", true],
    ["6.6", false],
    ["6.18.15", true],
    ["6.18.40-dead-task-saved-dumpable", false], // 6.18.15's changes, if nothing were open
    ["6.17.13+collapse-read-only+pidfd-info-remote+thp-disable-except-advised", false], // 6.18.15's changes, in another line
    ["seed", false],
    ["seed-code", false],
  ])("%s: %s", (name, asked) => {
    expect(profile(name).asked).toBe(asked);
  });
});
