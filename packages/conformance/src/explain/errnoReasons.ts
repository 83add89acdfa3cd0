import { REASONS } from "@kadvise/kernel";
import { compareVersions, parseVersion, type Profile } from "@kadvise/releases";
import type { ErrnoName, ReasonEntry } from "@kadvise/uapi";
import { wholeOrder } from "./wholeOrder.ts";

/** One reason for an error. */
export interface ErrnoReason {
  readonly id: string;
  readonly text: string;
  readonly linux: string;
  readonly since: string;
  readonly remedy: string;
  /** What this reason may stand on: the refusals of the floor below, which have errors of their own. */
  readonly standsOn: readonly { readonly id: string; readonly text: string }[];
}

/** Every reason for which calls answer with one error. */
export interface ErrnoReasons {
  readonly errno: ErrnoName;
  readonly kernel: string;
  /** Those of process_madvise, in the order in which the release checks. */
  readonly processMadvise: readonly ErrnoReason[];
  /** Those of other calls, by the call or the part of the kernel that they belong to. */
  readonly others: { readonly [call: string]: readonly ErrnoReason[] };
}

/** Reasons that process_madvise may meet, by the group that the id begins with. */
const MET: ReadonlySet<string> = new Set([
  ...["process_madvise", "iovec", "pidfd", "mm_access", "madvise"],
]);
/** What any call may meet, process_madvise too: they stand in both lists, and come first. */
const EVERY_CALL: readonly string[] = ["seccomp/listed", "syscall/unknown"];
/** Names that process_madvise never says: other rules come before, or say more. */
const ANTICIPATED: ReadonlySet<string> = new Set(["madvise/length-wraps"]);
/** Names that no call says: pidfd/closed, pidfd/other-file and pidfd/reaped say more. */
const UNSAID: ReadonlySet<string> = new Set(["pidfd/not-a-pidfd", "pidfd/no-task"]);
/** Groups whose refusals are never a call's own answer: something stands on them. */
const BENEATH: ReadonlySet<string> = new Set(["ptrace_access", "commoncap", "type_enforcement"]);
const YAMA_OR_LANDLOCK = /^(yama\/(restricted|admin-only|no-attach)|landlock\/outside-domain)$/;

/** The reasons for an error on a release. */
export function errnoReasons(errno: ErrnoName, profile: Profile): ErrnoReasons {
  const order = wholeOrder(profile, "process_madvise", "other");
  const entries = Object.entries(REASONS).filter(
    ([id, entry]) =>
      entry.errno === errno && !isBeneath(id) && !UNSAID.has(id) && isOfRelease(id, entry, profile),
  );
  const met = entries.filter(([id]) => isMet(id));
  const others = new Map<string, ErrnoReason[]>();
  for (const [id, entry] of entries) {
    if (isMet(id) && !EVERY_CALL.includes(id)) continue;
    const list = others.get(groupOf(id)) ?? [];
    list.push(reasonOf(id, entry, profile));
    others.set(groupOf(id), list);
  }
  return {
    errno,
    kernel: profile.name,
    processMadvise: met
      .map(([id, entry]) => ({ place: placeOf(id, order), reason: reasonOf(id, entry, profile) }))
      .sort((a, b) => a.place - b.place)
      .map(({ reason }) => reason),
    others: Object.fromEntries(others),
  };
}

function isMet(id: string): boolean {
  return (MET.has(groupOf(id)) || EVERY_CALL.includes(id)) && !ANTICIPATED.has(id);
}

/** Whether a release has the rule; of the two forms of one rule it has one. */
function isOfRelease(id: string, { since }: ReasonEntry, profile: Profile): boolean {
  const { processMadvise } = profile;
  if (id.startsWith("process_madvise/")) return isForm(id, processMadvise);
  const [first, own] = [since, profile.version].map((text) => {
    const version = parseVersion(text);
    return version === undefined ? undefined : { ...version, point: version.point ?? 0 };
  });
  return first === undefined || own === undefined || compareVersions(first, own) <= 0;
}

function isForm(id: string, processMadvise: Profile["processMadvise"]): boolean {
  switch (id) {
    case "process_madvise/needs-cap-sys-nice":
      return processMadvise.sysNice === "everybody";
    case "process_madvise/remote-needs-cap-sys-nice":
      return processMadvise.sysNice === "remote";
    case "process_madvise/advice-not-allowed":
      return processMadvise.adviceCheck === "listed";
    case "process_madvise/advice-not-allowed-remote":
      return processMadvise.adviceCheck !== "listed";
    case "process_madvise/unknown-advice":
      return processMadvise.checksValidAdvice;
    default:
      return true;
  }
}

function groupOf(id: string): string {
  return id.slice(0, id.indexOf("/"));
}

function isBeneath(id: string): boolean {
  return BENEATH.has(groupOf(id)) || YAMA_OR_LANDLOCK.test(id) || id === "mm_access/own";
}

/** Where a rule is asked: its own place, or that of the first of its group. */
function placeOf(id: string, order: readonly string[]): number {
  if (EVERY_CALL.includes(id)) return EVERY_CALL.indexOf(id) - EVERY_CALL.length;
  const own = order.indexOf(id);
  const group = order.findIndex((other) => groupOf(other) === groupOf(id));
  // What an area refuses comes behind the checks of the range.
  return own >= 0 ? own : group >= 0 && groupOf(id) !== "madvise" ? group : order.length;
}

/** The last word of the access check, by what it compares. */
const ACCESS_RULES: readonly string[] = [
  "ptrace_access/ids-differ",
  "ptrace_access/not-dumpable",
  "commoncap/ptrace-permitted-not-subset",
  "landlock/outside-domain",
  "type_enforcement/ptrace-denied",
];
/** Yama restricts who attaches, and nobody who reads. Linux: security/yama/yama_lsm.c */
const ATTACH_RULES: readonly string[] = ["yama/restricted", "yama/admin-only", "yama/no-attach"];
const CAPABILITY_RULES: readonly string[] = [
  "commoncap/capability-missing",
  "commoncap/namespace-not-below",
];

function reasonOf(
  id: string,
  { text, linux, since, remedy }: ReasonEntry,
  { processMadvise }: Profile,
): ErrnoReason {
  const attaches = processMadvise.accessMode.includes("ATTACH");
  const beneath =
    id === "mm_access/denied"
      ? [...ACCESS_RULES, ...(attaches ? ATTACH_RULES : [])]
      : id.endsWith("needs-cap-sys-nice")
        ? CAPABILITY_RULES
        : [];
  const standsOn = beneath.map((rule) => ({ id: rule, text: REASONS[rule].text }));
  return { id, text, linux, since, remedy, standsOn };
}
