import { policyAt, readNode } from "@kadvise/mm-core";
import { MPOL, MPOL_F, Reasons, type Refusal, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { putBytes, putInt } from "../copyUser.ts";
import type { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { ONLY_NODE, policyOf, type Policy } from "./policy.ts";

const entries = {
  "get_mempolicy/mask-too-short": {
    errno: "EINVAL",
    text: "the mask has no room for the nodes of the machine",
    passes: "the mask has room for the nodes of the machine",
    linux: "mm/mempolicy.c kernel_get_mempolicy",
    since: "2.6.7",
    remedy: "pass the number of bits of the mask",
    compares: ["maxnode"],
  },
  "get_mempolicy/mask-too-long": {
    errno: "EINVAL",
    text: "the mask is longer than a page",
    linux: "mm/mempolicy.c copy_nodes_to_user",
    since: "2.6.7",
    remedy: "pass the number of bits of the mask",
    compares: ["maxnode"],
  },
  "get_mempolicy/flags": {
    errno: "EINVAL",
    text: "a flag that there is not, or MPOL_F_MEMS_ALLOWED with another",
    passes: "the flags go together",
    linux: "mm/mempolicy.c do_get_mempolicy",
    since: "2.6.7",
    remedy: "pass MPOL_F_NODE, MPOL_F_ADDR, both, or MPOL_F_MEMS_ALLOWED",
    compares: ["flags"],
  },
  "get_mempolicy/address-without-flag": {
    errno: "EINVAL",
    text: "an address is given, and MPOL_F_ADDR does not say that it is meant",
    linux: "mm/mempolicy.c do_get_mempolicy",
    since: "2.6.7",
    remedy: "pass MPOL_F_ADDR, or no address",
    compares: ["address"],
  },
  "get_mempolicy/no-area": {
    errno: "EFAULT",
    text: "nothing is mapped at the address, or the page there cannot be brought in",
    linux: "mm/mempolicy.c do_get_mempolicy, lookup_node",
    since: "2.6.7",
    remedy: "name a page that can be read",
    compares: ["address"],
  },
  "get_mempolicy/not-interleaved": {
    errno: "EINVAL",
    text: "which node comes next is told of a thread that interleaves alone",
    linux: "mm/mempolicy.c do_get_mempolicy",
    since: "2.6.7",
    remedy: "pass MPOL_F_ADDR too, or set MPOL_INTERLEAVE",
    compares: ["mode"],
  },
} as const;

/** get_mempolicy's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const NODE_BYTES = 8;
const PAGE_BYTES = 4096;

/**
 * get_mempolicy(2), on a machine of one node: the calling thread's policy, or an address'. Linux:
 * mm/mempolicy.c kernel_get_mempolicy
 */
export const getMempolicy: SystemCall = {
  name: "get_mempolicy",
  parameters: [
    parameter("policy", { structure: "int", direction: "out" }),
    parameter("nodemask", { structure: "nodemask", direction: "out", count: "maxnode" }),
    parameter("maxnode", "size"),
    parameter("addr", "address"),
    parameter("flags", { flags: MPOL_F, unknown: "MPOL_F_???" }),
  ],
  run(task, registers) {
    const { checks } = task.machine.ports;
    if (!registers.isZero(1) && registers.isZero(2))
      return reasons.refuse(checks, "get_mempolicy/mask-too-short", 0);
    reasons.passed(checks, "get_mempolicy/mask-too-short", registers.hex(2));
    const told = ask(task, registers);
    if ("ok" in told) return told;
    const refusal = registers.isZero(0) ? undefined : putInt(task, registers, 0, told.value);
    return refusal ?? putNodes(task, registers, told.nodes) ?? success(0);
  },
};

interface Told {
  readonly value: number;
  readonly nodes: bigint;
}

/** Linux: mm/mempolicy.c do_get_mempolicy */
function ask(task: Task, registers: Registers): Told | Refusal {
  const { checks } = task.machine.ports;
  const flags = registers.low(4);
  const known = MPOL_F.MPOL_F_NODE | MPOL_F.MPOL_F_ADDR | MPOL_F.MPOL_F_MEMS_ALLOWED;
  const isAllowed = (flags & MPOL_F.MPOL_F_MEMS_ALLOWED) !== 0;
  const isAlone = flags === MPOL_F.MPOL_F_MEMS_ALLOWED;
  if (registers.high(4) !== 0 || (flags & ~known) !== 0 || (isAllowed && !isAlone))
    return reasons.refuse(checks, "get_mempolicy/flags", registers.hex(4));
  reasons.passed(checks, "get_mempolicy/flags", registers.hex(4));
  if (isAllowed) return { value: 0, nodes: ONLY_NODE };
  const isOfAddress = (flags & MPOL_F.MPOL_F_ADDR) !== 0;
  const wantsNode = (flags & MPOL_F.MPOL_F_NODE) !== 0;
  if (!isOfAddress && !registers.isZero(3))
    return reasons.refuse(checks, "get_mempolicy/address-without-flag", registers.hex(3));
  const page = registers.page(3, task.machine.memory.pageShift);
  const text = isOfAddress ? policyAt(task.space, page) : "";
  if (text === undefined || (isOfAddress && wantsNode && !readNode(task.space, page, task.actor)))
    return reasons.refuse(checks, "get_mempolicy/no-area", registers.hex(3));
  const policy = isOfAddress ? policyOf(text) : task.policy;
  const nodes = policy?.nodes ?? 0n;
  if (!wantsNode) return { value: valueOf(policy), nodes };
  const mode = policy?.mode ?? MPOL.MPOL_DEFAULT;
  const takesTurns = mode === MPOL.MPOL_INTERLEAVE || mode === MPOL.MPOL_WEIGHTED_INTERLEAVE;
  // The only node is node 0.
  if (isOfAddress || takesTurns) return { value: 0, nodes };
  return reasons.refuse(checks, "get_mempolicy/not-interleaved", mode);
}

function valueOf(policy: Policy | undefined): number {
  return policy === undefined ? MPOL.MPOL_DEFAULT : policy.mode | policy.flags;
}

/** What lies behind the machine's nodes is cleared. Linux: mm/mempolicy.c copy_nodes_to_user */
function putNodes(task: Task, registers: Registers, nodes: bigint): Refusal | undefined {
  if (registers.isZero(1)) return undefined;
  const { checks } = task.machine.ports;
  const bytes = Math.ceil((registers.number(2) - 1) / 64) * NODE_BYTES;
  if (bytes > PAGE_BYTES)
    return reasons.refuse(checks, "get_mempolicy/mask-too-long", registers.hex(2));
  const known = new Uint8Array(Math.min(bytes, NODE_BYTES));
  for (const i of known.keys()) known[i] = Number((nodes >> BigInt(8 * i)) & 0xffn);
  const rest = new Uint8Array(bytes - known.length);
  const behind = rest.length === 0 ? undefined : putBytes(task, registers, 1, NODE_BYTES, rest);
  if (behind !== undefined || known.length === 0) return behind;
  return putBytes(task, registers, 1, 0, known);
}
