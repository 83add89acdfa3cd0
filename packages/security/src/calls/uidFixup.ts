import { SECUREBITS } from "@kadvise/uapi";
import { capabilitySet, type CapabilitySet } from "../capabilitySet.ts";
import { changed, type Credentials } from "../credentials.ts";
import { ROOT_ID } from "../ids.ts";
import { CLEARED, either, exactly, knownSet, meet, minus, setFields, union } from "../knownSet.ts";
import { allOf, anyOf, not, type Maybe } from "../maybe.ts";
import { tellSame } from "../unknownFacts.ts";
import { toKernelId } from "../userNamespace.ts";

/** The capabilities that go with the fs uid. CAP_SYS_PTRACE and CAP_SYS_NICE are not among them. */
const FS_CAPABILITIES: CapabilitySet = capabilitySet([
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_DAC_READ_SEARCH",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_LINUX_IMMUTABLE",
  "CAP_MKNOD",
  "CAP_MAC_OVERRIDE",
]);

/**
 * What setuid, setreuid and setresuid do to capabilities: who stops being root loses them, who is
 * effectively root again has effective again what is permitted.
 *
 * Linux: cap_emulate_setxuid, security/commoncap.c, 5.8 to 7.3
 */
export function fixUpCapabilities(old: Credentials, next: Credentials): Credentials {
  if ((old.securebits & SECUREBITS.SECBIT_NO_SETUID_FIXUP) !== 0) return next;
  const wasRoot = anyOf([
    isRoot(old, old, "uid"),
    isRoot(old, old, "euid"),
    isRoot(old, old, "suid"),
  ]);
  const staysRoot = anyOf([
    isRoot(old, next, "uid"),
    isRoot(old, next, "euid"),
    isRoot(old, next, "suid"),
  ]);
  const leaves = allOf([wasRoot, not(staysRoot)]);
  const keeps = (old.securebits & SECUREBITS.SECBIT_KEEP_CAPS) !== 0;
  const clears = keeps ? false : leaves;

  const permitted = either(clears, CLEARED, knownSet(next, "permitted"));
  const ambient = either(leaves, CLEARED, knownSet(next, "ambient"));
  const was = isRoot(old, old, "euid");
  const is = isRoot(old, next, "euid");
  let effective = either(clears, CLEARED, knownSet(next, "effective"));
  effective = either(allOf([was, not(is)]), CLEARED, effective);
  effective = either(allOf([not(was), is]), permitted, effective);
  return changed(next, setFields(next, { permitted, effective, ambient }));
}

/**
 * What setfsuid does to capabilities: those that concern files leave and join the effective set.
 *
 * Linux: cap_task_fix_setuid, security/commoncap.c, 5.8 to 7.3
 */
export function fixUpFsCapabilities(old: Credentials, next: Credentials): Credentials {
  if ((old.securebits & SECUREBITS.SECBIT_NO_SETUID_FIXUP) !== 0) return next;
  const was = isRoot(old, old, "fsuid");
  const is = isRoot(old, next, "fsuid");
  const before = knownSet(next, "effective");
  const regained = meet(knownSet(next, "permitted"), exactly(FS_CAPABILITIES));
  let effective = either(allOf([was, not(is)]), minus(before, FS_CAPABILITIES), before);
  effective = either(allOf([not(was), is]), union(effective, regained), effective);
  return changed(next, setFields(next, { effective }));
}

/** Whether an id is that of the root of the *old* user namespace. */
function isRoot(old: Credentials, c: Credentials, field: "uid" | "euid" | "suid" | "fsuid"): Maybe {
  return tellSame(c, c[field], toKernelId(old.userNamespace, "uid", ROOT_ID));
}
