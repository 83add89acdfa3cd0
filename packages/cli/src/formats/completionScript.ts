import type { Command } from "../command.ts";
import type { OptionSpec } from "../options.ts";

/** The shells for which there is a script. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** A shell for which there is a script. */
export type Shell = (typeof SHELLS)[number];

/** A script that completes commands, their options, and values of which there are few. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  switch (shell) {
    case "bash":
      return bashScript(commands);
    case "zsh":
      return zshScript(commands);
    case "fish":
      return fishScript(commands);
  }
}

/** The values that an option takes, where help lists them: `text|json`. */
function valuesOf({ value = "" }: OptionSpec): readonly string[] {
  return /^[a-z0-9-]+(\|[a-z0-9-]+)+$/.test(value) ? value.split("|") : [];
}

function optionsOf({ options }: Command): readonly (readonly [name: string, spec: OptionSpec])[] {
  return [...Object.entries(options), ["help", { type: "boolean", help: "print this" }]];
}

function bashScript(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const cases = commands.map((command) => {
    const words = optionsOf(command)
      .map(([name]) => `--${name}`)
      .join(" ");
    return `    ${command.name}) words="${words}" ;;`;
  });
  const values = commands.flatMap((command) =>
    optionsOf(command).flatMap(([name, spec]) => {
      const list = valuesOf(spec);
      return list.length === 0
        ? []
        : [`    "${command.name} --${name}") values="${list.join(" ")}" ;;`];
    }),
  );
  return [
    "# kadvise: source this, or save it as /etc/bash_completion.d/kadvise",
    "_kadvise() {",
    '  local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"',
    '  local command="${COMP_WORDS[1]}" words="" values=""',
    "  COMPREPLY=()",
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${names} help --help --version" -- "$current"))`,
    "    return",
    "  fi",
    '  case "$command $before" in',
    ...values,
    `    "help $before") values="${names}" ;;`,
    "  esac",
    '  if [ -n "$values" ]; then',
    '    COMPREPLY=($(compgen -W "$values" -- "$current"))',
    "    return",
    "  fi",
    '  case "$command" in',
    ...cases,
    "  esac",
    '  case "$current" in',
    '    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;',
    '    *) COMPREPLY=($(compgen -f -- "$current")) ;;',
    "  esac",
    "}",
    "complete -o filenames -F _kadvise kadvise",
  ].join("\n");
}

function zshScript(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    const options = optionsOf(command).map(([name, spec]) => {
      const list = valuesOf(spec);
      const repeats = spec.multiple === true ? "*" : "";
      const action =
        spec.type === "boolean"
          ? ""
          : `:${quotedZsh(spec.value ?? "VALUE")}:${list.length === 0 ? "_files" : `(${list.join(" ")})`}`;
      return `      '${repeats}--${name}[${quotedZsh(spec.help)}]${action}'`;
    });
    return [
      `    ${command.name}) _arguments \\`,
      ...options.map((line) => `${line} \\`),
      "      '*:file:_files' ;;",
    ].join("\n");
  });
  return [
    "#compdef kadvise",
    "# kadvise: save this as _kadvise in a folder of $fpath",
    "_kadvise() {",
    "  local -a commands",
    "  commands=(",
    ...commands.map(({ name, summary }) => `    '${name}:${quotedZsh(firstClause(summary))}'`),
    "  )",
    "  if (( CURRENT == 2 )); then",
    "    _describe command commands",
    "    return",
    "  fi",
    "  local command=$words[2]",
    "  shift words",
    "  (( CURRENT-- ))",
    "  case $command in",
    ...cases,
    "  esac",
    "}",
    '_kadvise "$@"',
  ].join("\n");
}

function quotedZsh(text: string): string {
  return text.replaceAll("'", "'\\''").replace(/[[\]:]/g, (character) => `\\${character}`);
}

function fishScript(commands: readonly Command[]): string {
  const lines = [
    "# kadvise: save this as ~/.config/fish/completions/kadvise.fish",
    "complete -c kadvise -n __fish_use_subcommand -l help -d 'print the commands'",
    "complete -c kadvise -n __fish_use_subcommand -l version -d 'print the version'",
  ];
  for (const command of commands) {
    const { name, summary } = command;
    lines.push(
      `complete -c kadvise -n __fish_use_subcommand -f -a ${name} -d '${quotedFish(firstClause(summary))}'`,
    );
    for (const [option, spec] of optionsOf(command)) {
      const list = valuesOf(spec);
      const value =
        spec.type === "boolean" ? "" : list.length === 0 ? " -r" : ` -x -a '${list.join(" ")}'`;
      lines.push(
        `complete -c kadvise -n '__fish_seen_subcommand_from ${name}' -l ${option}${value} -d '${quotedFish(spec.help)}'`,
      );
    }
  }
  return lines.join("\n");
}

function quotedFish(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
}

/** What stands before the first stop of a sentence. */
function firstClause(summary: string): string {
  return summary.split(/[:.;](?: |$)/)[0] ?? summary;
}
