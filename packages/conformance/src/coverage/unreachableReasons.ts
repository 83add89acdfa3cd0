/** Why no campaign can see a reason on a real kernel, and which reasons it holds for. */
const BY_WHY: readonly (readonly [why: string, ids: readonly string[]])[] = [
  [
    "65,530 areas are needed (vm.max_map_count); a generated scenario has some twenty",
    [
      ...["madvise/too-many-areas", "madvise/too-many-areas-eagain", "mlock/too-many-areas"],
      ...["mmap/too-many-areas", "mprotect/too-many-areas", "munmap/too-many-areas"],
    ],
  ],
  [
    "as many processes as kernel.pid_max are needed; campaigns leave the machine usable",
    ["pid/none-left"],
  ],
  [
    "the advice takes real memory out of use until the machine is started again",
    ["madvise/inject-fault", "madvise/inject-not-permitted"],
  ],
  [
    "a file of a disk is needed, opened or mounted in a certain way: no covered call opens one",
    [
      ...["madvise/remove-append-only", "madvise/remove-not-supported", "mmap/mounted-noexec"],
      ...["fcntl/no-direct", "fcntl/not-owner", "execve/file-capabilities-incomplete"],
    ],
  ],
  [
    "kernel.yama.ptrace_scope must be raised: campaigns leave the machine's settings alone",
    [
      ...["yama/restricted", "yama/admin-only", "yama/no-attach"],
      ...["yama/traceme-admin-only", "yama/traceme-no-attach"],
    ],
  ],
  [
    "an SELinux policy is needed that denies it: the recorded kernels enforce none",
    ["type_enforcement/capability-denied", "type_enforcement/ptrace-denied"],
  ],
  [
    "a pinned page, a full memory cgroup or memory in pieces is needed: logs alone are judged by it",
    [
      ...["madvise/collapse-pages-busy", "madvise/collapse-not-charged"],
      "madvise/collapse-no-huge-page",
    ],
  ],
  [
    "a signal in the midst of a call is needed: logs alone are judged by it",
    ["madvise/interrupted"],
  ],
  [
    "the caller is killed by a signal in the midst of its call: nobody sees the result",
    ["madvise/killed", "process_madvise/killed"],
  ],
  [
    "a poisoned page is needed, and making one takes real memory out of use: logs alone are judged by it",
    ["madvise/populate-poisoned"],
  ],
  [
    "no covered call makes a Landlock domain: a program that embeds the model does",
    [
      ...["landlock/outside-domain", "landlock/absent"],
      ...["landlock/no-new-privs-missing", "landlock/too-many-layers"],
    ],
  ],
  [
    "no covered call installs a seccomp filter: a program that embeds the model does",
    ["seccomp/listed"],
  ],
  [
    "brk answers a refusal with the old break and not with an error: its result carries no reason",
    ["brk/below-start", "brk/data-limit", "brk/lock-limit", "brk/no-room"],
  ],
  ["no caller in Linux passes such a mode: each names its own", ["ptrace_access/mode-invalid"]],
  ["the rule only ever grants", ["ptrace_access/thread-group"]],
  [
    "no rule refuses with it: pidfd/closed, pidfd/other-file and pidfd/reaped say more",
    ["pidfd/not-a-pidfd", "pidfd/no-task"],
  ],
];

/** Reasons that no campaign can see on a real kernel, and why. */
export const UNREACHABLE_REASONS: { readonly [id: string]: string } = Object.fromEntries(
  BY_WHY.flatMap(([why, ids]) => ids.map((id) => [id, why])),
);
