import { describe, expect, test } from "vitest";
import { readRecording } from "../model/testing/recording.ts";
import { fieldText } from "../program/shownField.ts";
import { ModelTarget } from "../target/modelTarget.ts";
import { compileScenario, type CompiledScenario } from "./compileScenario.ts";
import { parseScenario } from "./parse.ts";
import { scenarioLines } from "./scenarioLines.ts";

const { facts } = readRecording("6.12");
const AREA =
  "app mmap(0x20000000, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)";

function compiled(text: string): CompiledScenario {
  const parsed = parseScenario(text);
  if ("error" in parsed) throw new Error(parsed.error.text);
  return compileScenario(parsed.steps, { abi: "x86-64", image: facts.images["plain"] ?? "" });
}

async function results(text: string): Promise<readonly string[]> {
  const scenario = compiled(text);
  const [result] = await new ModelTarget({ facts }).run([scenario.program]);
  return scenarioLines(scenario, result).map(({ plain }) => plain.replace(/^.*? += /, ""));
}

test("show tells an area's flags in the order of smaps, and what a process has locked", async () => {
  const lines = await results(`${AREA}
app  mlock(0x20001000, 4096)
app  madvise(0x20001000, 4096, MADV_DONTFORK)
app  show(VmFlags, 0x20000000)
app  show(VmFlags, 0x20001fff)
app  show(VmLck)
app  show(VmFlags, 0x30000000)`);
  expect(lines.slice(3)).toEqual([
    "0 (rd wr mr mw me ac)",
    "0 (rd wr mr mw me lo dc ac)",
    "0 (4 kB)",
    "0 (not there)",
  ]);
});

test("show tells what fdinfo says of a pidfd, and nothing of other descriptors", async () => {
  const lines = await results(`app  pidfd_open($app, PIDFD_NONBLOCK) = 3
app  show(fdinfo, 3)
app  show(fdinfo, 0)
app  show(fdinfo, 9)`);
  expect(lines.slice(1)).toEqual([
    expect.stringMatching(/^0 \(pos 0, flags 02004002, Pid (\d+), NSpid \1\)$/),
    "?",
    "?",
  ]);
});

test("what the model does not know of shows nothing there", async () => {
  const lines = await results(`${AREA}
app  write("/proc/sys/vm/swappiness", "10")`);
  expect(lines.slice(1)).toEqual(["?"]);
});

test("ksm lets pages be merged, and takes that back", async () => {
  const lines = await results(`${AREA}
app  madvise(0x20000000, 16384, MADV_MERGEABLE)
app  store(0x20000000, "same")
app  store(0x20001000, "same")
app  show(pagemap, 0x20001000)
app  ksm(scan)
app  show(pagemap, 0x20001000)
app  ksm(unmerge)
app  show(pagemap, 0x20001000)`);
  expect(lines.slice(4)).toEqual([
    "0 (present exclusive)",
    "1",
    "0 (present)",
    "1",
    "0 (present exclusive)",
  ]);
});

test("ksm says which words it knows", () => {
  expect(() => compiled("app  ksm(merge)")).toThrow("ksm needs a word: scan or unmerge");
});

test("a real kernel is asked for the entry of the page, and for files of that process", () => {
  const { operations } = compiled(`app show(pagemap, 0x20001000)
app show(Rss, 0x20001000)
app write("/proc/%/clear_refs", "1")`).program;
  expect(operations).toMatchObject([
    { kind: "read", path: "/proc/%/pagemap", offset: 0x20001 * 8, bytes: 8, of: 0 },
    { kind: "read", path: "/proc/%/smaps", of: 0 },
    { kind: "write", path: "/proc/%/clear_refs", text: "1", of: 0 },
  ]);
});

describe("of what a kernel printed", () => {
  const smaps = [
    "20000000-20004000 rw-p 00000000 00:00 0 ",
    "Rss:                   4 kB",
    "VmFlags: rd wr mr mw me ac sd ",
    "20004000-20008000 r--p 00000000 00:00 0 ",
    "Rss:                   8 kB",
    "VmFlags: rd mr mw me sd gu ",
    "",
  ].join("\n");
  const bytes = new TextEncoder().encode(smaps);

  test.each([
    ["Rss", 0x2000_0000n, "4 kB"],
    ["Rss", 0x2000_4000n, "8 kB"],
    ["VmFlags", 0x2000_3fffn, "rd wr mr mw me ac"],
    ["VmFlags", 0x2000_7fffn, "rd mr mw me gu"],
    ["Rss", 0x2000_8000n, undefined],
    ["Swap", 0x2000_0000n, undefined],
  ])("%s at %i is that of its area", (name, address, text) => {
    expect(fieldText({ name, address }, bytes)).toBe(text);
  });

  test.each([
    [0n, "nothing"],
    [(1n << 63n) | (1n << 56n) | 0x1234n, "present exclusive"],
    [(1n << 62n) | (1n << 58n) | 0x9fn, "swapped guard"],
    [(1n << 63n) | (1n << 61n), "present file"],
  ])("the pagemap entry %i has names", (entry, text) => {
    const file = new Uint8Array(8);
    new DataView(file.buffer).setBigUint64(0, entry, true);
    expect(fieldText({ name: "pagemap", address: 0n }, file)).toBe(text);
  });
});

test.each([
  ['app show("VmFlags")', "the name of a field"],
  ["app show(pagemap)", "an address that is written out"],
  ["app show(fdinfo)", "an address that is written out"],
  ["app show(VmFlags, $nobody)", "an address that is written out"],
  ['app write("/proc/x")', "two texts"],
])("%s says what it lacks", (text, why) => {
  expect(() => compiled(text)).toThrow(why);
});
