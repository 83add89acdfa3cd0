import fc from "fast-check";
import { expect, test } from "vitest";
import { compileScenario } from "../scenario/compileScenario.ts";
import { parseScenario, type Step } from "../scenario/parse.ts";
import { draftScenario } from "./draftScenario.ts";
import { draft, OPERATIONS, type Draft } from "./operations.ts";

const ROOT = { hasI386: true, isRoot: true };

function steps(text: string): readonly Step[] {
  const parsed = parseScenario(text);
  if ("error" in parsed) throw new Error(`${parsed.error.line}: ${parsed.error.text}`);
  return parsed.steps;
}

/** A draft of calls that are written already. */
function written(lines: readonly [who: number, text: string][], more: Partial<Draft> = {}): Draft {
  return {
    mapped: [],
    opened: [],
    steps: lines.map(([who, text]) => ({ who, compat: false, write: () => text })),
    ...more,
  };
}

test("every scenario that is drawn can be read and compiled, and so can each that it shrinks to", () => {
  const places = new Map([
    ["$vvar", 0x7fff_f7ff_9000n],
    ["$vdso", 0x7fff_f7ff_d000n],
    ["$stack", 0x7fff_fffd_e000n],
  ]);
  const options = { abi: "x86-64", image: "/images/plain", places } as const;
  fc.assert(
    fc.property(draft, fc.nat(60), (generated, cut) => {
      const shorter = { ...generated, steps: generated.steps.slice(cut) };
      for (const one of [generated, shorter]) {
        const text = draftScenario(one, ROOT);
        expect(compileScenario(steps(text), options).steps).toHaveLength(
          text
            .trimEnd()
            .split("\n")
            .filter((line) => line !== "").length,
        );
      }
    }),
  );
});

test("no call takes real memory out of use, none signals but generated processes", () => {
  const text = fc
    .sample(draft, { numRuns: 2000, seed: 5 })
    .map((generated) => draftScenario(generated, ROOT))
    .join("");
  expect(text).not.toMatch(/HWPOISON|SOFT_OFFLINE/);
  for (const [, target] of text.matchAll(/kill\(([^,]+),/g)) {
    expect(target).toMatch(/^\$[a-z]+\d*$/);
  }
  const atNought = [...text.matchAll(/\((?:NULL), (\w+)/g)].map(([, bytes]) => Number(bytes));
  expect(atNought.length).toBeGreaterThan(100);
  // mmap alone may ask for any length at any place: it puts nothing over what is there.
  const others = [...text.matchAll(/(?<!mmap)\(NULL, (\w+)/g)].map(([, bytes]) => Number(bytes));
  // The agent's own memory lies from 0x0f000000 on.
  expect(Math.max(...others)).toBeLessThan(0x0f00_0000);
});

test("only processes that act or are named take part; each begins as its cast says", () => {
  expect(draftScenario(written([[1, "getpid()"]]), ROOT)).toBe(
    "user  spawn({uid=1000})\nuser  getpid()\n",
  );
  const named = written([[0, "kill($nice, 0)"]], { mapped: [false, true, true] });
  expect(draftScenario(named, ROOT)).toMatch(
    /^root {2}spawn\(\)\nnice {2}spawn\(\{uid=1000, caps=\[CAP_SYS_NICE\]\}\)\nnice {2}mmap\(0x20000000, 81920,.*\nroot {2}kill/,
  );
});

test("descriptors are opened by those alone who use one or fork, and in one order", () => {
  const used: Draft = {
    ...written([[1, "getpid()"]], { opened: [true, true, false] }),
    steps: [{ who: 1, compat: false, write: (stage) => `close(${stage.descriptor(1)})` }],
  };
  expect(draftScenario(used, ROOT)).toBe(
    [
      "root  spawn()",
      "user  spawn({uid=1000})",
      "user  pidfd_open($root, 0) = $fd0",
      "user  pidfd_open($user, 0) = $fd1",
      "user  close($fd1)",
      "",
    ].join("\n"),
  );
  const forking = {
    ...used,
    steps: [...used.steps, { who: 0, compat: false, write: () => "fork() = $child0" }],
  };
  expect(draftScenario(forking, ROOT)).toContain("root  pidfd_open($root, 0) = $fd0\n");
  const unused = written([[1, "getpid()"]], { opened: [true, true, true] });
  expect(draftScenario(unused, ROOT)).not.toContain("pidfd_open");
});

test("without root nobody is made another; without a 32-bit gate nobody enters by it", () => {
  const compat: Draft = {
    ...written([]),
    steps: [{ who: 1, compat: true, write: () => "getpid()" }],
  };
  expect(draftScenario(compat, ROOT)).toContain("user/i386  getpid()");
  expect(draftScenario(compat, { hasI386: false, isRoot: false })).toBe(
    "user  spawn()\nuser  getpid()\n",
  );
});

test("calls that belong together follow each other, by one process", () => {
  const passage: Draft = {
    ...written([]),
    steps: [
      { who: 1, compat: false, write: () => ["brk(0x10009000)", "munmap(0x10007000, 4096)"] },
    ],
  };
  expect(draftScenario(passage, ROOT)).toMatch(
    /user {2}brk\(0x10009000\)\nuser {2}munmap\(0x10007000, 4096\)\n$/,
  );
});

test("no operation has more than a seventh of the weight, and every one is drawn", () => {
  const total = OPERATIONS.reduce((sum, { weight }) => sum + weight, 0);
  for (const { weight } of OPERATIONS) expect(weight / total).toBeLessThan(1 / 7);
  const text = fc
    .sample(draft, { numRuns: 300, seed: 1 })
    .map((one) => draftScenario(one, ROOT))
    .join("");
  const shows = new Map([
    ["ids", "geteuid("],
    ["heap", "brk(0x10009000)"],
    ["end", "mprotect($vdso, "],
  ]);
  for (const { name } of OPERATIONS) expect(text).toContain(shows.get(name) ?? `${name}(`);
  expect(text).toContain("/i386");
});
