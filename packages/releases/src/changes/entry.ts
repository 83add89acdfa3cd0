import type { Change } from "../change.ts";

/** The system-call entry: calls that came, and how arguments are widened. */
export const ENTRY_CHANGES: readonly Change[] = [
  {
    id: "close-range",
    subject: "close_range",
    mainline: "5.9",
    source: "fs/open.c close_range 5.9; asked on 5.10.223",
    addsCalls: ["close_range"],
  },
  {
    id: "call-number-is-int",
    subject: "x86-64 looks at the low 32 bits of a system call's number alone",
    mainline: "5.14",
    source:
      '0595494891723a1d "x86/entry: Use int everywhere for system call numbers"; ' +
      "arch/x86/entry/entry_64.S; asked on 5.10.223 (without), 6.1.176 and 6.18.44 (with)",
    set: { abi: { numberIsInt: true } },
  },
  {
    id: "process-mrelease",
    subject: "process_mrelease",
    mainline: "5.15",
    source: "mm/oom_kill.c process_mrelease 5.15; asked on 5.10.223 (without) and 6.1.170 (with)",
    addsCalls: ["process_mrelease"],
  },
  {
    id: "userfaultfd-user-mode-only",
    subject: "userfaultfd needs CAP_SYS_PTRACE, or UFFD_USER_MODE_ONLY",
    mainline: "5.11",
    source:
      "37cd0575b851, d0d4730ac2e4: vm.unprivileged_userfaultfd is 0 unless it is set; " +
      "fs/userfaultfd.c; asked on 5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { userfaultfdNeedsPtrace: true } },
  },
  {
    id: "exec-enters-time-namespace",
    subject: "who left for another time namespace may make threads, and enters it by execve",
    mainline: "6.2",
    source:
      '2b5f9dad32ed "fs/exec: switch timens when a task gets a new mm"; kernel/fork.c ' +
      "copy_process; asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { abi: { execEntersTime: true } },
  },
  {
    id: "map-shadow-stack",
    subject: "map_shadow_stack, by x86-64's entry",
    mainline: "6.6",
    lastWithout: "6.1",
    source:
      'c35559f94ebc "x86/shstk: Introduce map_shadow_stack syscall"; arch/x86/kernel/shstk.c; ' +
      "asked on 6.1.176 (without), 6.12.107 and 6.12.117 (with)",
    set: { abi: { shadowStackEntries: ["x86-64"] } },
    addsCalls: ["map_shadow_stack"],
  },
  {
    id: "map-shadow-stack-i386",
    subject: "map_shadow_stack has its number in every table, i386's entry included",
    mainline: "6.7",
    lastWithout: "6.1",
    source:
      '2fd0ebad27bc "arch: Reserve map_shadow_stack() syscall number for all architectures"; ' +
      "asked on 6.1.176 (without), 6.12.107 and 6.12.117 (with)",
    set: { abi: { shadowStackEntries: ["x86-64", "i386"] } },
  },
  {
    id: "map-shadow-stack-arm64",
    subject: "map_shadow_stack maps a guarded control stack on arm64",
    mainline: "6.13",
    source: "arch/arm64/mm/gcs.c map_shadow_stack 6.13; no arm64 machine was asked",
    set: { abi: { shadowStackEntries: ["x86-64", "i386", "arm64"] } },
  },
  {
    id: "userfaultfd-read-only",
    subject: "a userfaultfd is open for reading alone",
    mainline: "6.1",
    stable: { "5.10": 150, "5.15": 75, "5.19": 17, "6.0": 3 },
    source:
      '"userfaultfd: open userfaultfds with O_RDONLY"; read in the review of 5.10.150, the other ' +
      "stable releases are those of the same round (October 2022); fs/userfaultfd.c " +
      "new_userfaultfd; asked on 5.10.223 and 6.1.176 (with)",
    set: { mm: { userfaultfdReadOnly: true } },
  },
  {
    id: "program-opens-first",
    subject: "execveat opens the program before it looks at its words",
    mainline: "6.8",
    lastWithout: "6.1",
    source:
      '978ffcbf00d8 "execve: open the executable file before doing anything else"; fs/exec.c ' +
      "alloc_bprm; asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { abi: { programOpensFirst: true } },
  },
  {
    id: "execution-check",
    subject: "execveat accepts AT_EXECVE_CHECK",
    mainline: "6.14",
    source:
      'a5874fde3c08 "exec: Add a new AT_EXECVE_CHECK flag to execveat(2)"; fs/exec.c ' +
      "do_open_execat 6.14; asked on 6.12.107 (without) and 6.16.12 (with)",
    set: { abi: { executionCheck: true } },
  },
  {
    id: "exec-flags-first",
    subject: "execveat looks at its flags before it reads the path",
    mainline: "7.0",
    source: "fs/exec.c do_execveat_common 7.0; asked on 6.19.14 (without) and 7.0.13 (with)",
    set: { abi: { execFlagsFirst: true } },
  },
  {
    id: "compat-sign-extends-long",
    subject: "i386's entry widens parameters declared long by their sign",
    mainline: "6.8",
    stable: { "5.10": 210, "5.15": 149, "6.1": 76, "6.6": 15, "6.7": 3 },
    source:
      '"x86/entry/ia32: Ensure s32 is sign extended to s64"; reviews of 2024-01-29 for 6.7.3 and ' +
      "6.1.76, of 2024-02-21 for 5.15.149 (124 of 476) and 5.10.210 (100 of 379); " +
      "arch/x86/include/asm/syscall_wrapper.h, absent in 6.6.9, present in 6.6.63",
    set: { abi: { compatSignExtendsLong: true } },
  },
];
