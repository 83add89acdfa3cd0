import { text, type Parsed } from "./options.ts";
import { UsageError } from "./usageError.ts";

/**
 * The format that was asked for; the first of those that a command writes where none was.
 *
 * @throws UsageError for another
 */
export function formatOf<Format extends string>(
  parsed: Parsed,
  known: readonly [Format, ...Format[]],
): Format {
  const word = text(parsed, "format") ?? known[0];
  const format = known.find((name) => name === word);
  if (format === undefined)
    throw new UsageError(`unknown format "${word}"; expected ${known.join(", ")}`);
  return format;
}
