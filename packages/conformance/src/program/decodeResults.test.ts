import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeResults } from "./decodeResults.ts";
import type { ProgramResult } from "./result.ts";
import { enumeration, sizeOf, structure, writeField } from "./testing/protocolHeader.ts";

interface Told {
  readonly state: string;
  readonly value: bigint;
  readonly signal?: number;
  readonly code?: number;
  readonly address?: bigint;
  readonly nanoseconds?: number;
  readonly payload?: Uint8Array;
}

/** What the agent says of a program. */
function tell(end: string, pids: readonly number[], told: readonly Told[]): Uint8Array {
  const resultsAt = sizeOf("program_results");
  const payloadAt = resultsAt + told.length * sizeOf("result");
  const payloads = told.map(({ payload = new Uint8Array() }) => payload);
  const padded = (length: number): number => Math.ceil(length / 8) * 8;
  const payloadBytes = payloads.reduce((sum, { length }) => sum + padded(length), 0);
  const bytes = new Uint8Array(payloadAt + payloadBytes);
  const put = (name: string, at: number, values: { readonly [field: string]: number | bigint }) => {
    const fields = structure(name);
    for (const [word, value] of Object.entries(values)) {
      const field = fields.get(word);
      if (field === undefined) throw new RangeError(`struct ${name} has no ${word}`);
      writeField(bytes, at, field, value);
    }
  };
  put("program_results", 0, {
    bytes: bytes.length,
    end: enumeration("program_end").get(end) ?? -1,
    operations: told.length,
    payload_bytes: payloadBytes,
  });
  const field = structure("program_results").get("pids");
  for (const [i, pid] of pids.entries())
    if (field !== undefined) writeField(bytes, 0, field, pid, i);
  let payload = 0;
  for (const [i, one] of told.entries()) {
    put("result", resultsAt + i * sizeOf("result"), {
      state: enumeration("result_state").get(one.state) ?? -1,
      signal: one.signal ?? 0,
      code: one.code ?? 0,
      payload,
      payload_bytes: payloads[i].length,
      nanoseconds: one.nanoseconds ?? 0,
      value: one.value,
      address: one.address ?? 0n,
    });
    bytes.set(payloads[i], payloadAt + payload);
    payload += padded(payloads[i].length);
  }
  return bytes;
}

test("return registers are signed, and none of their bits is lost", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), (values) => {
      const frame = tell(
        "END_COMPLETE",
        [7],
        values.map((value) => ({ state: "DONE", value })),
      );
      const [result] = [...decodeResults(frame)];
      expect(result).toEqual({
        end: "complete",
        pids: [7],
        operations: values.map((value) => ({ state: "done", value })),
      });
    }),
  );
});

test("payloads come back to the operations that read them", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 })), (payloads) => {
      const told = payloads.map((payload) => ({
        state: "DONE",
        value: BigInt(payload.length),
        payload,
      }));
      const [result] = [...decodeResults(tell("END_COMPLETE", [], told))];
      expect(result?.operations.map(({ payload }) => payload)).toEqual(payloads);
    }),
  );
});

test("a fault says its signal, code and address, and how far the access came", () => {
  const fault = { value: 2n, signal: 11, code: 2, address: 2n ** 47n };
  const [result] = [...decodeResults(tell("END_COMPLETE", [], [{ state: "FAULTED", ...fault }]))];
  expect(result?.operations).toEqual([{ state: "faulted", ...fault }]);
});

test.each([
  ["NOT_REACHED", "not-reached"],
  ["ABSENT", "absent"],
  ["DIED", "died"],
  ["HUNG", "hung"],
  ["UNDERWAY", "hung"],
])("the agent's %s is called %s", (told, state) => {
  const frame = tell("END_HUNG", [], [{ state: told, value: 0n, signal: 9 }]);
  const [result] = [...decodeResults(frame)];
  expect(result).toMatchObject({ end: "hung", operations: [{ state, signal: 9 }] });
});

test("one frame holds the results of several programs", () => {
  const frames = [
    tell("END_COMPLETE", [3, 0, 5], [{ state: "DONE", value: 1n }]),
    tell("END_COMPLETE", [], []),
    tell("END_HUNG", [9], [{ state: "DONE", value: -22n, nanoseconds: 350 }]),
  ];
  const results: ProgramResult[] = [...decodeResults(Buffer.concat(frames))];
  expect(results.map(({ end, pids }) => [end, pids])).toEqual([
    ["complete", [3, 0, 5]],
    ["complete", []],
    ["hung", [9]],
  ]);
  expect(results[2]?.operations).toEqual([{ state: "done", value: -22n, nanoseconds: 350 }]);
});

test("a frame that ends in the middle of a program's results is not read", () => {
  const frame = tell("END_COMPLETE", [], [{ state: "DONE", value: 1n }]);
  for (const cut of [8, 144, frame.length - 1]) {
    expect(() => [...decodeResults(frame.subarray(0, cut))]).toThrow(RangeError);
  }
});
