import { profile } from "@kadvise/releases";
import {
  formatResult,
  integerOf,
  LogReader,
  type CallEvent,
  type CallResult,
} from "@kadvise/strace";
import { TAKEN_AS_USUAL } from "../check.ts";
import { Judge } from "../judge.ts";
import type { Verdict } from "../verdict.ts";
import { otherResults } from "./changes.ts";
import type { OwnLog } from "./ownLogs.ts";

/** A result of a log, and what the judge says of every other one that the call can give. */
export interface Changed {
  readonly log: OwnLog;
  readonly line: number;
  readonly form: string;
  readonly call: string;
  readonly observed: string;
  readonly verdict: Verdict;
  readonly others: readonly { readonly result: string; readonly verdict: Verdict }[];
}

/** Asks of every call whose order with others is not open. */
export function changedResults(log: OwnLog): readonly Changed[] {
  const found: Changed[] = [];
  let others: Changed["others"] = [];
  let asked: CallEvent | undefined;
  const settings = { ...TAKEN_AS_USUAL, ...log.settings };
  const judge = new Judge(
    { profile: profile(log.kernel, { settings }), assumptionsOff: [] },
    {
      about: (event, verdictOf) => {
        asked = event;
        const observed = formatResult(event.result);
        others = otherResults(event.name, observed, vectorBytes(event)).map((result) => ({
          result,
          verdict: verdictOf(readResult(result)),
        }));
      },
      judged: ({ line, form, syscall, observed, verdict }) => {
        if (asked?.line !== line || verdict === "unread" || others.length === 0) return;
        found.push({ log, line, form, call: syscall, observed, verdict, others });
      },
      unread: () => undefined,
      passedOver: () => undefined,
      call: () => undefined,
    },
  );
  const reader = new LogReader();
  judge.push(reader.push(log.text));
  judge.push(reader.end());
  judge.end();
  return found;
}

const results = new Map<string, CallResult>();

/** Reads a result as it stands in a log. */
function readResult(text: string): CallResult {
  const known = results.get(text);
  if (known !== undefined) return known;
  const [event] = new LogReader().push(`1 getpid() = ${text}\n1 getpid() = 1\n`);
  if (event?.kind !== "call") throw new RangeError(`no result: ${text}`);
  results.set(text, event.result);
  return event.result;
}

function vectorBytes(event: CallEvent): number | undefined {
  const vector = event.name === "process_madvise" ? event.args[1]?.value : undefined;
  if (vector?.kind !== "array" || vector.items.length === 0) return undefined;
  const lengths = vector.items.map((item) => {
    const field =
      item.kind === "struct" ? item.fields.find(({ name }) => name === "iov_len") : undefined;
    return Number((field === undefined ? undefined : integerOf(field.value)) ?? 0);
  });
  const sum = lengths.reduce((total, length) => total + length, 0);
  return Number.isSafeInteger(sum) ? sum : undefined;
}
