import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeProgram } from "./encodeProgram.ts";
import { MAX_ACTORS, MAX_OPERATIONS } from "./layout.ts";
import type { Operand, Operation, Program } from "./program.ts";
import { enumeration, readStructure, sizeOf } from "./testing/protocolHeader.ts";

const HOW = enumeration("how");
const how = (name: string): bigint => BigInt(HOW.get(name) ?? -1);

/** The bytes as the agent reads them: header, operations, relocations, data. */
function read(bytes: Uint8Array) {
  const header = readStructure(bytes, 0, "program");
  const [operations, relocations, dataBytes] = ["operations", "relocations", "data_bytes"].map(
    (name) => Number(header[name][0]),
  );
  let at = sizeOf("program");
  const take = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => readStructure(bytes, at + i * sizeOf(name), name));
  const ops = take("operation", operations);
  at += operations * sizeOf("operation");
  const relocs = take("relocation", relocations);
  at += relocations * sizeOf("relocation");
  return { header, ops, relocs, data: bytes.slice(at, at + dataBytes), rest: bytes.length - at };
}

function program(operations: readonly Operation[], more: Partial<Program> = {}): Program {
  return { actors: 1, operations, data: new Uint8Array(32), ...more };
}

const bits64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });

test("registers come to the agent with all their 64 bits", () => {
  fc.assert(
    fc.property(
      fc.array(bits64, { maxLength: 6 }),
      fc.nat(600),
      fc.nat(MAX_ACTORS - 1),
      fc.boolean(),
      (args, number, actor, compat) => {
        const gate = compat ? "i386" : "native";
        const { ops } = read(encodeProgram(program([{ kind: "call", actor, number, gate, args }])));
        const values = args.map((value) => BigInt.asUintN(64, value));
        expect(ops[0].value).toEqual([...values, ...Array<bigint>(6 - args.length).fill(0n)]);
        expect(ops[0].number).toEqual([BigInt(number)]);
        expect(ops[0].actor).toEqual([BigInt(actor)]);
        expect(ops[0].gate).toEqual([compat ? 1n : 0n]);
      },
    ),
  );
});

test.each<[string, Operand, string, bigint, bigint]>([
  ["an earlier result", { result: 0, plus: 4096 }, "HOW_RESULT", 0n, 4096n],
  [
    "an earlier result less a page",
    { result: 0, plus: -4096n },
    "HOW_RESULT",
    0n,
    2n ** 64n - 4096n,
  ],
  ["a place in the data", { data: 24 }, "HOW_DATA", 0n, 24n],
  ["an actor's number", { pid: 3 }, "HOW_PID", 3n, 0n],
  ["the supervisor's number", { pid: "supervisor", plus: 1 }, "HOW_PID", 255n, 1n],
])("a value may be %s", (_, operand, kind, of, value) => {
  const call: Operation = { kind: "call", actor: 0, number: 39, args: [] };
  const { ops, relocs } = read(
    encodeProgram(
      program([
        call,
        { ...call, args: [7, operand], relocations: [{ offset: 8, bytes: 4, value: operand }] },
      ]),
    ),
  );
  expect([ops[1].how[1], ops[1].of[1], ops[1].value[1]]).toEqual([how(kind), of, value]);
  expect(relocs).toEqual([
    { offset: [8n], bytes: [4n], how: [how(kind)], of: [of], value: [value] },
  ]);
});

test("each operation has its own relocations, and they follow one another", () => {
  const fill = (count: number): Operation => ({
    kind: "fill",
    actor: 0,
    relocations: Array.from({ length: count }, (_, i) => ({ offset: i * 8, bytes: 8, value: i })),
  });
  const { ops, relocs } = read(encodeProgram(program([fill(2), fill(0), fill(3)])));
  expect(ops.map(({ relocations }) => relocations[0])).toEqual([2n, 0n, 3n]);
  expect([ops[0].relocation[0], ops[2].relocation[0]]).toEqual([0n, 2n]);
  expect(relocs.map(({ value }) => value[0])).toEqual([0n, 1n, 0n, 1n, 2n]);
});

test("paths lie behind the data, ended by a zero byte, equal ones once", () => {
  const look = (path: string): Operation => ({ kind: "read", actor: "supervisor", path, bytes: 9 });
  const data = Uint8Array.from([1, 2, 3]);
  const encoded = read(
    encodeProgram(
      program(
        [
          look("/proc/a"),
          look("/proc/bc"),
          look("/proc/a"),
          { kind: "write", actor: 0, path: "/proc/bc", text: "17" },
        ],
        { data },
      ),
    ),
  );
  expect(Buffer.from(encoded.data).toString("latin1")).toBe(
    "\x01\x02\x03/proc/a\0/proc/bc\0" + "17\0",
  );
  expect(encoded.ops.map(({ value }) => value.slice(0, 3))).toEqual([
    [3n, 0n, 9n],
    [11n, 0n, 9n],
    [3n, 0n, 9n],
    [11n, 20n, 2n],
  ]);
});

test("a program's length is a multiple of eight, and holds what its header counts", () => {
  fc.assert(
    fc.property(
      fc.nat(40),
      fc.uint8Array({ maxLength: 100 }),
      fc.integer({ min: 0, max: MAX_ACTORS }),
      fc.boolean(),
      (count, data, actors, fresh) => {
        const operations = Array.from({ length: count }, (): Operation => ({
          kind: "settle",
          actor: "supervisor",
          of: 2,
        }));
        const bytes = encodeProgram({ actors, operations, data, fresh });
        const { header, ops, data: carried, rest } = read(bytes);
        expect(bytes.length % 8).toBe(0);
        expect(header).toEqual({
          bytes: [BigInt(bytes.length)],
          actors: [BigInt(actors)],
          operations: [BigInt(count)],
          relocations: [0n],
          data_bytes: [BigInt(data.length)],
          fresh: [fresh ? 1n : 0n],
        });
        expect(carried).toEqual(data);
        expect(rest - data.length).toBeLessThan(8);
        for (const { actor, other } of ops) expect([actor[0], other[0]]).toEqual([255n, 2n]);
      },
    ),
  );
});

test("a fork says who is made, and whether its maker sleeps or is its sibling", () => {
  const fork = { kind: "fork", actor: 0, number: 58, args: [], child: 5 } as const;
  const { ops } = read(
    encodeProgram(program([fork, { ...fork, vfork: true }, { ...fork, sibling: true }])),
  );
  expect(ops.map(({ other, flags }) => [other[0], flags[0]])).toEqual([
    [5n, 0n],
    [5n, BigInt(enumeration("operation_flag").get("FLAG_VFORK") ?? 0)],
    [5n, BigInt(enumeration("operation_flag").get("FLAG_SIBLING") ?? 0)],
  ]);
});

test("a touch is told whether it writes, and which byte", () => {
  const touch = { kind: "touch", actor: 1, address: 4096, count: 3, strideBytes: 64 } as const;
  const { ops } = read(
    encodeProgram(
      program([
        { ...touch, access: "read" },
        { ...touch, access: "write", byte: 9 },
      ]),
    ),
  );
  expect(ops[0].value.slice(0, 4)).toEqual([4096n, 3n, 64n, 0n]);
  expect(ops[1].value.slice(0, 5)).toEqual([4096n, 3n, 64n, 1n, 9n]);
});

test.each<[string, Program]>([
  [
    "a result that is not there yet",
    program([{ kind: "call", actor: 0, number: 0, args: [{ result: 0 }] }]),
  ],
  ["an actor beyond the last", program([{ kind: "fill", actor: MAX_ACTORS }])],
  ["too many actors", program([], { actors: MAX_ACTORS + 1 })],
  [
    "seven arguments",
    program([{ kind: "call", actor: 0, number: 0, args: [1, 2, 3, 4, 5, 6, 7] }]),
  ],
  [
    "too many operations",
    program(
      Array.from({ length: MAX_OPERATIONS + 1 }, () => ({ kind: "fill", actor: 0 }) as const),
    ),
  ],
  ["too much data", program([], { data: new Uint8Array(0x10_0001) })],
])("a program with %s is refused before the agent sees it", (_, wrong) => {
  expect(() => encodeProgram(wrong)).toThrow(RangeError);
});
