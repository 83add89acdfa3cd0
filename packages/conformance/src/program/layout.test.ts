import { expect, test } from "vitest";
import * as layout from "./layout.ts";
import { defined, enumeration, sizeOf } from "./testing/protocolHeader.ts";
import * as wire from "./wire.ts";

test.each([
  ["SHARED_BASE", layout.SHARED_ADDRESS],
  ["SHARED_BYTES", layout.SHARED_BYTES],
  ["DATA_BASE", layout.DATA_ADDRESS],
  ["DATA_BYTES", layout.DATA_BYTES],
  ["MAX_OPERATIONS", layout.MAX_OPERATIONS],
  ["MAX_RELOCATIONS", layout.MAX_RELOCATIONS],
  ["MAX_ACTORS", layout.MAX_ACTORS],
  ["PAYLOAD_BYTES", layout.PAYLOAD_BYTES],
  ["PROTOCOL_VERSION", layout.PROTOCOL_VERSION],
  ["SUPERVISOR", wire.SUPERVISOR],
])("the agent's %s is the same on both sides", (name, value) => {
  expect(value).toBe(defined(name));
});

test.each([
  ["operation", wire.OPERATION_BYTES],
  ["relocation", wire.RELOCATION_BYTES],
  ["result", wire.RESULT_BYTES],
  ["program", wire.PROGRAM_HEADER_BYTES],
  ["program_results", wire.PROGRAM_RESULTS_HEADER_BYTES],
])("a struct %s is as long as C makes it", (name, bytes) => {
  expect(bytes).toBe(sizeOf(name));
});

test.each([
  ["operation_kind", "OP_", wire.OPERATION_KIND],
  ["gate", "GATE_", wire.GATE],
  ["operation_flag", "FLAG_", wire.FLAG],
  ["how", "HOW_", wire.HOW],
])("the numbers of enum %s have the same names on both sides", (name, prefix, numbers) => {
  const agent = Object.fromEntries(
    [...enumeration(name)].map(([word, value]) => [word.slice(prefix.length).toLowerCase(), value]),
  );
  expect(numbers).toEqual(agent);
});

test("the states and ends of the agent are read by their numbers", () => {
  const spoken = (name: string): string[] =>
    [...enumeration(name).keys()].map((word) =>
      word.replace(/^END_/, "").replace("_", "-").toLowerCase(),
    );
  expect(wire.STATES.slice(0, 6)).toEqual(spoken("result_state").slice(0, 6));
  expect(wire.STATES).toHaveLength(enumeration("result_state").size);
  expect(wire.ENDS).toEqual(spoken("program_end"));
});

test("the data block lies within the shared area, and all of it where a 32-bit caller reaches", () => {
  const end = layout.SHARED_ADDRESS + layout.SHARED_BYTES;
  expect(layout.DATA_ADDRESS).toBeGreaterThan(layout.SHARED_ADDRESS);
  expect(layout.DATA_ADDRESS + layout.DATA_BYTES).toBeLessThan(end);
  expect(end).toBeLessThanOrEqual(layout.IMAGE_ADDRESS);
  expect(layout.IMAGE_ADDRESS).toBeLessThan(2 ** 31);
});
