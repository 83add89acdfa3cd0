import fc from "fast-check";
import { expect, test } from "vitest";
import { compileScenario } from "../scenario/compileScenario.ts";
import { parseScenario, type Step } from "../scenario/parse.ts";
import { draftScenario } from "./draftScenario.ts";
import { draft, draftOf, FAMILIES, OPERATIONS, type Draft, type DraftStep } from "./operations.ts";
import type { Stage } from "./stage.ts";

const ROOT = { hasI386: true, isRoot: true };

function steps(text: string): readonly Step[] {
  const parsed = parseScenario(text);
  if ("error" in parsed) throw new Error(`${parsed.error.line}: ${parsed.error.text}`);
  return parsed.steps;
}

/** A draft of calls that are written already. */
function written(
  lines: readonly (readonly [who: number, text: string])[],
  more: Partial<Draft> = {},
): Draft {
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
  // mmap alone may ask for any length at any place: it puts nothing over what is there. What
  // get_mempolicy is told to leave out is no length.
  const others = [...text.matchAll(/(?<!mmap|get_mempolicy)\(NULL, (\w+)/g)].map(([, bytes]) =>
    Number(bytes),
  );
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

test("some of them may be another's, as what a child does with what it has", () => {
  const lines = ["fork() = $child0", { who: "$child0", text: "brk(NULL)" }, "getpid()"];
  const passage: Draft = {
    ...written([]),
    steps: [{ who: 1, compat: false, write: () => lines }],
  };
  expect(draftScenario(passage, ROOT)).toMatch(
    /user {2}fork\(\) = \$child0\n\$child0 {2}brk\(NULL\)\nuser {2}getpid\(\)\n$/,
  );
});

test("who has no room for a child and a grandchild makes neither", () => {
  const [ending] = FAMILIES.passages.filter(({ name }) => name === "ending");
  const [write] = fc.sample(ending.arbitrary, { seed: 1, numRuns: 1 });
  const end = { who: 0, compat: false, write };
  const fork = { who: 0, compat: false, write: (stage: Stage) => `fork() = ${stage.bindChild()}` };
  const text = (forks: number): string =>
    draftScenario(
      { ...written([]), steps: [...Array(forks).fill(fork), end] as DraftStep[] },
      ROOT,
    );
  expect(text(4)).toContain("wait4($child4, ");
  expect(text(5)).not.toContain("wait4(");
});

test("who maps more than the machine has is a child that ends, and could lock nothing before", () => {
  const [promise] = FAMILIES.passages.filter(({ name }) => name === "promise");
  const writes = fc.sample(promise.arbitrary, { seed: 1, numRuns: 30 });
  for (const write of writes) {
    const text = draftScenario({ ...written([]), steps: [{ who: 0, compat: false, write }] }, ROOT);
    expect(text).toMatch(
      /^root {2}fork\(\) = \$child0\n(\$child0 {2}mmap\(0x10{11}, \d+, .*\n){2}\$child0 {2}exit_group\(0\)\n$/m,
    );
  }
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
    ["namespace", "unshare(CLONE_NEWUSER|"],
    ["hole", "|MAP_FIXED_NOREPLACE, -1, 0)"],
    ["ending", "clone(child_stack=NULL, flags=SIGKILL)"],
    ["huge pages", "madvise(0x30000000, 4194304, MADV_HUGEPAGE)"],
    ["hugetlb", "|MAP_HUGETLB|"],
    ["promise", "mmap(0x100000000000, "],
  ]);
  for (const { name } of OPERATIONS) expect(text).toContain(shows.get(name) ?? `${name}(`);
  expect(text).toContain("/i386");
});

test("of one family, nothing else is drawn", () => {
  const text = fc
    .sample(draftOf(["identity"]), { numRuns: 50, seed: 3 })
    .map((generated) => draftScenario({ ...generated, mapped: [] }, ROOT))
    .join("");
  const names = new Set(FAMILIES.identity.map(({ name }) => name));
  const drawn = new Set([...text.matchAll(/ {2}(\w+)\(/g)].map(([, name = ""]) => name));
  drawn.delete("spawn");
  expect([...drawn].filter((name) => !names.has(name))).toEqual([]);
  expect(drawn.size).toBeGreaterThan(5);
});

test("who sleeps for a child of vfork does nothing until that ends or executes something", () => {
  const lines = (last: string): string => {
    const text = (write: Draft["steps"][number]["write"]): Draft["steps"][number] => ({
      ...{ who: 0, compat: false },
      write,
    });
    const drawn: Draft = {
      ...written([]),
      steps: [
        text((stage) => {
          stage.sleep(stage.bindChild()!);
          return "vfork() = $child0";
        }),
        text(() => "getuid()"),
        text((stage) => {
          if (last.startsWith("exit")) stage.wake();
          return last;
        }),
        text(() => "getgid()"),
      ],
    };
    return draftScenario(drawn, ROOT).split("\n").slice(-3).join("\n");
  };
  expect(lines("exit_group(0)")).toBe("$child0  exit_group(0)\nroot  getgid()\n");
  expect(lines("getpid()")).toBe("$child0  getpid()\n$child0  getgid()\n");
});

test("whoever lives in a pid namespace of its own makes nobody and executes nothing", () => {
  const text = fc
    .sample(draftOf(["processes"]), { numRuns: 400, seed: 8 })
    .map((generated) => draftScenario(generated, ROOT));
  const nested = text.flatMap((scenario) =>
    [...scenario.matchAll(/CLONE_NEWPID.* = (\$child\d)$/gm)].map(([, name = ""]) => ({
      name,
      lines: scenario.split("\n"),
    })),
  );
  expect(nested.length).toBeGreaterThan(20);
  for (const { name, lines } of nested) {
    const own = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}/`));
    expect(own.filter((line) => /fork\(|clone|execve/.test(line))).toEqual([]);
  }
});
