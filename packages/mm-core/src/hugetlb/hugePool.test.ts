import { quietPorts, type Ports, type Question } from "@kadvise/ports";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HugePool } from "./hugePool.ts";

interface Options {
  readonly pages?: number;
  readonly overcommit?: number;
  readonly isOpen?: boolean;
  readonly ports?: Ports;
}

function poolOf({ pages = 0, overcommit = 0, isOpen = false, ports }: Options): HugePool {
  return new HugePool(ports ?? quietPorts(), { shift: 21, pages, overcommit, isOpen });
}

/** HugePages_Total, _Free, _Rsvd and _Surp as /proc/meminfo has them. */
function counts({ total, free, reserved, surplus }: HugePool): readonly number[] {
  return [total, free, reserved, surplus];
}

describe("a pool of three pages", () => {
  test("lends what nobody reserved, and keeps what somebody did", () => {
    const pool = poolOf({ pages: 3 });
    expect(pool.reserve(2)).toBe(true);
    expect([pool.reserve(2), pool.reserve(1), pool.reserve(1)]).toEqual([false, true, false]);
    expect(counts(pool)).toEqual([3, 3, 3, 0]);
    expect(pool.take("spare")).toBe(false);
    expect(pool.take("reserved")).toBe(true);
    expect(counts(pool)).toEqual([3, 2, 2, 0]);
    pool.unreserve(1);
    expect(pool.take("spare")).toBe(true);
    expect(counts(pool)).toEqual([3, 1, 1, 0]);
  });

  test("gets a page back for all, or for whom it was", () => {
    const pool = poolOf({ pages: 1 });
    pool.take("spare");
    pool.give();
    expect(counts(pool)).toEqual([1, 1, 0, 0]);
    pool.take("spare");
    pool.give(true);
    expect(counts(pool)).toEqual([1, 1, 1, 0]);
    expect(pool.take("spare")).toBe(false);
  });

  test("refuses a reservation for pages that are in use, whatever the count says", () => {
    const pool = poolOf({ pages: 1 });
    pool.take("spare");
    // A parent gave up what its child still shows.
    pool.unreserve(1);
    expect(counts(pool)).toEqual([1, 0, -1, 0]);
    expect(pool.reserve(1)).toBe(false);
  });

  test("asks nobody for no pages", () => {
    expect(poolOf({}).reserve(0)).toBe(true);
  });
});

describe("beyond the pool", () => {
  test("pages are made while they are asked for, as far as is allowed", () => {
    const pool = poolOf({ pages: 1, overcommit: 2 });
    expect([pool.reserve(4), pool.reserve(3), pool.reserve(1)]).toEqual([false, true, false]);
    expect(counts(pool)).toEqual([3, 3, 3, 2]);
    pool.unreserve(1);
    expect(counts(pool)).toEqual([2, 2, 2, 1]);
  });

  test("a page that nobody reserved is made when it is touched, and goes when it is free", () => {
    const pool = poolOf({ overcommit: 1 });
    expect([pool.take("spare"), pool.take("spare")]).toEqual([true, false]);
    expect(counts(pool)).toEqual([1, 0, 0, 1]);
    pool.give();
    expect(counts(pool)).toEqual([0, 0, 0, 0]);
  });

  test("what is allowed may change; what was made stays", () => {
    const pool = poolOf({ overcommit: 1 });
    pool.reserve(1);
    pool.allow(0);
    expect(pool.reserve(1)).toBe(false);
    expect(counts(pool)).toEqual([1, 1, 1, 1]);
  });
});

describe("nr_hugepages", () => {
  test("grows and shrinks by what is free", () => {
    const pool = poolOf({});
    pool.resize(4);
    expect(counts(pool)).toEqual([4, 4, 0, 0]);
    pool.resize(1);
    expect(counts(pool)).toEqual([1, 1, 0, 0]);
  });

  test("turns what is used or reserved into surplus, and back", () => {
    const pool = poolOf({ pages: 4 });
    pool.reserve(2);
    pool.take("reserved");
    pool.resize(0);
    expect([...counts(pool), pool.persistent]).toEqual([2, 1, 1, 2, 0]);
    pool.resize(1);
    expect([...counts(pool), pool.persistent]).toEqual([2, 1, 1, 1, 1]);
    pool.give();
    pool.unreserve(1);
    expect(counts(pool)).toEqual([1, 1, 0, 0]);
  });

  test("keeps more pages than it has free only as long as they are used", () => {
    const pool = poolOf({ pages: 2 });
    pool.take("spare");
    pool.take("spare");
    pool.unreserve(2);
    pool.resize(1);
    expect(counts(pool)).toEqual([2, 0, -2, 1]);
  });
});

describe("a pool that nobody stated", () => {
  const answering = (answer: boolean): { readonly ports: Ports; readonly asked: string[] } => {
    const asked: string[] = [];
    const choose = <A>(question: Question<A>): A => {
      asked.push(`${question.id} ${String(question.usual)}: ${question.describe()}`);
      expect([true, false].every((one) => question.allows(one as A))).toBe(true);
      expect([question.allows("yes" as A), question.alternatives]).toEqual([false, [true, false]]);
      return answer as A;
    };
    return { ports: { ...quietPorts(), choices: { choose } }, asked };
  };

  test("is as full as Linux says, and remembers it", () => {
    const { ports, asked } = answering(true);
    const pool = poolOf({ isOpen: true, ports });
    expect(pool.reserve(2)).toBe(true);
    expect(counts(pool)).toEqual([2, 2, 2, 0]);
    pool.take("reserved");
    expect(asked).toEqual([
      "mm/huge-pool false: whether the pool of huge pages had 2 that nobody reserved",
    ]);
    expect(pool.take("spare")).toBe(true);
    expect(counts(pool)).toEqual([3, 1, 1, 0]);
  });

  test("may be empty though nobody was seen to take anything", () => {
    const { ports } = answering(false);
    const pool = poolOf({ pages: 9, isOpen: true, ports });
    expect(pool.reserve(1)).toBe(false);
    expect(counts(pool)).toEqual([9, 9, 0, 0]);
  });

  test("is known once somebody wrote its size", () => {
    const { ports, asked } = answering(false);
    const pool = poolOf({ isOpen: true, ports });
    pool.resize(2);
    expect([pool.reserve(2), pool.reserve(1), asked]).toEqual([true, false, []]);
  });
});

const step = fc.oneof(
  fc.record({ do: fc.constant("reserve" as const), pages: fc.nat(3) }),
  fc.record({ do: fc.constant("resize" as const), pages: fc.nat(5) }),
  fc.record({ do: fc.constant("allow" as const), pages: fc.nat(2) }),
  fc.record({ do: fc.constantFrom("take", "use", "give", "unreserve"), pages: fc.constant(1) }),
);

test("whatever is asked, taken and given: every page is free or in use, and none is lost", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const ports = quietPorts();
      const pool = poolOf({ pages: 2, ports });
      let used = 0;
      let mine = 0;
      for (const { do: what, pages } of steps) {
        if (what === "reserve") mine += pool.reserve(pages) ? pages : 0;
        else if (what === "resize") pool.resize(pages);
        else if (what === "allow") pool.allow(pages);
        else if (what === "take") used += pool.take("spare") ? 1 : 0;
        else if (what === "use" && mine > 0) {
          pool.take("reserved");
          mine--;
          used++;
        } else if (what === "give" && used > 0) {
          pool.give();
          used--;
        } else if (what === "unreserve" && mine > 0) {
          pool.unreserve(1);
          mine--;
        }
        expect([pool.total - pool.free, pool.reserved]).toEqual([used, mine]);
        expect(pool.free).toBeGreaterThanOrEqual(pool.reserved);
        expect(pool.surplus).toBeGreaterThanOrEqual(0);
        const before = counts(pool);
        ports.journal.attempt(() => {
          pool.reserve(1);
          pool.take("spare");
          pool.resize(7);
        });
        expect(counts(pool)).toEqual(before);
      }
    }),
  );
});
