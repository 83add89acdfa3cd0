import type { Profile } from "@kadvise/releases";
import type { Policy } from "@kadvise/security";
import { callDecoded, mmAccess, SYSTEM_CALLS, type DecodedArgument } from "@kadvise/syscalls";
import { explore, type Branch, type Run } from "../judge/branch.ts";
import type { Observed } from "../judge/observed.ts";
import { explainWay, type WayExplained } from "../explain/explainWay.ts";
import type { PlannedCall } from "./callerProgram.ts";
import { liveWorld, type LivePair, type LiveWorld } from "./liveWorld.ts";

/** What is asked about a pair. */
export interface PairQuestion {
  readonly pair: LivePair;
  readonly profile: Profile;
  readonly call: PlannedCall;
  /**
   * Whether the caller could read the target's maps: the very access check that process_madvise
   * makes. Undefined where the caller is another process than the one that looked.
   */
  readonly couldRead: boolean | undefined;
  readonly policies?: () => readonly Policy[];
}

/** What the model says of a call that was not made yet. Plain and JSON-safe. */
export interface Prediction {
  /** The one result, in strace's notation; undefined where it is open. */
  readonly result: string | undefined;
  /** What the return register will hold: bytes, or a negative errno. */
  readonly value: number | undefined;
  /** What could not be read and would decide; empty where the result is certain. */
  readonly lacks: readonly string[];
  /** The way that things go, or the ways that are left. */
  readonly ways: readonly WayExplained[];
}

const NOTHING_OBSERVED: Observed = { shown: [], outputs: [], isUntold: true };
const MOST_WAYS = 4;

/** A way that is left: its world, and how the open facts are answered in it. */
interface LeftWay {
  readonly live: LiveWorld;
  readonly branch: Branch;
}

/** Predicts what a call of the pair answers, and explains it. */
export function explainPair(question: PairQuestion): Prediction {
  const { pair } = question;
  const lacks = new Set<string>();
  const left: LeftWay[] = [];
  for (const live of worldsOf(question)) {
    const run: Run = (world) => {
      const { caller } = live;
      const args = argumentsOf(live, question.call);
      if (!agrees(live, question.couldRead)) throw new Refuted();
      return callDecoded(world.process(caller.pid)!.task, "x86-64", call, args);
    };
    for (const branch of exploreAgreeing(live, run)) {
      if (branch.unknown !== undefined) lacks.add(branch.unknown.fact);
      for (const { fact } of branch.openFacts) lacks.add(fact);
      left.push({ live, branch });
    }
  }
  if (left.length === 0)
    lacks.add("what let the caller read the target's maps, which ids and capabilities refuse");
  const results = new Map<string, LeftWay>();
  for (const way of left) results.set(resultKey(way.branch), way);
  const seccomp = seccompFact(pair);
  const ways = [...results.values()].slice(0, MOST_WAYS).map((way) => explained(question, way));
  const [only] = results.values();
  const hidden = hiddenFacts(question, only?.branch);
  for (const fact of hidden) lacks.add(fact);
  const isCertain =
    results.size === 1 &&
    only?.branch.outcome !== undefined &&
    seccomp === undefined &&
    hidden.length === 0;
  if (!isCertain) {
    if (seccomp !== undefined) lacks.add(seccomp);
    if (new Set(left.map(({ live }) => live)).size > 1)
      lacks.add(`in which user namespace process ${pair.target.pid} executed its program`);
    for (const fact of unreadFacts(pair)) lacks.add(fact);
    return { result: undefined, value: undefined, lacks: [...lacks], ways };
  }
  const { outcome } = only.branch;
  const value = outcome?.ok === true ? outcome.value : -(outcome?.errno ?? 0);
  return { result: ways[0]?.result, value, lacks: [], ways };
}

const call = SYSTEM_CALLS.get("process_madvise")!;

/** What was found speaks against a way. */
class Refuted extends Error {}

/** The branches that what was found does not speak against. */
function exploreAgreeing(live: LiveWorld, run: Run): readonly Branch[] {
  const refuted: Branch["outcome"] = { ok: true, value: REFUTED };
  const careful: Run = (world) => {
    try {
      return run(world);
    } catch (error) {
      if (error instanceof Refuted) return { outcome: refuted, outputs: [] };
      throw error;
    }
  };
  return explore(live.world, careful, call, NOTHING_OBSERVED).filter(
    ({ outcome }) => outcome?.ok !== true || outcome.value !== REFUTED,
  );
}

/** No call returns it. */
const REFUTED = -1;

/** Whether the caller may read the target's memory here as it could in fact. */
function agrees({ caller, target }: LiveWorld, couldRead: boolean | undefined): boolean {
  if (couldRead === undefined || caller.pid === target.pid) return true;
  const { task } = target;
  if (task.mm === undefined) return true;
  const may = mmAccess(caller.task, task.thread, "PTRACE_MODE_READ_FSCREDS");
  return ("ok" in may && may.ok === false ? false : true) === couldRead;
}

const REFUSED_UNSEEN = {
  code: "EPERM",
  id: "security-module/refused",
  text: "a security module (Landlock, SELinux, AppArmor, …) refused: reading the target's maps failed though ids and capabilities allow it",
} as const;

/** A security module of which nothing else shows that it refused. */
const UNSEEN_POLICY: Policy = {
  name: "security-module",
  ptraceAccess: () => REFUSED_UNSEEN,
  // Newer kernels let these two read what the access check refused.
  capable: ({ capability }) =>
    capability === "CAP_PERFMON" || capability === "CAP_SYS_ADMIN" ? REFUSED_UNSEEN : undefined,
};

function worldsOf(question: PairQuestion): readonly LiveWorld[] {
  const { pair, profile, policies, couldRead } = question;
  const depth = pair.target.dumpable === 1 ? 1 : Math.max(1, pair.targetNamespaces?.length ?? 1);
  const made = (more: readonly Policy[]): LiveWorld[] =>
    Array.from({ length: depth }, (_, executedIn) => {
      const live = liveWorld(
        { profile, assumptionsOff: [], ...(policies === undefined ? {} : { policies }) },
        pair,
        executedIn,
      );
      live.world.kernel.policies = [...live.world.kernel.policies, ...more];
      return live;
    });
  const plain = made([]);
  if (couldRead !== false) return plain;
  // Where no way explains why reading failed, a module that /proc does not show must have refused.
  const isExplained = plain.some((live) => {
    const run: Run = () => ({
      outcome: { ok: true, value: agrees(live, couldRead) ? 1 : 0 },
      outputs: [],
    });
    return explore(live.world, run, undefined, NOTHING_OBSERVED).some(
      ({ outcome, unknown }) =>
        unknown !== undefined || (outcome?.ok === true && outcome.value === 1),
    );
  });
  return isExplained ? plain : made([UNSEEN_POLICY]);
}

function argumentsOf({ pidfd }: LiveWorld, { advice, ranges }: PlannedCall): DecodedArgument[] {
  return [pidfd, [...ranges], ranges.length, advice, 0];
}

function resultKey({ outcome, unknown }: Branch): string {
  if (outcome === undefined) return `unknown ${unknown?.fact ?? ""}`;
  return outcome.ok ? `= ${outcome.value}` : outcome.code;
}

function explained(question: PairQuestion, { live, branch }: LeftWay): WayExplained {
  const { call: planned, couldRead } = question;
  const { world, caller } = live;
  const task = world.process(caller.pid)!.task;
  const args = argumentsOf(live, planned);
  return explainWay({
    ...{ task, call, args },
    begin() {
      world.choices.begin(NOTHING_OBSERVED, branch.script);
      // The same facts are asked first, in the same order, as when the branch was found.
      agrees(live, couldRead);
    },
    run: (changed = args) => callDecoded(task, "x86-64", call, changed).outcome,
  });
}

/**
 * What was hidden from whoever looked, and may decide. A refusal of the access check stands: what is
 * hidden could only refuse as well.
 */
function hiddenFacts({ pair, couldRead }: PairQuestion, branch: Branch | undefined): string[] {
  const { caller, target } = pair;
  const outcome = branch?.outcome;
  const isRefused = outcome?.ok === false && !/^(process_)?madvise\//.test(outcome.reason.id);
  if (isRefused || couldRead !== undefined) return [];
  const facts = [caller, target]
    .filter((facts) => facts.namespace === undefined && !isWhole(facts.uidMap))
    .map(({ pid }) => `the user namespace of process ${pid}`);
  if (target.hasMemory && target.maps === undefined && caller.pid !== target.pid)
    facts.push(
      `whether what kept this process from /proc/${target.pid}/maps keeps process ${caller.pid} from it`,
    );
  return facts;
}

/** The map of the initial user namespace, where every id is itself. */
function isWhole([line]: LivePair["caller"]["uidMap"]): boolean {
  return line !== undefined && line[0] === 0 && line[1] === 0 && line[2] === 2 ** 32 - 1;
}

/** A filter's program is not shown anywhere: what it answers is not known. */
function seccompFact({ caller }: LivePair): string | undefined {
  if (caller.seccomp === 0) return undefined;
  return caller.seccomp === 1
    ? `process ${caller.pid} is in strict seccomp mode: the call would kill it`
    : `what the seccomp filter of process ${caller.pid} answers to process_madvise`;
}

/** What could not be read of the two, for a result that is open. */
function unreadFacts({ caller, target, callerNamespaces, targetNamespaces }: LivePair): string[] {
  const facts: string[] = [];
  for (const { pid, lacks } of [caller, target]) {
    for (const [file, error] of Object.entries(lacks))
      facts.push(`/proc/${pid}/${file} (${error})`);
  }
  if (callerNamespaces === undefined || targetNamespaces === undefined)
    facts.push("the parents and owners of the user namespaces");
  return facts;
}
