import { profile } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { followProgram } from "../model/followProgram.ts";
import { readRecording } from "../model/testing/recording.ts";
import { compileScenario } from "../scenario/compileScenario.ts";
import { parseScenario } from "../scenario/parse.ts";
import { ModelTarget } from "../target/modelTarget.ts";
import { CellTally } from "./cellTally.ts";

const { facts } = readRecording("6.12");
const AREA = "0x20000000";
const map = (pages: number, how = "PROT_READ|PROT_WRITE, MAP_PRIVATE"): string =>
  `mmap(${AREA}, ${pages}*4096, ${how}|MAP_ANONYMOUS|MAP_FIXED, -1, 0)`;

/** The cells that the advice of one process meets, `own` left out. */
async function cells(kernel: string, ...calls: readonly string[]): Promise<string[]> {
  const all = await cellsOf(
    kernel,
    calls.map((call) => `app  ${call}`),
  );
  return all.map((cell) => cell.replace(" own ", " "));
}

/** The cells that a scenario's advice meets on the model of a release. */
async function cellsOf(kernel: string, lines: readonly string[]): Promise<string[]> {
  const parsed = parseScenario(lines.map((line) => `${line}\n`).join(""));
  if ("error" in parsed) throw new Error(parsed.error.text);
  const image = facts.images["plain"] ?? "";
  const { program } = compileScenario(parsed.steps, { abi: facts.abi, image });
  const [seen] = await new ModelTarget({ facts, kernel }).run([program]);
  const watch = new CellTally();
  const settings = { settings: facts.settings, assume: "all" } as const;
  followProgram({ facts, profile: profile(kernel, settings), program, seen, watch });
  return [...watch.counts.keys()].sort();
}

const COLD = `madvise(${AREA}, 4096, MADV_COLD)`;

describe("an area is met as what it is at the time of the call", () => {
  test.each<[string, string[], string[]]>([
    ["private memory", [map(1)], ["private-anonymous ok"]],
    ["shared memory", [map(1, "PROT_READ|PROT_WRITE, MAP_SHARED")], ["shared-anonymous ok"]],
    [
      "without access",
      [map(1, "PROT_NONE, MAP_PRIVATE")],
      ["private-anonymous ok", "prot-none ok"],
    ],
    [
      "after a change of access",
      [map(1), `mprotect(${AREA}, 4096, PROT_READ)`],
      ["private-anonymous ok", "read-only ok"],
    ],
    ["locked", [map(1), `mlock(${AREA}, 4096)`], ["locked EINVAL", "private-anonymous EINVAL"]],
    [
      "locked on fault",
      [map(1), `mlock2(${AREA}, 4096, MLOCK_ONFAULT)`],
      ["locked-on-fault EINVAL", "private-anonymous EINVAL"],
    ],
    [
      "wiped on fork",
      [map(1), `madvise(${AREA}, 4096, MADV_WIPEONFORK)`],
      ["private-anonymous ok", "wiped-on-fork ok"],
    ],
    ["a hole", [], ["hole ENOMEM"]],
  ])("%s", async (_, before, expected) => {
    const met = await cells("6.12", ...before, COLD);
    expect(met.filter((cell) => cell.startsWith("MADV_COLD")).sort()).toEqual(
      expected.map((cell) => `MADV_COLD ${cell}`),
    );
  });

  test("guarded, as far as the range reaches", async () => {
    const guard = `madvise(${AREA}, 4096, MADV_GUARD_INSTALL)`;
    const met = (at: string): Promise<string[]> =>
      cells("6.13", map(2), guard, `madvise(${at}, 4096, MADV_NORMAL)`);
    expect(await met(AREA)).toContain("MADV_NORMAL guard ok");
    expect(await met("0x20001000")).not.toContain("MADV_NORMAL guard ok");
  });
});

describe("what a process begins with is met by its name", () => {
  test.each([
    ["[vdso]", ["executable", "vdso"]],
    ["[vvar]", ["read-only", "vvar"]],
    ["[stack]", ["grows-down", "private-anonymous", "stack"]],
  ])("%s", async (name, kinds) => {
    const start = facts.start.areas.find((area) => area.name === name)?.start ?? 0;
    const met = await cells("6.12", `madvise(0x${start.toString(16)}, 4096, MADV_NORMAL)`);
    for (const kind of kinds) expect(met).toContain(`MADV_NORMAL ${kind} ok`);
  });

  test("[heap]", async () => {
    const start = facts.start.break.toString(16);
    const grow = `brk(0x${(facts.start.break + 8192).toString(16)})`;
    const met = await cells("6.12", grow, `madvise(0x${start}, 4096, MADV_NORMAL)`);
    expect(met).toEqual(["MADV_NORMAL heap ok", "MADV_NORMAL private-anonymous ok"]);
  });
});

describe("a part counts if the kernel came to it", () => {
  const locked = [
    map(1),
    "mmap(0x20002000, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)",
  ];

  test("a hole stops nothing", async () => {
    expect(await cells("6.12", ...locked, `madvise(${AREA}, 4*4096, MADV_COLD)`)).toEqual([
      "MADV_COLD hole ENOMEM",
      "MADV_COLD private-anonymous ok",
      "MADV_COLD read-only ok",
    ]);
  });

  test("an area that refuses does", async () => {
    const lines = [...locked, "mlock(0x20002000, 4096)", `madvise(${AREA}, 4*4096, MADV_COLD)`];
    expect(await cells("6.12", ...lines)).toEqual([
      "MADV_COLD hole ENOMEM",
      "MADV_COLD locked EINVAL",
      "MADV_COLD private-anonymous EINVAL",
      "MADV_COLD private-anonymous ok",
      "MADV_COLD read-only EINVAL",
    ]);
  });

  test.each([
    `madvise(${AREA}, 4096, 99)`,
    "madvise(0x20000001, 4096, MADV_COLD)",
    `madvise(${AREA}, 0, MADV_COLD)`,
    `madvise(${AREA}, -1, MADV_COLD)`,
    `process_madvise(77, [{iov_base=${AREA}, iov_len=4096}], 1, MADV_COLD, 0)`,
  ])("%s looks at no area", async (call) => {
    expect(await cells("6.12", map(1), call)).toEqual([]);
  });

  test("advice that a release does not know meets nothing", async () => {
    const guard = `madvise(${AREA}, 4096, MADV_GUARD_INSTALL)`;
    expect(await cells("6.12", map(1), guard)).toEqual([]);
    expect(await cells("6.13", map(1), guard)).toEqual(["MADV_GUARD_INSTALL private-anonymous ok"]);
  });
});

describe("process_madvise", () => {
  const vector = `[{iov_base=${AREA}, iov_len=4096}, {iov_base=0x20001000, iov_len=8192}]`;

  test.each(["app", "app/i386"])("of %s meets all ranges of its vector", async (who) => {
    const lines = [map(2), "pidfd_open($app, 0) = $fd"];
    const call = `process_madvise($fd, ${vector}, 2, MADV_COLD, 0)`;
    const calls = [...lines, call].map((line, i) => (i === 2 ? `${who}  ${line}` : `app  ${line}`));
    expect(await cellsOf("6.12", calls)).toEqual([
      "MADV_COLD own hole ENOMEM",
      "MADV_COLD own private-anonymous ok",
    ]);
  });

  test("on another process is told apart", async () => {
    const met = await cellsOf("6.12", [
      `app   ${map(1)}`,
      "root  spawn()",
      "root  pidfd_open($app, 0) = $fd",
      `root  process_madvise($fd, [{iov_base=${AREA}, iov_len=4096}], 1, MADV_PAGEOUT, 0)`,
    ]);
    expect(met).toEqual(["MADV_PAGEOUT remote private-anonymous ok"]);
  });
});
