import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { AddressSpace, adviceNumber, protectionBits } from "./addressSpace.ts";
import { PAGE, space } from "./testing/world.ts";

const B = 0x1000;
const FIXED = 0x32;

describe("bytes that are read as far as they can be", () => {
  /** Two readable pages, a hole behind them. */
  function laid(): AddressSpace {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }));
    must(mm.write(B, "abcd", PAGE - 2));
    return mm;
  }
  test.each([
    [0, 0, 0, 0, ""],
    [0, PAGE - 2, 2, 2, "ab"],
    [0, PAGE - 2, 4, 4, "abcd"],
    [0, PAGE - 3, 3, 3, "\0ab"],
    [1, 0, 2, 2, "cd"],
    [0, PAGE, 2, 2, "cd"],
    [1, PAGE - 2, 4, 2, "\0\0"],
    [1, PAGE - 2, 2, 2, "\0\0"],
    [2, 0, 3, 0, ""],
    [2, 0, PAGE + 1, 0, ""],
    [-1, PAGE - 1, 3, 0, ""],
  ])("from page %i, byte %i on, %i: %i", (page, offset, length, done, characters) => {
    const into = new Uint8Array(length + 1).fill(0xee);
    expect(laid().readInto(B + page, offset, into, length)).toBe(done);
    expect(String.fromCharCode(...into.subarray(0, done))).toBe(characters);
    expect(into[length]).toBe(0xee);
  });

  test("of a whole page and more go on in the next", () => {
    const into = new Uint8Array(3 * PAGE);
    expect(laid().readInto(B, 0, into, 3 * PAGE)).toBe(2 * PAGE);
    expect([into[PAGE - 2], into[PAGE + 1], into[PAGE + 2]]).toEqual([97, 100, 0]);
  });
});

describe("a promise of pages", () => {
  test.each([
    [0, "at-once", 3e6, true],
    [0, "at-once", 5e6, false],
    [0, "one-by-one", 5e6, true],
    [1, "at-once", 5e6, true],
    [2, "at-once", 3e6, false],
    [2, "one-by-one", 3e6, false],
    [2, "one-by-one", 0, true],
    [2, "at-once", 1e5, true],
  ] as const)("in mode %i, %s, of %i: %s", (overcommit, how, pages, promised) => {
    const answer = space("6.12", { overcommit }).mayPromise(pages, how);
    expect(answer.ok).toBe(promised);
    if (!answer.ok) expect(answer.reason.id).toBe("mmap/commit-limit");
  });
});

describe("arguments", () => {
  test.each([
    ["rw", 3],
    ["r-x", 5],
    ["none", 0],
    ["", 0],
    ["---", 0],
    ["x", 4],
    [6, 6],
  ])("a protection %s is %i", (prot, bits) => {
    expect(protectionBits(prot)).toBe(bits);
  });

  test("that are no protection or advice are the caller's mistake", () => {
    expect(() => protectionBits("rq")).toThrow(
      'expected a protection such as "rw" or "none", got "rq"',
    );
    expect(() => adviceNumber("MADV_NONE" as never)).toThrow(
      'expected the name of an advice such as "MADV_COLD", got "MADV_NONE"',
    );
    expect([adviceNumber("MADV_COLD"), adviceNumber(77)]).toEqual([20, 77]);
  });

  test.each([
    [-1, 1, "expected a page index (an integer from 0 on), got -1"],
    [0.5, 1, "expected a page index (an integer from 0 on), got 0.5"],
    [1, -1, "expected a number of pages, got -1"],
    [1, 1.5, "expected a number of pages, got 1.5"],
  ])("page %d and %d pages are a RangeError", (page, pages, text) => {
    const mm = space();
    const calls = [
      () => mm.unmap(page, pages),
      () => mm.protect(page, pages, "r"),
      () => mm.advise(page, pages, 0),
      () => mm.lock(page, pages),
      () => mm.unlock(page, pages),
      () => mm.seal(page, pages),
      () => mm.name(page, pages),
      () => mm.residency(page, pages),
      () => mm.sync(page, pages, false, false),
      () => mm.pagemap(page, pages),
    ];
    for (const call of calls) expect(call).toThrow(new RangeError(text));
    expect(mm.unmap(0, 0).ok).toBe(true);
  });

  test("text is written as UTF-8", () => {
    const mm = new AddressSpace();
    must(mm.map({ at: B, pages: 1, prot: "rw", flags: FIXED }));
    const written = "a\x7f\x80é߿ࠀ€\uffff𐀀😀";
    must(mm.write(B, written));
    const bytes = new TextEncoder().encode(written);
    expect(must(mm.read(B, bytes.length))).toEqual(bytes);
  });
});
