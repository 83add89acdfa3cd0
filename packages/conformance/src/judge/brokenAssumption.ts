import type { CallEvent } from "@kadvise/strace";
import type { AssumptionName, Assumptions } from "./assumptions.ts";
import { plainName } from "./scope.ts";
import type { Judgement } from "./verdict.ts";

/** What makes Linux refuse a call that breaks no rule, and the errors by which it tells. */
interface Shortage {
  readonly assumption: AssumptionName;
  readonly errors: RegExp;
  readonly calls: RegExp;
}

const NEW_AREAS =
  "mmap2?|munmap|(pkey_)?mprotect|mremap|m(un)?lock2?|m(un)?lockall|mseal|map_shadow_stack";
const NEW_PROCESSES = "clone3?|v?fork";
const NEW_DESCRIPTORS = "pidfd_(open|getfd)|dup[23]?|fcntl|memfd_(create|secret)";
const NEW_CREDENTIALS = "set(fs|re|res)?[ug]id|setgroups|capset|prctl|unshare|setns";

const SHORTAGES: readonly Shortage[] = [
  {
    assumption: "no-allocation-failure",
    errors: /^ENOMEM$/,
    calls: whole(
      `${NEW_AREAS}|(process_)?madvise|${NEW_PROCESSES}|${NEW_DESCRIPTORS}|${NEW_CREDENTIALS}|execve(at)?`,
    ),
  },
  // Linux: mm/madvise.c madvise_vma_behavior, mm/mincore.c mincore, mm/mlock.c
  // __mlock_posix_error_return
  {
    assumption: "no-allocation-failure",
    errors: /^EAGAIN$/,
    calls: whole("(process_)?madvise|mincore|mlock2?|mlockall"),
  },
  // A filter gives what it was told to: these are the usual ones.
  { assumption: "no-unshown-limits", errors: /^(EPERM|EACCES|ENOSYS)$/, calls: whole("\\w+") },
  {
    assumption: "no-unshown-limits",
    errors: /^EAGAIN$/,
    calls: whole(`${NEW_PROCESSES}|execve(at)?|mmap2?|mremap|mlock2?|mlockall|set(re|res)?uid`),
  },
  {
    assumption: "no-unshown-limits",
    errors: /^ENOMEM$/,
    calls: whole("mmap2?|mremap|mlock2?|mlockall|mprotect"),
  },
  { assumption: "no-unshown-limits", errors: /^EMFILE$/, calls: whole(NEW_DESCRIPTORS) },
  { assumption: "usual-limits", errors: /^ENFILE$/, calls: whole(NEW_DESCRIPTORS) },
  { assumption: "usual-limits", errors: /^EAGAIN$/, calls: whole(`${NEW_PROCESSES}|madvise`) },
  { assumption: "usual-limits", errors: /^ENOMEM$/, calls: whole(NEW_AREAS) },
];

function whole(names: string): RegExp {
  return new RegExp(`^(?:${names})$`);
}

/** The assumptions that a result breaks which no rule allows: each explains it alone. */
export function brokenAssumptions(
  name: string,
  error: string | undefined,
): readonly AssumptionName[] {
  if (error === undefined) return [];
  const plain = plainName(name);
  const broken = SHORTAGES.filter(({ errors, calls }) => errors.test(error) && calls.test(plain));
  return [...new Set(broken.map(({ assumption }) => assumption))];
}

/**
 * A deviation that only breaks an assumption says which one; where that was dropped, the log lacks
 * calls (`isOpen`), or the refusal is one that security modules give, nobody is accused.
 */
export function excuse(
  judgement: Judgement,
  event: CallEvent,
  assumptions: Assumptions,
  isOpen: boolean,
): Judgement {
  if (assumptions.leavesNodesOpen(event)) return open(judgement, NODES);
  if (event.result.error === "EAGAIN" && QUEUES.test(event.name)) return open(judgement, QUEUE);
  const broken = brokenAssumptions(event.name, event.result.error);
  if (broken.length === 0) return judgement;
  const text = `${judgement.reason.text}; it breaks an assumption: ${broken.join(" or ")}`;
  // The rule that Linux goes by where it refuses for another reason is worth more.
  const isRefused = judgement.reason.id !== "judge/success";
  const reason = { id: isRefused ? judgement.reason.id : "judge/breaks-assumption", text };
  // What set a limit may be among the calls that a filter left out.
  const dropped = isOpen ? broken : broken.filter((one) => !assumptions.holds(one));
  if (dropped.length === 0) return { ...copyOf(judgement), reason };
  const needs = dropped.map((one) => `assumption/${one}`);
  return { verdict: "undetermined", allowed: judgement.allowed, reason, needs };
}

/** What a log does not tell, and a result hangs on. */
interface Untold {
  readonly id: string;
  readonly text: string;
  readonly need: string;
}

const NODES: Untold = {
  id: "judge/memory-nodes",
  text: "not known: which memory nodes there are",
  need: "assumption/one-node",
};
/** Linux: kernel/signal.c sig_get_ucounts, RLIMIT_SIGPENDING */
const QUEUE: Untold = {
  id: "judge/signal-queue",
  text: "not known: how many signals are queued",
  need: "signal/queued",
};
const QUEUES = /^rt_(tg)?sigqueueinfo$/;

function open({ allowed }: Judgement, { id, text, need }: Untold): Judgement {
  return { verdict: "undetermined", allowed, reason: { id, text }, needs: [need] };
}

function copyOf({ verdict, allowed, reason, needs }: Judgement): Judgement {
  return { verdict, allowed, reason, needs };
}
