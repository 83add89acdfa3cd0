import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packFiles, readPack, type PackFile } from "@kadvise/conformance/pack";
import type { Command } from "../command.ts";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import { given, text, texts, type Parsed } from "../options.ts";
import { note, out } from "../streams.ts";
import { UsageError } from "../usageError.ts";

/** `kadvise pack` */
export const pack: Command = {
  name: "pack",
  operands: "",
  summary:
    "Writes the curated cases, with what each release of Linux may answer, and a C program that asks them on any Linux-like system and prints KTAP.",
  options: {
    out: { type: "string", value: "FOLDER", help: "where the files go (kadvise-pack)" },
    release: {
      type: "string",
      value: "RELEASE",
      multiple: true,
      help: "only the answers of this release; may be given several times",
    },
    list: { type: "boolean", help: "print the cases' names and what they ask; write nothing" },
  },
  examples: [
    "kadvise pack",
    "cc -o runner kadvise-pack/*.c && ./runner --release 6.12",
    "kadvise pack --out cases --release 6.12 --release 7.3",
  ],
  run: runPack,
};

const FOLDER = "kadvise-pack";

function runPack(parsed: Parsed): Promise<ExitCode> {
  if (parsed.operands.length > 0) throw new UsageError("pack takes no operands");
  if (given(parsed, "list")) {
    for (const { id, asks } of readPack().cases) out(`${id}\t${asks}`);
    return Promise.resolve(EXIT.conforms);
  }
  const folder = text(parsed, "out") ?? FOLDER;
  const files = chosenFiles(texts(parsed, "release"));
  write(folder, files);
  for (const { name } of files) out(join(folder, name));
  note(`build and run it: cc -o runner ${join(folder, "*.c")} && ./runner`);
  return Promise.resolve(EXIT.conforms);
}

function chosenFiles(releases: readonly string[]): readonly PackFile[] {
  try {
    return packFiles(releases.length === 0 ? {} : { releases });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--release: ${error.message}`);
    throw error;
  }
}

function write(folder: string, files: readonly PackFile[]): void {
  try {
    mkdirSync(folder, { recursive: true });
    for (const { name, text: content } of files) writeFileSync(join(folder, name), content);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--out ${folder}: ${why}`);
  }
}
