import { P, WAIT } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { ProgramBuilder } from "../program/programBuilder.ts";
import { ModelTarget } from "../target/modelTarget.ts";
import { readRecording } from "./testing/recording.ts";

const { facts } = readRecording("6.12");

test.each([
  ["wait4", [-1, 0, 0, 0], "hung"],
  ["waitid", [P.P_ALL, 0, 0, WAIT.WEXITED, 0], "hung"],
  ["poll", [0, 0, -1], "hung"],
  ["ppoll", [0, 0, 0, 0, 0], "hung"],
  ["poll", [0, 0, 1], "done"],
] as const)("%s(%j) of a parent whose child lives is %s", async (name, args, state) => {
  const builder = new ProgramBuilder({ actors: 1 });
  builder.fork(0, "fork", []);
  const call = builder.call(0, name, args);
  const [{ operations }] = await new ModelTarget({ facts }).run([builder.build()]);
  expect(operations[call].state).toBe(state);
});
