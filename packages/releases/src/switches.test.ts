import { describe, expect, test } from "vitest";
import type { Features } from "./features.ts";
import { profile } from "./profile.ts";

/**
 * What the kernels' sources say of each switch, read release by release: a value stands from its
 * release on, until the next one.
 */
type History = readonly (readonly [release: string, value: unknown])[];

const CP = ["MADV_COLD", "MADV_PAGEOUT"];
const CPW = [...CP, "MADV_WILLNEED"];

const HISTORIES: {
  readonly [name: string]: readonly [read: (features: Features) => unknown, history: History];
} = {
  "fallocate's modes": [
    (f) => [f.mm.fallocateModes, f.mm.fallocateWriteZeroes],
    [
      ["5.10.0", ["mixed", false]],
      ["6.1.0", ["mixed", false]],
      ["6.12.0", ["exclusive", false]],
      ["6.16.12", ["exclusive", false]],
      ["6.17.0", ["exclusive", true]],
      ["7.3.4", ["exclusive", true]],
    ],
  ],
  "what a pidfd is to those who want a file": [
    (f) => f.pidfd.fileKind,
    [
      ["5.10.0", "none"],
      ["6.1.176", "none"],
      ["6.12.0", "immutable"],
      ["6.16.12", "immutable"],
      ["6.17.0", "regular"],
      ["7.3.4", "regular"],
    ],
  ],
  "segments: joining areas, small holes in huge files, RLIMIT_MEMLOCK for huge ones": [
    (f) => [f.mm.closableAreasJoin, f.mm.sealsKeepSmallHoles, f.mm.hugeSegmentsByLimit],
    [
      ["5.10.0", [false, false, true]],
      ["6.1.0", [false, true, false]],
      ["6.12.0", [true, true, false]],
      ["7.3.4", [true, true, false]],
    ],
  ],
  "core dumps and who shares the memory": [
    ({ pidfd }) => pidfd.coreDumpEndsSharers,
    [
      ["5.10.0", true],
      ["5.15.0", true],
      ["5.16.0", false],
      ["7.3.4", false],
    ],
  ],
  "holes beside a stack's guard gap": [
    ({ mm }) => mm.gapSearchRestarts,
    [
      ["5.10.0", false],
      ["6.1.176", true],
      ["6.3.0", true],
      ["7.3.4", true],
    ],
  ],
  "droppable memory that locks, rewritten huge pages that stay": [
    ({ mm }) => [mm.droppableLocks, mm.rewrittenStaysHuge],
    [
      ["6.12.0", [true, false]],
      ["6.12.107", [false, false]],
      ["6.15.0", [true, true]],
      ["6.18.15", [true, true]],
      ["6.18.44", [false, false]],
      ["6.19.14", [true, true]],
      ["7.0.13", [false, true]],
      ["7.2.12", [false, true]],
      ["7.3.4", [false, false]],
    ],
  ],
  "the key of code that may not be read": [
    ({ mm }) => mm.executeOnlyKeyFirst,
    [
      ["6.1.0", false],
      ["6.9.0", false],
      ["6.10.0", true],
      ["7.3.4", true],
    ],
  ],
  "huge pages: parts in holes, shared ones in children, what DONTNEED leaves reserved, hints": [
    ({ mm }) => [
      ...[mm.hugetlbHolesZeroParts, mm.hugetlbForksLazily],
      ...[mm.hugetlbRestoresReservation, mm.hugetlbHintRoundsUp],
    ],
    [
      ["5.10.0", [false, false, false, false]],
      ["6.1.0", [true, true, false, false]],
      ["6.12.0", [true, true, true, false]],
      ["6.16.0", [true, true, true, true]],
      ["7.3.4", [true, true, true, true]],
    ],
  ],
  "process_madvise is there": [
    (f) => f.processMadvise.exists,
    [
      ["5.8.0", false],
      ["5.9.16", false],
      ["5.10.0", true],
      ["7.3.4", true],
    ],
  ],
  "where the list of advice is asked": [
    (f) => f.processMadvise.adviceCheck,
    [
      ["5.10.0", "listed"],
      ["6.12.117", "listed"],
      ["6.13.0", "remote-after-access"],
      ["7.3.4", "remote-after-access"],
    ],
  ],
  "advice for others": [
    (f) => f.processMadvise.remoteAdvice,
    [
      ["5.10.0", CP],
      ["5.14.21", CP],
      ["5.15.0", CPW],
      ["6.0.19", CPW],
      ["6.1.0", [...CPW, "MADV_COLLAPSE"]],
      ["7.3.4", [...CPW, "MADV_COLLAPSE"]],
    ],
  ],
  "access mode": [
    (f) => f.processMadvise.accessMode,
    [
      ["5.10.23", "PTRACE_MODE_ATTACH_FSCREDS"],
      ["5.10.24", "PTRACE_MODE_READ_FSCREDS"],
      ["5.11.6", "PTRACE_MODE_ATTACH_FSCREDS"],
      ["5.11.7", "PTRACE_MODE_READ_FSCREDS"],
      ["5.12.0", "PTRACE_MODE_READ_FSCREDS"],
      ["7.3.4", "PTRACE_MODE_READ_FSCREDS"],
    ],
  ],
  "who needs CAP_SYS_NICE": [
    (f) => f.processMadvise.sysNice,
    [
      ["5.10.23", "nobody"],
      ["5.10.24", "everybody"],
      ["6.11.11", "everybody"],
      ["6.12.0", "remote"],
      ["7.3.4", "remote"],
    ],
  ],
  "CAP_PERFMON opens READ access": [
    (f) => f.security.perfmonReads,
    [
      ["6.12.117", false],
      ["6.16.12", true],
      ["7.3.4", true],
    ],
  ],
  "what progress is worth": [
    (f) => f.processMadvise.partial,
    [
      ["5.10.0", "errno"],
      ["5.15.0", "errno"],
      ["5.17.1", "errno"],
      ["5.17.2", "bytes"],
      ["5.18.0", "bytes"],
      ["7.3.4", "bytes"],
    ],
  ],
  "zero-length segments": [
    (f) => f.processMadvise.zeroLengthSegments,
    [
      ["5.13.19", "each"],
      ["5.14.0", "leading"],
      ["7.3.4", "leading"],
    ],
  ],
  "checks of a vector": [
    (f) => f.vector.checks,
    [
      ["5.9.16", "interleaved"],
      ["5.10.0", "lengths-first"],
      ["6.1.192", "lengths-first"],
      ["6.4.0", "elementwise"],
      ["7.3.4", "elementwise"],
    ],
  ],
  "a single segment is cut first": [
    (f) => f.vector.singleIsCutFirst,
    [
      ["6.3.13", false],
      ["6.4.0", true],
      ["7.3.4", true],
    ],
  ],
  "the limit of addresses": [
    (f) => f.vector.addressLimit,
    [
      ["6.3.13", "limit"],
      ["6.4.0", "sign-bit"],
      ["6.11.5", "sign-bit"],
      ["6.12.0", "limit-minus-one"],
      ["6.12.107", "limit"],
      ["7.3.4", "limit"],
    ],
  ],
  "locks of a vector": [
    (f) => f.processMadvise.lock,
    [
      ["6.14.11", "range"],
      ["6.15.0", "vector"],
      ["7.3.4", "vector"],
    ],
  ],
  "unknown advice for an empty vector": [
    (f) => f.processMadvise.checksValidAdvice,
    [
      ["7.1.13", false],
      ["7.2.12", true],
    ],
  ],
  "a dying target skips": [
    (f) => f.processMadvise.fatalTargetSkips,
    [
      ["5.10.0", false],
      ["7.3.4", false],
    ],
  ],
  "too many areas": [
    (f) => f.mm.adviseMapCountErrno,
    [
      ["5.16.20", "ENOMEM"],
      ["5.17.0", "EAGAIN"],
      ["7.3.4", "EAGAIN"],
    ],
  ],
  "DONTNEED of hugetlb": [
    (f) => f.mm.hugetlbDontneed,
    [
      ["5.17.15", "refused"],
      ["5.18.0", "rounds-up"],
      ["6.0.0", "rounds-up"],
      ["6.1.0", "rounds-down"],
      ["7.3.4", "rounds-down"],
    ],
  ],
  "REMOVE needs": [
    (f) => f.mm.removeNeeds,
    [
      ["6.6.0", "write"],
      ["6.7.0", "may-write"],
      ["6.12.117", "may-write"],
      ["6.1.192", "may-write"],
    ],
  ],
  "PAGEOUT of an unowned file": [
    (f) => f.mm.pageoutUnowned,
    [
      ["6.1.192", "skip-area"],
      ["6.2.0", "private-anonymous-only"],
      ["7.3.4", "private-anonymous-only"],
    ],
  ],
  "PAGEOUT keeps young": [
    (f) => f.mm.pageoutKeepsYoung,
    [
      ["6.8.12", false],
      ["6.9.0", true],
      ["7.3.4", true],
    ],
  ],
  "new anonymous pages are active": [
    (f) => f.mm.newAnonymousIsActive,
    [
      ["5.8.18", true],
      ["5.9.0", false],
      ["7.3.4", false],
    ],
  ],
  "what is pinned to be read is copied where a fork may share it": [
    (f) => f.mm.pinUnshares,
    [
      ["5.10.223", false],
      ["5.19.0", true],
      ["7.3.4", true],
    ],
  ],
  "a heap that shrinks where it has no area": [
    (f) => f.mm.breakNeedsArea,
    [
      ["5.10.223", false],
      ["6.1.0", true],
      ["7.3.4", true],
    ],
  ],
  "stacks that grow for others": [
    (f) => f.mm.pinGrowsStack,
    [
      ["5.10.223", true],
      ["6.1.36", true],
      ["6.1.37", false],
      ["6.4.0", true],
      ["6.5.0", false],
    ],
  ],
  "zeros noted in swap": [
    (f) => f.mm.swapNotesZeros,
    [
      ["6.11.0", false],
      ["6.12.0", true],
      ["7.3.4", true],
    ],
  ],
  "new pages marked by multi-gen LRU": [
    (f) => f.mm.newPageIsReferenced,
    [
      ["7.1.13", false],
      ["7.2.0", true],
    ],
  ],
  PR_SET_MEMORY_MERGE: [
    (f) => f.mm.memoryMerge,
    [
      ["6.1.176", "none"],
      ["6.12.0", "after-joining"],
      ["6.17.0", "before-joining"],
    ],
  ],
  "memory that PR_SET_VMA_ANON_NAME names": [
    (f) => f.mm.anonNames,
    [
      ["5.10.223", "none"],
      ["5.17.0", "private"],
      ["6.1.176", "private"],
      ["6.2.0", "shared"],
    ],
  ],
  "flags of PR_SET_THP_DISABLE": [
    (f) => f.mm.thpDisableFlags,
    [
      ["6.17.13", false],
      ["6.18.0", true],
    ],
  ],
  "what execveat looks at first, and whether it can be asked without executing": [
    (f) => [f.abi.programOpensFirst, f.abi.execFlagsFirst, f.abi.executionCheck],
    [
      ["6.1.176", [false, false, false]],
      ["6.12.0", [true, false, false]],
      ["6.13.0", [true, false, false]],
      ["6.14.0", [true, false, true]],
      ["6.19.14", [true, false, true]],
      ["7.0.0", [true, true, true]],
    ],
  ],
  "memory policies: modes, what balances, and whether local is a mode": [
    (f) => [f.mm.policyModes, f.mm.policyBalances.length, f.mm.policyLocalIsOwn],
    [
      ["5.11.0", [5, 0, false]],
      ["5.12.0", [5, 1, false]],
      ["5.14.0", [5, 1, true]],
      ["5.15.0", [6, 1, true]],
      ["6.1.176", [6, 1, true]],
      ["6.9.0", [7, 1, true]],
      ["6.10.0", [7, 2, true]],
    ],
  ],
  "by which entries map_shadow_stack is to be had": [
    (f) => [f.abi.calls.includes("map_shadow_stack"), f.abi.shadowStackEntries],
    [
      ["6.5.13", [false, []]],
      ["6.6.0", [true, ["x86-64"]]],
      ["6.7.0", [true, ["x86-64", "i386"]]],
      ["6.12.0", [true, ["x86-64", "i386"]]],
      ["6.13.0", [true, ["x86-64", "i386", "arm64"]]],
    ],
  ],
  "whether a userfaultfd for the kernel's faults needs CAP_SYS_PTRACE": [
    (f) => f.mm.userfaultfdNeedsPtrace,
    [
      ["5.10.223", false],
      ["5.11.0", true],
    ],
  ],
  "whether a pidfd's namespaces ask first": [
    (f) => f.pidfd.namespacesAskFirst,
    [
      ["6.12.107", false],
      ["6.12.117", true],
      ["7.1.13", false],
      ["7.2.0", true],
    ],
  ],
  "whether mseal forgets that it joined areas": [
    (f) => f.mm.sealForgetsMerge,
    [
      ["6.16.12", false],
      ["6.17.0", true],
      ["6.18.15", true],
      ["6.18.44", false],
      ["6.19.14", false],
      ["7.0.0", false],
    ],
  ],
  "how a userfaultfd is open": [
    (f) => f.mm.userfaultfdReadOnly,
    [
      ["5.10.149", false],
      ["5.10.150", true],
      ["5.15.74", false],
      ["5.15.75", true],
      ["6.0.2", false],
      ["6.1.0", true],
    ],
  ],
  "whether execve enters a time namespace": [
    (f) => f.abi.execEntersTime,
    [
      ["6.1.176", false],
      ["6.2.0", true],
    ],
  ],
  "secret memory": [
    (f) => f.mm.secretMemory,
    [
      ["6.1.176", false],
      ["6.5.0", true],
    ],
  ],
  "a lock on fault of what may not be accessed": [
    (f) => f.mm.onFaultLockLooks,
    [
      ["5.10.223", true],
      ["5.18.0", false],
      ["7.3.4", false],
    ],
  ],
  "secret memory counts as locked": [
    (f) => f.mm.secretIsLocked,
    [
      ["5.14.0", true],
      ["7.1.13", true],
      ["7.2.12", false],
    ],
  ],
  "the count of locked pages wraps": [
    (f) => f.mm.lockedCountWraps,
    [
      ["5.10.223", true],
      ["6.1.0", false],
      ["7.3.4", false],
    ],
  ],
  "POPULATE at a hole": [
    (f) => f.mm.populateHole,
    [
      ["5.14.0", "continue"],
      ["6.9.12", "continue"],
      ["6.10.0", "stop"],
      ["7.3.4", "stop"],
    ],
  ],
  "sealed areas": [
    (f) => f.mm.seals,
    [
      ["6.9.12", "none"],
      ["6.10.0", "whole-range"],
      ["6.11.11", "whole-range"],
      ["6.12.0", "each-area"],
      ["7.3.4", "each-area"],
    ],
  ],
  "guard markers": [
    (f) => f.mm.guards,
    [
      ["6.12.117", "none"],
      ["6.13.0", "private-anonymous"],
      ["6.14.11", "private-anonymous"],
      ["6.15.0", "any"],
      ["7.3.4", "any"],
    ],
  ],
  "the flag of guard markers": [
    (f) => f.mm.guardFlag,
    [
      ["6.18.15", false],
      ["6.18.44", true],
      ["6.19.14", true],
    ],
  ],
  MAP_DROPPABLE: [
    (f) => f.mm.droppable,
    [
      ["6.10.14", false],
      ["6.11.0", true],
      ["7.3.4", true],
    ],
  ],
  "DOFORK refuses": [
    (f) => f.mm.doforkRefuses,
    [
      ["6.19.14", "io"],
      ["7.0.13", "special"],
    ],
  ],
  "COLLAPSE of zero pages": [
    (f) => f.mm.collapseReadOnly,
    [
      ["6.17.13", false],
      ["6.18.15", true],
    ],
  ],
  "COLLAPSE of nothing whole": [
    (f) => f.mm.collapseEmpty,
    [
      ["7.1.13", "invalid"],
      ["7.2.12", "done"],
    ],
  ],
  "the caller's sentinels": [
    (f) => [f.pidfd.selfThread, f.pidfd.selfGroup],
    [
      ["6.14.11", [null, null]],
      ["6.15.0", [-10000, -20000]],
      ["6.16.12", [-10000, -20000]],
      ["6.17.0", [-10000, -10001]],
      ["7.3.4", [-10000, -10001]],
    ],
  ],
};

describe.each(Object.entries(HISTORIES))("%s", (_, [read, history]) => {
  test.each(history)("on %s: %j", (release, value) => {
    expect(read(profile(release))).toEqual(value);
  });
});

/** The advice that madvise knows, by the release that taught it. */
test.each([
  ["5.13.19", "5.14.0", "MADV_POPULATE_READ"],
  ["5.13.19", "5.14.0", "MADV_POPULATE_WRITE"],
  ["5.17.15", "5.18.0", "MADV_DONTNEED_LOCKED"],
  ["6.0.19", "6.1.0", "MADV_COLLAPSE"],
  ["6.12.117", "6.13.0", "MADV_GUARD_INSTALL"],
  ["6.12.117", "6.13.0", "MADV_GUARD_REMOVE"],
])("madvise of %s lacks what that of %s knows: %s", (older, newer, advice) => {
  expect(profile(older).mm.advice).not.toContain(advice);
  expect(profile(newer).mm.advice).toContain(advice);
});

test("5.8 knows 21 advices", () => {
  expect(profile("5.8").mm.advice).toHaveLength(21);
});
