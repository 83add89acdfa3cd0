import { describe, expect, test } from "vitest";
import { parseValue } from "./expression.ts";
import { formatValue } from "./formatValue.ts";
import type { Value } from "./value.ts";

/** A value with every operator in parentheses of its own. */
function grouped(value: Value): string {
  switch (value.kind) {
    case "flags":
      return `(${value.parts.map(grouped).join(" | ")})`;
    case "shift":
      return `(${grouped(value.left)} << ${grouped(value.right)})`;
    case "product":
      return `(${grouped(value.left)} * ${grouped(value.right)})`;
    case "sum":
      return `(${grouped(value.left)} ${value.operator} ${grouped(value.right)})`;
    case "change":
      return `(${grouped(value.before)} => ${grouped(value.after)})`;
    case "complement":
      return `~${grouped(value.value)}`;
    default:
      return formatValue(value);
  }
}

function structure(text: string): string {
  const value = parseValue(text);
  return "error" in value
    ? `column ${value.error.column}: ${value.error.expected}`
    : grouped(value);
}

describe("operators bind as in C", () => {
  test.each([
    ["PROT_READ|PROT_WRITE", "(PROT_READ | PROT_WRITE)"],
    ["A|B|0x40", "(A | B | 0x40)"],
    ["S_IFREG|0644", "(S_IFREG | 0644)"],
    ["1<<CAP_CHOWN|1<<CAP_KILL", "((1 << CAP_CHOWN) | (1 << CAP_KILL))"],
    ["MAP_HUGETLB|21<<MAP_HUGE_SHIFT", "(MAP_HUGETLB | (21 << MAP_HUGE_SHIFT))"],
    ["FUTEX_OP_SET<<28|0x2<<12|0x3", "((FUTEX_OP_SET << 28) | (0x2 << 12) | 0x3)"],
    ["8192*1024", "(8192 * 1024)"],
    ["2*3 + 4*5", "((2 * 3) + (4 * 5))"],
    ["$heap + 4096", "($heap + 4096)"],
    ["$heap+4096-1", "(($heap + 4096) - 1)"],
    ["$heap + 2 * 4096|1", "(($heap + (2 * 4096)) | 1)"],
    ["(A|B)|C", "((A | B) | C)"],
    ["(1 + 2)*3", "((1 + 2) * 3)"],
    ["~0xff|A", "(~0xff | A)"],
    ["~(A|B)", "~(A | B)"],
    ["88 => 16", "(88 => 16)"],
    ["A|B => C", "((A | B) => C)"],
    ["a => b => c", "((a => b) => c)"],
    ["[{WIFEXITED(s)} | PTRACE_EVENT_EXEC << 16]", "[{WIFEXITED(s)} | PTRACE_EVENT_EXEC<<16]"],
    ["|0x900", "0x900"],
  ])("%s", (text, meaning) => {
    expect(structure(text)).toBe(meaning);
  });
});

test("a sign is an operator only with the same on both sides", () => {
  expect(structure("a - 1")).toBe("(a - 1)");
  expect(structure("a-1")).toBe("(a - 1)");
  expect(structure("a - -1")).toBe("(a - -1)");
  expect(parseValue("[1 -1]")).toMatchObject({
    kind: "array",
    items: [{ value: 1 }, { value: -1 }],
    spaced: true,
  });
  expect(structure("a -1")).toBe("column 3: the end of the value");
});

test("a struct may repeat the field's name behind the arrow", () => {
  expect(parseValue("{features=0 => features=A|B}")).toEqual({
    kind: "struct",
    cut: false,
    bare: [],
    fields: [
      {
        name: "features",
        value: {
          kind: "change",
          name: "features",
          before: { kind: "number", value: 0, text: "0" },
          after: {
            kind: "flags",
            parts: [
              { kind: "word", text: "A" },
              { kind: "word", text: "B" },
            ],
          },
        },
      },
    ],
  });
});

describe("what is missing is named", () => {
  test.each([
    ["A|", "column 3: a value"],
    ["A||B", "column 2: the end of the value"],
    ["1 <<", "column 5: a value"],
    ["(1 + 2", 'column 7: ")"'],
    ["~", "column 2: a value"],
    ["$", "column 2: a name"],
    ["a =>", "column 5: a value"],
    ["1 + * 2", "column 5: a value"],
    ["|", "column 2: a value"],
    ["", "column 1: a value"],
  ])("%s", (text, problem) => {
    expect(structure(text)).toBe(problem);
  });
});

test("a chain that would be as deep as it is long is refused, a long list of flags is not", () => {
  expect(structure(Array.from({ length: 100 }, () => "1").join(" + "))).toContain(
    "fewer operators",
  );
  const flags = parseValue(Array.from({ length: 100 }, () => "A").join("|"));
  expect(flags).toMatchObject({ kind: "flags", parts: { length: 100 } });
});
