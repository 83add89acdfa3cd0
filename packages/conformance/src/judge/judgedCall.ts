import { formatResult, type CallEvent } from "@kadvise/strace";
import type { Finding } from "./finding.ts";
import type { Judgement, Verdict } from "./verdict.ts";

/**
 * The finding for a call. Most are counted and dropped: the texts are made when somebody asks for
 * them.
 */
export class JudgedCall implements Finding {
  readonly pid: number | null;
  readonly form: string;
  readonly #event: CallEvent;
  readonly #judgement: Judgement;

  constructor(event: CallEvent, pid: number | null, form: string, judgement: Judgement) {
    this.pid = pid;
    this.form = form;
    this.#event = event;
    this.#judgement = judgement;
  }

  get line(): number {
    return this.#event.line;
  }

  get entryLine(): number {
    return this.#event.entryLine;
  }

  get syscall(): string {
    return this.#event.name;
  }

  get observed(): string {
    return formatResult(this.#event.result);
  }

  get verdict(): Verdict {
    return this.#judgement.verdict;
  }

  get allowed(): readonly string[] {
    return this.#judgement.allowed;
  }

  get reason(): { readonly id: string; readonly text: string } {
    const { id, text } = this.#judgement.reason;
    return { id, text };
  }

  get needs(): readonly string[] {
    return this.#judgement.needs;
  }
}
