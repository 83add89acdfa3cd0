import { CAP, SECUREBITS, type CapabilityName, type Refusal } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { capabilityNames, hasCapability, without, type CapabilitySet } from "../capabilitySet.ts";
import type { Credentials } from "../credentials.ts";
import { ROOT_ID } from "../ids.ts";
import { CLEARED, either, exactly, knownSet, meet, union, type KnownSet } from "../knownSet.ts";
import { allOf, anyOf, not, type Maybe } from "../maybe.ts";
import { reasons } from "../reasons.ts";
import { readCapability, tellSame } from "../unknownFacts.ts";
import { fromKernelId, toKernelId, type UserNamespace } from "../userNamespace.ts";

/**
 * The security.capability attribute of a file. Linux: struct vfs_ns_cap_data,
 * include/uapi/linux/capability.h
 */
export interface FileCapabilities {
  readonly permitted: CapabilitySet;
  readonly inheritable: CapabilitySet;
  /** The one effective bit: what is permitted becomes effective at once. */
  readonly effective: boolean;
  /**
   * The kernel's id of the root for whose namespace they count (version 3); the initial root if
   * unset.
   */
  readonly rootId?: number;
}

/**
 * What an exec grants before it is looked at who traces the task, and whether the program asks for
 * it to be effective.
 */
export interface ExecGrant {
  readonly permitted: KnownSet;
  readonly effective: Maybe;
  /** Whether the file's capabilities count, be they empty. */
  readonly fromFile: boolean;
}

/**
 * What a program is granted: what its file permits within the bounding set, and what both it and
 * the task call inheritable. A root, effective or real, is granted the bounding and the inheritable
 * set instead, unless a securebit takes root that meaning, or the program is set-uid root and has
 * file capabilities: then these count.
 *
 * Refusals: EPERM `execve/file-capabilities-incomplete`, where the effective bit insists and the
 * bounding set is too small. Linux: bprm_caps_from_vfs_caps, handle_privileged_root,
 * security/commoncap.c, 5.8 to 7.3
 */
export function grantOfExec(
  access: AccessDecision,
  old: Credentials,
  euid: number,
  file: FileCapabilities | undefined,
): ExecGrant | Refusal {
  const counts = file !== undefined && ownsNamespace(file.rootId ?? ROOT_ID, old.userNamespace);
  const fromFile = counts ? grantOfFile(old, file) : CLEARED;
  if (counts && file.effective) {
    const refusal = checkComplete(access, old, file);
    if (refusal !== undefined) return refusal;
  }
  const insists = counts && file.effective;
  if ((old.securebits & SECUREBITS.SECBIT_NOROOT) !== 0) {
    return { permitted: fromFile, effective: insists, fromFile: counts };
  }
  const root = toKernelId(old.userNamespace, "uid", ROOT_ID);
  const isEffective = tellSame(old, euid, root);
  const isReal = tellSame(old, old.uid, root);
  const fileDecides = allOf([counts, isEffective, not(isReal)]);
  const rootDecides = allOf([anyOf([isEffective, isReal]), not(fileDecides)]);
  const ofRoot = union(knownSet(old, "bounding"), knownSet(old, "inheritable"));
  return {
    permitted: either(rootDecides, ofRoot, fromFile),
    effective: anyOf([insists, allOf([isEffective, not(fileDecides)])]),
    fromFile: counts,
  };
}

function grantOfFile(old: Credentials, file: FileCapabilities): KnownSet {
  return union(
    meet(exactly(file.permitted), knownSet(old, "bounding")),
    meet(exactly(file.inheritable), knownSet(old, "inheritable")),
  );
}

function checkComplete(
  access: AccessDecision,
  old: Credentials,
  file: FileCapabilities,
): Refusal | undefined {
  const { ports } = access;
  const id = "execve/file-capabilities-incomplete";
  const missing = capabilityNames(without(file.permitted, grantOfFile(old, file).has)).filter(
    (name) => !isGranted(access, old, file, name),
  );
  if (missing.length > 0) return reasons.refuse(ports.checks, id, missing.join(", "));
  reasons.passed(ports.checks, id);
  return undefined;
}

function isGranted(
  { ports }: AccessDecision,
  old: Credentials,
  file: FileCapabilities,
  name: CapabilityName,
): boolean {
  if (readCapability(ports, old, "bounding", CAP[name])) return true;
  return (
    hasCapability(file.inheritable, CAP[name]) &&
    readCapability(ports, old, "inheritable", CAP[name])
  );
}

/** Whether an id is the root of the namespace or of one above it. Linux: rootid_owns_currentns */
function ownsNamespace(rootId: number, namespace: UserNamespace): boolean {
  for (
    let walker: UserNamespace | undefined = namespace;
    walker !== undefined;
    walker = walker.parent
  ) {
    if (fromKernelId(walker, "uid", rootId) === ROOT_ID) return true;
  }
  return false;
}
