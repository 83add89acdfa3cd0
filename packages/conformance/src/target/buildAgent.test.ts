import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AGENT_SOURCE, buildAgent } from "./buildAgent.ts";
import { CannotRun } from "./cannotRun.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kadvise-build-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A compiler that writes down how it was called, and makes a file or fails. */
function compiler(version: string, script: string): string {
  const path = join(folder, `cc-${version}`);
  writeFileSync(
    path,
    `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; exit 0; fi\n${script}\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

const MAKES_ONE = `echo "$PWD" "$@" >> ${"$"}{0}.calls
while [ $# -gt 0 ]; do [ "$1" = -o ] && echo built > "$2"; shift; done`;

function calls(path: string): readonly string[] {
  return readFileSync(`${path}.calls`, "utf8").trimEnd().split("\n");
}

test("the agent is compiled once, and then taken from the cache", () => {
  const cc = compiler("1", MAKES_ONE);
  const cache = join(folder, "cache");
  const first = buildAgent({ compiler: cc, cache });
  expect(readFileSync(first, "utf8")).toBe("built\n");
  expect(buildAgent({ compiler: cc, cache })).toBe(first);
  expect(calls(cc)).toHaveLength(1);
});

test("it is compiled without a C library, from every source beside the package's own", () => {
  const cc = compiler("1", MAKES_ONE);
  buildAgent({ compiler: cc, cache: join(folder, "cache") });
  const [line = ""] = calls(cc);
  for (const word of [
    "-nostdlib",
    "-static",
    "-ffreestanding",
    "main.c",
    "x86_64.S",
    "aarch64.S",
  ]) {
    expect(line.split(" ")).toContain(word);
  }
  expect(join(line.split(" ")[0] ?? "", "/")).toBe(AGENT_SOURCE);
});

test("another compiler makes another agent", () => {
  const cache = join(folder, "cache");
  const one = buildAgent({ compiler: compiler("1", MAKES_ONE), cache });
  const two = buildAgent({ compiler: compiler("2", MAKES_ONE), cache });
  expect(two).not.toBe(one);
  expect(statSync(one).isFile() && statSync(two).isFile()).toBe(true);
});

test("without a compiler it says so, and what to do", () => {
  expect(() => buildAgent({ compiler: join(folder, "none"), cache: folder })).toThrow(
    new CannotRun(
      `no C compiler: "${join(folder, "none")} --version" failed; install one or name it in CC`,
    ),
  );
});

test("a compiler that fails is quoted, and nothing is left in the cache", () => {
  const cc = compiler("1", 'echo "warning: no" >&2; echo "main.c:1: error: bad gate" >&2; exit 1');
  const cache = join(folder, "cache");
  expect(() => buildAgent({ compiler: cc, cache })).toThrow(/cannot build the agent: .*bad gate/);
  expect(() => buildAgent({ compiler: cc, cache })).toThrow(CannotRun);
});

test("a cache that cannot be written is a reason too", () => {
  const cache = join(folder, "file");
  writeFileSync(cache, "");
  mkdirSync(join(folder, "empty"));
  expect(() => buildAgent({ compiler: compiler("1", MAKES_ONE), cache })).toThrow(CannotRun);
});
