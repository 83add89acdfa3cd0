import type { Features } from "../features.ts";

/** Advice by number, as the probe prints it. */
const ADVICE_NUMBERS: { readonly [label: string]: number } = {
  MADV_NORMAL: 0,
  MADV_RANDOM: 1,
  MADV_SEQUENTIAL: 2,
  MADV_WILLNEED: 3,
  MADV_DONTNEED: 4,
  MADV_FREE: 8,
  MADV_REMOVE: 9,
  MADV_DONTFORK: 10,
  MADV_DOFORK: 11,
  MADV_MERGEABLE: 12,
  MADV_UNMERGEABLE: 13,
  MADV_HUGEPAGE: 14,
  MADV_NOHUGEPAGE: 15,
  MADV_DONTDUMP: 16,
  MADV_DODUMP: 17,
  MADV_WIPEONFORK: 18,
  MADV_KEEPONFORK: 19,
  MADV_COLD: 20,
  MADV_PAGEOUT: 21,
  MADV_POPULATE_READ: 22,
  MADV_POPULATE_WRITE: 23,
  MADV_DONTNEED_LOCKED: 24,
  MADV_COLLAPSE: 25,
  MADV_GUARD_INSTALL: 102,
  MADV_GUARD_REMOVE: 103,
};

/** The probe does not ask for the two that need CONFIG_MEMORY_FAILURE. */
function numbers(labels: readonly string[]): string {
  return labels
    .filter((label) => label !== "MADV_HWPOISON" && label !== "MADV_SOFT_OFFLINE")
    .map((label) => ADVICE_NUMBERS[label] ?? Number.NaN)
    .toSorted((a, b) => a - b)
    .join(" ");
}

/** Answers of a kernel that lacks what a question needs: they tell nothing. */
const NOT_ASKED: readonly string[] = [
  "no Yama",
  "no trace",
  "no huge pages",
  "no vdso",
  "no vvar",
  "no room",
  "no namespace",
  "one page",
];

/** Whether an answer tells anything. */
export function tells(answer: string): boolean {
  return !NOT_ASKED.includes(answer);
}

/** What a kernel with certain features answers to each question of the probe. */
export const EXPECTED: { readonly [question: string]: (features: Features) => string } = {
  "process_madvise/vector-before-flags": ({ processMadvise }) =>
    processMadvise.importBeforeFlags ? "EFAULT" : "EINVAL",
  "process_madvise/own-advice": ({ processMadvise }) =>
    processMadvise.adviceCheck === "listed" ? "EINVAL" : "4096",
  "process_madvise/own-without-nice": ({ processMadvise }) =>
    processMadvise.sysNice === "everybody" ? "EPERM" : "4096",
  "process_madvise/remote-without-nice": ({ processMadvise }) =>
    processMadvise.sysNice === "nobody" ? "4096" : "EPERM",
  "process_madvise/access-mode": ({ processMadvise }) =>
    processMadvise.accessMode === "PTRACE_MODE_READ_FSCREDS" ? "4096" : "EACCES",
  "process_madvise/advice-or-access-first": ({ processMadvise }) =>
    processMadvise.adviceCheck === "remote-after-access" ? "EACCES" : "EINVAL",
  "process_madvise/remote-advice": ({ processMadvise }) => numbers(processMadvise.remoteAdvice),
  "process_madvise/nothing-with-unknown-advice": ({ processMadvise }) =>
    processMadvise.adviceCheck === "listed" || processMadvise.checksValidAdvice ? "EINVAL" : "0",
  "process_madvise/error-after-progress": ({ processMadvise }) =>
    processMadvise.partial === "bytes" ? "4096" : "ENOMEM",
  "process_madvise/zero-length-first": () => "EINVAL",
  "process_madvise/zero-length-second": ({ processMadvise }) =>
    processMadvise.zeroLengthSegments === "leading" ? "4096" : "EINVAL",
  "process_madvise/zero-length-between": ({ processMadvise }) => {
    if (processMadvise.zeroLengthSegments === "leading") return "8192";
    return processMadvise.partial === "bytes" ? "4096" : "EINVAL";
  },
  "process_madvise/thread-pidfd": ({ pidfd }) => {
    if (!pidfd.threads) return "no such pidfds";
    return pidfd.lookup === "group" ? "ESRCH" : "0";
  },
  "process_madvise/locks-of-four-ranges": ({ processMadvise }) =>
    processMadvise.lock === "vector" ? "1" : "4",
  "process_madvise/flushes-of-four-ranges": ({ processMadvise }) => {
    if (processMadvise.adviceCheck === "listed") return "EINVAL";
    return processMadvise.flush === "vector" ? "1" : "4";
  },

  "vector/address-then-negative": ({ vector }) =>
    vector.checks === "interleaved" ? "EFAULT" : "EINVAL",
  "vector/negative-then-unreadable": ({ vector }) =>
    vector.checks === "elementwise" ? "EINVAL" : "EFAULT",
  "vector/single-of-every-byte": ({ vector }) => (vector.singleIsCutFirst ? "ENOMEM" : "EFAULT"),
  "vector/two-of-every-byte": () => "EFAULT",
  "vector/between-the-halves": ({ vector }) =>
    vector.addressLimit === "sign-bit" ? "ENOMEM" : "EFAULT",
  "vector/ends-at-the-limit": ({ vector }) =>
    vector.addressLimit === "limit-minus-one" ? "refused" : "passes",
  "vector/ends-before-the-limit": () => "passes",

  "areas/bridge-between-written": ({ mm }) => (mm.bridge === "right" ? "0-2 2-6" : "0-4 4-6"),
  "areas/bridge-to-written-right": ({ mm }) => (mm.bridge === "right" ? "0-2 2-6" : "0-6"),
  "areas/bridge-to-written-left": () => "0-6",
  "areas/mprotect-between-written": () => "0-4 4-6",
  "areas/written-becomes-like-untouched": ({ mm }) => (mm.mergesIntoUnfaulted ? "0-4" : "0-2 2-4"),
  "areas/failed-fixed": ({ mm }) => (mm.failedFixedLeavesCut ? "0-1 1-2 2-3" : "0-3"),
  "areas/part-of-vdso": ({ mm }) => (mm.specialMaySplit ? "0" : "EINVAL"),
  "areas/read-only-uncharges": ({ mm }) => (mm.readOnlyUncharges ? "uncharged" : "charged"),
  "areas/stack-is-not-huge": ({ mm }) => (mm.stackIsNoHuge ? "nohugepage" : "plain"),
  "areas/name-beside-heap": ({ mm }) => (mm.heapNameTouches ? "[heap]" : "no name"),
  "areas/heap-behind-data": ({ mm }) =>
    mm.emptyHeapStandsAlone ? "stands alone" : "joins the data",
  "areas/droppable": ({ mm }) => (mm.droppable ? "mapped" : "EINVAL"),
  "areas/vvar-flags": ({ mm }) =>
    `${mm.vvarIsIo ? "io " : ""}${mm.vvar === "pfnmap" ? "pf" : "mm"} de dd`,

  "placement/whole-huge-pages": ({ mm }) => (mm.hugeAlignment === "none" ? "anywhere" : "aligned"),
  "placement/huge-page-and-a-half": ({ mm }) =>
    mm.hugeAlignment === "large" ? "aligned" : "anywhere",
  "placement/whole-huge-pages-with-hint": ({ mm }) =>
    mm.hugeAlignment === "large" || mm.hugeAlignment === "multiple" ? "aligned" : "anywhere",

  "advice/known": ({ mm }) => numbers(mm.advice),
  "advice/too-many-areas": ({ mm }) => mm.adviseMapCountErrno,
  "advice/remove-through-read-only": ({ mm }) => (mm.removeNeeds === "write" ? "EACCES" : "0"),
  "advice/populate-behind-hole": ({ mm }) => {
    if (!mm.advice.includes("MADV_POPULATE_WRITE")) return "EINVAL";
    return mm.populateHole === "stop" ? "untouched" : "populated";
  },
  "advice/part-of-hugetlb": ({ mm }) =>
    ({ refused: "EINVAL, kept", "rounds-up": "0, dropped", "rounds-down": "0, kept" })[
      mm.hugetlbDontneed
    ],
  "advice/collapse-nothing-whole": ({ mm }) => (mm.collapseEmpty === "done" ? "0" : "EINVAL"),
  "advice/collapse-zero-pages": ({ mm }) => (mm.collapseReadOnly ? "0" : "EINVAL"),
  "advice/dofork-of-vdso": ({ mm }) => (mm.doforkRefuses === "special" ? "EINVAL" : "0"),
  "advice/dontneed-of-vvar": ({ mm }) => (mm.vvar === "pfnmap" ? "EINVAL" : "0"),
  "advice/cold-of-vvar": ({ mm }) => (mm.vvar === "pfnmap" ? "EINVAL" : "0"),
  "advice/guards": ({ mm }) =>
    ({
      none: "private EINVAL, shared EINVAL",
      "private-anonymous": "private 0, shared EINVAL",
      any: "private 0, shared 0",
    })[mm.guards],
  "advice/guard-flag": ({ mm }) => {
    if (mm.guards === "none") return "no guards";
    return mm.guardFlag ? "gu" : "none";
  },
  "advice/sealed-behind": ({ mm }) =>
    ({ none: "ENOSYS", "whole-range": "EPERM, kept", "each-area": "EPERM, dropped" })[mm.seals],

  "pages/new-anonymous-list": ({ mm }) => (mm.newAnonymousIsActive ? "active" : "inactive"),
  "pages/lazily-free-of-100": ({ mm }) => String(100 - (100 % mm.lruBatch)),
  "pages/young-after-pageout": ({ mm }) => (mm.pageoutKeepsYoung ? "young" : "old"),
  "pages/copy-of-unowned-file": ({ mm }) =>
    mm.pageoutUnowned === "skip-area" ? "skipped" : "tried",

  "mremap/two-areas": ({ mm }) => (mm.mremapManyAreas ? "moved" : "EFAULT"),
  "mremap/from-hole": ({ mm }) =>
    `EFAULT, destination ${mm.mremap === "unmaps-first" ? "lost" : "kept"}`,
  "mremap/past-the-end": ({ mm }) => (mm.mremapManyAreas ? "moved" : "EFAULT, destination lost"),
  "mremap/hole-to-itself": ({ mm }) => (mm.mremap === "unmaps-first" ? "succeeds" : "EFAULT"),
  "mremap/to-more-than-there-is": ({ mm }) => mm.mremapTooLongErrno,
  "mremap/grown-to-its-like": ({ mm }) => (mm.mremapGrowthMerges ? "0-3" : "0-2 2-3"),
  "mremap/dontunmap-shared": ({ mm }) => (mm.mremapDontunmap === "any" ? "moved" : "EINVAL"),
  "mremap/dontunmap-locked": ({ mm }) => `${mm.mremapDontunmapDoublesLocked ? 32 : 16} kB locked`,

  "credentials/setresuid-of-nothing": ({ security }) =>
    `fsuid ${security.setresNoOp ? "kept" : "reset"}`,
  "credentials/perfmon-reads": ({ security }) => (security.perfmonReads ? "4096" : "EACCES"),
  "credentials/zombie-that-was-not-dumpable": ({ security, pidfd }) =>
    security.deadTaskDumpable === "skip" ? pidfd.getfdExiting : "EPERM",
  "credentials/kernel-thread": ({ security }) =>
    security.deadTaskDumpable === "saved-bit" ? "EPERM" : "EBADF",
  "credentials/exec-with-two-ids": ({ security }) =>
    `ambient ${security.execComparesEffective ? "kept" : "cleared"}`,
  "credentials/landlock": ({ security }) => (security.landlock ? "built in" : "ENOSYS"),
  "credentials/exec-securebits": ({ security }) => (security.execSecurebits ? "0" : "EPERM"),
  "credentials/exec-securebits-in-namespace": ({ security }) =>
    security.namespaceKeepsExecSecurebits ? "256" : "0",
  "credentials/last-capability": ({ security }) => String(security.lastCapability),
  "credentials/root-map-without-setfcap": ({ security }) =>
    security.rootMapNeedsSetfcap ? "EPERM" : "5",

  "pidfd/nonblock": ({ pidfd }) => (pidfd.nonblock ? "open" : "EINVAL"),
  "pidfd/thread": ({ pidfd }) => (pidfd.threads ? "open" : "EINVAL"),
  "pidfd/thread-as-group": ({ pidfd }) => pidfd.notLeader,
  "pidfd/group-without-leader": ({ pidfd }) => pidfd.groupOnly,
  "pidfd/sentinels": ({ pidfd }) =>
    pidfd.selfThread === null ? "none" : `${pidfd.selfThread} ${pidfd.selfGroup}`,
  "pidfd/poll-of-reaped": ({ pidfd }) => (pidfd.hangUp ? "in and hang-up" : "in"),
  "pidfd/poll-of-gone-leader": () => "silent",
  "pidfd/poll-of-gone-leaders-thread": ({ pidfd }) => {
    if (!pidfd.threads) return "EINVAL";
    return pidfd.leaderWaitsForThreads ? "silent" : "in";
  },
  "pidfd/getfd-of-zombie": ({ pidfd }) => pidfd.getfdExiting,
  "pidfd/signal-with-scope": ({ pidfd }) => (pidfd.signalScopes ? "0" : "EINVAL"),
  "pidfd/pidfd-of-new-thread": ({ pidfd }) => (pidfd.threads ? "open" : "EINVAL"),

  "clone/newest-flags": ({ pidfd }) => (pidfd.cloneAutoreap ? "known" : "EINVAL"),
  "clone/exit-signal-65": ({ pidfd }) => (pidfd.cloneChecksSignal ? "EINVAL" : "taken"),

  // map_shadow_stack is there by configuration: the probe does not ask for it.
  "calls/newer": ({ abi }) =>
    abi.calls
      .filter((name) => name !== "map_shadow_stack")
      .toSorted()
      .join(" "),
};

/** The questions that a kernel answers otherwise than its features say. */
export function differences(
  answers: ReadonlyMap<string, string>,
  features: Features,
): readonly string[] {
  return Object.entries(EXPECTED).flatMap(([question, expected]) => {
    const answer = answers.get(question) ?? "not asked";
    const said = expected(features);
    return !tells(answer) || answer === said ? [] : [`${question}: ${answer}, not ${said}`];
  });
}
