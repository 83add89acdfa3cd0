import { Unknown } from "@kadvise/ports";
import { AccessControl, smallestChanges, type Turn } from "@kadvise/security";
import type { DecodedArgument, Range } from "@kadvise/syscalls";
import { adviceName, UIO_MAXIOV, type AdviceName, type CapabilityName } from "@kadvise/uapi";
import { adviceOf } from "./askedRanges.ts";
import type { CallAtHand } from "./callAtHand.ts";
import { soundRanges } from "./soundRanges.ts";
import { targetOf } from "./targetOf.ts";

/** A change of the call itself. */
interface ArgumentTurn extends Turn {
  change(args: DecodedArgument[]): void;
}

/**
 * The smallest changes that let a refused madvise or process_madvise do all that it was asked: of
 * caller, target, policies, and of the call's own arguments. Each is found by trying.
 */
export function turnsFor(at: CallAtHand): readonly (readonly Turn[])[] {
  const { task, call, args } = at;
  const { access } = task.machine;
  if (!(access instanceof AccessControl)) return [];
  const isRemote = call.name === "process_madvise";
  if (!isRemote && call.name !== "madvise") return [];
  const target = isRemote ? targetOf(task, args[0]) : task;
  const further = isRemote ? remoteTurns(at) : ownTurns(at);
  return smallestChanges({
    access,
    caller: task.subject,
    target: (target ?? task).subject,
    usesFsIds: true,
    capabilities: capabilitiesFor(at),
    further,
    isAllowed(chosen) {
      const changed = [...args];
      for (const turn of further) if (chosen.has(turn.id)) turn.change(changed);
      try {
        at.begin();
        const outcome = at.run(changed);
        return outcome.ok && outcome.stopped === undefined;
      } catch (error) {
        if (error instanceof Unknown) return false;
        throw error;
      }
    },
  });
}

function capabilitiesFor({ task, call }: CallAtHand): readonly CapabilityName[] {
  if (call.name === "madvise") return ["CAP_SYS_ADMIN"];
  const { perfmonReads } = task.machine.profile.security;
  return [
    ...(["CAP_SYS_NICE", "CAP_SYS_PTRACE"] as const),
    ...(perfmonReads ? (["CAP_PERFMON"] as const) : []),
  ];
}

function remoteTurns(at: CallAtHand): readonly ArgumentTurn[] {
  const { args } = at;
  const turns: ArgumentTurn[] = [];
  if (BigInt.asUintN(32, numberOf(args[4])) !== 0n) {
    turns.push({ id: "flags", text: "the flags are 0", change: (to) => (to[4] = 0) });
  }
  const ranges = args[1];
  if (Array.isArray(ranges) && ranges.length > UIO_MAXIOV) {
    turns.push({
      id: "vector/split",
      text: `the vector is passed in parts of at most ${UIO_MAXIOV}`,
      change(to) {
        to[1] = (ranges as readonly Range[]).slice(0, UIO_MAXIOV);
        to[2] = UIO_MAXIOV;
      },
    });
  }
  turns.push(...adviceTurns(at, 3));
  const sound = Array.isArray(ranges) ? soundRanges(at) : undefined;
  if (sound !== undefined) {
    turns.push({
      id: "ranges/leave-out",
      text: `the ranges leave out ${sound.leftOut}`,
      change(to) {
        to[1] = sound.ranges;
        to[2] = sound.ranges.length;
      },
    });
  }
  return turns;
}

function ownTurns(at: CallAtHand): readonly ArgumentTurn[] {
  return adviceTurns(at, 2);
}

/** Advice that is near to the one given: it loses nothing, or passes locks. */
function adviceTurns({ args }: CallAtHand, position: number): readonly ArgumentTurn[] {
  const given = adviceName(adviceOf(args[position]));
  const others: readonly AdviceName[] =
    given === "MADV_DONTNEED" ? ["MADV_DONTNEED_LOCKED", "MADV_PAGEOUT"] : ["MADV_PAGEOUT"];
  if (given === "MADV_COLD" || given === "MADV_PAGEOUT") return [];
  return others.map((name) => ({
    id: `advice/${name}`,
    text: `the advice is ${name}`,
    change: (to) => (to[position] = name),
  }));
}

function numberOf(argument: DecodedArgument | undefined): bigint {
  return typeof argument === "number" || typeof argument === "bigint" ? BigInt(argument) : 0n;
}
