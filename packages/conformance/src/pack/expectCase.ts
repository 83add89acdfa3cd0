import type { Profile, Settings } from "@kadvise/releases";
import { CAP, type CapabilityName } from "@kadvise/uapi";
import type { ObservedCredentials } from "../target/startState.ts";
import type { CompiledCase } from "./compileCase.ts";
import { modelAnswers, type Allowed } from "./modelAnswers.ts";
import { packFacts, ROOT, SOMEONE } from "./packFacts.ts";
import type { StretchProfiles } from "./packKernels.ts";
import { agrees, trackProfile, type Reads } from "./trackedProfile.ts";

/** What a case's steps may answer on the kernels of one stretch, and what that rests on. */
export interface Expected {
  readonly answers: readonly Allowed[];
  readonly needs: readonly Need[];
}

/**
 * What a system must have for a case to be asked of it: root, a capability, or a part that a kernel
 * can be built without.
 */
export type Need =
  | "root"
  | CapabilityName
  | "KSM"
  | "THP"
  | "swap"
  | "memory failure"
  | "fs.suid_dumpable=0"
  | "kernel.yama.ptrace_scope=0"
  | "32-bit calls";

/** What a run answered, and what it read of its kernel. */
interface KnownRun {
  readonly reads: Reads;
  readonly answers: readonly Allowed[];
}

/** Runs one case on many kernels; those that cannot be told apart by it are run once. */
export class CaseExpectation {
  private readonly compiled: CompiledCase;
  private readonly known: Map<ObservedCredentials, KnownRun[]> = new Map();
  private readonly isCompat: boolean;

  constructor(compiled: CompiledCase) {
    this.compiled = compiled;
    this.isCompat = compiled.program.operations.some((one) => "gate" in one && one.gate === "i386");
  }

  /** What is expected of the kernels of a stretch. */
  on(kernels: StretchProfiles): Expected {
    return { answers: this.answersOn(kernels), needs: this.needsOn(kernels) };
  }

  /** What the model allows; where it is open which changes a kernel has, what any of them does. */
  answersOn({ usual, others }: StretchProfiles): readonly Allowed[] {
    const runs = [usual, ...others].map((kernel) => this.run(kernel, ROOT));
    return this.compiled.steps.map((_, i) => [...new Set(runs.flatMap((run) => run[i] ?? []))]);
  }

  /** What changes the answers where it is lacking. */
  private needsOn(kernels: StretchProfiles): readonly Need[] {
    const allowed = this.answersOn(kernels);
    const isOther = (kernel: Profile, who: ObservedCredentials): boolean =>
      !isWithin(this.run(kernel, who), allowed);
    const needs: Need[] = this.isCompat ? ["32-bit calls"] : [];
    const { usual } = kernels;
    if (isOther(usual, SOMEONE)) {
      const lacked = [...WITHOUT].flatMap(([name, who]) => (isOther(usual, who) ? [name] : []));
      needs.push(...(lacked.length === 0 ? (["root"] as const) : lacked));
    }
    for (const change of POORER) {
      const poorer = { ...usual, settings: { ...usual.settings, ...change } };
      if (isOther(poorer, ROOT)) needs.push(...this.lackedSettings(usual, isOther));
    }
    return [...new Set(needs)].sort();
  }

  private lackedSettings(
    usual: Profile,
    isOther: (kernel: Profile, who: ObservedCredentials) => boolean,
  ): readonly Need[] {
    const needs = LACKS.flatMap(([setting, need]) =>
      isOther({ ...usual, settings: { ...usual.settings, ...setting } }, ROOT) ? [need] : [],
    );
    if (needs.length > 0) return needs;
    throw new TypeError(`the answers of ${this.compiled.source.id} depend on a setting`);
  }

  private run(kernel: Profile, who: ObservedCredentials): readonly Allowed[] {
    const known = this.known.get(who) ?? [];
    this.known.set(who, known);
    const found = known.find(({ reads }) => agrees(kernel, reads));
    if (found !== undefined) return found.answers;
    const { profile, reads } = trackProfile(kernel);
    const answers = modelAnswers(this.compiled, profile, packFacts(who));
    known.push({ reads, answers });
    return answers;
  }
}

/** Settings that a runner can look up, and what it lacks where they are otherwise. */
const LACKS: readonly (readonly [setting: Partial<Settings>, need: Need])[] = [
  [{ ksm: false }, "KSM"],
  [{ thp: false }, "THP"],
  [{ swap: false }, "swap"],
  [{ memoryFailure: false }, "memory failure"],
  [{ suidDumpable: 1 }, "fs.suid_dumpable=0"],
  [{ suidDumpable: 2 }, "fs.suid_dumpable=0"],
  [{ ptraceScope: 3 }, "kernel.yama.ptrace_scope=0"],
];

/** Machines that are set otherwise in everything that changes an answer anywhere. */
const POORER: readonly Partial<Settings>[] = [
  {
    ...{ swap: false, ksm: false, thp: false, thpEnabled: "never", memoryFailure: false },
    ...{ multiGenLru: true, softDirty: false, anonName: true, ptraceScope: 3, suidDumpable: 2 },
    ...{ overcommit: 1, mmapMinAddr: 4096, lsmMmapMinAddr: 4096, pidMax: 4_194_304 },
  },
  { thpEnabled: "always", ptraceScope: null, suidDumpable: 1 },
];

/** Root, less a capability that some check of a covered call asks for. */
const WITHOUT: ReadonlyMap<CapabilityName, ObservedCredentials> = new Map(
  (
    [
      ...["CAP_SYS_NICE", "CAP_SYS_PTRACE", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"],
      ...["CAP_SYS_ADMIN", "CAP_PERFMON", "CAP_IPC_LOCK", "CAP_KILL"],
    ] as CapabilityName[]
  ).map((name) => [name, rootWithout(name)]),
);

function rootWithout(name: CapabilityName): ObservedCredentials {
  const without = BigInt(`0x${ROOT.effective}`) & ~(1n << BigInt(CAP[name]));
  const set = without.toString(16).padStart(16, "0");
  return { ...ROOT, permitted: set, effective: set };
}

function isWithin(answers: readonly Allowed[], allowed: readonly Allowed[]): boolean {
  return answers.every((step, i) => step.every((answer) => allowed[i]?.includes(answer)));
}
