import type { Policy } from "@kadvise/security";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { REASONS } from "./index.ts";
import { observe } from "./testing/observe.ts";
import { PAGE, PROFILES, scene, since, type SceneOptions } from "./testing/scene.ts";

const user: SceneOptions = { manager: { uid: 1000 }, app: { uid: 1000 } };

/** The ids of the ladder's rungs, in order; a refused one carries a cross. */
function ladder(release: string, options: SceneOptions, flags = 0): readonly string[] {
  const { kernel, manager, heap, other } = scene(release, options);
  const ranges = [{ base: heap, length: PAGE }];
  const { checks } = kernel.explain(() =>
    manager.processMadvise(other, ranges, "MADV_COLD", flags),
  );
  return checks.map(({ id, outcome }) => (outcome === "refused" ? `✗ ${id}` : id));
}

const at = (rungs: readonly string[], id: string): number =>
  rungs.findIndex((rung) => rung === id || rung === `✗ ${id}`);

describe.each(PROFILES)("the ladder of a call on %s", (release) => {
  test("a call that succeeds has only passed rungs, access before the ranges", () => {
    const rungs = ladder(release, {});
    expect(rungs.filter((rung) => rung.startsWith("✗"))).toEqual([]);
    const import_ = at(rungs, "iovec/too-many");
    const lookup = at(rungs, "pidfd/reaped");
    const memory = at(rungs, "mm_access/no-memory");
    const range = at(rungs, "madvise/unaligned-start");
    expect(import_).toBeGreaterThanOrEqual(0);
    expect([lookup > import_, memory > lookup, range > memory]).toEqual([true, true, true]);
  });

  test("the ladder ends with the rung that refused", () => {
    const refused = ladder(release, {}, 1);
    expect(refused.at(-1)).toBe("✗ process_madvise/flags");
    const denied = ladder(release, { manager: { uid: 5 }, app: { uid: 6 } });
    expect(denied.at(-1)).toBe("✗ mm_access/denied");
    // What it stands on comes before it; from 6.16 on CAP_PERFMON is asked in between.
    expect(denied.some((rung) => rung.startsWith("✗ ptrace_access/"))).toBe(true);
  });

  test("the order of flags and vector is the release's own", () => {
    const rungs = ladder(release, {});
    const importFirst = since({ seed: true, "5.10.0": false })[release];
    expect(at(rungs, "iovec/too-many") < at(rungs, "process_madvise/flags")).toBe(importFirst);
  });

  test("the order of advice and access is the release's own", () => {
    const rungs = ladder(release, user);
    const listed = rungs.findIndex((rung) => rung.includes("process_madvise/advice-not-allowed"));
    const listFirst = since({ seed: true, "6.13": false })[release];
    expect(listed < at(rungs, "mm_access/no-memory")).toBe(listFirst);
  });
});

test("each rung says what it is about, what it compared, where Linux asks it and since when", () => {
  const { kernel, manager, heap, other } = scene("6.12", user);
  const { value, checks } = kernel.explain(() =>
    manager.processMadvise(other, [{ base: heap, length: PAGE }], "MADV_COLD"),
  );
  expect(value).toMatchObject({ ok: false, code: "EPERM" });
  const last = checks.at(-1);
  expect(last).toMatchObject({
    id: "process_madvise/remote-needs-cap-sys-nice",
    outcome: "refused",
    linux: "mm/madvise.c process_madvise",
    since: "6.12",
    remedy: "gain CAP_SYS_NICE",
  });
  for (const check of checks) {
    expect(check.text).not.toBe("");
    const known = REASONS[check.id];
    expect(check.linux).toBe(known?.linux);
  }
});

test("explaining changes nothing, and answers as the call does then", () => {
  const advice = fc.constantFrom("MADV_COLD", "MADV_PAGEOUT", "MADV_DONTNEED", "MADV_RANDOM");
  fc.assert(
    fc.property(advice, fc.nat(20), fc.boolean(), (name, page, isOwn) => {
      const { kernel, manager, heap, own, other } = scene("6.18");
      const call = (): unknown =>
        manager.processMadvise(
          isOwn ? own : other,
          [{ base: heap + BigInt(page * PAGE), length: PAGE }],
          name,
        );
      const before = observe(kernel);
      const { value } = kernel.explain(call);
      expect(observe(kernel)).toEqual(before);
      expect(call()).toEqual(value);
    }),
    { numRuns: 40 },
  );
});

test("a policy's objection is a rung too, with its own words and no kernel source", () => {
  const vault: Policy = {
    name: "vault",
    ptraceAccess: () => ({ code: "EACCES", id: "vault/sealed", text: "closed" }),
  };
  const { kernel, manager, heap, other } = scene("6.12", { policies: [vault] });
  const { checks } = kernel.explain(() =>
    manager.processMadvise(other, [{ base: heap, length: PAGE }], "MADV_COLD"),
  );
  const rung = checks.find(({ id }) => id === "vault/sealed");
  expect(rung).toMatchObject({ outcome: "refused" });
  expect(rung).not.toHaveProperty("linux");
});

test("explaining several calls tells the rungs of all of them, in order", () => {
  const { kernel, manager, heap } = scene("6.12");
  const { value, checks } = kernel.explain(() => [
    manager.madvise(heap + 1n, PAGE, "MADV_COLD").ok,
    manager.madvise(heap, PAGE, "MADV_COLD").ok,
  ]);
  expect(value).toEqual([false, true]);
  expect(checks.filter(({ id }) => id === "madvise/unaligned-start")).toMatchObject([
    { outcome: "refused" },
    { outcome: "passed" },
  ]);
});
