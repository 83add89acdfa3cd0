import { MPOL, MPOL_MODE_FLAG, Reasons, type Refusal } from "@kadvise/uapi";
import { copyIn } from "../copyUser.ts";
import { Registers } from "../registers.ts";
import type { Task } from "../task.ts";

const entries = {
  "mempolicy/mode": {
    errno: "EINVAL",
    text: "no policy has this mode, or not with these flags",
    passes: "there is such a policy",
    linux: "mm/mempolicy.c sanitize_mpol_flags",
    since: "2.6.7",
    remedy: "pass a MPOL_* mode of this release, with one of its flags at most",
    compares: ["mode"],
  },
  "mempolicy/too-many-nodes": {
    errno: "EINVAL",
    text: "the mask of nodes is longer than a page, or its length is zero",
    linux: "mm/mempolicy.c get_nodes",
    since: "2.6.7",
    remedy: "pass the number of bits of the mask, and one",
    compares: ["maxnode"],
  },
  "mempolicy/unknown-nodes": {
    errno: "EINVAL",
    text: "the mask names nodes that no kernel of this kind can have",
    linux: "mm/mempolicy.c get_nodes",
    since: "2.6.7",
    remedy: "name nodes that the machine has",
  },
  "mempolicy/nodes": {
    errno: "EINVAL",
    text: "the mode does not go with the nodes: it needs some that the machine has, or takes none",
    passes: "the nodes go with the mode",
    linux: "mm/mempolicy.c mpol_new, mpol_set_nodemask",
    since: "2.6.7",
    remedy: "name node 0; none for MPOL_DEFAULT and MPOL_LOCAL",
    compares: ["mode", "nodes"],
  },
} as const;

/** The reasons of a policy that cannot be. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** A memory policy; a task or an area without one has the default. */
export interface Policy {
  readonly mode: number;
  readonly flags: number;
  /** The nodes as they are told again. */
  readonly nodes: bigint;
}

/** Modes by name, as logs print them. */
export const MODES: { readonly [name: string]: number } = MPOL;
/** The only node of the machine. */
export const ONLY_NODE = 1n;
/** CONFIG_NODES_SHIFT is 10 on usual x86-64 kernels. */
const MAX_NODES = 1024;
/** A mask may be as long as a page. */
const MAX_MASK_BITS = 32_768;
const LONG_BITS = 64;
const MODE_FLAGS: number =
  MPOL_MODE_FLAG.MPOL_F_STATIC_NODES | MPOL_MODE_FLAG.MPOL_F_RELATIVE_NODES;

/** A mode and its flags as they are passed. Linux: mm/mempolicy.c sanitize_mpol_flags */
export function readMode(task: Task, value: number): { mode: number; flags: number } | Refusal {
  const { policyModes, policyBalances } = task.machine.profile.mm;
  const { checks } = task.machine.ports;
  const balancing = MPOL_MODE_FLAG.MPOL_F_NUMA_BALANCING;
  const known = MODE_FLAGS | (policyBalances.length > 0 ? balancing : 0);
  const flags = value & known;
  const mode = (value & ~known) >>> 0;
  const isBoth = (flags & MODE_FLAGS) === MODE_FLAGS;
  const mayBalance = policyBalances.some((name) => MPOL[name] === mode);
  if (mode >= policyModes || isBoth || ((flags & balancing) !== 0 && !mayBalance))
    return reasons.refuse(checks, "mempolicy/mode", `0x${(value >>> 0).toString(16)}`);
  reasons.passed(checks, "mempolicy/mode", `0x${(value >>> 0).toString(16)}`);
  return { mode, flags };
}

/**
 * A mask of nodes; its length counts one bit too many. Words above what a kernel can have are read
 * from the top and must be zero. Linux: mm/mempolicy.c get_nodes
 */
export function readNodes(
  task: Task,
  registers: Registers,
  { mask, length }: { readonly mask: number; readonly length: number },
): bigint | Refusal {
  const { checks } = task.machine.ports;
  const given = registers.big(length);
  const wide = given - 1n;
  if (wide === 0n || registers.isZero(mask)) return 0n;
  if (wide < 0n || wide > MAX_MASK_BITS)
    return reasons.refuse(checks, "mempolicy/too-many-nodes", `0x${given.toString(16)}`);
  const bits = Number(wide);
  const wordBytes = (task.abi === "i386" ? LONG_BITS / 2 : LONG_BITS) / 8;
  const words = Math.ceil(bits / (8 * wordBytes));
  const most = MAX_NODES / (8 * wordBytes);
  for (let word = words - 1; word >= most; word--) {
    const at = new Registers(registers.big(mask) + BigInt(word * wordBytes));
    const read = copyIn(task, at, 0, wordBytes);
    if ("ok" in read) return read;
    if (numberOf(read) !== 0n) return reasons.refuse(checks, "mempolicy/unknown-nodes");
  }
  const low = copyIn(task, registers, mask, Math.min(words, most) * wordBytes);
  if ("ok" in low) return low;
  return numberOf(low) & ((1n << BigInt(Math.min(bits, MAX_NODES))) - 1n);
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/**
 * A policy of a mode and nodes; "default" for the one that is none. What the machine lacks of the
 * nodes is left out. Linux: mm/mempolicy.c mpol_new, mpol_set_nodemask
 */
export function newPolicy(
  task: Task,
  { mode, flags }: { readonly mode: number; readonly flags: number },
  nodes: bigint,
): Policy | "default" | Refusal {
  const { checks } = task.machine.ports;
  const { policyLocalIsOwn } = task.machine.profile.mm;
  const isPlaced = (flags & MODE_FLAGS) !== 0;
  const isRelative = (flags & MPOL_MODE_FLAG.MPOL_F_RELATIVE_NODES) !== 0;
  const isEmpty = nodes === 0n;
  const refuse = (): Refusal =>
    reasons.refuse(checks, "mempolicy/nodes", mode, `0x${nodes.toString(16)}`);
  if (mode === MPOL.MPOL_DEFAULT) return isEmpty ? "default" : refuse();
  const isLocal = mode === MPOL.MPOL_LOCAL || (mode === MPOL.MPOL_PREFERRED && isEmpty);
  if (isLocal) {
    if (!isEmpty || isPlaced) return refuse();
    reasons.passed(checks, "mempolicy/nodes", mode, "0x0");
    return { mode: policyLocalIsOwn ? MPOL.MPOL_LOCAL : MPOL.MPOL_PREFERRED, flags, nodes: 0n };
  }
  const effective = isRelative ? nodes : nodes & ONLY_NODE;
  if (effective === 0n) return refuse();
  reasons.passed(checks, "mempolicy/nodes", mode, `0x${nodes.toString(16)}`);
  return { mode, flags, nodes: isPlaced ? nodes : ONLY_NODE };
}

/** A policy as areas remember it: equal ones have equal texts. */
export function policyText({ mode, flags, nodes }: Policy): string {
  return `${mode} ${flags} ${nodes}`;
}

/** The policy behind a text of {@link policyText}; undefined for none. */
export function policyOf(text: string): Policy | undefined {
  const [mode, flags, nodes = "0"] = text.split(" ");
  return text === ""
    ? undefined
    : { mode: Number(mode), flags: Number(flags), nodes: BigInt(nodes) };
}
