import type { CallEvent } from "@kadvise/strace";
import { errnoName, SYSCALL_NUMBERS } from "@kadvise/uapi";
import { parseFilter, runFilter, type BpfFilter, type FilterData } from "./bpfFilter.ts";
import { plainName } from "./scope.ts";
import { numberOf } from "./touch.ts";
import { errorText, type Judgement } from "./verdict.ts";

/**
 * What the filters of a process answer to a call: an error; a value (also of a call that ends in
 * SIGSYS: its result is then its own number); nothing (the call is made); or what nobody can tell
 * from the log.
 */
export type FilterAnswer = GivenAnswer | "made" | "unknown";
type GivenAnswer = { readonly error: string } | { readonly value: number };

/**
 * The seccomp filters that the log shows being installed. A filter holds for the thread that
 * installs it and whatever it makes, beyond execve. Linux: kernel/seccomp.c seccomp_run_filters
 */
export class SeccompFilters {
  private readonly filters: Map<number, readonly (BpfFilter | undefined)[]> = new Map();

  /** Notes a filter, where a call that succeeded installs one. */
  note(event: CallEvent, pid: number, threads: readonly number[]): void {
    const { argumentText, result } = event;
    if (!/SECCOMP_(SET_)?MODE_FILTER/.test(argumentText) || result.error !== undefined) return;
    const own = [...(this.filters.get(pid) ?? []), parseFilter(argumentText)];
    const isForAll = argumentText.includes("SECCOMP_FILTER_FLAG_TSYNC");
    for (const thread of isForAll ? [pid, ...threads] : [pid]) this.filters.set(thread, own);
  }

  /** A process or thread is made by another. */
  forked(pid: number, child: number): void {
    const own = this.filters.get(pid);
    if (own !== undefined) this.filters.set(child, own);
  }

  get isEmpty(): boolean {
    return this.filters.size === 0;
  }

  answer(event: CallEvent, pid: number): FilterAnswer {
    const own = this.filters.get(pid);
    if (own === undefined) return "made";
    let strictest = ALLOW;
    for (const filter of own) {
      const action = filter === undefined ? undefined : runFilter(filter, dataOf(event));
      if (action === undefined) return "unknown";
      // The one that was installed last counts among equal ones.
      if (severity(action) <= severity(strictest)) strictest = action;
    }
    const action = (strictest & ACTION) >>> 0;
    if (action === ALLOW || action === LOG) return "made";
    if (action === NOTIFY || action === TRACE) return "unknown";
    if (action !== REFUSE) return endsInSignal(event);
    const number = Math.min(strictest & 0xffff, MOST);
    if (number === 0) return { value: 0 };
    const name = errnoName(number);
    return name === undefined ? "unknown" : { error: name };
  }
}

/**
 * SECCOMP_RET_TRAP, the two that kill, and whatever the kernel does not know: the registers are as
 * they were at the entry, the call's number in the place of its result. Linux: kernel/seccomp.c
 * __seccomp_filter
 */
function endsInSignal(event: CallEvent): FilterAnswer {
  const value = SYSCALL_NUMBERS[plainName(event.name)]?.["x86-64"];
  return value === undefined || value === null ? "unknown" : { value };
}

const ACTION = 0xffff_0000;
const REFUSE = 0x0005_0000;
const NOTIFY = 0x7fc0_0000;
const TRACE = 0x7ff0_0000;
const LOG = 0x7ffc_0000;
const ALLOW = 0x7fff_0000;
/** MAX_ERRNO */
const MOST = 4095;

/** Actions are compared as signed numbers: the lowest is the strictest. */
function severity(action: number): number {
  return (action & ACTION) | 0;
}

const X86_64 = 0xc000_003e;

/** struct seccomp_data, as far as the log shows it. Linux: include/uapi/linux/seccomp.h */
function dataOf(event: CallEvent): FilterData {
  return (word) => {
    if (word === 0) return SYSCALL_NUMBERS[plainName(event.name)]?.["x86-64"] ?? undefined;
    if (word === 1) return X86_64;
    const value = word < 4 ? undefined : numberOf(event, Math.floor((word - 4) / 2));
    if (value === undefined) return undefined;
    const bits = BigInt.asUintN(64, BigInt(value));
    return Number(word % 2 === 0 ? bits & 0xffff_ffffn : bits >> 32n);
  };
}

/** What to say of a call that a filter answered. */
export function filteredJudgement(answer: GivenAnswer, { result }: CallEvent): Judgement {
  const fits =
    "error" in answer
      ? result.error === answer.error
      : result.error === undefined && (result.unknown || Number(result.value) === answer.value);
  return {
    verdict: fits ? "exact" : "deviation",
    allowed: ["error" in answer ? errorText(answer.error) : String(answer.value)],
    reason: {
      id: "seccomp/shown-filter",
      text: "a seccomp filter that the log shows answers before the call is made",
    },
    needs: [],
  };
}

/** What to say of a result that no rule gives, where a filter of which nothing is known may. */
export function maybeFiltered(judgement: Judgement): Judgement {
  if (judgement.verdict !== "deviation") return judgement;
  return {
    verdict: "undetermined",
    allowed: judgement.allowed,
    reason: { id: "seccomp/unshown-filter", text: "not known: what the seccomp filter answers" },
    needs: ["seccomp/filter"],
  };
}
