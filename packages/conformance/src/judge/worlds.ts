import type { Task } from "@kadvise/syscalls";
import { commit } from "./branch.ts";
import { keepCommonFacts } from "./commonFacts.ts";
import { forgetTouched } from "./forgetTouched.ts";
import { forgetAll } from "./gaps.ts";
import { forgetWorld } from "./lackingCalls.ts";
import type { Way } from "./way.ts";
import {
  isTorn,
  LETS_OTHERS_IN,
  loseOrder,
  take,
  unknowable,
  waysOf,
  type Candidate,
  type Returning,
} from "./waysOf.ts";
import { haveSameColumns, type Digest, type World } from "./world.ts";

/** How many ways everything may have happened are followed at once. */
const MOST_WORLDS = 8;
/** How many are looked at before equal ones are joined. */
const MOST_COPIES = 32;
/** How many calls pass at most before worlds that live side by side are compared again. */
const MOST_PATIENCE = 1024;

/**
 * The candidate worlds: every way in which everything may have happened that fits the log so far.
 */
export class Worlds {
  private worlds: World[];
  /** Calls until worlds are compared again, and how many it was last time. */
  private untilJoin = 1;
  private patience = 1;

  constructor(first: World) {
    this.worlds = [first];
  }

  /** One of them; what a log shows of descriptors and numbers is the same in all. */
  get first(): World {
    return this.worlds[0];
  }

  [Symbol.iterator](): Iterator<World> {
    return this.worlds[Symbol.iterator]();
  }

  some(holds: (world: World) => boolean): boolean {
    return this.worlds.some(holds);
  }

  every(holds: (world: World) => boolean): boolean {
    return this.worlds.every(holds);
  }

  /** Something becomes known in every world. */
  everyWorld(change: (world: World) => void): void {
    for (const world of this.worlds) change(world);
  }

  /** Nothing is known any more: a single world stands for all. */
  forget(): void {
    const [one] = this.worlds;
    if (one !== undefined) forgetWorld(one);
    this.worlds = one === undefined ? [] : [one];
  }

  /** Something becomes of a process in every world. */
  everyTask(pid: number, change: (task: Task) => void): void {
    for (const world of this.worlds) {
      const task = world.process(pid)?.task;
      if (task !== undefined) change(task);
    }
  }

  /** Looks at something without the assumptions of which the log itself tells when they fail. */
  doubting<T>(look: () => T): T {
    for (const { assumptions } of this.worlds) assumptions.isDoubting = true;
    const seen = look();
    for (const { assumptions } of this.worlds) assumptions.isDoubting = false;
    return seen;
  }

  /**
   * The ways of a call in all worlds; where it already happened, the ways that it had then. Where a
   * way is left standing, {@link keep} or {@link takeBack} must follow before anything else.
   */
  waysOf(
    returning: Returning,
    candidates: readonly Candidate[],
    mayStand: boolean,
  ): readonly Way[] {
    const [only] = this.worlds;
    if (this.worlds.length === 1 && only !== undefined && only.early.size === 0)
      return waysOf(only, returning, candidates, mayStand);
    return this.worlds.flatMap((world) => {
      const early = world.early.get(returning.pid);
      if (early !== undefined) return early.map((way) => ({ ...way, world }));
      return waysOf(world, returning, candidates, mayStand);
    });
  }

  /** Takes back the ways that were left standing. */
  takeBack(ways: readonly Way[]): void {
    for (const { world, mark } of ways)
      if (mark !== undefined) world.kernel.ports.journal.undo(mark);
  }

  /**
   * What others did to memory while a call worked on it may be seen in part: then nobody can say.
   */
  torn(returning: Returning): readonly Way[] {
    return this.worlds
      .filter((world) => isTorn(world, returning))
      .map((world) => unknowable(world, LETS_OTHERS_IN));
  }

  /**
   * Lets worlds live on in which the observed result was possible. False where there are too many
   * to follow: then nothing changed.
   */
  keep(returning: Returning, survivors: readonly Way[], candidates: readonly Candidate[]): boolean {
    if (survivors.length > MOST_COPIES) return false;
    if (this.worlds.length === 1 && survivors[0]?.mark !== undefined) {
      follow(survivors[0].world, returning, survivors);
      return true;
    }
    const next = [...new Set(survivors.map(({ world }) => world))].flatMap((world) =>
      world.early.has(returning.pid)
        ? [world]
        : follow(
            world,
            returning,
            survivors.filter((way) => way.world === world),
          ),
    );
    this.bound(next, returning, candidates);
    return true;
  }

  /** Lets a call under way have happened, in every world that allows it. */
  takeEarly(returning: Returning, candidates: readonly Candidate[]): void {
    const { pid } = returning;
    const next = this.worlds.flatMap((world) => {
      if (world.early.has(pid)) return [world];
      const ways = waysOf(world, returning, candidates);
      const survivors = ways.filter(({ matches }) => matches);
      const isUnknowable = ways.some(({ unknown }) => unknown !== undefined);
      if (isUnknowable || survivors.length > MOST_COPIES) {
        loseOrder(world, returning, candidates);
        world.unordered.add(pid);
      }
      if (isUnknowable || survivors.length === 0 || survivors.length > MOST_COPIES) return [world];
      const followed = follow(world, returning, survivors);
      for (const each of followed) each.early.set(pid, ways);
      return followed;
    });
    this.bound(next, returning, candidates);
  }

  /**
   * Takes the next worlds. Comparing them costs as much as they hold: that is done when there are
   * more than before, and else ever more rarely while it finds nothing.
   */
  private bound(
    next: readonly World[],
    returning: Returning,
    candidates: readonly Candidate[],
  ): void {
    const isDue = next.length > this.worlds.length || --this.untilJoin <= 0;
    if (next.length < 2 || !isDue) {
      this.worlds = [...next];
      return;
    }
    this.worlds = bounded(next, returning, candidates);
    this.patience =
      this.worlds.length < next.length ? 1 : Math.min(2 * this.patience, MOST_PATIENCE);
    this.untilJoin = this.patience;
  }
}

/** The worlds that come of a world by some ways of a call: the first is the world itself. */
function follow(world: World, { prepared }: Returning, ways: readonly Way[]): readonly World[] {
  const { run, call, observed } = prepared;
  const [only] = ways;
  if (ways.length === 1 && only?.mark !== undefined) {
    world.kernel.ports.journal.keep(only.mark);
    return [world];
  }
  const into = ways.map((_, i) => (i === 0 ? world : world.copy()));
  for (const [i, way] of ways.entries()) {
    for (const step of way.before) {
      take(into[i], step);
      into[i].early.set(step.pid, step.ways);
    }
    commit(way, run, call, observed, into[i]);
  }
  return into;
}

/**
 * At most so many worlds. At the bound the judge forgets: the order of the calls that made them
 * differ, and what these touched; then who somebody is, as far as the worlds disagree; then all.
 */
function bounded(
  worlds: readonly World[],
  returning: Returning,
  candidates: readonly Candidate[],
): World[] {
  const joined = joinEqual(worlds);
  if (joined.length <= MOST_WORLDS) return joined;
  const calls = candidates.map(({ pending, event }) => ({ pid: pending.pid, event }));
  for (const world of joined) {
    for (const { pid, event } of [returning, ...calls]) forgetTouched(world, pid, event);
    for (const { pid } of calls) {
      world.early.delete(pid);
      world.unordered.add(pid);
    }
  }
  const fewer = joinEqual(joined);
  if (fewer.length <= MOST_WORLDS) return fewer;
  keepCommonFacts(fewer);
  const [one, ...more] = joinEqual(fewer);
  if (more.length < MOST_WORLDS) return [one, ...more];
  for (const task of one.tasks()) forgetAll(task);
  one.choices.memory.end();
  return [one];
}

function joinEqual(worlds: readonly World[]): World[] {
  if (worlds.length < 2) return [...worlds];
  const seen = new Map<string, Kept[]>();
  const joined: World[] = [];
  for (const world of worlds) {
    const digest = world.digest();
    const alike = seen.get(digest.text) ?? [];
    const same = alike.find((one) => haveSameColumns(one.digest, digest));
    if (same !== undefined) {
      same.world.addEarly(world);
      continue;
    }
    seen.set(digest.text, [...alike, { world, digest }]);
    joined.push(world);
  }
  return joined;
}

interface Kept {
  readonly world: World;
  readonly digest: Digest;
}
