import type { Settings } from "@kadvise/releases";
import { ERRNO } from "@kadvise/uapi";
import type { FactsRead } from "./factsProgram.ts";

const HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage/enabled";

/** The settings of a kernel, from what it told about itself. */
export function settingsOf(read: FactsRead, pageBytes: number): Settings {
  const { files, answers } = read;
  const number = (path: string, otherwise: number): number =>
    Number.parseInt(files.get(path) ?? String(otherwise), 10);
  const isZero = (question: Parameters<typeof answers.get>[0]): boolean =>
    answers.get(question) === 0n;
  const mmapMinAddr = number("/proc/sys/vm/mmap_min_addr", 65536);
  const lowHint = Number(answers.get("lowHint") ?? 0n);
  return {
    pageShift: Math.log2(pageBytes),
    userBits: userBits(answers.get("highHint") ?? 0n, read),
    swap: (files.get("/proc/swaps") ?? "").trimEnd().split("\n").length > 1,
    ksm: isZero("ksm"),
    thp: isZero("thp"),
    thpEnabled: chosen(files.get(HUGE_PAGES)),
    memoryFailure: isZero("memoryFailure"),
    multiGenLru: Number(files.get("/sys/kernel/mm/lru_gen/enabled")?.trim() ?? "0") % 2 === 1,
    softDirty: /^VmFlags:.* sd\b/m.test(read.start.get("smaps") ?? ""),
    anonName: isZero("anonName"),
    protectionKeys: /^ProtectionKey:/m.test(read.start.get("smaps") ?? ""),
    shadowStacks: shadowStacks(answers.get("shadowStack")),
    unprivilegedUserfaultfd: number("/proc/sys/vm/unprivileged_userfaultfd", 0) === 1,
    adviseSyscalls: isZero("adviceKnown"),
    maxMapCount: number("/proc/sys/vm/max_map_count", 65530),
    mmapMinAddr,
    lsmMmapMinAddr: lowHint > 0 ? lowHint : mmapMinAddr,
    overcommit: number("/proc/sys/vm/overcommit_memory", 0) as Settings["overcommit"],
    ...commitSettings(files, pageBytes),
    hugePages: number("/proc/sys/vm/nr_hugepages", 0),
    overcommitHugePages: number("/proc/sys/vm/nr_overcommit_hugepages", 0),
    suidDumpable: number("/proc/sys/fs/suid_dumpable", 0) as Settings["suidDumpable"],
    ptraceScope: files.has("/proc/sys/kernel/yama/ptrace_scope")
      ? (number("/proc/sys/kernel/yama/ptrace_scope", 0) as Settings["ptraceScope"])
      : null,
    pidMax: number("/proc/sys/kernel/pid_max", 32768),
  };
}

/** The word in brackets: `always [madvise] never`. */
function chosen(text: string | undefined): Settings["thpEnabled"] {
  const word = /\[(\w+)\]/.exec(text ?? "")?.[1];
  return word === "always" || word === "madvise" ? word : "never";
}

/** A flag that there is not is looked at when a processor has shadow stacks. */
function shadowStacks(answer: bigint | undefined): Settings["shadowStacks"] {
  if (answer === BigInt(-ERRNO.EINVAL)) return "yes";
  return answer === BigInt(-ERRNO.EOPNOTSUPP) ? "no-processor" : "not-built";
}

/** A hint above 47 bits is taken where addresses have more, and only there. */
function userBits(highHint: bigint, read: FactsRead): number {
  if (highHint >= 2n ** 50n) return 56;
  const stack = /^([0-9a-f]+)-\S+ .*\[stack\]$/m.exec(read.start.get("smaps") ?? "")?.[1] ?? "0";
  return Number.parseInt(stack, 16) >= 2 ** 47 ? 48 : 47;
}

/** What the machine promises in all, and has promised. Linux: fs/proc/meminfo.c, mm/util.c */
function commitSettings(files: ReadonlyMap<string, string>, pageBytes: number): CommitSettings {
  const meminfo = files.get("/proc/meminfo") ?? "";
  const pages = (kilobytes: number): number => Math.floor((kilobytes * 1024) / pageBytes);
  const line = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+) kB`, "m").exec(meminfo)?.[1] ?? 0);
  const reserve = (path: string): number => pages(Number.parseInt(files.get(path) ?? "0", 10));
  return {
    commitPages: pages(line("MemTotal") + line("SwapTotal")),
    commitLimitPages: pages(line("CommitLimit")),
    committedPages: pages(line("Committed_AS")),
    adminReservePages: reserve("/proc/sys/vm/admin_reserve_kbytes"),
    userReservePages: reserve("/proc/sys/vm/user_reserve_kbytes"),
  };
}

type CommitSettings = Pick<
  Settings,
  | ("commitPages" | "commitLimitPages" | "committedPages")
  | ("adminReservePages" | "userReservePages")
>;
