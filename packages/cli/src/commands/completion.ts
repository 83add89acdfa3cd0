import type { Command } from "../command.ts";
import { COMMANDS } from "../commandTable.ts";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import { completionScript, SHELLS, type Shell } from "../formats/completionScript.ts";
import { manPage } from "../formats/manPage.ts";
import type { Parsed } from "../options.ts";
import { out } from "../streams.ts";
import { nearest, UsageError } from "../usageError.ts";

/** `kadvise completion SHELL` */
export const completion: Command = {
  name: "completion",
  operands: "bash|zsh|fish|man",
  summary:
    "Prints a script by which a shell completes kadvise's commands and options, or the manual page.",
  options: {},
  examples: [
    'eval "$(kadvise completion bash)"',
    "kadvise completion fish > ~/.config/fish/completions/kadvise.fish",
    "kadvise completion man | man -l -",
  ],
  run: printCompletion,
};

async function printCompletion({ operands }: Parsed): Promise<ExitCode> {
  const [word, ...more] = operands;
  const known = [...SHELLS, "man"];
  if (word === undefined || more.length > 0)
    throw new UsageError(`expected one of ${known.join(", ")}`);
  const commands = await Promise.all(Object.values(COMMANDS).map((entry) => entry.load()));
  if (word === "man") out(manPage(commands));
  else if (isShell(word)) out(completionScript(word, commands));
  else {
    const best = nearest(word, known);
    throw new UsageError(
      `no script for "${word}"; ${best === undefined ? `known: ${known.join(", ")}` : `did you mean ${best}?`}`,
    );
  }
  return EXIT.conforms;
}

function isShell(word: string): word is Shell {
  return (SHELLS as readonly string[]).includes(word);
}
