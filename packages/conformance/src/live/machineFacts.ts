import { profile, type Profile, type Settings } from "@kadvise/releases";
import { TAKEN_AS_USUAL } from "../judge/check.ts";
import { kernelVersion } from "../target/kernelVersion.ts";
import { textOf, type ProcReader } from "./procFiles.ts";

/** What /proc and /sys tell of a machine. */
export interface MachineFacts {
  /** uname -r and -v. */
  readonly release: string;
  readonly version: string;
  /** What `profile` takes for it. */
  readonly kernel: string | undefined;
  readonly settings: Partial<Settings>;
  /** The security modules that are active, where /sys tells. */
  readonly securityModules: readonly string[] | undefined;
}

const HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage/enabled";

/** Reads what a machine tells about its kernel; a setting that nothing tells is left out. */
export function readMachine(files: ProcReader): MachineFacts {
  const release = textOf(files.text("/proc/sys/kernel/osrelease")).trim();
  const version = textOf(files.text("/proc/sys/kernel/version")).trim();
  const modules = files.text("/sys/kernel/security/lsm");
  return {
    release,
    version,
    kernel: kernelVersion(release, version),
    settings: settingsRead(files),
    securityModules: modules.ok ? modules.text.trim().split(",") : undefined,
  };
}

/** The profile of a machine; what nothing told is as usual where it is a limit, and else open. */
export function liveProfile(
  { kernel = "", settings }: MachineFacts,
  more: { readonly kernel?: string; readonly settings?: Partial<Settings> } = {},
): Profile {
  return profile(more.kernel ?? kernel, {
    settings: { ...TAKEN_AS_USUAL, ...settings, ...more.settings },
  });
}

function settingsRead(files: ProcReader): Partial<Settings> {
  const hasFile = (path: string): boolean => files.text(path).ok;
  const number = (path: string): number | undefined => {
    const what = files.text(path);
    return what.ok ? Number.parseInt(what.text, 10) : undefined;
  };
  const flag = (path: string): boolean | undefined => {
    const value = number(path);
    return value === undefined ? undefined : value === 1;
  };
  // Own areas show what the processor and the kernel's configuration make of them.
  const smaps = files.text("/proc/self/smaps");
  const hasLine = (line: RegExp): boolean | undefined =>
    smaps.ok ? line.test(smaps.text) : undefined;
  const given: { [key in keyof Settings]?: Settings[key] | undefined } = {
    swap: textOf(files.text("/proc/swaps")).trimEnd().split("\n").length > 1,
    ksm: hasFile("/sys/kernel/mm/ksm/run"),
    thp: hasFile(HUGE_PAGES),
    thpEnabled: chosen(textOf(files.text(HUGE_PAGES))),
    // The knob exists where the kernel can lose pages. Linux: mm/memory-failure.c
    memoryFailure: hasFile("/proc/sys/vm/memory_failure_recovery"),
    multiGenLru: Number(textOf(files.text("/sys/kernel/mm/lru_gen/enabled")).trim()) % 2 === 1,
    // Told where both have them. Linux: arch/x86/kernel/cpu/common.c, user_shstk
    shadowStacks: hasProcessorFlag(files, "user_shstk") ? "yes" : undefined,
    protectionKeys: hasLine(/^ProtectionKey:/m),
    softDirty: hasLine(/^VmFlags:.* sd\b/m),
    unprivilegedUserfaultfd: flag("/proc/sys/vm/unprivileged_userfaultfd"),
    maxMapCount: number("/proc/sys/vm/max_map_count"),
    mmapMinAddr: number("/proc/sys/vm/mmap_min_addr"),
    overcommit: number("/proc/sys/vm/overcommit_memory") as Settings["overcommit"] | undefined,
    suidDumpable: number("/proc/sys/fs/suid_dumpable") as Settings["suidDumpable"] | undefined,
    ptraceScope: (number("/proc/sys/kernel/yama/ptrace_scope") ?? null) as Settings["ptraceScope"],
    pidMax: number("/proc/sys/kernel/pid_max"),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function hasProcessorFlag(files: ProcReader, flag: string): boolean {
  const cpus = textOf(files.text("/proc/cpuinfo"));
  return new RegExp(`^flags\\s*:.* ${flag}( |$)`, "m").test(cpus);
}

/** The word in brackets: `always [madvise] never`. */
function chosen(text: string): Settings["thpEnabled"] {
  const word = /\[(\w+)\]/.exec(text)?.[1];
  return word === "always" || word === "madvise" ? word : "never";
}
