import { Journal } from "@kadvise/ports";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Contents } from "./contents.ts";

const PAGE_BYTES = 4096;
const FRAMES = 5;

/** What happens to the bytes of a frame. */
type Change =
  | { readonly does: "write"; readonly frame: number; readonly at: number; readonly data: string }
  | { readonly does: "put"; readonly frame: number; readonly data: string }
  | { readonly does: "drop"; readonly frame: number }
  | { readonly does: "copy"; readonly frame: number; readonly to: number };
type Step = Change | { readonly does: "begin" | "undo" | "keep" };

const frame = fc.integer({ min: 1, max: FRAMES });
const data = fc.oneof(
  fc.string({ minLength: 1, maxLength: 9 }),
  fc.string({ minLength: 10, maxLength: 200 }),
);
/** Most stores are near the start of a page, some cross from there to beyond it. */
const at = fc.oneof(fc.nat(20), fc.nat(PAGE_BYTES - 200));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant("write" as const), frame, at, data }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("put" as const), frame, data }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("drop" as const), frame }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("copy" as const), frame, to: frame }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constantFrom("begin", "undo", "keep") }) },
);

/** Whole pages, as a list; what nobody wrote is zeros. */
type Pages = readonly Uint8Array[];

const BLANK: Pages = Array.from({ length: FRAMES + 1 }, () => new Uint8Array(PAGE_BYTES));

function replaced(pages: Pages, frame: number, page: Uint8Array): Pages {
  return pages.map((old, i) => (i === frame ? page : old));
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

function pageWith(old: Uint8Array, at: number, bytes: Uint8Array): Uint8Array {
  const page = old.slice();
  page.set(bytes, at);
  return page;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function seen(contents: Contents, frame: number): Uint8Array {
  const page = new Uint8Array(PAGE_BYTES).fill(0xff);
  contents.read(frame, 0, page, 0, PAGE_BYTES);
  return page;
}

describe("whatever is written, copied, dropped and taken back", () => {
  test("every frame reads as a page of its own would", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const journal = new Journal();
        const contents = new Contents(journal);
        let pages = BLANK;
        const marks: { readonly mark: number; readonly pages: Pages }[] = [];
        for (const one of steps) {
          if ("frame" in one) pages = perform(contents, pages, one);
          else if (one.does === "begin") marks.push({ mark: journal.begin(), pages });
          else {
            const last = marks.pop();
            if (last === undefined) continue;
            if (one.does === "keep") journal.keep(last.mark);
            else {
              journal.undo(last.mark);
              pages = last.pages;
            }
          }
        }
        for (let i = 1; i <= FRAMES; i++) expect(same(seen(contents, i), pages[i])).toBe(true);
        for (const [i, bytes] of contents)
          expect(same(pageWith(BLANK[0], 0, bytes), pages[i])).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  function perform(contents: Contents, pages: Pages, one: Change): Pages {
    const { frame } = one;
    switch (one.does) {
      case "write": {
        const bytes = bytesOf(`.${one.data}`);
        contents.write(frame, one.at, bytes, 1, bytes.length - 1);
        return replaced(pages, frame, pageWith(pages[frame], one.at, bytes.subarray(1)));
      }
      case "put":
        contents.put(frame, bytesOf(one.data));
        return replaced(pages, frame, pageWith(BLANK[0], 0, bytesOf(one.data)));
      case "drop":
        contents.drop(frame);
        return replaced(pages, frame, BLANK[0]);
      case "copy":
        if (one.to === frame) return pages;
        contents.drop(one.to);
        contents.copy(frame, one.to);
        return replaced(pages, one.to, pages[frame]);
    }
  }
});

test("pieces are read from any offset, with zeros behind what is known", () => {
  const contents = new Contents(new Journal());
  contents.put(1, bytesOf("short"));
  contents.put(2, bytesOf("a".repeat(100)));
  const read = (frame: number, at: number, length: number): string => {
    const into = new Uint8Array(length + 2).fill(0x78);
    contents.read(frame, at, into, 1, length);
    return String.fromCharCode(...into).replaceAll("\0", ".");
  };
  expect(read(1, 2, 6)).toBe("xort...x");
  expect(read(1, 14, 4)).toBe("x....x");
  expect(read(2, 97, 5)).toBe("xaaa..x");
  expect(read(2, 200, 3)).toBe("x...x");
  expect(read(3, 0, 3)).toBe("x...x");
});

test("a frame without bytes is told from one that was written with zeros", () => {
  const contents = new Contents(new Journal());
  contents.write(1, 0, new Uint8Array(4), 0, 4);
  expect(contents.get(1)?.every((byte) => byte === 0)).toBe(true);
  expect(contents.get(2)).toBeUndefined();
  contents.drop(1);
  expect(contents.get(1)).toBeUndefined();
  expect([...contents]).toEqual([]);
});

test("an attempt that fills many frames leaves nothing behind", () => {
  const journal = new Journal();
  const contents = new Contents(journal);
  contents.write(1, 0, bytesOf("kept"), 0, 4);
  journal.attempt(() => {
    for (let frame = 1; frame < 2000; frame++) contents.write(frame, 3, bytesOf("lost"), 0, 4);
  });
  expect(
    [...contents].map(([frame, bytes]) => [frame, String.fromCharCode(...bytes.slice(0, 8))]),
  ).toEqual([[1, "kept\0\0\0\0"]]);
  contents.write(1500, 0, bytesOf("n"), 0, 1);
  expect(contents.get(1500)?.slice(0, 8)).toEqual(pageWith(new Uint8Array(8), 0, bytesOf("n")));
});
