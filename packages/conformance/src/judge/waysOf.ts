import { Unknown } from "@kadvise/ports";
import type { CallEvent } from "@kadvise/strace";
import { adopt } from "./aftermath.ts";
import { commit, explore, exploreOnce, type Branch } from "./branch.ts";
import { forgetTouched } from "./forgetTouched.ts";
import { prepareCall, type PreparedCall } from "./preparedCall.ts";
import type { PendingCall } from "./pendingCalls.ts";
import { letsOthersIn } from "./steps.ts";
import { plainName } from "./scope.ts";
import { collide, memoryOf, touchesIn, waitedFor, type Touch } from "./touch.ts";
import { wayOf, type EarlyStep, type Way } from "./way.ts";
import type { World } from "./world.ts";

/** A call that returns, with the thread that made it. */
export interface Returning {
  readonly pid: number;
  readonly event: CallEvent;
  readonly prepared: PreparedCall;
}

/** A call under way whose return is known. */
export interface Candidate {
  readonly pending: PendingCall;
  readonly event: CallEvent;
}

/**
 * How many orders of overlapping calls are tried in one world before the order counts as
 * unknowable.
 */
const MOST_ORDERS = 100;

/**
 * Every way in which a returning call can have gone in a world.
 *
 * A call takes effect somewhere between its two lines in the log. Calls of other threads that are
 * under way may thus have come first; they are tried in every order that could show. A candidate
 * that cannot have come first, because its own result says otherwise, notes that with its pending
 * call: it is a way that was open.
 *
 * `mayStand`: where no order is open and the only way is the observed one, it is left standing.
 */
export function waysOf(
  world: World,
  returning: Returning,
  candidates: readonly Candidate[],
  mayStand = false,
): readonly Way[] {
  if (world.unordered.has(returning.pid)) return [unknowable(world, "it began before")];
  const others = relevant(world, returning, candidates);
  if (others.length === 0)
    return mayStand ? ranOnce(world, returning) : explored(world, returning, NOTHING);
  if (others.some(({ pending }) => world.unordered.has(pending.pid)))
    return [unknowable(world, "one that began before is still under way")];
  const own = memoryOf(touchesIn(world, returning.pid, returning.event));
  const inMemory = others.filter(({ touches }) => collide(memoryOf(touches), own));
  for (const { pending } of inMemory) pending.wasOverlapped = true;
  const search = new Search(world, returning);
  search.visit([], others);
  if (search.ways.length > MOST_ORDERS) return [unknowable(world, "too many calls overlap")];
  return inMemory.length > 0 && isTorn(world, returning)
    ? [...search.ways, unknowable(world, LETS_OTHERS_IN)]
    : search.ways;
}

export const LETS_OTHERS_IN = "the call lets others in while it works";

/** Whether what a call finds may be partly old and partly new. */
export function isTorn(world: World, { pid, event }: Returning): boolean {
  const task = world.process(pid)?.task;
  return task !== undefined && letsOthersIn(task, event);
}

/** A way of which nobody can say what came of it. */
export function unknowable(world: World, why: string): Way {
  const unknown = new Unknown(
    "judge/order-of-overlapping-calls",
    `the order of overlapping calls: ${why}`,
  );
  return {
    world,
    script: [],
    outcome: undefined,
    unknown,
    kind: "unknown",
    openNumbers: [],
    openFacts: [],
    matches: false,
    before: [],
    mark: undefined,
  };
}

/** Loses the order of a call with those under way: nobody can say any more which came first. */
export function loseOrder(
  world: World,
  returning: Pick<Returning, "pid" | "event">,
  candidates: readonly Candidate[],
): void {
  for (const { pending } of relevant(world, returning, candidates))
    world.unordered.add(pending.pid);
}

/** The candidates whose order with the call could show, also by way of each other. */
function relevant(
  world: World,
  returning: Pick<Returning, "pid" | "event">,
  candidates: readonly Candidate[],
): readonly Member[] {
  const caller = world.process(returning.pid)?.task.thread.group.pid.number;
  // Who makes a call has not been waited for yet.
  const open = candidates.filter(
    ({ pending, event }) =>
      !world.early.has(pending.pid) && (caller === undefined || waitedFor(event) !== caller),
  );
  if (open.length === 0) return [];
  const members: Member[] = [];
  const touched: Touch[] = [...touchesIn(world, returning.pid, returning.event)];
  let rest = open.map((candidate) => ({
    ...candidate,
    touches: touchesIn(world, candidate.pending.pid, candidate.event),
  }));
  for (;;) {
    const hit = rest.filter(({ touches }) => collide(touches, touched));
    if (hit.length === 0) return members;
    rest = rest.filter((candidate) => !hit.includes(candidate));
    for (const member of hit) {
      members.push(member);
      touched.push(...member.touches);
    }
  }
}

interface Member extends Candidate {
  readonly touches: readonly Touch[];
}

function explored(
  world: World,
  { prepared }: Returning,
  before: readonly EarlyStep[],
): readonly Way[] {
  const { run, call, observed } = prepared;
  return explore(world, run, call, observed).map((branch) => wayOf(branch, before));
}

/** The same, where nothing came first; the only way, if it is the observed one, is left standing. */
function ranOnce(world: World, { prepared }: Returning): readonly Way[] {
  const { run, call, observed } = prepared;
  const { branches, mark } = exploreOnce(world, run, call, observed);
  return branches.map((branch) => wayOf(branch, NOTHING, mark));
}

const NOTHING: readonly EarlyStep[] = [];

/** Tries orders depth first, on the world itself: every step is taken back. */
class Search {
  readonly ways: Way[] = [];
  private readonly world: World;
  private readonly returning: Returning;
  private readonly touches: readonly Touch[];

  constructor(world: World, returning: Returning) {
    this.world = world;
    this.returning = returning;
    this.touches = touchesIn(world, returning.pid, returning.event);
  }

  visit(
    before: readonly (EarlyStep & { readonly member: Member })[],
    rest: readonly Member[],
  ): void {
    if (this.ways.length > MOST_ORDERS) return;
    if (this.isNeeded(before)) this.ways.push(...explored(this.world, this.returning, before));
    const last = before.at(-1);
    for (const member of rest) {
      // Two neighbours that do not collide may change places: one order stands for both.
      const commutes = last !== undefined && !collide(last.member.touches, member.touches);
      if (commutes && member.pending.pid < last.pid) continue;
      this.tryFirst(before, rest, member);
    }
  }

  /** Whether each step could show in a later one, or in the call itself. */
  private isNeeded(before: readonly { readonly member: Member }[]): boolean {
    return before.every(({ member }, i) => {
      const later = before.slice(i + 1).map((step) => step.member.touches);
      return [...later, this.touches].some((touches) => collide(member.touches, touches));
    });
  }

  private tryFirst(
    before: readonly (EarlyStep & { readonly member: Member })[],
    rest: readonly Member[],
    member: Member,
  ): void {
    const { pid } = member.pending;
    const { event } = member;
    const others = rest.filter((other) => other !== member);
    const prepared = prepareCall(event, pid, false);
    const task = this.world.process(pid)?.task;
    if (task === undefined) return;
    const ways: readonly Branch[] =
      prepared === undefined
        ? []
        : explore(this.world, prepared.run, prepared.call, prepared.observed);
    const all: Way[] = ways.map((branch) => wayOf(branch, NOTHING));
    if (letsOthersIn(task, event)) all.push(unknowable(this.world, LETS_OTHERS_IN));
    for (const way of all) if (isRefuted(way)) note(member.pending.refuted, way);
    const known = prepared !== undefined && ways.every(({ unknown }) => unknown === undefined);
    const { journal } = this.world.kernel.ports;
    for (const branch of known ? ways.filter(({ matches }) => matches) : [undefined]) {
      const mark = journal.begin();
      const step = { pid, event, prepared, branch, ways: all, member };
      take(this.world, step);
      this.visit([...before, step], others);
      journal.undo(mark);
    }
  }
}

/** Lets an early step have happened; noting so in the world is for whoever keeps it. */
export function take(world: World, { pid, event, prepared, branch }: EarlyStep): void {
  if (branch !== undefined && prepared !== undefined) {
    commit(branch, prepared.run, prepared.call, prepared.observed, world);
    return;
  }
  const task = world.process(pid)?.task;
  if (task?.mm === undefined) return;
  world.choices.begin(undefined, []);
  adopt(world, task, plainName(event.name), event);
  // The log does not tell what came of it.
  if (event.result.unknown) forgetTouched(world, pid, event);
}

/**
 * Whether a way was open until the call's own result spoke against it. Who would sleep goes on
 * sleeping.
 */
function isRefuted({ matches, unknown, kind }: Way): boolean {
  return !matches && unknown === undefined && kind !== "interrupted";
}

const MOST_REFUTED = 16;

function note(list: Way[], way: Way): void {
  const same = (other: Way): boolean => other.kind === way.kind && valueOf(other) === valueOf(way);
  if (list.length < MOST_REFUTED && !list.some(same)) list.push(way);
}

function valueOf({ outcome }: Branch): number | undefined {
  return outcome?.ok === true ? outcome.value : undefined;
}
