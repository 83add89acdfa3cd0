import type { Journal } from "@kadvise/ports";

/**
 * Questions whose answers stay the same while nobody changes who he is, and that nothing else
 * keeps.
 */
const KEPT: ReadonlySet<string> = new Set(["credentials/permitted-within"]);

/**
 * Remembers the answers to questions that the model asks anew each time.
 *
 * Such a question names the processes whose credentials it compares by where they came from. As
 * soon as somebody changes his credentials that name may stand for two sets of them, and nothing is
 * remembered any more.
 */
export class AnswerMemory {
  private readonly answers: Map<string, unknown> = new Map();
  private isOver = false;
  journal: Journal | undefined;

  recall(id: string, describe: () => string): unknown {
    return this.isOver || !KEPT.has(id) ? undefined : this.answers.get(`${id} ${describe()}`);
  }

  note(id: string, describe: () => string, answer: unknown): void {
    if (this.isOver || !KEPT.has(id)) return;
    const key = `${id} ${describe()}`;
    this.journal?.saveEntry(this.answers, key);
    this.answers.set(key, answer);
  }

  /** Somebody changed his credentials. */
  end(): void {
    this.isOver = true;
    this.answers.clear();
  }

  copyFrom(other: AnswerMemory): void {
    this.isOver = other.isOver;
    for (const [key, answer] of other.answers) this.answers.set(key, answer);
  }

  /** The answers that all others remember too. */
  common(others: readonly AnswerMemory[]): ReadonlyMap<string, unknown> {
    return new Map(
      [...this.answers].filter(([key, answer]) =>
        others.every(({ answers }) => answers.has(key) && answers.get(key) === answer),
      ),
    );
  }

  /** Remembers these answers, and no others. */
  replace(answers: ReadonlyMap<string, unknown>): void {
    this.answers.clear();
    for (const [key, answer] of answers) this.answers.set(key, answer);
  }

  /** As text, to compare two worlds. */
  digest(): string {
    return `${String(this.isOver)} ${JSON.stringify([...this.answers])}`;
  }
}
