import { KTHREADD } from "@kadvise/syscalls";
import { expect, test } from "vitest";
import { readRecording } from "../model/testing/recording.ts";
import { ProgramBuilder } from "../program/programBuilder.ts";
import type { Program } from "../program/program.ts";
import { ModelTarget } from "./modelTarget.ts";

const { facts, programs, results } = readRecording("6.12");

function program(build: (p: ProgramBuilder) => void, actors = 1): Program {
  const p = new ProgramBuilder({ actors });
  build(p);
  return p.build();
}

test("left to itself, the model does what a quiet kernel did, process numbers included", async () => {
  const target = new ModelTarget({ facts });
  // Number 2 is the kernel's own.
  const first = results[0].pids[0] - Math.max(facts.start.supervisor, KTHREADD) - 1;
  // The kernel had made as many processes before these programs.
  await target.run(Array.from({ length: first }, () => program((p) => p.call(0, "getpid"))));
  const told = await target.run(programs);
  expect(told.map(({ end, pids }) => ({ end, pids }))).toEqual(
    results.map(({ end, pids }) => ({ end, pids })),
  );
  const states = (all: typeof results): readonly string[][] =>
    all.map(({ operations }) => operations.map(({ state }) => state));
  expect(states(told)).toEqual(states(results));
});

test("its facts name the kernel that it models", async () => {
  const usual = await new ModelTarget({ facts }).describe();
  expect([usual.name, usual.kernel]).toEqual(["model", facts.kernel]);
  const older = await new ModelTarget({ facts, kernel: "5.10" }).describe();
  expect([older.kernel, older.start]).toEqual(["5.10", facts.start]);
  expect(() => new ModelTarget({ facts, kernel: "2.4" })).toThrow(RangeError);
});

test("another release answers as that release: guards came with 6.13", async () => {
  const GUARD_INSTALL = 102;
  const guards = program((p) => {
    p.call(0, "mmap", [0x2000_0000, 4096, 3, 0x32, -1, 0]);
    p.call(0, "madvise", [0x2000_0000, 4096, GUARD_INSTALL]);
    p.touch(0, 0x2000_0000, 1);
  });
  const [old] = await new ModelTarget({ facts, kernel: "6.12" }).run([guards]);
  const [late] = await new ModelTarget({ facts, kernel: "6.16" }).run([guards]);
  expect(old.operations.slice(1).map(({ state, value }) => [state, value])).toEqual([
    ["done", -22n],
    ["done", 1n],
  ]);
  expect(
    late.operations.slice(1).map(({ state, value, signal }) => [state, value, signal]),
  ).toEqual([
    ["done", 0n, undefined],
    ["faulted", 0n, 11],
  ]);
});

test("calls and files that the model does not have are not answered by guessing", async () => {
  const [result] = await new ModelTarget({ facts }).run([
    program((p) => {
      p.call(0, 162 /* sync */, []);
      p.observe(0, "wchan");
      p.add({ kind: "write", actor: 0, path: "/proc/self/comm", text: "x" });
      p.call(0, "getpid");
    }),
  ]);
  expect(result.operations.map(({ state }) => state)).toEqual([
    "unmodelled",
    "unmodelled",
    "unmodelled",
    "done",
  ]);
});

test("a refusal tells its reason", async () => {
  const [result] = await new ModelTarget({ facts }).run([
    program((p) => p.call(0, "madvise", [1, 4096, 4])),
  ]);
  expect(result.operations[0].refusal?.reason.id).toBe("madvise/unaligned-start");
});
