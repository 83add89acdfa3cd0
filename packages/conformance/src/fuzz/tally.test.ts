import { profile } from "@kadvise/releases";
import { expect, test } from "vitest";
import { followProgram } from "../model/followProgram.ts";
import { readRecording } from "../model/testing/recording.ts";
import { compileScenario } from "../scenario/compileScenario.ts";
import { parseScenario } from "../scenario/parse.ts";
import { ModelTarget } from "../target/modelTarget.ts";
import { Tally, type TallyReport } from "./tally.ts";

const { facts } = readRecording("6.12");

/** A scenario on the model of one release in place of a kernel, beside that of another. */
async function tallied(lines: readonly string[], kernel: string): Promise<TallyReport> {
  const parsed = parseScenario(lines.map((line) => `${line}\n`).join(""));
  if ("error" in parsed) throw new Error(parsed.error.text);
  const image = facts.images["plain"] ?? "";
  const compiled = compileScenario(parsed.steps, { abi: facts.abi, image, mapsEvery: 100 });
  const { program } = compiled;
  const [seen] = await new ModelTarget({ facts, kernel }).run([program]);
  const model = profile("6.12", { settings: facts.settings, assume: "all" });
  const tally = new Tally();
  const watch = tally.cells;
  tally.add(compiled, followProgram({ facts, profile: model, program, seen, watch }));
  return tally.report();
}

const DENIED = [
  "user  spawn({uid=1000})",
  "other spawn({uid=2000, caps=[CAP_SYS_NICE]})",
  "other pidfd_open($user, 0) = $fd",
  "other process_madvise($fd, [{iov_base=0x20000000, iov_len=4096}], 1, MADV_COLD, 0)",
];

test("a refusal shows its reason, and those that it stands on", async () => {
  const report = await tallied(DENIED, "6.12");
  expect(report).toMatchObject({
    ...{ programs: 1, steps: 4, succeeded: 3, calls: { spawn: 2, process_madvise: 1 } },
    errors: { "process_madvise EACCES": 1 },
    reasons: ["commoncap/capability-missing", "mm_access/denied", "ptrace_access/ids-differ"],
  });
  expect(report.equal).toBe(report.compared);
});

test("a signal is an error of the step that it stopped", async () => {
  const report = await tallied(["app  touch(0x20000000, 4096)"], "6.12");
  expect(report).toMatchObject({
    ...{ succeeded: 0, errors: { "touch signal 11": 1 }, reasons: ["access/no-area"] },
  });
});

test("what only the model says was not seen, and is not equal", async () => {
  const map = "mmap(0x20000000, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)";
  const guard = "app  madvise(0x20000000, 4096, MADV_GUARD_INSTALL)";
  // 6.13 has guards; the model of 6.12 refuses them.
  const report = await tallied([`app  ${map}`, guard], "6.13");
  expect(report.reasons).toEqual([]);
  expect(report.cells).toEqual({});
  expect(report.equal).toBe(report.compared - 1);
});
