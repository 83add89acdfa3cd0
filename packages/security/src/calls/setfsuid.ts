import { success, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { commitCredentials } from "../commitCredentials.ts";
import { changed } from "../credentials.ts";
import { INVALID_ID, idArgument } from "../ids.ts";
import type { Subject } from "../subject.ts";
import { idIs, readId } from "../unknownFacts.ts";
import { shownId, toKernelId } from "../userNamespace.ts";
import { GROUP, USER, type Kind } from "./idKind.ts";
import { fixUpFsCapabilities } from "./uidFixup.ts";

/**
 * setfsuid(2): sets the fs uid to one of the task's four uids, or to any with CAP_SETUID. Returns
 * the old one whether it did or not: what it refuses it silently leaves.
 *
 * Linux: `__sys_setfsuid`, kernel/sys.c.
 *
 * @example
 * setfsuid(access, task, -1); // the way to read it
 */
export function setfsuid(access: AccessDecision, subject: Subject, uid: number): Result<number> {
  return setFs(access, subject, USER, uid);
}

/** setfsgid(2): as {@link setfsuid}, with CAP_SETGID. Linux: `__sys_setfsgid`, kernel/sys.c. */
export function setfsgid(access: AccessDecision, subject: Subject, gid: number): Result<number> {
  return setFs(access, subject, GROUP, gid);
}

function setFs(
  access: AccessDecision,
  subject: Subject,
  kind: Kind,
  argument: number,
): Result<number> {
  const { ports } = access;
  const old = subject.credentials;
  const oldFs = readId(ports, old, kind.fs, true);
  const answer = success(shownId(old.userNamespace, kind.map, oldFs));

  const id = idArgument(argument);
  const wanted = id === INVALID_ID ? INVALID_ID : toKernelId(old.userNamespace, kind.map, id);
  if (wanted === INVALID_ID || wanted === oldFs) return answer;
  const own = [kind.real, kind.effective, kind.saved, kind.fs];
  const isOwn =
    own.some((field) => old[field] === wanted) ||
    access.capable(subject, kind.capability, old.userNamespace).ok ||
    own.some((field) => idIs(ports, old, field, wanted));
  if (!isOwn) return answer;
  const next = changed(old, { [kind.fs]: wanted });
  commitCredentials(access, subject, kind === USER ? fixUpFsCapabilities(old, next) : next);
  return answer;
}
