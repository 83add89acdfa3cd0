import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { TargetFacts } from "../target/target.ts";
import type { Fact } from "./fact.ts";
import { stableFacts } from "./stableFacts.ts";

/** Beside src and dist alike. */
const FACTS = new URL("../../facts/", import.meta.url);
const KERNELS = new URL("kernels/", FACTS);
const ENDING = ".scenario";

/** All facts, by their names. */
export function readFacts(folder: URL = FACTS): readonly Fact[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ENDING))
    .sort()
    .map((name) => ({
      name: name.slice(0, -ENDING.length),
      text: readFileSync(new URL(name, folder), "utf8"),
    }));
}

export function writeFact({ name, text }: Fact): void {
  writeFileSync(new URL(`${name}${ENDING}`, FACTS), text);
}

/** Lines of the fact sheets that no scenario asks about, and why. */
export function readNotAsked(): readonly (readonly [sheet: string, why: string])[] {
  const path = new URL("not-asked.txt", FACTS);
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const at = line.indexOf(": ");
      return [line.slice(0, at), line.slice(at + 2)];
    });
}

/** What a kernel that was asked says of itself, by its version; undefined if none was. */
export function readKernel(version: string): TargetFacts | undefined {
  const path = new URL(`${version}.json`, KERNELS);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as TargetFacts) : undefined;
}

/** The versions of the kernels that were asked. */
export function readVersions(): readonly string[] {
  return readdirSync(KERNELS).map((name) => name.replace(/\.json$/, ""));
}

export function writeKernel(facts: TargetFacts): void {
  const path = new URL(`${facts.kernel}.json`, KERNELS);
  writeFileSync(path, `${JSON.stringify(stableFacts(facts), null, 1)}\n`);
}
