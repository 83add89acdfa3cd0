import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ERRNO } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { SYSCALL_REASONS } from "./index.ts";

const folder = new URL(".", import.meta.url).pathname;
const files = readdirSync(folder, { recursive: true }).map(String);
const read = (file: string): string => readFileSync(join(folder, file), "utf8");
const ids = Object.keys(SYSCALL_REASONS);

/** Reasons that no simulated call gives, and why they are in the catalogue all the same. */
const NEVER_REFUSED: { readonly [id: string]: string } = {
  "execve/no-such-program":
    "paths are not modelled: a record that shows ENOENT finds its words here",
  "process_madvise/killed": "its caller ends by the signal: a ladder alone shows it",
  "mm_access/own": "a rung of the ladder that is only ever passed",
  "mmap/not-mappable": "for a recorded program's file, of which nobody said what it is",
  "fcntl/not-owner": "for a recorded program's file, of which nobody said whose it is",
  "fcntl/no-direct": "for a recorded program's file, of which nobody said what it is",
};

describe("the catalogue of reasons", () => {
  test("each id stands in one file only", () => {
    const own = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
    const defined = own.flatMap((file) =>
      [...read(file).matchAll(/^ {2}"([\w/-]+)": \{$/gm)].map(([, id]) => id ?? ""),
    );
    expect(defined.filter((id, i) => defined.indexOf(id) !== i)).toEqual([]);
    expect(defined.filter((id) => id.includes("/")).sort()).toEqual([...ids].sort());
  });

  test.each(Object.entries(SYSCALL_REASONS))("%s is complete", (id, entry) => {
    expect(id).toMatch(/^[a-z_0-9]+\/[a-z-]+$/);
    expect(ERRNO[entry.errno]).toBeGreaterThan(0);
    for (const text of [entry.text, entry.remedy]) {
      expect(text.length).toBeGreaterThan(8);
      expect(text).not.toMatch(/[.\n]$/);
    }
    // File and function, several of them joined by commas.
    expect(entry.linux).toMatch(/^[\w/.-]+\.[chS]\b|^include\//);
    expect(entry.since).toMatch(/^(seed|\d+\.\d+(\.\d+)?)$/);
  });

  test("every reason is what some test expects, or is known never to be given", () => {
    const tests = files.filter((file) => file.endsWith(".test.ts") && file !== "reasons.test.ts");
    const text = tests.map(read).join("\n");
    const unseen = ids.filter((id) => !new RegExp(`["\` ]${id}["\`]`).test(text));
    expect(unseen.sort()).toEqual(Object.keys(NEVER_REFUSED).sort());
  });
});
