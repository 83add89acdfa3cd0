import type { Choice } from "@kadvise/conformance";
import { given, texts, type Parsed } from "./options.ts";
import { UsageError } from "./usageError.ts";

/** What of a target was chosen with `--range`, `--heap`, `--anon`, `--all`. */
export function chosenRanges(parsed: Parsed): Choice {
  const words = texts(parsed, "range");
  const kinds = (["all", "heap", "anon"] as const).filter((kind) => given(parsed, kind));
  if (kinds.length + (words.length > 0 ? 1 : 0) > 1)
    throw new UsageError("choose one of --range, --heap, --anon, --all");
  if (words.length > 0) return { kind: "ranges", ranges: words.map(rangeOf) };
  return { kind: kinds[0] ?? "anon" };
}

const RANGE = /^(?:0x)?([0-9a-f]{1,16})-(?:0x)?([0-9a-f]{1,16})$/i;

function rangeOf(word: string): { base: number; length: number } {
  const match = RANGE.exec(word);
  if (match === null)
    throw new UsageError(`--range ${word}: expected START-END in hexadecimal, as maps prints it`);
  const [start, end] = [match[1], match[2]].map((hex) => BigInt(`0x${hex ?? "0"}`));
  if (end === undefined || start === undefined || end < start)
    throw new UsageError(`--range ${word}: the end lies before the start`);
  return { base: Number(start), length: Number(end - start) };
}
