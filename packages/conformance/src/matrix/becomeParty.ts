import { CAP, CLONE, PR } from "@kadvise/uapi";
import type { ProgramBuilder } from "../program/programBuilder.ts";
import type { Capabilities, Ids, Party } from "./party.ts";

const CAPABILITY_VERSION_3 = 0x2008_0522;
/** Where the agent's image is, and what its root has. */
export interface Ground {
  readonly image: string;
  /** The capabilities that the target's root is permitted, as a mask. */
  readonly available: bigint;
}

/** The page of a party's own that the calls name. */
export const PARTY_PAGE = 0x2000_0000;
const PAGE_BYTES = 4096;
const MAP_PRIVATE_ANONYMOUS_FIXED = 0x32;

/**
 * Makes an actor that is root to have a party's ids, and to be in its namespaces. What it may do
 * comes last: see {@link settleParty}.
 */
export function enterParty(p: ProgramBuilder, actor: number, party: Party, ground: Ground): void {
  if (!isRoot(party.uids) || !isRoot(party.gids)) takeIds(p, actor, party, ground);
  for (let level = 0; level < party.namespaces; level++) {
    makeNamespace(p, actor, party, level);
  }
  if (party.executes) p.add({ kind: "exec", actor, image: ground.image });
}

/**
 * A user namespace of the actor's own. In one right below the initial namespace its ids get names:
 * without them it could make none below.
 */
export function makeNamespace(
  p: ProgramBuilder,
  actor: number,
  { uids, gids, executes }: Party,
  level: number,
): void {
  p.call(actor, "unshare", [CLONE.CLONE_NEWUSER]);
  if (level > 0) return;
  for (const [file, [, id]] of [
    ["uid_map", uids],
    ["gid_map", gids],
  ] as const) {
    const text = `${executes ? 0 : id} ${id} 1\n`;
    p.add({ kind: "write", actor: "supervisor", path: `/proc/%/${file}`, of: actor, text });
  }
}

/** Gives an actor the rest of what a party is: capabilities, dumpable state, a page of its own. */
export function settleParty(p: ProgramBuilder, actor: number, party: Party, ground: Ground): void {
  const within = party.namespaces > 0 ? ALL_OF_NAMESPACE : ground.available;
  const isFull = party.permitted === "all" && party.effective === "all";
  if (!isFull || !isRoot(party.uids)) {
    setCapabilities(p, actor, maskOf(party.effective, within), maskOf(party.permitted, within));
  }
  if (party.dumpable !== 2) p.call(actor, "prctl", [PR.PR_SET_DUMPABLE, party.dumpable]);
  p.call(actor, "mmap", [PARTY_PAGE, PAGE_BYTES, 3, MAP_PRIVATE_ANONYMOUS_FIXED, -1, 0]);
}

/**
 * The ids are taken with every capability still at hand: a change of the fs id alone takes one.
 */
function takeIds(p: ProgramBuilder, actor: number, party: Party, { available }: Ground): void {
  p.call(actor, "prctl", [PR.PR_SET_KEEPCAPS, 1]);
  setGroups(p, actor, party.groups);
  p.call(actor, "setresgid", party.gids.slice(0, 3));
  p.call(actor, "setresuid", party.uids.slice(0, 3));
  setCapabilities(p, actor, available, available);
  if (party.gids[3] !== party.gids[1]) p.call(actor, "setfsgid", [party.gids[3]]);
  if (party.uids[3] !== party.uids[1]) p.call(actor, "setfsuid", [party.uids[3]]);
}

function setGroups(p: ProgramBuilder, actor: number, groups: readonly number[]): void {
  const bytes = new Uint8Array(4 * groups.length);
  const view = new DataView(bytes.buffer);
  for (const [i, group] of groups.entries()) view.setUint32(4 * i, group, true);
  p.call(actor, "setgroups", [
    groups.length,
    groups.length > 0 ? { data: p.place(bytes).offset } : 0,
  ]);
}

function setCapabilities(
  p: ProgramBuilder,
  actor: number,
  effective: bigint,
  permitted: bigint,
): void {
  const bytes = new Uint8Array(8 + 24);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, CAPABILITY_VERSION_3, true);
  for (const [half, shift] of [0n, 32n].entries()) {
    view.setUint32(8 + 12 * half, Number((effective >> shift) & 0xffff_ffffn), true);
    view.setUint32(12 + 12 * half, Number((permitted >> shift) & 0xffff_ffffn), true);
  }
  const { offset } = p.place(bytes);
  p.call(actor, "capset", [{ data: offset }, { data: offset + 8 }]);
}

/** Whoever makes a user namespace has all there is in it. */
const ALL_OF_NAMESPACE = (1n << 64n) - 1n;

function maskOf(capabilities: Capabilities, within: bigint): bigint {
  if (capabilities === "all") return within;
  return within & capabilities.reduce((mask, name) => mask | (1n << BigInt(CAP[name])), 0n);
}

function isRoot(ids: Ids): boolean {
  return ids.every((id) => id === 0);
}
