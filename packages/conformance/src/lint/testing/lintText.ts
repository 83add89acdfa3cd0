import { LogReader } from "@kadvise/strace";
import { LogLinter, type LocatedLintFinding } from "../lint.ts";

/** What the lint finds in the text of a log. */
export function lintText(log: string): readonly LocatedLintFinding[] {
  const reader = new LogReader();
  const linter = new LogLinter();
  const events = [...reader.push(log.endsWith("\n") ? log : `${log}\n`), ...reader.end()];
  return linter.push(events);
}

/** `line rule` of each finding. */
export function found(log: string): readonly string[] {
  return lintText(log).map(({ line, rule }) => `${line} ${rule}`);
}
