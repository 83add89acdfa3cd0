import { forgetCredentials, forgetPrivileges } from "@kadvise/security";
import type { CallEvent } from "@kadvise/strace";
import type { Task } from "@kadvise/syscalls";
import type { Judgement } from "./verdict.ts";

/** What a program's set-id bits, or its file's capabilities, may have changed. */
type Privilege = "uids" | "gids" | "capabilities" | "ambient" | "dumpable";

/** Calls that report what a program may have changed. */
const REPORTS: ReadonlyMap<string, Privilege> = new Map([
  ...["geteuid", "getresuid", "setfsuid"].map((name): [string, Privilege] => [name, "uids"]),
  ...["getegid", "getresgid", "setfsgid"].map((name): [string, Privilege] => [name, "gids"]),
  ["capget", "capabilities"],
]);
const EVERY: readonly Privilege[] = ["uids", "gids", "capabilities", "ambient", "dumpable"];

function reportOf({ name, args }: CallEvent): Privilege | undefined {
  const [first, second] = [args[0]?.text, args[1]];
  if (name === "prctl" && first === "PR_GET_DUMPABLE") return "dumpable";
  // What lets capabilities pass, a set-id program has lost. Linux: security/commoncap.c
  // cap_bprm_creds_from_file
  if (name === "prctl" && first === "PR_CAP_AMBIENT" && second?.text === "PR_CAP_AMBIENT_IS_SET")
    return "ambient";
  // Without a place for an answer, or of another version, it only tells which versions there are.
  if (name === "capget" && second?.value.kind !== "struct") return undefined;
  return REPORTS.get(name);
}

/**
 * Processes that executed a program of which nobody said whether it is set-id, and have not
 * reported since who they are. Until then they are taken to be who they were; the first report
 * tells.
 */
export class ProgramPrivileges {
  private readonly open: Map<number, Set<Privilege>> = new Map();

  /** A process executed a program; `isKnown`: somebody looked who it was behind it. */
  executed(pid: number, isKnown: boolean): void {
    if (isKnown) this.open.delete(pid);
    else this.open.set(pid, new Set(EVERY));
  }

  /** A child is whoever its parent is. */
  forked(pid: number, child: number): void {
    const open = this.open.get(pid);
    if (open !== undefined) this.open.set(child, new Set(open));
  }

  /** Whether a call is the first to report what the program may have changed. */
  isFirstReport(pid: number, event: CallEvent): boolean {
    const what = reportOf(event);
    return what !== undefined && this.open.get(pid)?.has(what) === true;
  }

  /**
   * The call reported it. One ambient capability that is as it was says nothing of the others:
   * `isOther` tells whether it turned out to be other than before.
   */
  reported(pid: number, event: CallEvent, isOther: boolean): void {
    const what = reportOf(event);
    if (what !== undefined && (what !== "ambient" || isOther)) this.open.get(pid)?.delete(what);
  }
}

/**
 * The program turned out to have given privileges: which, only its reports will tell. One that
 * could not be read is merely not dumpable.
 */
export function gainPrivileges({ machine, subject }: Task, event: CallEvent): void {
  const gained = reportOf(event) !== "dumpable" && !subject.noNewPrivs;
  if (gained) forgetPrivileges(machine.access, subject);
  else forgetCredentials(machine.access, subject, { credentials: false });
}

/** Whether an execve is one of root, the maps of a user namespace tell. */
export function loseUnnamedRoot({ machine, subject }: Task): void {
  if (subject.idMapUnstated) forgetCredentials(machine.access, subject, { dumpable: false });
}

/** What the first report says is one of several things that may be. */
export function openReport(judgement: Judgement): Judgement {
  if (judgement.verdict !== "exact") return judgement;
  return {
    ...judgement,
    verdict: "constrained",
    allowed: ["what the program made of it: it may be set-id, have capabilities, or be unreadable"],
  };
}
