import { join } from "node:path";
import type { LogCallExplained } from "@kadvise/conformance";
import { REPOSITORY, tool, type Ran } from "./tool.ts";

/** A line of a log that this repository ships, recorded on 6.18.44 unless told otherwise. */
export function ownLine(line: string, kernel = "6.18.44"): string {
  return join(REPOSITORY, "packages/conformance/logs", kernel, line);
}

/** Explains a line of a shipped log by the kernel that it was recorded on. */
export function explainOwn(line: string, ...words: readonly string[]): Promise<Ran> {
  const [log = "", number = ""] = line.split(":");
  return tool("explain", `${ownLine(`${log}.strace`)}:${number}`, "--kernel", "6.18.44", ...words);
}

/** The same as data. */
export async function explainedOwn(line: string): Promise<LogCallExplained> {
  const { out } = await explainOwn(line, "--format", "json");
  return JSON.parse(out) as LogCallExplained;
}

/** What other releases answer to a line: `[release, answer, reason's id]` each. */
export async function answersOf(
  line: string,
  releases: string,
): Promise<readonly (readonly [release: string, answer: string, id: string])[]> {
  const { out } = await explainOwn(line, "--releases", releases);
  const told = out.slice(out.indexOf("the same call on other releases"));
  return [...told.matchAll(/^ {2}(\d\S+) +(?:-1 )?(\w+).*?(?:\[(\S+)\])?$/gm)].map(
    ([, release = "", answer = "", id = ""]) => [release, answer, id] as const,
  );
}
