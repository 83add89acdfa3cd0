import { bindRange } from "@kadvise/mm-core";
import { MPOL, MPOL_MF, Reasons, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { addressPages } from "../registers.ts";
import { parameter } from "../signature.ts";
import { MODES, newPolicy, policyText, readMode, readNodes } from "./policy.ts";

const entries = {
  "mbind/flags": {
    errno: "EINVAL",
    text: "mbind knows MPOL_MF_STRICT, MPOL_MF_MOVE and MPOL_MF_MOVE_ALL",
    passes: "the flags are known",
    linux: "mm/mempolicy.c do_mbind",
    since: "2.6.7",
    remedy: "pass MPOL_MF_* bits",
    compares: ["flags"],
  },
  "mbind/move-all-not-permitted": {
    errno: "EPERM",
    text: "moving what others map too needs CAP_SYS_NICE",
    linux: "mm/mempolicy.c do_mbind",
    since: "2.6.17",
    remedy: "pass MPOL_MF_MOVE, or gain CAP_SYS_NICE",
  },
  "mbind/unaligned": {
    errno: "EINVAL",
    text: "the address is not page-aligned",
    passes: "the address is page-aligned",
    linux: "mm/mempolicy.c do_mbind",
    since: "2.6.7",
    remedy: "align the address",
    compares: ["offset"],
  },
  "mbind/range-wraps": {
    errno: "EINVAL",
    text: "the range wraps around",
    passes: "the range does not wrap",
    linux: "mm/mempolicy.c do_mbind",
    since: "2.6.7",
    remedy: "name a range that ends below 2^64",
    compares: ["page", "pages"],
  },
} as const;

/** The reasons of mbind's argument checks; the memory model has the others. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * mbind(2), on a machine of one node: nothing is ever moved, but a range with a policy of its own is
 * an area of its own. Linux: mm/mempolicy.c kernel_mbind, do_mbind
 */
export const mbind: SystemCall = {
  name: "mbind",
  parameters: [
    parameter("addr", "address"),
    parameter("len", "size"),
    parameter("mode", { names: MODES }),
    parameter("nodemask", { structure: "nodemask", direction: "in", count: "maxnode" }),
    parameter("maxnode", "size"),
    parameter("flags", { flags: MPOL_MF, unknown: "MPOL_???" }),
  ],
  run(task, registers) {
    const { checks } = task.machine.ports;
    const { pageShift } = task.machine.memory;
    const mode = readMode(task, registers.int(2));
    if ("ok" in mode) return mode;
    const nodes = readNodes(task, registers, { mask: 3, length: 4 });
    if (typeof nodes !== "bigint") return nodes;
    const flags = registers.low(5);
    if ((flags & ~VALID) !== 0) return reasons.refuse(checks, "mbind/flags", flags);
    reasons.passed(checks, "mbind/flags", flags);
    const movesAll = (flags & MPOL_MF.MPOL_MF_MOVE_ALL) !== 0;
    if (movesAll) {
      const may = task.machine.access.capable(task.subject, "CAP_SYS_NICE");
      if (!may.ok) return reasons.refuseBecause(checks, "mbind/move-all-not-permitted", may);
    }
    const offset = registers.offset(0, pageShift);
    if (offset !== 0) return reasons.refuse(checks, "mbind/unaligned", offset);
    reasons.passed(checks, "mbind/unaligned", offset);
    const start = registers.page(0, pageShift);
    // A length that rounds up beyond 2^64 is none.
    const pages = registers.pagesUp(1, pageShift) % addressPages(pageShift);
    if (start + pages >= addressPages(pageShift))
      return reasons.refuse(checks, "mbind/range-wraps", start, pages);
    reasons.passed(checks, "mbind/range-wraps", start, pages);
    if (pages === 0) return success(0);
    const policy = newPolicy(task, mode, nodes);
    if (policy !== "default" && "ok" in policy) return policy;
    const isStrict = (flags & VALID) === MPOL_MF.MPOL_MF_STRICT;
    const refusal = bindRange(task.space, {
      ...{ start, end: start + pages },
      policy: policy === "default" ? "" : policyText(policy),
      refusesPages: isStrict && nodes === 0n && mode.mode !== MPOL.MPOL_DEFAULT,
    });
    return refusal ?? success(0);
  },
};

const VALID: number = MPOL_MF.MPOL_MF_STRICT | MPOL_MF.MPOL_MF_MOVE | MPOL_MF.MPOL_MF_MOVE_ALL;
