import { expect, test } from "vitest";
import { PAYLOAD_BYTES } from "./layout.ts";
import { mostResultBytes } from "./mostResultBytes.ts";
import type { Operation } from "./program.ts";
import { sizeOf } from "./testing/protocolHeader.ts";

const bytesOf = (operations: readonly Operation[]): number =>
  mostResultBytes({ actors: 1, operations, data: new Uint8Array() });
const load = (bytes: number): Operation => ({ kind: "load", actor: 0, address: 0, bytes });

test("a program without payload takes a header and a result an operation", () => {
  expect(bytesOf([])).toBe(sizeOf("program_results"));
  expect(bytesOf([{ kind: "fill", actor: 0 }])).toBe(sizeOf("program_results") + sizeOf("result"));
});

test("payloads count in multiples of eight, and together no more than there is room", () => {
  const empty = bytesOf([load(0)]);
  expect(bytesOf([load(9)]) - empty).toBe(16);
  expect(bytesOf([load(8 * PAYLOAD_BYTES)]) - empty).toBe(PAYLOAD_BYTES);
  const file: Operation = { kind: "read", actor: 0, path: "/", bytes: 100 };
  expect(bytesOf([file]) - empty).toBe(104);
});
