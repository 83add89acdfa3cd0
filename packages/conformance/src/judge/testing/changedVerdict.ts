import { profile } from "@kadvise/releases";
import { LogReader } from "@kadvise/strace";
import { TAKEN_AS_USUAL } from "../check.ts";
import type { Finding } from "../finding.ts";
import { Judge } from "../judge.ts";
import { withResult } from "./changes.ts";
import type { OwnLog } from "./ownLogs.ts";

/** How many lines are read at a time while a finding is waited for. */
const PIECE = 25;

/**
 * Judges a log with one result changed, as far as that takes, and tells what it says of the change.
 */
export function changedVerdict(log: OwnLog, line: number, result: string): Finding {
  const lines = log.text.split("\n");
  lines[line - 1] = withResult(lines[line - 1] ?? "", result);
  const settings = { ...TAKEN_AS_USUAL, ...log.settings };
  let found: Finding | undefined;
  const judge = new Judge(
    { profile: profile(log.kernel, { settings }), assumptionsOff: [] },
    {
      judged: (finding) => {
        if (finding.line === line) found = finding;
      },
      unread: () => undefined,
      passedOver: () => undefined,
      call: () => undefined,
    },
  );
  const reader = new LogReader();
  for (let read = 0; read < lines.length && found === undefined; read += PIECE) {
    judge.push(reader.push(`${lines.slice(read, read + PIECE).join("\n")}\n`));
  }
  if (found === undefined) {
    judge.push(reader.end());
    judge.end();
  }
  if (found === undefined) throw new RangeError(`${log.name}:${line} was not judged`);
  return found;
}
