import { Reasons, RLIMIT, type RlimitName, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { copyIn, copyOut, longAt, words } from "../copyUser.ts";
import { parameter } from "../signature.ts";

const entries = {
  "prlimit/resource": {
    errno: "EINVAL",
    text: "no such resource, or a soft limit above the hard one",
    linux: "kernel/sys.c do_prlimit",
    since: "2.6.36",
    remedy: "pass an RLIMIT_* number and a soft limit up to the hard one",
    compares: ["resource"],
  },
  "prlimit/raise": {
    errno: "EPERM",
    text: "raising a hard limit needs CAP_SYS_RESOURCE",
    linux: "kernel/sys.c do_prlimit",
    since: "2.6.36",
    remedy: "gain CAP_SYS_RESOURCE",
    compares: ["resource"],
  },
} as const;

/** prlimit's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const NAMES: readonly RlimitName[] = Object.keys(RLIMIT) as RlimitName[];
const INFINITE = 0xffff_ffff_ffff_ffffn;

/** prlimit64(2), of the caller itself. Linux: kernel/sys.c do_prlimit */
export const prlimit64: SystemCall = {
  name: "prlimit64",
  parameters: [
    parameter("pid", "pid"),
    parameter("resource", { names: RLIMIT }),
    parameter("new_limit", { structure: "rlimit", direction: "in" }),
    parameter("old_limit", { structure: "rlimit", direction: "out" }),
  ],
  run(task, registers) {
    const { checks } = task.machine.ports;
    const name = NAMES[registers.low(1)];
    if (name === undefined) return reasons.refuse(checks, "prlimit/resource", registers.low(1));
    const old = task.limits.get(name);
    if (!registers.isZero(2)) {
      const bytes = copyIn(task, registers, 2, 16);
      if ("ok" in bytes) return bytes;
      const limit = { soft: bytesLimit(bytes, 0), hard: bytesLimit(bytes, 8) };
      if (limit.soft > limit.hard)
        return reasons.refuse(checks, "prlimit/resource", registers.low(1));
      if (
        limit.hard > old.hard &&
        !task.machine.access.capable(task.subject, "CAP_SYS_RESOURCE").ok
      ) {
        return reasons.refuse(checks, "prlimit/raise", registers.low(1));
      }
      task.limits.set(name, limit);
    }
    if (registers.isZero(3)) return success(0);
    return (
      copyOut(task, registers, 3, words(...limitWords(old.soft), ...limitWords(old.hard))) ??
      success(0)
    );
  },
};

function bytesLimit(bytes: Uint8Array, offset: number): number {
  const value = longAt(bytes, offset);
  return value >= 2 ** 63 ? Number.POSITIVE_INFINITY : value;
}

function limitWords(limit: number): [number, number] {
  const value = Number.isFinite(limit) ? BigInt(limit) : INFINITE;
  return [Number(value & 0xffff_ffffn), Number(value >> 32n)];
}
