import type { Command } from "./command.ts";
import { COMMANDS } from "./commandTable.ts";

/** What `kadvise --help` prints. */
export function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const rows = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`,
  );
  return [
    "kadvise: what Linux' process_madvise(2) answers, why, and what changes in the target",
    "",
    "usage: kadvise COMMAND [OPTION…] [FILE…]",
    "",
    ...rows,
    "",
    "kadvise COMMAND --help tells a command's options. Exit: 0 conforms, 1 deviations, 2 bad usage or unreadable",
    "input, 3 cannot run here, 130 interrupted.",
  ].join("\n");
}

/** What `kadvise COMMAND --help` prints. */
export function commandHelp(command: Command): string {
  const rows = Object.entries(command.options).map(([name, spec]) => {
    const value = spec.type === "string" ? ` ${spec.value ?? "VALUE"}` : "";
    return { left: `  --${name}${value}`, help: spec.help };
  });
  const width = Math.max(0, ...rows.map(({ left }) => left.length));
  return [
    `usage: kadvise ${command.name} [OPTION…] ${command.operands}`.trimEnd(),
    "",
    command.summary,
    ...(rows.length === 0
      ? []
      : ["", ...rows.map(({ left, help }) => `${left.padEnd(width)}  ${help}`)]),
    ...(command.examples.length === 0
      ? []
      : ["", "examples:", ...command.examples.map((line) => `  ${line}`)]),
  ].join("\n");
}
