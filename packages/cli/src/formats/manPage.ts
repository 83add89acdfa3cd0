import type { Command } from "../command.ts";

/** The manual page, in man(7)'s macros, from what help says. */
export function manPage(commands: readonly Command[]): string {
  return [
    '.TH KADVISE 1 "" "kadvise" "User Commands"',
    ".SH NAME",
    "kadvise \\- what Linux' process_madvise(2) answers, why, and what changes in the target",
    ".SH SYNOPSIS",
    ".B kadvise",
    ".I COMMAND",
    "[\\fIOPTION\\fR...] [\\fIFILE\\fR...]",
    ".SH DESCRIPTION",
    "An executable reference of process_madvise(2) and of what is under it: address spaces, pidfds, ptrace access,",
    "the system-call ABI. It runs scenarios on a model of the kernel, judges real strace logs, explains single calls,",
    "and predicts what a call on a living process would answer.",
    ".SH COMMANDS",
    ...commands.flatMap(commandLines),
    ".SH EXIT STATUS",
    ...entry("0", "conforms"),
    ...entry("1", "deviations"),
    ...entry("2", "bad usage, or input that cannot be read"),
    ...entry("3", "cannot run here; the reason is printed"),
    ...entry("130", "interrupted; what was done is printed"),
    ".SH ENVIRONMENT",
    ...entry("NO_COLOR", "no colours, on a terminal either"),
    ...entry("CC", "the C compiler for programs that make raw calls; cc if unset"),
    ".SH SEE ALSO",
    ".BR process_madvise (2),",
    ".BR madvise (2),",
    ".BR pidfd_open (2),",
    ".BR ptrace (2),",
    ".BR strace (1)",
  ].join("\n");
}

function commandLines({ name, operands, summary, options, examples }: Command): readonly string[] {
  return [
    `.SS "kadvise ${name} ${quoted(operands)}"`.replace(/ "$/, '"'),
    escaped(summary),
    ...Object.entries(options).flatMap(([option, spec]) =>
      entry(`--${option}${spec.type === "string" ? ` ${spec.value ?? "VALUE"}` : ""}`, spec.help),
    ),
    ...(examples.length === 0
      ? []
      : [".PP", ".nf", ".RS 4", ...examples.map((line) => escaped(line)), ".RE", ".fi"]),
  ];
}

function entry(name: string, text: string): readonly string[] {
  return [".TP", `.B ${escaped(name)}`, escaped(text)];
}

function quoted(text: string): string {
  return escaped(text).replaceAll('"', '""');
}

/** A backslash, a hyphen that is meant as one, and what would be a macro at the start of a line. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("…", "...")
    .replace(/^([.'])/, "\\&$1");
}
