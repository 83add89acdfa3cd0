import { expect, test } from "vitest";
import { decodeResults } from "./decodeResults.ts";
import { ProgramBuilder } from "./programBuilder.ts";
import {
  always,
  encodeRepeat,
  REPEAT_BYTES,
  REPEATED_CALL_BYTES,
  SERIES_BYTES,
} from "./repeatedCalls.ts";
import { sizeOf, structure } from "./testing/protocolHeader.ts";

const SERIES = { base: -1, unit: 4096, step: 7, modulus: 100 };

test("the structures are as long as C makes them", () => {
  expect(REPEAT_BYTES).toBe(sizeOf("repeat"));
  expect(SERIES_BYTES).toBe(sizeOf("series"));
  expect(REPEATED_CALL_BYTES).toBe(8 + 6 * sizeOf("series"));
});

test("calls lie behind how many they are, each register with its series", () => {
  const bytes = encodeRepeat(9, [
    { number: 11, registers: [always(3)] },
    { number: 28, registers: [always(1), SERIES] },
  ]);
  const view = new DataView(bytes.buffer);
  const at = (offset: number): bigint => view.getBigInt64(offset, true);
  expect(bytes).toHaveLength(REPEAT_BYTES + 2 * REPEATED_CALL_BYTES);
  expect([at(0), at(8), at(16), at(16 + REPEATED_CALL_BYTES)]).toEqual([9n, 2n, 11n, 28n]);
  const second = 16 + REPEATED_CALL_BYTES + 8 + SERIES_BYTES;
  for (const [name, { offset }] of structure("series")) {
    if (name in SERIES)
      expect(at(second + offset)).toBe(BigInt(SERIES[name as keyof typeof SERIES]));
  }
  // A register that nobody names stays nought: its series comes round at once.
  expect([at(second + SERIES_BYTES), at(second + SERIES_BYTES + 24)]).toEqual([0n, 1n]);
});

test("what is known only later is written into the series before the calls", () => {
  const builder = new ProgramBuilder({ actors: 1 });
  builder.place(new Uint8Array(16));
  const fd = builder.call(0, "pidfd_open", [{ pid: 0 }, 0]);
  builder.repeat(0, 2, [
    { name: "getpid", args: [] },
    { name: "close", args: [{ result: fd }] },
  ]);
  const operation = builder.build().operations.at(-1);
  expect(operation).toMatchObject({ kind: "repeat", from: 16 });
  expect(operation?.relocations).toEqual([
    { offset: 16 + REPEAT_BYTES + REPEATED_CALL_BYTES + 8, bytes: 8, value: { result: fd } },
  ]);
});

test("how long an operation took stands in its result", () => {
  const bytes = new Uint8Array(144 + 32);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint32(8, 1, true);
  view.setUint8(144, 1);
  view.setUint32(144 + 12, 1234, true);
  expect([...decodeResults(bytes)][0].operations).toEqual([
    { state: "done", value: 0n, nanoseconds: 1234 },
  ]);
});
