import type { AdviceCell } from "@kadvise/conformance/table";
import { openChangeText } from "./openChange.ts";

/** Numbers the reasons of a table, and keeps what each says. */
export class ReasonNotes {
  private readonly marks: Map<string, string> = new Map();
  private readonly notes: [mark: string, text: string][] = [];

  /** The mark behind an answer: `[2]`; none where there is nothing to say. */
  markOf(cell: AdviceCell): string {
    const text = noteOf(cell);
    if (text === undefined) return "";
    const known = this.marks.get(text);
    if (known !== undefined) return known;
    const mark = `[${this.marks.size + 1}]`;
    this.marks.set(text, mark);
    this.notes.push([mark, text]);
    return mark;
  }

  get all(): readonly (readonly [mark: string, text: string])[] {
    return this.notes;
  }
}

const USUAL_AREA = "private anonymous memory";

function noteOf({ answer, reason, area, open }: AdviceCell): string | undefined {
  if (open !== undefined) {
    const changes = open.changes.map(openChangeText).join("; ");
    return `${open.answers.join(" or ")}: ${changes}`;
  }
  if (reason !== undefined) return `${answer}: ${reason.text} (${reason.id})`;
  return area === undefined || area === USUAL_AREA ? undefined : `on ${area}`;
}
