import { isErrnoName, SYSCALL_NUMBERS } from "@kadvise/uapi";
import type { Policy } from "../policy.ts";
import { commoncap } from "./commoncap.ts";
import { landlock } from "./landlock.ts";
import { CONTAINER_DEFAULT, seccompList } from "./seccompList.ts";
import { yama, type YamaScope } from "./yama.ts";

/** The policies that a word on a command line can name. */
export const POLICY_NAMES: readonly string[] = [
  "commoncap",
  "yama",
  "yama=SCOPE",
  "landlock",
  "seccomp=container",
  "seccomp=CALL[+CALL…]",
];

/**
 * The policy that one word names: `yama=1`, `landlock`, `seccomp=container`, `seccomp=ptrace+kcmp`,
 * `commoncap`. A word that names none of these is `undefined`, so that a caller may take it for a
 * file.
 *
 * @example
 * policyFromName("yama=1")?.name; // "yama"
 */
export function policyFromName(word: string): Policy | undefined {
  const [name = "", value] = split(word.trim());
  switch (name) {
    case "commoncap":
      return plain(name, value, commoncap());
    case "landlock":
      return plain(name, value, landlock());
    case "yama":
      return yama({ scope: scopeOf(value) });
    case "seccomp":
      if (value === undefined || value === "")
        throw new RangeError("seccomp= needs the calls that it answers");
      return seccompList(value === "container" ? CONTAINER_DEFAULT : value.split("+").map(entry));
    default:
      return undefined;
  }
}

/**
 * A filter that names a call amiss would stay silent: a word of a person has to name a covered
 * call, or any by its number.
 */
function entry(word: string): string {
  const [call, errno] = split(word.trim());
  if (!/^\d+$/.test(call) && SYSCALL_NUMBERS[call] === undefined)
    throw new RangeError(
      `${JSON.stringify(call)} is no system call that is covered; name others by their number`,
    );
  if (errno !== undefined && !isErrnoName(errno))
    throw new RangeError(`${JSON.stringify(errno)} is no error's name`);
  return word;
}

function split(word: string): readonly [string, string | undefined] {
  const at = word.indexOf("=");
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

function plain(name: string, value: string | undefined, policy: Policy): Policy {
  if (value !== undefined) throw new RangeError(`the policy ${name} takes no value`);
  return policy;
}

function scopeOf(value: string | undefined): YamaScope {
  if (value === undefined) return 1;
  if (!/^[0-3]$/.test(value))
    throw new RangeError(`yama's scope is 0, 1, 2 or 3, not ${JSON.stringify(value)}`);
  return Number(value) as YamaScope;
}
