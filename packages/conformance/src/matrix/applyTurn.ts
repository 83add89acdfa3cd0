import { CAP, type CapabilityName } from "@kadvise/uapi";
import type { Column } from "./cellCalls.ts";
import type { CallerKind, Pair, TargetKind } from "./pair.ts";
import type { Capabilities, Ids, Party } from "./party.ts";

/** A cell: one call of one pair. */
export interface Cell {
  readonly pair: Pair;
  readonly column: Column;
}

/** Calls that take the caller's fs ids and effective capabilities. Linux: PTRACE_MODE_FSCREDS */
const FS_COLUMNS: ReadonlySet<Column> = new Set<Column>([
  "process_madvise COLD",
  "process_madvise DONTNEED",
  "read maps",
]);

/** Whether a call takes the caller's fs ids, or its real ones. */
export function usesFsIds(column: Column): boolean {
  return FS_COLUMNS.has(column);
}

/**
 * The cell in which one change was made, as a pair that is started anew; or why no pair can be
 * started so.
 */
export function applyTurn(cell: Cell, id: string, start: Pair): Cell | string {
  const { pair, column } = cell;
  const withCaller = (change: Partial<Party>): Cell => ({
    column,
    pair: changeCaller(pair, { ...pair.caller.party, ...change }),
  });
  const withTarget = (change: Partial<Party>): Cell => ({
    column,
    pair: changeTarget(pair, { ...pair.target.party, ...change }),
  });
  const capability = capabilityOf(id);
  if (capability !== undefined) return withCaller(gained(pair.caller.party, [capability]));
  const theirs = partyOf(start);
  const set = usesFsIds(column) ? "effective" : "permitted";
  const own = names(start.caller.party[set]);
  switch (id) {
    case "caller/ids":
      if (pair.caller.party.executes) return "an execve sets the fs ids anew";
      return withCaller(idsLike(pair.caller.party, theirs, usesFsIds(column)));
    case "caller/capabilities":
      return withCaller(
        gained(
          pair.caller.party,
          names(theirs.permitted).filter((name) => !own.includes(name)),
        ),
      );
    case "caller/user-namespace":
      // An execve in the namespace parted the two: without it they would have one memory.
      if (pair.target.kinship === "memory" && pair.caller.party.executes)
        return "without its execve the caller shares the target's memory";
      return { column, pair: leaveNamespaces(pair) };
    case "target/dumpable":
      return withTarget({ dumpable: 1 });
    case "target/capabilities":
      return withTarget({
        permitted: names(pair.target.party.permitted).filter((name) => own.includes(name)),
        effective: names(pair.target.party.effective).filter((name) => own.includes(name)),
      });
    case "policy/yama":
      return { column, pair: { ...pair, scope: 0 } };
    case "advice":
      return { column: "process_madvise COLD", pair };
    case "pidfd":
      return withTarget({ life: "running" });
    default:
      return "it is no change of a pair";
  }
}

/** Who the target is: a child within starts as its caller. */
function partyOf({ caller, target }: Pair): Party {
  if (target.kinship === "self") return caller.party;
  if (target.kinship !== "within") return target.party;
  const { uids, gids } = caller.party;
  return { ...target.party, uids, gids };
}

function changeCaller(pair: Pair, party: Party): Pair {
  const caller: CallerKind = { ...pair.caller, party };
  return { ...pair, caller };
}

function changeTarget(pair: Pair, party: Party): Pair {
  if (pair.target.kinship === "self") {
    return changeCaller(pair, { ...pair.caller.party, dumpable: party.dumpable });
  }
  const target: TargetKind = { ...pair.target, party };
  return { ...pair, target };
}

/** The caller stays where its parent is; a child within goes to namespaces of its own. */
function leaveNamespaces(pair: Pair): Pair {
  const { namespaces, executes } = pair.caller.party;
  const left = changeCaller(pair, { ...pair.caller.party, namespaces: 0, executes: false });
  if (pair.target.kinship !== "within" || namespaces === 0) return left;
  const party: Party = {
    ...partyOf(pair),
    namespaces: pair.target.party.namespaces + namespaces,
    executes,
  };
  return { ...left, target: { ...pair.target, kinship: "child", party } };
}

function idsLike(party: Party, theirs: Party, isFs: boolean): Partial<Party> {
  const like = (own: Ids, other: Ids): Ids =>
    isFs ? [own[0], own[1], own[2], other[1]] : [other[0], own[1], own[2], own[3]];
  return { uids: like(party.uids, theirs.uids), gids: like(party.gids, theirs.gids) };
}

function gained(party: Party, more: readonly CapabilityName[]): Partial<Party> {
  const unite = (set: Capabilities): readonly CapabilityName[] => [
    ...new Set([...names(set), ...more]),
  ];
  return { permitted: unite(party.permitted), effective: unite(party.effective) };
}

const ALL_NAMES: readonly CapabilityName[] = Object.keys(CAP) as CapabilityName[];

/** Which capability a change is about: `caller/cap-sys-nice`. */
export function capabilityOf(id: string): CapabilityName | undefined {
  const name = /^caller\/(cap-[a-z-]+)$/.exec(id)?.[1]?.toUpperCase().replaceAll("-", "_");
  return ALL_NAMES.find((known) => known === name);
}

function names(capabilities: Capabilities): readonly CapabilityName[] {
  return capabilities === "all" ? ALL_NAMES : capabilities;
}
