import { describe, expect, test } from "vitest";
import { liveProfile, readMachine } from "./machineFacts.ts";
import { pageCounts } from "./pageCounts.ts";
import { smapsTotals } from "./smapsTotals.ts";
import { fakeFiles } from "./testing/fakeFiles.ts";

const PAGE = 4096;

describe("pagemap", () => {
  const entry = (high: number): string => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(high >>> 0, 4);
    return bytes.toString("latin1");
  };
  // Documentation/admin-guide/mm/pagemap.rst: 63 present, 62 swapped, 61 file, 56 exclusively mapped.
  const text = [0, 0x8000_0000, 0x8100_0000, 0x4000_0000, 0xa000_0000, 0xa100_0000]
    .map(entry)
    .join("");
  const files = fakeFiles({ "/proc/7/pagemap": text });

  test("tells pages in memory, those alone, and those in swap", () => {
    expect(pageCounts(files, 7, { base: 0, length: 6 * PAGE }, PAGE)).toEqual({
      ...{ pages: 6, present: 4, alone: 2, swapped: 1 },
    });
  });

  test("is read from the range's first page on; a rest is a page", () => {
    expect(pageCounts(files, 7, { base: 3 * PAGE, length: PAGE + 1 }, PAGE)).toEqual({
      ...{ pages: 2, present: 1, alone: 0, swapped: 1 },
    });
  });

  test("tells nothing where it ends or cannot be read", () => {
    expect(pageCounts(files, 7, { base: 5 * PAGE, length: 2 * PAGE }, PAGE)).toBeUndefined();
    expect(pageCounts(files, 8, { base: 0, length: PAGE }, PAGE)).toBeUndefined();
  });
});

test("smaps is added up over the areas that a range touches, each once", () => {
  const smaps = [
    "1000-3000 rw-p 00000000 00:00 0 ",
    "Rss:   8 kB",
    "Swap:  4 kB",
    "4000-5000 rw-p 00000000 00:00 0 ",
    "Rss:   100 kB",
    "6000-9000 rw-p 00000000 00:00 0 ",
    "Rss:   1000 kB",
    "VmFlags: rd wr",
  ].join("\n");
  const ranges = [
    { base: 0x8000, length: 0x1000 },
    { base: 0x1000, length: 0x1000 },
    { base: 0x2000, length: 0x1000 },
  ];
  expect(smapsTotals(smaps, ranges)).toMatchObject({ Rss: 1008, Swap: 4, Anonymous: 0 });
});

describe("a machine's settings", () => {
  const files = fakeFiles({
    "/proc/sys/kernel/osrelease": "5.10.0-32-amd64\n",
    "/proc/sys/kernel/version": "#1 SMP Debian 5.10.223-1 (2024-08-10)\n",
    "/proc/swaps": "Filename Type Size Used Priority\n/dev/zram0 partition 1 0 100\n",
    "/sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never\n",
    "/sys/kernel/mm/lru_gen/enabled": "0x0007\n",
    "/proc/sys/kernel/yama/ptrace_scope": "1\n",
  });

  test("are what its files say", () => {
    const { kernel, settings } = readMachine(files);
    expect(kernel).toBe("5.10.223");
    expect(settings).toMatchObject({
      swap: true,
      thp: true,
      thpEnabled: "always",
      multiGenLru: true,
    });
    expect(settings).toMatchObject({ ksm: false, memoryFailure: false, ptraceScope: 1 });
  });

  test("make the profile, with the limits as usual where no file tells", () => {
    const { settings, assumed } = liveProfile(readMachine(files));
    expect(settings).toMatchObject({ thpEnabled: "always", ptraceScope: 1, maxMapCount: 65530 });
    expect(assumed).not.toContain("adviseSyscalls");
  });

  test.each([
    ["ProtectionKey:         0\nVmFlags: rd wr mr mw me ac sd\n", true],
    ["VmFlags: rd wr mr mw me ac\n", false],
    [undefined, undefined],
  ])("own areas that say %j tell of protection keys and soft-dirty pages", (text, has) => {
    const machine = readMachine(fakeFiles(text === undefined ? {} : { "/proc/self/smaps": text }));
    const { protectionKeys, softDirty } = machine.settings;
    expect([protectionKeys, softDirty]).toEqual([has, has]);
  });

  test.each([
    ["flags\t\t: fpu user_shstk pku\n", "yes"],
    ["flags\t\t: fpu user_shstk\n", "yes"],
    ["flags\t\t: fpu shstk no_user_shstk\n", undefined],
    ["Features\t: fp asimd\n", undefined],
  ])("a processor that says %j tells of shadow stacks", (text, has) => {
    expect(readMachine(fakeFiles({ "/proc/cpuinfo": text })).settings.shadowStacks).toBe(has);
  });

  test.each([
    ["0\n", false],
    ["1\n", true],
    [undefined, undefined],
  ])("vm.unprivileged_userfaultfd that says %j", (text, isAllowed) => {
    const path = "/proc/sys/vm/unprivileged_userfaultfd";
    const machine = readMachine(fakeFiles(text === undefined ? {} : { [path]: text }));
    expect(machine.settings.unprivilegedUserfaultfd).toBe(isAllowed);
  });

  test("no Yama file is no Yama", () => {
    expect(readMachine(fakeFiles({})).settings.ptraceScope).toBeNull();
  });
});
