import { CLONE, PR } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { readMatrix } from "../matrix/folder.ts";
import type { Actor, Program } from "../program/program.ts";
import { ProgramBuilder } from "../program/programBuilder.ts";
import { ModelTarget } from "../target/modelTarget.ts";

const EPERM = -1n;
const EINVAL = -22n;
const { facts } = readMatrix().get("6.12.107")!;

async function valuesOf(program: Program): Promise<(bigint | string)[]> {
  const [{ operations }] = await new ModelTarget({ facts }).run([program]);
  return operations.map(({ state, value }) => (state === "done" ? value : state));
}

function write(p: ProgramBuilder, path: string, text: string, actor: Actor = "supervisor"): void {
  p.add({ kind: "write", actor, path, of: 0, text });
}

// The expectations are those of 6.18.44 and 6.12.107, asked with these very programs.
test("root writes the maps of a namespace right below its own, once, and none deeper", async () => {
  const p = new ProgramBuilder();
  p.call(0, "unshare", [CLONE.CLONE_NEWUSER]);
  write(p, "/proc/%/uid_map", "5 1000 1\n5 2000 1\n");
  write(p, "/proc/%/uid_map", "0 0 1\n7 1000 2\n");
  write(p, "/proc/%/uid_map", "0 0 1\n");
  p.call(0, "setresuid", [7, 7, 7]);
  p.call(0, "setresuid", [9, 9, 9]);
  write(p, "/proc/%/setgroups", "deny");
  write(p, "/proc/%/gid_map", "0 0 1\n");
  write(p, "/proc/%/setgroups", "deny");
  p.call(0, "unshare", [CLONE.CLONE_NEWUSER]);
  write(p, "/proc/%/uid_map", "0 0 1\n");
  expect(await valuesOf(p.build())).toEqual([
    ...[0n, EINVAL, 15n, EPERM, 0n, EINVAL],
    ...[4n, 6n, EPERM, 0n, EPERM],
  ]);
});

test("fs.suid_dumpable is what a change of identity leaves", async () => {
  const p = new ProgramBuilder();
  write(p, "/proc/sys/fs/suid_dumpable", "2\n");
  p.call(0, "setresuid", [5, 5, 5]);
  p.call(0, "prctl", [PR.PR_GET_DUMPABLE]);
  expect(await valuesOf(p.build())).toEqual([2n, 0n, 2n]);
});

// 6.12.107 and all others since 5.10: packages/conformance/facts/userfaultfd-setting.scenario
test("vm.unprivileged_userfaultfd opens userfaultfd to all, and closes it", async () => {
  const p = new ProgramBuilder();
  p.call(0, "setresuid", [5, 5, 5]);
  for (const setting of ["1\n", "0\n"]) {
    write(p, "/proc/sys/vm/unprivileged_userfaultfd", setting);
    p.call(0, "userfaultfd", [0]);
  }
  expect(await valuesOf(p.build())).toEqual([0n, 2n, 3n, 2n, EPERM]);
});

test("what an actor writes itself, or to other files, is not modelled", async () => {
  const p = new ProgramBuilder();
  write(p, "/proc/%/uid_map", "0 0 1\n", 0);
  write(p, "/proc/%/oom_score_adj", "0\n");
  expect(await valuesOf(p.build())).toEqual(["unmodelled", "unmodelled"]);
});
