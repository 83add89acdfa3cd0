import { ERRNO, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { accessReasons } from "./reasons/access.ts";
import { bindReasons } from "./reasons/bind.ts";
import { brkReasons } from "./reasons/brk.ts";
import { madviseReasons } from "./reasons/madvise.ts";
import { mincoreReasons } from "./reasons/mincore.ts";
import { mlockReasons } from "./reasons/mlock.ts";
import { mmapReasons } from "./reasons/mmap.ts";
import { mprotectReasons } from "./reasons/mprotect.ts";
import { mremapReasons } from "./reasons/mremap.ts";
import { msealReasons } from "./reasons/mseal.ts";
import { msyncReasons } from "./reasons/msync.ts";
import { munmapReasons } from "./reasons/munmap.ts";
import { nameReasons } from "./reasons/name.ts";
import { remapFileReasons } from "./reasons/remapFile.ts";
import { reasons } from "./reasons.ts";
import { space } from "./testing/world.ts";

const lists = {
  access: accessReasons,
  brk: brkReasons,
  mbind: bindReasons,
  madvise: madviseReasons,
  mincore: mincoreReasons,
  mlock: mlockReasons,
  mmap: mmapReasons,
  mprotect: mprotectReasons,
  mremap: mremapReasons,
  mseal: msealReasons,
  msync: msyncReasons,
  munmap: munmapReasons,
  prctl: nameReasons,
  remap_file_pages: remapFileReasons,
};

describe("the reasons of the memory model", () => {
  test("have ids of their own call, and none is lost when the lists become one", () => {
    const ids = Object.entries(lists).flatMap(([call, list]) =>
      Object.keys(list).map((id) => {
        expect(id.split("/")[0]).toBe(call);
        return id;
      }),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(Object.keys(reasons.entries).sort()).toEqual(ids.sort());
  });

  test.each(Object.entries(reasons.entries))(
    "%s has errno, sentence, source, release, remedy",
    (id, r) => {
      expect(id).toMatch(/^[a-z_]+\/[a-z]+(-[a-z]+)*$/);
      expect(ERRNO[r.errno]).toBeGreaterThan(0);
      expect(r.text).toMatch(/^\S.{9,}[^.]$/);
      expect(r.linux).toMatch(/\.[ch]\b|special_mapping_split/);
      expect(r.since).toMatch(/^(seed|\d+\.\d+(\.\d+)?)$/);
      expect(r.remedy.length).toBeGreaterThan(4);
    },
  );

  test("no two say the same of one call", () => {
    for (const list of Object.values(lists)) {
      const texts = Object.values(list).map((entry) => `${entry.errno} ${entry.text}`);
      expect(new Set(texts).size).toBe(texts.length);
    }
  });

  test("a refusal is frozen, JSON-safe, and tells the listener as well", () => {
    const mm = space();
    const { value, checks } = mm.memory.ports.checks.collect(() => mm.touch(0x1000));
    expect(checks).toEqual([
      { id: "access/no-area", passed: false, compared: { address: "0x1000000" } },
    ]);
    expect(JSON.parse(JSON.stringify(value))).toEqual(value);
    expect(Object.isFrozen(value)).toBe(true);
    expect(() => must(value)).toThrow(/^EFAULT: nothing is mapped there/);
  });
});
