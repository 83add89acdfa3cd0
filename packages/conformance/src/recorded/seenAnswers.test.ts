import { expect, test } from "vitest";
import { ModelTarget } from "../target/modelTarget.ts";
import { askFacts, changesSettings, notesOf } from "./fact.ts";
import { readKernel } from "./folder.ts";
import type { SeenAnswers } from "./seenAnswers.ts";

const target = new ModelTarget({ facts: readKernel("6.12.107")! });
const AREA =
  "app mmap(0x20000000, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)";

async function ask(text: string): Promise<SeenAnswers> {
  const [answer] = (await askFacts(target, [{ name: "question", text }])).values();
  return answer;
}

test("steps that ask answer, the others do not; the areas that were made stand behind", async () => {
  const { seen, unmet } = await ask(`${AREA} = 0x20000000
app  mprotect(0x20000000, 4096, PROT_READ) = 0
app  madvise(0x20004000, 4096, MADV_COLD) = ?
app  mincore(0x20000000, 8192, [0, 0]) = ?`);
  expect(seen).toEqual([
    "= -1 ENOMEM (Cannot allocate memory)",
    "mincore(0x20000000, 8192, [0, 0]) = 0",
    "20000000-20001000 r--p",
    "20001000-20002000 rw-p",
  ]);
  expect(unmet).toEqual([]);
});

test("without a step that asks, the last one does", async () => {
  const { seen } = await ask(`${AREA}\napp  mlock(0x20000000, 4096)`);
  expect(seen).toEqual(["= 0", "20000000-20001000 rw-p", "20001000-20002000 rw-p"]);
});

test("bytes, faults and processes have words of their own", async () => {
  const { seen } = await ask(`${AREA}
app  store(0x20000000, "ab")
app  load(0x20000000, 3) = ?
app  load(0x30000000, 1) = ?
app  mprotect(0x20000000, 4096, PROT_NONE)
app  touch(0x20000000, 4096) = ?
app  fork() = $child
$child  getppid() = ?
$child  exit_group(0)
$child  getpid() = ?`);
  expect(seen.slice(0, 5)).toEqual([
    "= 0 (61 62 00)",
    "SIGSEGV (code 1)",
    "SIGSEGV (code 2)",
    "= process 1",
    "is gone",
  ]);
});

test("expectations that are not met are told", async () => {
  const { unmet } = await ask("app  close(77) = 0\napp  getpid() = ?");
  expect(unmet).toEqual([expect.stringMatching(/^line 1: .*close\(77\) += -1 EBADF/)]);
});

test("the first step that the model does not know is told", async () => {
  const { unmodelled } = await ask("app  getpid()\napp  raw(1000, 0) = ?\napp  raw(1001, 0) = ?");
  expect(unmodelled).toBe("raw(1000)");
});

test("$vdso is where the vdso of that kernel lies", async () => {
  const { seen } = await ask(
    "app  madvise($vdso, 4096, MADV_DODUMP) = ?\napp  show(VmFlags, $vvar) = ?",
  );
  expect(seen).toEqual(["= -1 EINVAL (Invalid argument)", "= 0 (rd mr pf io de dd)"]);
});

test("comments in front of the first step are notes", () => {
  const text = `# How long
# is a piece?
# Sheet: F6, V8
# Change: pidfd-self
# Settles: it is
#   so long.

# Not this.
app  getpid() = ?
`;
  expect(notesOf({ name: "x", text })).toEqual({
    title: "How long is a piece?",
    sheets: ["F6", "V8"],
    changes: ["pidfd-self"],
    settles: "it is so long.",
  });
});

test.each([
  ['app  write("/proc/sys/vm/swappiness", "10")', true],
  ['app  write("/sys/kernel/mm/ksm/run", "1")', true],
  ['app  write("/proc/%/clear_refs", "1")', false],
])("%s changes the machine's settings: %s", (text, changes) => {
  expect(changesSettings({ name: "x", text })).toBe(changes);
});
