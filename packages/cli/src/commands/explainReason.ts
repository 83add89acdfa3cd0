import { REASONS } from "@kadvise/kernel";
import { ERRNO } from "@kadvise/uapi";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import { bold } from "../paint.ts";
import { out } from "../streams.ts";
import { nearest, UsageError } from "../usageError.ts";

/** `kadvise explain REASON-ID`: the pages of a reason, or of all reasons of a call. */
export function explainReason(id: string): ExitCode {
  const ids = Object.keys(REASONS);
  const chosen = ids.includes(id)
    ? [id]
    : ids.filter((other) => other.startsWith(`${id.replace(/\/$/, "")}/`));
  if (chosen.length === 0) {
    const best = nearest(id, [...ids, ...Object.keys(ERRNO)]);
    throw new UsageError(`no reason "${id}"${best === undefined ? "" : `; did you mean ${best}?`}`);
  }
  out(chosen.map(page).join("\n\n"));
  return EXIT.conforms;
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
