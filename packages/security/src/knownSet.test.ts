import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { capabilityHalves, isSubset, type CapabilitySet } from "./capabilitySet.ts";
import { credentials, unknownCredentials } from "./credentials.ts";
import {
  CLEARED,
  either,
  exactly,
  knownSet,
  meet,
  minus,
  setFields,
  union,
  type KnownSet,
} from "./knownSet.ts";
import { allOf, anyOf, not, type Maybe } from "./maybe.ts";

/** Small sets: eight capabilities, four in each half. */
const bits = fc.nat(0xff);
const setOf = (value: number): CapabilitySet => capabilityHalves(value & 15, value >> 4);
const valueOf = ({ lo, hi }: CapabilitySet): number => lo | (hi << 4);
const known = fc
  .tuple(bits, bits)
  .map(([has, open]): KnownSet => ({ has: setOf(has), open: setOf(open & ~has) }));

/** Whether a real set may be what is known of it. */
function fits(real: number, { has, open }: KnownSet): boolean {
  return isSubset(has, setOf(real)) && isSubset(setOf(real), setOf(valueOf(has) | valueOf(open)));
}

const truth = fc.constantFrom<Maybe>(true, false, "unknown");

describe("a set as far as it is known", () => {
  const pair = fc.tuple(known, bits).filter(([set, real]) => fits(real, set));

  test("holds what any real one would hold, whatever is done to it", () => {
    fc.assert(
      fc.property(
        pair,
        pair,
        bits,
        truth,
        fc.boolean(),
        ([a, realA], [b, realB], c, condition, real) => {
          expect(fits(realA | realB, union(a, b))).toBe(true);
          expect(fits(realA & realB, meet(a, b))).toBe(true);
          expect(fits(realA & ~c, minus(a, setOf(c)))).toBe(true);
          const chosen = condition === "unknown" ? real : condition;
          expect(fits(chosen ? realA : realB, either(condition, a, b))).toBe(true);
        },
      ),
    );
  });

  test("leaves open nothing that is certain", () => {
    fc.assert(
      fc.property(known, known, (a, b) => {
        for (const set of [union(a, b), meet(a, b), either("unknown", a, b)]) {
          expect(valueOf(set.has) & valueOf(set.open)).toBe(0);
        }
        expect(either("unknown", a, a)).toEqual(a);
        expect(meet(a, CLEARED)).toEqual(CLEARED);
      }),
    );
  });

  test("is exact where both are", () => {
    fc.assert(
      fc.property(bits, bits, (a, b) => {
        const [x, y] = [exactly(setOf(a)), exactly(setOf(b))];
        expect(union(x, y)).toEqual(exactly(setOf(a | b)));
        expect(meet(x, y)).toEqual(exactly(setOf(a & b)));
        expect(minus(x, setOf(b))).toEqual(exactly(setOf(a & ~b)));
      }),
    );
  });

  test("goes into credentials and comes out again", () => {
    const c = unknownCredentials();
    const set = { has: setOf(3), open: setOf(12) };
    const next = { ...c, ...setFields(c, { permitted: set }) };
    expect(knownSet(next, "permitted")).toEqual(set);
    expect(knownSet(next, "effective")).toEqual(knownSet(c, "effective"));
    expect(setFields(credentials({ uid: 0 }), { ambient: exactly(setOf(1)) })).toEqual({
      ambient: setOf(1),
    });
  });
});

describe("a condition over what may be unknown", () => {
  const possible = (condition: Maybe): boolean[] =>
    condition === "unknown" ? [true, false] : [condition];

  test("is true or false only if it is, however the gaps are filled", () => {
    fc.assert(
      fc.property(truth, truth, (a, b) => {
        const worlds = possible(a).flatMap((x) => possible(b).map((y) => [x, y] as const));
        const verdict = (rule: (x: boolean, y: boolean) => boolean): Maybe => {
          const found = new Set(worlds.map(([x, y]) => rule(x, y)));
          return found.size === 1 ? [...found][0] : "unknown";
        };
        expect(allOf([a, b])).toBe(verdict((x, y) => x && y));
        expect(anyOf([a, b])).toBe(verdict((x, y) => x || y));
        expect(not(a)).toBe(verdict((x) => !x));
      }),
    );
  });

  test("of no conditions: all of them are, none of them is", () => {
    expect([allOf([]), anyOf([])]).toEqual([true, false]);
  });
});
