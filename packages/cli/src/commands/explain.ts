import { REASONS } from "@kadvise/kernel";
import type { Command } from "../command.ts";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import type { Parsed } from "../options.ts";
import { bold } from "../paint.ts";
import { out } from "../streams.ts";
import { nearest, UsageError } from "../usageError.ts";

/** `kadvise explain REASON-ID` */
export const explain: Command = {
  name: "explain",
  operands: "REASON-ID",
  summary:
    "Prints a reason's page: what it answers, where Linux decides it, since when, and what would change it.",
  options: {},
  examples: [
    "kadvise explain process_madvise/remote-needs-cap-sys-nice",
    "kadvise explain mm_access",
  ],
  run: explainReason,
};

function explainReason(parsed: Parsed): Promise<ExitCode> {
  const [id, ...more] = parsed.operands;
  if (id === undefined || more.length > 0)
    throw new UsageError("expected one REASON-ID, such as mm_access/denied");
  const ids = Object.keys(REASONS);
  const chosen = ids.includes(id)
    ? [id]
    : ids.filter((other) => other.startsWith(`${id.replace(/\/$/, "")}/`));
  if (chosen.length === 0) {
    const best = nearest(id, ids);
    throw new UsageError(`no reason "${id}"${best === undefined ? "" : `; did you mean ${best}?`}`);
  }
  out(chosen.map(page).join("\n\n"));
  return Promise.resolve(EXIT.conforms);
}

function page(id: string): string {
  const entry = REASONS[id];
  return [
    bold(id),
    `  ${entry.errno}: ${entry.text}`,
    `  Linux:    ${entry.linux}`,
    `  since:    ${entry.since === "seed" ? "the proposal of May 2020" : entry.since}`,
    `  to change it: ${entry.remedy}`,
  ].join("\n");
}
