import { Journal, Unknown, type Question } from "@kadvise/ports";
import { must } from "@kadvise/uapi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_MAYACCESS, VM_READ, VM_UNSTATED } from "./flags.ts";
import { answering } from "./testing/answering.ts";
import { areasOf, space } from "./testing/world.ts";
import { Veil } from "./veil.ts";

const B = 0x1000;
const FIXED = 0x32;

describe("the veil", () => {
  test("is a set of pages, whatever is added and lifted, and taken back", () => {
    const stretch = fc.record({ add: fc.boolean(), start: fc.nat(60), pages: fc.nat(12) });
    fc.assert(
      fc.property(
        fc.array(stretch, { size: "max", maxLength: 40 }),
        fc.array(stretch),
        (all, tried) => {
          const journal = new Journal();
          const veil = new Veil(journal);
          const plain = new Set<number>();
          const play = ({ add, start, pages }: (typeof all)[number]): void => {
            if (add) veil.add(start, start + pages);
            else veil.lift(start, start + pages);
          };
          for (const one of all) {
            play(one);
            for (let p = one.start; p < one.start + one.pages; p++)
              if (one.add) plain.add(p);
              else plain.delete(p);
          }
          const pagesOf = (): number[] =>
            [...veil.ranges()].flatMap(({ start, end }) =>
              Array.from({ length: end - start }, (_, i) => start + i),
            );
          const expected = [...plain].sort((a, b) => a - b);
          expect(pagesOf()).toEqual(expected);
          const ranges = [...veil.ranges()];
          for (const [i, { start }] of ranges.entries())
            expect(start).toBeGreaterThan(ranges[i - 1]?.end ?? -1);
          expect(veil.isEmpty).toBe(plain.size === 0);
          for (let page = 0; page < 75; page++) {
            expect(veil.within(page, page)).toBeUndefined();
            expect(veil.within(page, page + 1) !== undefined).toBe(plain.has(page));
          }
          journal.attempt(() => {
            for (const one of tried) play(one);
          });
          expect(pagesOf()).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("memory of which nothing was stated", () => {
  const veiled = (): AddressSpace => {
    const mm = space();
    mm.veil.add(B, B + 8);
    return mm;
  };

  test("is asked for by the first rule that reads it, once", () => {
    const mm = veiled();
    const asked = answering(mm, { "mm/unstated-range": "area" });
    must(mm.protect(B, 8, "r"));
    must(mm.protect(B, 8, "rw"));
    expect(asked).toEqual(["mm/unstated-range"]);
    expect(areasOf(mm, B)).toBe("0-8 rw");
  });

  test("that cannot be known leaves the call open, and nothing is touched", () => {
    const mm = veiled();
    answering(mm, {});
    expect(() => mm.attempt(() => mm.protect(B, 8, "r"))).toThrow(Unknown);
    expect([mm.areas.count, mm.veil.isEmpty]).toEqual([0, false]);
  });

  test("may be a hole: one page is settled by that, of a stretch it says only that some is", () => {
    const mm = veiled();
    answering(mm, { "mm/unstated-range": "hole" });
    expect(mm.touch(B + 2)).toMatchObject({ reason: { id: "access/no-area" } });
    expect([...mm.veil.ranges()]).toEqual([
      { start: B, end: B + 2 },
      { start: B + 3, end: B + 8 },
    ]);
    expect(mm.advise(B, 8, "MADV_NORMAL")).toMatchObject({ code: "ENOMEM" });
    expect(mm.veil.isEmpty).toBe(false);
  });

  test("leaves the place of a mapping open, among what is not known to be taken", () => {
    const mm = veiled();
    const asked = answering(mm, { "mmap/address": B + 3 });
    expect(must(mm.map({ pages: 2, prot: "rw" }))).toBe(B + 3);
    expect(asked).toEqual(["mmap/address"]);
    expect([...mm.veil.ranges()]).toEqual([
      { start: B, end: B + 3 },
      { start: B + 5, end: B + 8 },
    ]);
  });

  test("is of a kind that only advice asks for that minds it", () => {
    const mm = veiled();
    const asked = answering(mm, {
      "mm/unstated-range": "area",
      "mm/unstated-area-kind": "ordinary",
    });
    must(mm.advise(B, 8, "MADV_WILLNEED"));
    expect(asked).toEqual(["mm/unstated-range"]);
    must(mm.advise(B, 8, "MADV_DONTNEED"));
    expect(asked).toEqual(["mm/unstated-range", "mm/unstated-area-kind"]);
  });

  test("is stated by a fixed mapping and by an unmapping, which ask nothing", () => {
    const mm = veiled();
    const asked = answering(mm, {});
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
    mm.veil.lift(B + 7, B + 8);
    must(mm.unmap(B + 4, 3));
    expect([asked, mm.hasUnknown, areasOf(mm, B)]).toEqual([[], false, "0-4 rw"]);
  });

  test("is inherited by a child", () => {
    expect([...veiled().fork().veil.ranges()]).toEqual([{ start: B, end: B + 8 }]);
  });
});

describe("memory that was forgotten", () => {
  test("has no answer for any rule, until something is mapped there anew", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 8, prot: "rw", flags: FIXED }));
    must(mm.write(B + 3, "gone"));
    mm.forget(B + 2, B + 4);
    expect(areasOf(mm, B)).toBe("0-2 rw, 4-8 rw");
    expect(mm.memory.frames.inUse).toBe(0);
    answering(mm, {});
    expect(() => mm.advise(B, 8, "MADV_COLD")).toThrow(Unknown);
    must(mm.advise(B + 4, 4, "MADV_COLD"));
    must(mm.map({ at: B + 2, pages: 2, prot: "rw", flags: FIXED }));
    must(mm.advise(B, 8, "MADV_COLD"));
  });
});

describe("a program that is only seen calling", () => {
  test("may have touched its memory: mincore is open but for what is locked", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 3, prot: "rw", flags: FIXED }));
    must(mm.lock(B, 1));
    mm.touchedUnseen = true;
    answering(mm, { "mincore/residency": Uint8Array.of(1, 0, 1) });
    expect(must(mm.residency(B, 3)).join("")).toBe("101");
  });

  test("cannot be seen with a locked page missing", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }));
    must(mm.lock(B, 1));
    mm.touchedUnseen = true;
    let allows: ((seen: Uint8Array) => boolean) | undefined;
    mm.memory.ports.choices = {
      choose<A>(question: Question<A>): A {
        allows = (seen) => question.allows(seen as A);
        return question.usual;
      },
    };
    must(mm.residency(B, 2));
    expect([allows?.(Uint8Array.of(1, 0)), allows?.(Uint8Array.of(0, 0))]).toEqual([true, false]);
  });
});

test("of a program that is only seen calling, what is there may have been reclaimed since", () => {
  const mm = space();
  must(mm.map({ at: B, pages: 3, prot: "rw", flags: FIXED }));
  must(mm.touch(B));
  must(mm.touch(B + 1));
  must(mm.lock(B + 1, 1));
  must(mm.lock(B + 2, 1, true));
  mm.touchedUnseen = true;
  const known: string[] = [];
  mm.memory.ports.choices = {
    choose<A>(question: Question<A>): A {
      for (const byte of [0, 1])
        known.push(
          [0, 1, 2]
            .map((page) => {
              const seen = question.usual as Uint8Array;
              return question.allows(seen.map((one, i) => (i === page ? byte : one)) as A) ? 1 : 0;
            })
            .join(""),
        );
      return question.usual;
    },
  };
  must(mm.residency(B, 3));
  // The locked page is there; of the others both may be.
  expect(known).toEqual(["101", "111"]);
});

test("whether memory is resident of which only exec knows what it is, nobody can say", () => {
  const mm = space();
  mm.areas.insert(B, B + 2, VM_UNSTATED | VM_READ | VM_MAYACCESS, B, null);
  const asked = answering(mm, { "mincore/residency": Uint8Array.of(1, 0) });
  expect([must(mm.residency(B, 2)).join(""), asked]).toEqual(["10", ["mincore/residency"]]);
});
