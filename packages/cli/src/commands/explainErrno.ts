import { errnoReasons, type ErrnoReason, type ErrnoReasons } from "@kadvise/conformance";
import { profile } from "@kadvise/releases";
import { ERRNO_TEXT, type ErrnoName } from "@kadvise/uapi";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import { kernelName } from "../kernelOption.ts";
import { text, type Parsed } from "../options.ts";
import { bold, dim } from "../paint.ts";
import { out } from "../streams.ts";

/** `kadvise explain ERRNO`: every reason for an error, process_madvise's in Linux' order. */
export function explainErrno(errno: ErrnoName, parsed: Parsed): ExitCode {
  const reasons = errnoReasons(errno, profile(kernelName(text(parsed, "kernel"))));
  if (text(parsed, "format") === "json") out(JSON.stringify(reasons, null, 2));
  else out(errnoText(reasons));
  return EXIT.conforms;
}

function errnoText({ errno, kernel, processMadvise, others }: ErrnoReasons): string {
  const lines = [
    bold(`${errno} (${ERRNO_TEXT[errno]}) on ${kernel}`),
    "",
    processMadvise.length === 0
      ? "no rule of process_madvise answers it; a seccomp filter may, with any error [seccomp/listed]"
      : "process_madvise, in the order in which it checks",
  ];
  for (const [i, reason] of processMadvise.entries()) {
    lines.push(`  ${i + 1}. ${reasonText(reason)}`, `     to change it: ${reason.remedy}`);
    for (const { id, text: why } of reason.standsOn)
      lines.push(`     because: ${why} ${dim(`[${id}]`)}`);
  }
  if (Object.keys(others).length > 0) lines.push("", "other calls");
  for (const [call, list] of Object.entries(others)) {
    lines.push(`  ${call}`);
    for (const reason of list) lines.push(`    ${reasonText(reason)}`);
  }
  return lines.join("\n");
}

function reasonText({ id, text: why, since }: ErrnoReason): string {
  return `${why} ${dim(`[${id}]`)}${since === "seed" || /^2\./.test(since) ? "" : dim(`, since ${since}`)}`;
}
