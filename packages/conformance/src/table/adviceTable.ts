import type { Profile } from "@kadvise/releases";
import { MADV, type Abi, type AdviceName } from "@kadvise/uapi";
import {
  ADVICE_CALLS,
  askAdvice,
  type AdviceAnswer,
  type AdviceCall,
  type AdviceQuestion,
} from "./askAdvice.ts";
import { Remembered } from "./remembered.ts";
import type { TableKernel } from "./tableKernels.ts";

/** What a table shows; whatever is left out is shown in full. */
export interface AdviceTableOptions {
  readonly kernels: readonly TableKernel[];
  readonly advice?: readonly (AdviceName | number)[];
  readonly calls?: readonly AdviceCall[];
  readonly abis?: readonly Abi[];
  /** The memory that advice is given for, by its name in {@link NAMED_AREAS}. */
  readonly on?: string;
}

/** One piece of advice, given in one way. */
export interface AdviceRow extends AdviceQuestion {
  /** One for each kernel, in their order. */
  readonly cells: readonly AdviceCell[];
}

/** What the kernels of one stretch say. */
export interface AdviceCell extends Omit<AdviceAnswer, "answer"> {
  readonly kernel: TableKernel;
  /** `?` where it is open whether the kernel has a change, and that makes a difference. */
  readonly answer: AdviceAnswer["answer"] | "?";
  /** For `?`: what it may say, and the changes that are open. */
  readonly open?: { readonly answers: readonly string[]; readonly changes: readonly string[] };
}

/** All advice, by number. */
export const ALL_ADVICE: readonly AdviceName[] = (Object.keys(MADV) as AdviceName[]).toSorted(
  (a, b) => MADV[a] - MADV[b],
);

/** Asks the models of kernels; nothing here knows what the answers are. */
export function adviceTable(options: AdviceTableOptions): readonly AdviceRow[] {
  const { kernels, advice = ALL_ADVICE, calls = ADVICE_CALLS, abis = ["x86-64"], on } = options;
  const where = on === undefined ? {} : { on };
  const questions = abis.flatMap((abi) =>
    advice.flatMap((one) =>
      calls.map((call): AdviceQuestion => ({ advice: one, call, abi, ...where })),
    ),
  );
  return questions.map((question) => {
    const known = new Remembered<AdviceAnswer>();
    const ask = (profile: Profile): AdviceAnswer =>
      known.answer(profile, (watched) => askAdvice(watched, question));
    return { ...question, cells: kernels.map((kernel) => cellOf(kernel, ask)) };
  });
}

function cellOf(kernel: TableKernel, ask: (profile: Profile) => AdviceAnswer): AdviceCell {
  const answer = ask(kernel.usual);
  const possible = [answer, ...kernel.others.map(ask)].map(shortText);
  const answers = [...new Set(possible)];
  if (answers.length === 1) return { kernel, ...answer };
  return { kernel, answer: "?", open: { answers, changes: decisive(kernel, possible) } };
}

/** The open changes that turn the answer, each by itself; all, where only several do together. */
function decisive({ usual }: TableKernel, [own, ...others]: readonly string[]): readonly string[] {
  const turning = usual.bracketed.filter((_, i) => others[i] !== own);
  return turning.length === 0 ? usual.bracketed : turning;
}

/** An answer in words: `ok`, `ok with CAP_SYS_NICE`, `EINVAL`, `?`. */
export function shortText({ answer, needs = [] }: Omit<AdviceCell, "kernel">): string {
  return needs.length === 0 ? answer : `${answer} with ${needs.join(" and ")}`;
}
