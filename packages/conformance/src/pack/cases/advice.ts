import { caseGroup, type PackCase } from "../packCase.ts";
import { advise, OTHER, SELF, vector, pages } from "./stage.ts";

/** Every number that is advice on some release, and some that are on none. */
const ADVICE: readonly string[] = [
  ...["MADV_NORMAL", "MADV_RANDOM", "MADV_SEQUENTIAL", "MADV_WILLNEED", "MADV_DONTNEED"],
  ...["MADV_FREE", "MADV_REMOVE", "MADV_DONTFORK", "MADV_DOFORK", "MADV_MERGEABLE"],
  ...["MADV_UNMERGEABLE", "MADV_HUGEPAGE", "MADV_NOHUGEPAGE", "MADV_DONTDUMP", "MADV_DODUMP"],
  ...["MADV_WIPEONFORK", "MADV_KEEPONFORK", "MADV_COLD", "MADV_PAGEOUT", "MADV_POPULATE_READ"],
  ...["MADV_POPULATE_WRITE", "MADV_DONTNEED_LOCKED", "MADV_COLLAPSE", "MADV_GUARD_INSTALL"],
  "MADV_GUARD_REMOVE",
];
const NONE: readonly string[] = ["5", "7", "26", "99", "104", "9999", "-1", "0x80000000"];

function nameOf(advice: string): string {
  return advice
    .replace(/^MADV_/, "")
    .toLowerCase()
    .replaceAll("_", "-");
}

function onOnePage(
  process: string,
  whose: string,
  before: string,
): readonly (readonly [string, string, string])[] {
  return [...ADVICE, ...NONE].map((advice) => [
    nameOf(advice),
    `${advice} on ${whose} memory`,
    `${before}\n${advise(process, { advice })}`,
  ]);
}

function onNothing(
  process: string,
  whose: string,
  before: string,
): readonly (readonly [string, string, string])[] {
  return ["MADV_DONTNEED", "MADV_GUARD_INSTALL", "MADV_HWPOISON", "9999"].map((advice) => [
    `empty-${nameOf(advice)}`,
    `${advice} on ${whose} memory, with an empty vector`,
    `${before}\n${advise(process, { advice, vlen: "0" })}`,
  ]);
}

/** Which advice process_madvise takes: on own memory, and on another process'. */
export const ADVICE_CASES: readonly PackCase[] = [
  ...caseGroup("own-advice", [
    ...onOnePage("app", "own", SELF),
    ...onNothing("app", "own", SELF),
    [
      "empty-ranges-unknown",
      "advice that there is not, on own memory, with ranges that are empty",
      `${SELF}\n${advise("app", { advice: "9999", vector: vector(["$heap", "0"], ["$heap + 1", "0"]), vlen: "2" })}`,
    ],
    [
      "above-32-bits",
      "advice with upper bits set in its register",
      `${SELF}\n${advise("app", { advice: "0x100000014", vector: vector(pages(0, 1)) })}`,
    ],
  ]),
  ...caseGroup("remote-advice", [
    ...onOnePage("manager", "another process'", OTHER),
    ...onNothing("manager", "another process'", OTHER),
    [
      "empty-cold",
      "MADV_COLD on another process' memory, with an empty vector",
      `${OTHER}\n${advise("manager", { vlen: "0" })}`,
    ],
    [
      "same-memory",
      "advice for a process that shares the caller's memory",
      `${SELF}
       app  clone(CLONE_VM|SIGCHLD, NULL) = $peer
       app  pidfd_open($peer, 0) = $peerfd
       ${advise("app", { pidfd: "$peerfd", advice: "MADV_DONTNEED" })}
       app  load($heap, 4)`,
    ],
    [
      "child",
      "advice for a child, which has a copy of the memory",
      `${SELF}
       app  fork() = $child
       app  pidfd_open($child, 0) = $childfd
       ${advise("app", { pidfd: "$childfd" })}
       ${advise("app", { pidfd: "$childfd", advice: "MADV_DONTNEED" })}`,
    ],
    [
      "parent",
      "advice for a parent, by its child",
      `${SELF}
       app  fork() = $child
       $child  pidfd_open($app, 0) = $parentfd
       ${advise("$child", { pidfd: "$parentfd" })}
       ${advise("$child", { pidfd: "$parentfd", advice: "MADV_DONTNEED" })}`,
    ],
    [
      "does-not-touch-the-caller",
      "the ranges are the target's: where the caller has a hole, the target has pages",
      `${OTHER}
       manager  maps($heap, 4096)
       ${advise("manager")}`,
    ],
    [
      "the-target-has-none",
      "the ranges are the target's: where the caller has pages, the target has a hole",
      `${SELF}
       other  getpid()
       app  pidfd_open($other, 0) = $otherfd
       ${advise("app", { pidfd: "$otherfd" })}`,
    ],
  ]),
];
