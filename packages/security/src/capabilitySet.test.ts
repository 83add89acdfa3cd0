import { CAP, type CapabilityName } from "@kadvise/uapi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ALL_CAPABILITIES,
  NO_CAPABILITIES,
  capabilitiesUpTo,
  capabilityHalves,
  capabilityNames,
  capabilitySet,
  formatCapabilities,
  hasCapability,
  intersect,
  isEmpty,
  isSubset,
  oneCapability,
  sameCapabilities,
  unite,
  without,
} from "./capabilitySet.ts";

const names = Object.keys(CAP) as CapabilityName[];
const sets = fc.subarray(names).map((some) => capabilitySet(some));

test("two sets are the same that hold the same, low and high", () => {
  const some = [
    NO_CAPABILITIES,
    capabilityHalves(1, 0),
    capabilityHalves(0, 1),
    capabilityHalves(1, 1),
    capabilityHalves(1, 2),
  ];
  for (const [i, a] of some.entries())
    for (const [j, b] of some.entries()) {
      expect(sameCapabilities(a, capabilityHalves(b.lo, b.hi))).toBe(i === j);
    }
});

describe("a capability set", () => {
  test.each([
    [37, "0000003fffffffff"],
    [39, "000000ffffffffff"],
    [40, "000001ffffffffff"],
    [31, "00000000ffffffff"],
    [32, "00000001ffffffff"],
    [0, "0000000000000001"],
    [63, "ffffffffffffffff"],
  ])("up to number %i is printed as /proc/PID/status prints it: %s", (last, text) => {
    expect(formatCapabilities(capabilitiesUpTo(last))).toBe(text);
  });

  test("of all capabilities is what a root of Linux 5.9 and later has", () => {
    expect(formatCapabilities(ALL_CAPABILITIES)).toBe("000001ffffffffff");
    expect(capabilitySet("all")).toBe(ALL_CAPABILITIES);
    expect(capabilitySet("none")).toBe(NO_CAPABILITIES);
  });

  test("holds a capability of either half under its own number", () => {
    const set = capabilitySet(["CAP_SYS_NICE", "CAP_PERFMON"]);
    expect(set).toEqual({ lo: 0x80_0000, hi: 0x40 });
    expect(hasCapability(set, CAP.CAP_SYS_NICE)).toBe(true);
    expect(hasCapability(set, CAP.CAP_PERFMON)).toBe(true);
    // 38 - 32 = 6: the halves must not be mixed up.
    expect(hasCapability(set, CAP.CAP_SETGID)).toBe(false);
    expect(hasCapability(set, CAP.CAP_CHECKPOINT_RESTORE)).toBe(false);
  });

  test("keeps capability 31 unsigned", () => {
    expect(capabilitySet(["CAP_SETFCAP"])).toEqual({ lo: 0x8000_0000, hi: 0 });
    expect(capabilitySet(["CAP_MAC_OVERRIDE"])).toEqual({ lo: 0, hi: 1 });
    expect(oneCapability(CAP.CAP_SETFCAP).lo).toBe(0x8000_0000);
    expect(capabilityHalves(-1, -1)).toEqual({ lo: 0xffff_ffff, hi: 0xffff_ffff });
  });

  test("is frozen", () => {
    expect(Object.isFrozen(capabilitySet(["CAP_KILL"]))).toBe(true);
  });

  test("refuses a name that no capability has, and says it", () => {
    const wrong = ["CAP_SYS_NICER"] as unknown as CapabilityName[];
    expect(() => capabilitySet(wrong)).toThrow(
      new TypeError('no capability is called "CAP_SYS_NICER"'),
    );
  });

  test("takes a set that exists already", () => {
    expect(capabilitySet(capabilitySet(["CAP_KILL"]))).toEqual(capabilitySet(["CAP_KILL"]));
  });

  test("leaves numbers without a name out of its names", () => {
    expect(capabilityNames(capabilityHalves(1, 1 << 20))).toEqual(["CAP_CHOWN"]);
  });

  test("and its names say the same", () => {
    fc.assert(
      fc.property(fc.subarray(names), (some) => {
        expect(capabilityNames(capabilitySet(some))).toEqual(some);
      }),
    );
  });

  test("obeys the algebra of sets, member by member", () => {
    fc.assert(
      fc.property(sets, sets, fc.integer({ min: 0, max: 63 }), (a, b, number) => {
        const [inA, inB] = [hasCapability(a, number), hasCapability(b, number)];
        expect(hasCapability(unite(a, b), number)).toBe(inA || inB);
        expect(hasCapability(intersect(a, b), number)).toBe(inA && inB);
        expect(hasCapability(without(a, b), number)).toBe(inA && !inB);
        expect(hasCapability(oneCapability(number), number)).toBe(true);
        expect(isSubset(a, b)).toBe(isEmpty(without(a, b)));
        expect(sameCapabilities(a, b)).toBe(isSubset(a, b) && isSubset(b, a));
      }),
    );
  });
});
