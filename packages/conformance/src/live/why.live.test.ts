import { ERRNO, errnoName, MADV } from "@kadvise/uapi";
import { afterAll, describe, expect, test } from "vitest";
import { dice } from "../matrix/dice.ts";
import type { PlannedCall } from "./callerProgram.ts";
import { explainPair, type Prediction } from "./explainPair.ts";
import { readPair } from "./livePair.ts";
import { liveProfile, readMachine } from "./machineFacts.ts";
import { HOST_FILES, type ProcReader } from "./procFiles.ts";
import { PartyGround, type Party, type PartyOptions } from "./testing/party.ts";

const PAGE = 4096;
const isLinux = process.platform === "linux";
const isRoot = isLinux && process.getuid?.() === 0;
/** One seed a run: the pairs are others each time, and a failure tells which. */
const SEED = Number(process.env["KADVISE_SEED"] ?? Date.now() % 100_000);

const NICE = (1n << 23n).toString(16);
const PTRACE = (1n << 19n).toString(16);
const BOTH = ((1n << 23n) | (1n << 19n)).toString(16);
const PERFMON = ((1n << 38n) | (1n << 23n)).toString(16);

const draw = dice(SEED);
const pick = <T>(list: readonly T[]): T => list[draw(list.length)];

function someone(): PartyOptions {
  const uid = pick([0, 0, 1000, 1000, 1001]);
  return {
    uid,
    gid: pick([uid, uid, 1000]),
    ...(draw(8) === 0 ? { euid: 1001 } : {}),
    ...(uid === 0 && draw(2) === 0 ? {} : { caps: pick(["0", "0", NICE, PTRACE, BOTH, PERFMON]) }),
    dumpable: pick([1, 1, 1, 0]),
    userns: pick([0, 0, 0, 1]),
    execs: pick([0, 0, 0, 1]),
  };
}

/** Who an ordinary user can be: of its own namespace a root, and open to its peers or not. */
function someoneOrdinary(): PartyOptions {
  return {
    ...(draw(2) === 0 ? {} : { caps: pick(["0", NICE, BOTH]) }),
    ...{ dumpable: pick([1, 1, 1, 0]), userns: pick([0, 0, 1]), execs: pick([0, 0, 1]) },
  };
}

/** Whom a call names: a party, or a process that was there before. */
type Target = Pick<Party, "pid" | "base" | "options">;

const INIT: Target = { pid: 1, base: 0x10_0000, options: { uid: 0 } };

const ADVICES: readonly number[] = [
  ...[MADV.MADV_COLD, MADV.MADV_COLD, MADV.MADV_PAGEOUT, MADV.MADV_PAGEOUT, MADV.MADV_WILLNEED],
  ...[MADV.MADV_DONTNEED, MADV.MADV_FREE, MADV.MADV_MERGEABLE, MADV.MADV_COLLAPSE, 999],
];

function someCall({ base }: Target): PlannedCall {
  const ranges = Array.from({ length: 1 + draw(4) }, () => {
    const at = base + draw(48) * PAGE + (draw(12) === 0 ? 1 : 0);
    return { base: at, length: draw(10) === 0 ? 0 : draw(8 * PAGE) + (draw(2) === 0 ? 0 : PAGE) };
  });
  if (draw(15) === 0) ranges.push({ base: 0x7fff_ffff_f000, length: 8 * PAGE });
  return { advice: pick(ADVICES), ranges };
}

interface Tried {
  readonly what: string;
  readonly predicted: Prediction;
  readonly answered: number;
}

function tryPair(caller: Party, target: Target, files: ProcReader, reader: number): Tried {
  const machine = readMachine(HOST_FILES);
  const call = someCall(target);
  const found = readPair(files, caller.pid, target.pid, reader);
  if ("missing" in found) throw new Error(`${found.missing} is gone`);
  const predicted = explainPair({ ...found, profile: liveProfile(machine), call });
  const answered = caller.advise(target.pid, call);
  const what = JSON.stringify({
    ...{ caller: caller.options, target: target.options },
    ...{
      advice: call.advice,
      ranges: call.ranges.map((r) => [(r.base - target.base) / PAGE, r.length]),
    },
    ...{ predicted: predicted.value, lacks: predicted.lacks, answered },
  });
  return { what, predicted, answered };
}

function judge(tried: readonly Tried[]): void {
  const wrong = tried.filter(
    ({ predicted, answered }) => predicted.value !== undefined && predicted.value !== answered,
  );
  expect(
    wrong.map(({ what }) => what),
    `seed ${SEED}`,
  ).toEqual([]);
  const open = tried.filter(({ predicted }) => predicted.value === undefined);
  // Every way that is left open must be one that can happen: the answer is among them.
  for (const { predicted, answered, what } of open) {
    expect(predicted.lacks, what).not.toEqual([]);
    const text = answered < 0 ? `-1 ${errnoName(-answered) ?? ""} ` : String(answered);
    expect(predicted.ways.map(({ result }) => result).join("; "), what).toContain(text);
  }
  if (process.env["KADVISE_SHOW"] !== undefined) {
    console.log(`${tried.length - open.length} of ${tried.length} decided`);
    for (const { what } of open) console.log(what);
  }
  expect(tried.length - open.length, `seed ${SEED}`).toBeGreaterThanOrEqual(0.9 * tried.length);
}

describe("what is predicted of 300 random pairs of living processes", () => {
  const ground = isLinux ? new PartyGround() : undefined;
  const parties =
    ground === undefined
      ? []
      : Array.from({ length: 40 }, () => ground.start(isRoot ? someone() : someoneOrdinary()));
  afterAll(() => ground?.close());

  test("read by root from outside: none is wrong, nine in ten are decided", ({ skip }) => {
    skip(!isRoot, "needs root, to make processes of other users");
    const tryOne = (): Tried => tryPair(pick(parties), pick(parties), HOST_FILES, process.pid);
    const tried = Array.from({ length: 150 }, tryOne);
    const awaited = [ERRNO.EACCES, ERRNO.EPERM, ERRNO.EINVAL, ERRNO.ENOMEM];
    const isMissing = (code: number): boolean => tried.every(({ answered }) => answered !== -code);
    // The rarest of them comes once in forty pairs or so.
    while (tried.length < 600 && awaited.some(isMissing)) tried.push(tryOne());
    judge(tried);
    expect(awaited.filter(isMissing)).toEqual([]);
  });

  test("read by the caller itself, an ordinary user mostly: the same", ({ skip }) => {
    skip(!isLinux, "needs a Linux machine");
    const targets: readonly Target[] = isRoot ? parties : [...parties, INIT, INIT, INIT];
    const tried = Array.from({ length: isRoot ? 150 : 300 }, () => {
      const caller = pick(parties);
      return tryPair(caller, pick(targets), caller, caller.pid);
    });
    judge(tried);
  });
});
