import { expect, test } from "vitest";
import { INVALID_ID, UNKNOWN_ID, idArgument, isUnknownId, requireId } from "./ids.ts";

test.each([
  [-1, INVALID_ID],
  [4_294_967_295, INVALID_ID],
  [-2, 4_294_967_294],
  [1000, 1000],
  [0x1_0000_0005, 5],
])("an argument of %d is the id %d: its low 32 bits count", (register, id) => {
  expect(idArgument(register)).toBe(id);
});

test("an unknown id is negative, so no legal id is mistaken for one", () => {
  expect(isUnknownId(UNKNOWN_ID)).toBe(true);
  expect(isUnknownId(0)).toBe(false);
  expect(isUnknownId(INVALID_ID)).toBe(false);
});

test("a number that is no id is named in the error", () => {
  expect(() => requireId(-1, "euid")).toThrow(
    "euid must be a whole number from 0 to 4294967294, not -1",
  );
  expect(requireId(4_294_967_294, "euid")).toBe(4_294_967_294);
});
