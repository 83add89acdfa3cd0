import { isErrnoName, type ErrnoName } from "@kadvise/uapi";
import type { Policy, SyscallQuestion } from "../policy.ts";
import { reasons } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { objection } from "./objection.ts";

/** Options of {@link seccompList}. */
export interface SeccompOptions {
  /** What a listed call gets unless its entry says otherwise. */
  readonly code?: ErrnoName;
  /** Turns the list around: what it names passes, everything else is answered. */
  readonly onlyListed?: boolean;
  /** Whom the filter holds; everybody if unset. */
  readonly holds?: (subject: Subject) => boolean;
  /** The policy's name, where there are several lists. */
  readonly name?: string;
}

/**
 * A seccomp filter as a list: what a container's profile answers before the kernel looks at an
 * argument. An entry is a system call's name or number, or `name=ERRNO`.
 *
 * Linux: `__seccomp_filter` with SECCOMP_RET_ERRNO, kernel/seccomp.c, since 3.5. The first of
 * several filters here answers; in Linux the one that answers most severely.
 *
 * @example
 * seccompList(["process_madvise", "ptrace=ENOSYS", 425]);
 */
export function seccompList(
  list: readonly (string | number)[],
  options: SeccompOptions = {},
): Policy {
  const {
    code = "EPERM",
    onlyListed = false,
    holds = (): boolean => true,
    name = "seccomp",
  } = options;
  const entries = new Map(list.map((entry) => parseEntry(entry, code)));
  return {
    name,
    syscall(question, access) {
      const found = entries.get(question.name) ?? entries.get(String(question.number));
      const answer = onlyListed ? (found === undefined ? code : undefined) : found;
      if (answer === undefined || !holds(question.subject)) {
        reasons.passed(access.ports.checks, "seccomp/listed", describe(question));
        return undefined;
      }
      return { ...objection("seccomp/listed", describe(question)), code: answer };
    },
  };
}

/**
 * What Docker's default profile answers in the kernel's place for a container without
 * CAP_SYS_PTRACE and CAP_SYS_ADMIN, as far as this model has the calls. It decides by the
 * container's capabilities when the container starts, not by those of the caller.
 *
 * Source: moby/moby, profiles/seccomp/default.json. ptrace and process_vm_readv pass there.
 *
 * @example
 * seccompList(CONTAINER_DEFAULT);
 */
export const CONTAINER_DEFAULT: readonly string[] = Object.freeze([
  "kcmp",
  "pidfd_getfd",
  "process_madvise",
  "setns",
  "unshare",
  "clone3=ENOSYS",
]);

function describe({ name, number }: SyscallQuestion): string {
  return `${name} (${String(number)})`;
}

function parseEntry(entry: string | number, code: ErrnoName): readonly [string, ErrnoName] {
  if (typeof entry === "number") return [String(entry), code];
  const match = /^([a-z0-9_]+)(?:=([A-Z0-9]+))?$/.exec(entry.trim());
  if (match === null)
    throw new TypeError(`seccomp list: ${JSON.stringify(entry)} is no call, number or call=ERRNO`);
  const [, call = "", errno] = match;
  if (errno === undefined) return [call, code];
  if (!isErrnoName(errno))
    throw new TypeError(`seccomp list: ${errno} in ${JSON.stringify(entry)} is no errno`);
  return [call, errno];
}
