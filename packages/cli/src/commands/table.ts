import type { AdviceCall, TableKernel } from "@kadvise/conformance/table";
import type { Settings } from "@kadvise/releases";
import {
  abiOf,
  adviceOf,
  architectureOf,
  ARCHITECTURES,
  isAdvice,
  type Architecture,
} from "../adviceOption.ts";
import type { Command } from "../command.ts";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import { formatOf } from "../formatOption.ts";
import { KERNEL_OPTIONS, kernelName, settingsOf } from "../kernelOption.ts";
import { given, text, texts, type Parsed } from "../options.ts";
import { out } from "../streams.ts";
import { nearest, UsageError } from "../usageError.ts";

/** The names of NAMED_AREAS, which are loaded only when they are needed. */
const MEMORY = [
  ...(["anonymous", "shared", "read-only", "no-access", "locked", "sealed", "droppable"] as const),
  ...(["secret", "within-huge-page", "vdso", "vvar"] as const),
];

const FORMATS = ["text", "markdown", "json"] as const;

/** `kadvise table` */
export const table: Command = {
  name: "table",
  operands: "[ADVICE|RELEASE]…",
  summary:
    "Which advice which Linux takes: given to oneself by madvise(2), to oneself and to another process by process_madvise(2). Every cell is asked of the model of that release; none is kept by hand.",
  options: {
    release: {
      type: "string",
      value: "RELEASES",
      multiple: true,
      help: "6.12, 5.10.24, seed, a list (5.10,6.12), a range (5.10..6.1), all, auto (this machine's)",
    },
    advice: {
      type: "string",
      value: "ADVICE",
      multiple: true,
      help: "MADV_COLD, cold or 20: every release, with the reasons",
    },
    madvise: { type: "boolean", help: "only madvise(2)" },
    self: { type: "boolean", help: "only process_madvise(2) on oneself" },
    remote: { type: "boolean", help: "only process_madvise(2) on another process" },
    arch: {
      type: "string",
      value: "ARCH",
      multiple: true,
      help: `${ARCHITECTURES.join(", ")}; x86-64 if unset. alpha and parisc differ in numbers only`,
    },
    on: {
      type: "string",
      value: "MEMORY",
      help: `what the advice is given for: ${MEMORY.join(", ")}; unset: memory that is fit for it`,
    },
    config: KERNEL_OPTIONS.config,
    format: { type: "string", value: FORMATS.join("|"), help: "text if unset" },
  },
  examples: [
    "kadvise table",
    "kadvise table MADV_WILLNEED",
    "kadvise table 5.10.23 5.10.24 --remote",
    "kadvise table collapse 6.12 --config thp=false",
    "kadvise table dofork --on vvar",
    "kadvise table --release all --format json",
  ],
  run: runTable,
};

async function runTable(parsed: Parsed): Promise<ExitCode> {
  const format = formatOf(parsed, FORMATS);
  const [architectures, settings] = [architecturesOf(parsed), settingsOf(texts(parsed, "config"))];
  const [first] = architectures;
  const advice = [
    ...texts(parsed, "advice").flatMap((word) => word.split(/[,|]/)),
    ...parsed.operands.filter(isAdvice),
  ].map((word) => adviceOf(word, first));
  const releases = [
    ...texts(parsed, "release"),
    ...parsed.operands.filter((word) => !isAdvice(word)),
  ];
  const memory = text(parsed, "on");
  const on = memory === undefined ? {} : { on: memoryOf(memory) };
  const { adviceTable } = await import("@kadvise/conformance/table");
  const { writeTable } = await import("../formats/writeTable.ts");
  const parts = [];
  for (const architecture of architectures) {
    const kernels = await kernelsOf(releases, architecture, settings);
    const rows = adviceTable({
      kernels,
      abis: [abiOf(architecture)],
      calls: callsOf(parsed),
      ...on,
      ...(advice.length === 0 ? {} : { advice: [...new Set(advice)] }),
    });
    parts.push({ architecture, rows });
  }
  const named = { releases: releases.length > 0, advice: advice.length > 0 };
  out(
    writeTable(parts, { format, named, settings, ...on, columns: process.stdout.columns ?? 100 }),
  );
  return EXIT.conforms;
}

function memoryOf(word: string): string {
  if (MEMORY.some((name) => name === word)) return word;
  const best = nearest(word, MEMORY);
  const hint = best === undefined ? "" : `; did you mean ${best}?`;
  throw new UsageError(`--on ${word}: expected ${MEMORY.join(", ")}${hint}`);
}

function architecturesOf(parsed: Parsed): readonly [Architecture, ...Architecture[]] {
  const words = texts(parsed, "arch").flatMap((word) => word.split(","));
  const [first = "x86-64", ...others] = [...new Set(words.map(architectureOf))];
  return [first, ...others];
}

/** arm64 has 48 bits of user addresses, unless told otherwise. */
function userBitsOf(architecture: Architecture): Partial<Settings> {
  return architecture === "arm64" ? { userBits: 48 } : {};
}

function callsOf(parsed: Parsed): readonly AdviceCall[] {
  const all = ["madvise", "self", "remote"] as const;
  const chosen = all.filter((name) => given(parsed, name));
  return chosen.length === 0 ? all : chosen;
}

/** All releases and the seed where none is named. */
async function kernelsOf(
  words: readonly string[],
  architecture: Architecture,
  stated: Partial<Settings>,
): Promise<readonly TableKernel[]> {
  const settings = { ...userBitsOf(architecture), ...stated };
  const { namedKernels } = await import("@kadvise/conformance/table");
  const names = words.map((word) => (word === "auto" ? kernelName(word) : word));
  try {
    const kernels = namedKernels(names.length === 0 ? ["all", "seed"] : names, settings);
    // The kernels that were asked are x86-64's; 32-bit programs ran on them too.
    const isAsked = architecture === "x86-64" || architecture === "i386";
    return isAsked ? kernels : kernels.map((kernel) => ({ ...kernel, asked: [] }));
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
