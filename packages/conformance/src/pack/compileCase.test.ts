import { describe, expect, test } from "vitest";
import { CASES } from "./cases/index.ts";
import { compileCase, type CompiledCase } from "./compileCase.ts";
import { caseGroup } from "./packCase.ts";

function compiled(scenario: string): CompiledCase {
  return compileCase({ id: "some/case", asks: "something", scenario });
}

describe("a step's answer is", () => {
  test.each([
    ["app  madvise(0x20000000, 4096, MADV_COLD)", "number"],
    ["app  mmap(0x20000000, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = $heap", "success"],
    ["app  mmap(0x20000000, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)", "success"],
    ["app  pidfd_open($app, 0)", "success"],
    ["app  fork() = $child", "process"],
    ["app  getpid()", "process"],
    ["app  spawn({uid=1000})", "made"],
    ["app  touch(0x20000000, 4096)", "access"],
    ['app  store(0x20000000, "x")', "access"],
    ["app  load(0x20000000, 1)", "bytes"],
    ["app  maps(0x20000000, 4096)", "areas"],
  ])("%s: %s", (line, shows) => {
    expect(compiled(line).steps[0]?.shows).toBe(shows);
  });
});

test("maps reads the maps of its process, and keeps the range for later", () => {
  const { program, steps } = compiled(
    "app  mmap(NULL, 8*4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = $heap\n" +
      "other  getpid()\napp  maps($heap + 4096, 2*4096)",
  );
  expect(program.operations.at(-1)).toMatchObject({ kind: "read", path: "/proc/%/maps", of: 0 });
  expect(steps.at(-1)?.window).toEqual({ address: { result: 0, plus: 4096n }, bytes: 8192 });
});

test("what is no scenario is refused, with the case's name", () => {
  expect(() => compiled("app")).toThrow(/some\/case: expected a call behind the process/);
  expect(() => compiled("app  nonsense()")).toThrow(/no call that is modelled/);
  expect(() => compiled("app  maps()")).toThrow(/needs a number/);
});

describe("the curated cases", () => {
  test("are many, and each has a name of its own", () => {
    expect(CASES.length).toBeGreaterThan(500);
    expect(new Set(CASES.map(({ id }) => id)).size).toBe(CASES.length);
    for (const { id } of CASES) expect(id).toMatch(/^[a-z-]+\/[a-z0-9-]+$/);
  });

  test("ask different things", () => {
    const seen = new Set<string>();
    const twice = CASES.filter(({ scenario }) => seen.size === seen.add(scenario).size);
    expect(twice.map(({ id }) => id)).toEqual([]);
  });

  test("say in a line what they ask", () => {
    for (const { asks } of CASES) expect(asks).toMatch(/^[^#\n]{5,100}$/);
  });

  test("state no results, for the model says what they are", () => {
    for (const { id, scenario } of CASES) {
      for (const line of scenario.split("\n")) {
        expect(`${id}: ${line}`).not.toMatch(/\) = (?!\$\w+$)/);
      }
    }
  });
});

test("a group writes its cases without the indentation of its source", () => {
  const [only] = caseGroup("group", [["name", "asks", "  a\n\n     b  \n"]]);
  expect(only).toEqual({ id: "group/name", asks: "asks", scenario: "a\nb" });
});
