import { describe, expect, test } from "vitest";
import { IOVEC_64, IOVEC_COMPAT, maxRwCount, type IovecLayout } from "./iovec.ts";
import { HEADERS } from "./testing/headers.ts";

test.each<["64" | "compat", IovecLayout]>([
  ["64", IOVEC_64],
  ["compat", IOVEC_COMPAT],
])("a compiler lays struct iovec out so: %s", (name, layout) => {
  const { bytes, baseOffset, lengthOffset, fieldBytes } = layout;
  expect([bytes, baseOffset, lengthOffset, fieldBytes]).toEqual(HEADERS.iovec[name]);
});

// Seen on 6.18: a fully advised vector of 8 GiB returns 2147479552.
describe("one call handles at most", () => {
  test.each([
    [12, 2_147_479_552],
    [14, 0x7fff_c000],
    [16, 0x7fff_0000],
  ])("with pages of 2 to the power of %i: %i bytes", (pageShift, bytes) => {
    expect(maxRwCount(pageShift)).toBe(bytes);
  });
});
