import { expect, test } from "vitest";
import type { FactsRead, Question } from "./factsProgram.ts";
import { settingsOf } from "./settingsOf.ts";

const EINVAL = -22n;

function read(
  files: { readonly [path: string]: string },
  answers: { readonly [question in Question]?: bigint } = {},
  smaps = "7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0   [stack]\nVmFlags: rd wr sd\n",
): FactsRead {
  return {
    files: new Map(Object.entries(files)),
    answers: new Map(Object.entries(answers) as [Question, bigint][]),
    start: new Map([["smaps", smaps]]),
    executed: new Map(),
  };
}

test("what the files of a kernel say becomes its settings", () => {
  const settings = settingsOf(
    read({
      "/sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never\n",
      "/sys/kernel/mm/lru_gen/enabled": "0x0007\n",
      "/proc/swaps": "Filename\tType\n/dev/nvme0n1\tpartition\n",
      "/proc/sys/vm/max_map_count": "1048576\n",
      "/proc/sys/vm/overcommit_memory": "1\n",
      "/proc/sys/vm/unprivileged_userfaultfd": "1\n",
      "/proc/sys/kernel/yama/ptrace_scope": "0\n",
      "/proc/sys/vm/admin_reserve_kbytes": "80\n",
      "/proc/sys/vm/user_reserve_kbytes": "120\n",
      "/proc/sys/vm/nr_hugepages": "7\n",
      "/proc/sys/vm/nr_overcommit_hugepages": "3\n",
      "/proc/meminfo":
        "MemTotal:  4000 kB\nSwapTotal:  96 kB\nCommitLimit:  2000 kB\nCommitted_AS:  400 kB\n",
    }),
    4096,
  );
  expect(settings).toMatchObject({
    pageShift: 12,
    thpEnabled: "always",
    multiGenLru: true,
    swap: true,
    softDirty: true,
    maxMapCount: 1048576,
    overcommit: 1,
    unprivilegedUserfaultfd: true,
    ptraceScope: 0,
    commitPages: 1024,
    commitLimitPages: 500,
    committedPages: 100,
    adminReservePages: 20,
    userReservePages: 30,
    hugePages: 7,
    overcommitHugePages: 3,
    userBits: 47,
    protectionKeys: false,
  });
});

test("a processor has protection keys where smaps speaks of them", () => {
  const smaps = "7ffffffde000-7ffffffff000 rw-p 0 00:00 0   [stack]\nProtectionKey:         0\n";
  expect(settingsOf(read({}, {}, smaps), 4096).protectionKeys).toBe(true);
});

test.each([
  [-22n, "yes"],
  [-95n, "no-processor"],
  [-38n, "not-built"],
] as const)("map_shadow_stack with a flag that there is not answers %i: %s", (answer, setting) => {
  expect(settingsOf(read({}, { shadowStack: answer }), 4096).shadowStacks).toBe(setting);
});

test("what a kernel lacks is off", () => {
  const bare = settingsOf(
    read(
      { "/proc/swaps": "Filename\tType\n" },
      { ksm: EINVAL, thp: EINVAL, memoryFailure: EINVAL, anonName: EINVAL, adviceKnown: -38n },
      "VmFlags: rd wr\n",
    ),
    16384,
  );
  expect(bare).toMatchObject({
    pageShift: 14,
    swap: false,
    ksm: false,
    thp: false,
    thpEnabled: "never",
    memoryFailure: false,
    anonName: false,
    adviseSyscalls: false,
    multiGenLru: false,
    softDirty: false,
    unprivilegedUserfaultfd: false,
    ptraceScope: null,
  });
});

test("a hint that is too low tells the lowest address of the security module", () => {
  const files = { "/proc/sys/vm/mmap_min_addr": "4096\n" };
  expect(settingsOf(read(files, { lowHint: 65536n }), 4096)).toMatchObject({
    mmapMinAddr: 4096,
    lsmMmapMinAddr: 65536,
  });
});

test("a hint above the usual bits is taken where addresses have more", () => {
  expect(settingsOf(read({}, { highHint: 2n ** 50n }), 4096).userBits).toBe(56);
  expect(settingsOf(read({}, { highHint: 0x7fff_f7ff_7000n }), 4096).userBits).toBe(47);
});
