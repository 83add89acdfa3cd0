import { Kernel, type Process, type Result } from "@kadvise/kernel";
import type { Profile } from "@kadvise/releases";
import type { Abi, AdviceName, CapabilityName, ErrnoName } from "@kadvise/uapi";
import { ADVISED_AREAS, type AdvisedArea } from "./advisedAreas.ts";
import { NAMED_AREAS } from "./namedAreas.ts";

/**
 * How advice is given: to oneself by madvise(2), to oneself by process_madvise(2), to another
 * process by process_madvise(2).
 */
export type AdviceCall = "madvise" | "self" | "remote";

/** All of {@link AdviceCall}, in the order in which a table shows them. */
export const ADVICE_CALLS: readonly AdviceCall[] = ["madvise", "self", "remote"];

/** One cell of the table, without its kernel. */
export interface AdviceQuestion {
  readonly advice: AdviceName | number;
  readonly call: AdviceCall;
  readonly abi: Abi;
  /** The memory that it is given for; unset: the first kind that takes it. */
  readonly on?: string;
}

/** What one kernel says of one piece of advice. */
export interface AdviceAnswer {
  /** `none`: the kernel has no such memory. */
  readonly answer: "ok" | "none" | ErrnoName;
  /** Of a refusal: which check said no. */
  readonly reason?: { readonly id: string; readonly text: string };
  /** Of a success: the memory that took it. */
  readonly area?: string;
  /** Of a success: what a caller of the target's own user lacks without it. */
  readonly needs?: readonly CapabilityName[];
}

/**
 * Asks the model of one kernel. The caller may do everything; each kind of memory is tried, and the
 * first that takes the advice is the answer. Where none does, the answer is what private anonymous
 * memory says.
 */
export function askAdvice(profile: Profile, question: AdviceQuestion): AdviceAnswer {
  const refusals: AdviceAnswer[] = [];
  for (const area of areasOf(question)) {
    const result = give(profile, question, { area, capabilities: "all" });
    if (result === undefined) return { answer: "none" };
    if (result.ok) {
      const where = question.on === undefined ? { area: area.name } : {};
      return { answer: "ok", ...where, needs: needsOf(profile, question, area) };
    }
    const { id, text } = result.reason;
    refusals.push({ answer: result.code, reason: { id, text } });
  }
  return refusals[0];
}

function areasOf({ on }: AdviceQuestion): readonly AdvisedArea[] {
  if (on === undefined) return ADVISED_AREAS;
  const area = NAMED_AREAS[on];
  if (area === undefined)
    throw new RangeError(`"${on}" is no memory: expected ${Object.keys(NAMED_AREAS).join(", ")}`);
  return [area];
}

/** Capabilities that some rule on the way of advice asks for. */
const ASKED_FOR: readonly CapabilityName[] = ["CAP_SYS_NICE", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE"];

/** The fewest capabilities with which a caller of the same user succeeds. */
function needsOf(
  profile: Profile,
  question: AdviceQuestion,
  area: AdvisedArea,
): readonly CapabilityName[] {
  const sets = subsets(ASKED_FOR).toSorted((a, b) => a.length - b.length);
  const enough = sets.find(
    (capabilities) => give(profile, question, { area, capabilities })?.ok === true,
  );
  return enough ?? ASKED_FOR;
}

function subsets(names: readonly CapabilityName[]): readonly (readonly CapabilityName[])[] {
  return names.reduce<readonly (readonly CapabilityName[])[]>(
    (sets, name) => [...sets, ...sets.map((set) => [...set, name])],
    [[]],
  );
}

interface Attempt {
  readonly area: AdvisedArea;
  readonly capabilities: readonly CapabilityName[] | "all";
}

const USER = 1000;

/** Makes the call on a new kernel; nothing where that has no such memory. */
function give(
  profile: Profile,
  { advice, call, abi }: AdviceQuestion,
  { area, capabilities }: Attempt,
): Result<number> | undefined {
  const kernel = new Kernel({ profile });
  const spawn = (): Process => {
    const process = kernel.spawn({ uid: USER, capabilities });
    process.abi = abi;
    return process;
  };
  const caller = spawn();
  const target = call === "remote" ? kernel.spawn({ uid: USER }) : caller;
  target.abi = abi;
  const made = area.make(target);
  if (made === undefined) return undefined;
  const { base, length } = made;
  if (call === "madvise") return caller.madvise(base, length, advice);
  const pidfd = caller.pidfdOpen(target.pid);
  if (!pidfd.ok) return pidfd;
  return caller.processMadvise(pidfd.value, [{ base, length }], advice);
}
