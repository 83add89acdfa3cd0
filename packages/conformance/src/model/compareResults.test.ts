import { expect, test } from "vitest";
import type { Operation, Program } from "../program/program.ts";
import type { OperationResult } from "../program/result.ts";
import { differentViews } from "./compareResults.ts";

const done = (...bytes: readonly number[]): OperationResult => ({
  ...{ state: "done", value: 0n },
  payload: Uint8Array.from(bytes),
});

const load: Operation = { actor: 0, kind: "load", address: 0x2000_0000n, bytes: 3 };
const exit: Operation = { actor: 0, kind: "exit", number: 60, args: [0n] };

function views(
  operation: Operation,
  modelled: OperationResult,
  seen: OperationResult,
): ReturnType<typeof differentViews> {
  const program = { operations: [operation] } as unknown as Program;
  return differentViews(program, { operation: 0, modelled, seen });
}

test("memory that differs is told byte by byte, the model's first", () => {
  expect(views(load, done(0, 1, 2), done(0, 7, 9))).toEqual([
    "byte 1 of memory: 1, not 7",
    "byte 2 of memory: 2, not 9",
  ]);
});

test("of much memory that differs the first eight bytes are told", () => {
  const [ones, twos] = [1, 2].map((byte) => done(...Array.from({ length: 100 }, () => byte)));
  expect(views(load, ones, twos)).toHaveLength(8);
});

test("memory that one side could not read, or that is equal, is a difference of another kind", () => {
  const faulted: OperationResult = { state: "faulted", value: 0n, signal: 11, code: 1 };
  expect(views(load, done(0), faulted)).toBeUndefined();
  expect(views(load, done(3), done(3))).toBeUndefined();
});

test("what is no read of memory is a difference of another kind", () => {
  expect(views(exit, done(0), done(1))).toBeUndefined();
});
