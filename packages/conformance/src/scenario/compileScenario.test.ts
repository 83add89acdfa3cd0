import { expect, test } from "vitest";
import { readRecording } from "../model/testing/recording.ts";
import { ModelTarget } from "../target/modelTarget.ts";
import { compileScenario, type CompileOptions } from "./compileScenario.ts";
import { parseScenario, type Step } from "./parse.ts";
import { ScenarioMisuse } from "./run.ts";
import { scenarioLines, type ScenarioLine } from "./scenarioLines.ts";

const { facts } = readRecording("6.12");
const OPTIONS: CompileOptions = { abi: "x86-64", image: facts.images["plain"] };
const AREA =
  "mmap(0x20000000, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)";

function steps(text: string): readonly Step[] {
  const parsed = parseScenario(text);
  if ("error" in parsed) throw new Error(`${parsed.error.line}: ${parsed.error.expected}`);
  return parsed.steps;
}

/** Runs a scenario's program on the model, as a real kernel would be made to. */
async function run(text: string): Promise<readonly ScenarioLine[]> {
  const compiled = compileScenario(steps(text), OPTIONS);
  const [result] = await new ModelTarget({ facts }).run([compiled.program]);
  return scenarioLines(compiled, result);
}

const mismatches = (lines: readonly ScenarioLine[]): readonly (string | undefined)[] =>
  lines.map(({ mismatch }) => mismatch).filter((text) => text !== undefined);

test("names stand for results, sums with them for addresses, processes for their numbers", async () => {
  const lines = await run(`
app      spawn({uid=1000})
app      ${AREA} = $heap
app      touch($heap, 16384)
app      mprotect($heap + 4096, 4096, PROT_READ) = 0
app      store($heap + 8192, "hello") = 0
app      load($heap + 8192, 5) = 0
boss     spawn({uid=1000, caps=[CAP_SYS_NICE]})
boss     pidfd_open($app, 0) = $fd
boss     process_madvise($fd, [{iov_base=$heap, iov_len=4096}, {iov_base=$heap + 4096, iov_len=4096}], 2, MADV_COLD, 0) = 8192
boss     process_madvise($fd, [{iov_base=$heap, iov_len=4096}, {iov_base=$heap + 16384, iov_len=4096}], 2, MADV_COLD, 0) = 4096
`);
  expect(mismatches(lines)).toEqual([]);
  expect(lines[7].text).toBe(
    `${lines[6].pid}     pidfd_open(${lines[0].pid}, 0)                  = 3`,
  );
  expect(lines[8].text).toContain(
    "process_madvise(3, [{iov_base=0x20000000, iov_len=4096}, {iov_base=0x20001000, iov_len=4096}], 2, MADV_COLD, 0) = 8192",
  );
});

test("children are named by what fork returned, act, and are waited for", async () => {
  const lines = await run(`
app      fork() = $child
$child   getpid() = $child
child    getppid() = $app
$child   exit_group(3)
app      wait4($child, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = $child
$child   getpid() = ?
`);
  expect(mismatches(lines)).toEqual([]);
  expect(lines.map(({ note }) => note).filter((text) => text !== undefined)).toEqual([
    "$child is not there any more",
  ]);
  expect(lines[3].text).toMatch(/exit_group\(3\) += \?$/);
});

test("a 32-bit caller's vector has two 32-bit words a range, numbers are that gate's", async () => {
  const text = `
app      spawn({uid=1000})
app      ${AREA} = $heap
app      pidfd_open($app, 0) = $fd
app/i386 process_madvise($fd, [{iov_base=$heap, iov_len=4096}], 1, MADV_COLD, 0) = 4096
`;
  expect(mismatches(await run(text))).toEqual([]);
  const { program } = compileScenario(steps(text), OPTIONS);
  const call = program.operations.at(-1);
  expect(call).toMatchObject({ gate: "i386", relocations: [{ bytes: 4 }] });
});

test("what a call wrote is printed where it succeeded", async () => {
  const lines = await run(`
app      ${AREA} = $heap
app      touch($heap, 8192)
app      mincore($heap, 16384, [0, 0, 0, 0]) = 0
app      mincore($heap + 1, 16384, [0, 0, 0, 0]) = -1 EINVAL
app      getresuid([0], [0], [0]) = 0
`);
  expect(mismatches(lines)).toEqual([]);
  expect(lines[2].text).toContain("mincore(0x20000000, 16384, [1, 1, 0, 0]) = 0");
});

test("an access that gets a signal shows as EFAULT, and the process goes on", async () => {
  const lines = await run(`
app      load(0x30000000, 1) = -1 EFAULT
app      getpid() = $app
app      ${AREA} = $heap
app      touch($heap + 16383, 1) = 0
app      touch($heap + 16383, 2) = -1 EFAULT
app      touch($heap + 4096, 12288, read) = 0
`);
  expect(mismatches(lines)).toEqual([]);
  expect(lines[0].text).toMatch(/EFAULT \(Bad address\) \/\* access\/no-area \*\/$/);
  expect(lines[0].plain).not.toContain("access/no-area");
});

test("expectations that are not met are told, in strace's notation", async () => {
  const lines = await run(`
app      getpid() = 1
app      madvise(0, 0, MADV_NORMAL) = -1 EINVAL
app      madvise(1, 0, MADV_NORMAL) = $name
app      close(77) = 0
`);
  expect(mismatches(lines)).toEqual(["1", "-1 EINVAL", "success", "0"]);
});

test("the maps of all processes are read behind each step, on request", async () => {
  const compiled = compileScenario(
    steps(`app ${AREA} = $heap\napp fork() = $child\n$child munmap($heap, 4096)`),
    { ...OPTIONS, mapsEvery: 1 },
  );
  expect(compiled.steps.map(({ maps }) => [...maps.keys()])).toEqual([[0], [0, 1], [0, 1]]);
  const [{ operations }] = await new ModelTarget({ facts }).run([compiled.program]);
  const maps = [...(compiled.steps[2]?.maps.values() ?? [])].map((i) =>
    Buffer.from(operations[i].payload ?? []).toString(),
  );
  expect(maps[0]).toContain("20000000-20004000");
  expect(maps[1]).toContain("20001000-20004000");
});

test.each([
  ["app  personality(0)", "no call that is modelled"],
  ["$nobody  getpid()", "no process was bound to $nobody"],
  ["app  touch($nothing, 1)", "needs a number as argument 1"],
  ["app  madvise($nothing, 1, MADV_COLD)", "is a name unbound?"],
  ["app  spawn(7)", "spawn takes a structure"],
])("%s cannot be compiled, and the line says why", (text, why) => {
  expect(() => compileScenario(steps(`\n${text}`), OPTIONS)).toThrow(ScenarioMisuse);
  expect(() => compileScenario(steps(`\n${text}`), OPTIONS)).toThrow(why);
});

test("a process that cannot be made as asked says so", async () => {
  const [root] = steps("app spawn({uid=0, caps=none})");
  const again = { ...root, line: 2 };
  const other = steps("app spawn({uid=1000, caps=all})")[0];
  const compiled = compileScenario([again, other], OPTIONS);
  const [result] = await new ModelTarget({ facts }).run([compiled.program]);
  const [, line] = scenarioLines(compiled, result);
  expect(line.isRefusal).toBe(true);
  expect(line.note).toContain("could not be made so");
});
