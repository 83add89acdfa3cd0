import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { floorComplaints } from "./floor-rules.mjs";
import { root } from "./workspace.mjs";

const allow = (...below: number[]) => ({
  dependencies: { allow: below.map((floor) => `floor${floor}`) },
});
const tags = {
  floor1: allow(),
  floor2: allow(1),
  floor3: allow(1, 2),
  floor4: allow(1, 2, 3),
  floor5: allow(1, 2, 3, 4),
  floor6: allow(1, 2, 3, 4, 5),
};

let checkout = "";

function write(file: string, content: unknown): void {
  mkdirSync(dirname(join(checkout, file)), { recursive: true });
  writeFileSync(
    join(checkout, file),
    typeof content === "string" ? content : JSON.stringify(content),
  );
}

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "kadvise-floors-"));
  write("turbo.json", { boundaries: { tags } });
  for (const [name, floor, below] of [
    ["ground", 1, []],
    ["upper", 2, ["ground"]],
  ] as const) {
    write(`packages/${name}/package.json`, {
      name: `@kadvise/${name}`,
      dependencies: Object.fromEntries(below.map((lower) => [`@kadvise/${lower}`, "workspace:^"])),
    });
    write(`packages/${name}/turbo.json`, { extends: ["//"], tags: [`floor${floor}`] });
    write(`packages/${name}/tsconfig.src.json`, {
      extends: "../../tsconfig.model.json",
      references: below.map((lower) => ({ path: `../${lower}/tsconfig.src.json` })),
    });
    write(`packages/${name}/src/index.ts`, "export {};\n");
  }
});
afterEach(() => rmSync(checkout, { recursive: true }));

test("this workspace keeps its floors", () => {
  expect(floorComplaints(root)).toEqual([]);
});

describe("it accepts and refuses", () => {
  test("a workspace in which each package stands on lower floors is fine", () => {
    expect(floorComplaints(checkout)).toEqual([]);
  });

  test.each([
    ["no turbo.json of its own", undefined],
    ["no tag", { extends: ["//"] }],
    ["two tags", { extends: ["//"], tags: ["floor1", "floor2"] }],
    ["a tag that is no floor", { extends: ["//"], tags: ["attic"] }],
    ["a floor that is not built", { extends: ["//"], tags: ["floor7"] }],
    ["a floor, but not the root's rules", { tags: ["floor2"] }],
  ])("a package with %s is refused", (_, turbo) => {
    if (turbo === undefined) rmSync(join(checkout, "packages/upper/turbo.json"));
    else write("packages/upper/turbo.json", turbo);
    expect(floorComplaints(checkout)).toEqual(["upper: turbo.json must give it exactly one floor"]);
  });

  test("a rule that lets a floor look up is refused", () => {
    write("turbo.json", { boundaries: { tags: { ...tags, floor2: allow(1, 3) } } });
    expect(floorComplaints(checkout)).toEqual([
      "turbo.json: floor2 may depend on [floor1], not on [floor1,floor3]",
    ]);
  });

  test.each(["dependencies", "optionalDependencies", "peerDependencies"])(
    "a model package with somebody else's package in its %s is refused",
    (kind) => {
      write("packages/ground/package.json", {
        name: "@kadvise/ground",
        [kind]: { lodash: "^4.0.0" },
      });
      expect(floorComplaints(checkout)).toEqual([
        "ground: a model package may not depend on lodash",
      ]);
    },
  );

  test("a model package that lets the compiler know Node is refused", () => {
    write("packages/ground/tsconfig.src.json", {
      extends: "../../tsconfig.model.json",
      compilerOptions: { types: ["node"] },
    });
    expect(floorComplaints(checkout)).toEqual([
      "ground: tsconfig.src.json must compile it as a model package",
    ]);
  });

  test("a comment that switches the check off is refused", () => {
    // In two parts, or this very file would be one that switches it off.
    write("packages/upper/src/index.ts", `// @boundaries-${"ignore"} in a hurry\nexport {};\n`);
    expect(floorComplaints(checkout)).toEqual(["upper: src/index.ts switches the floor check off"]);
  });

  test("a sibling that the compiler does not build first is refused", () => {
    write("packages/upper/tsconfig.src.json", { extends: "../../tsconfig.model.json" });
    expect(floorComplaints(checkout)).toEqual([
      "upper: tsconfig.src.json refers to [], package.json to [@kadvise/ground]",
    ]);
  });

  test("a sibling in a fixed version is refused", () => {
    write("packages/upper/package.json", {
      name: "@kadvise/upper",
      dependencies: { "@kadvise/ground": "^0.1.0" },
    });
    expect(floorComplaints(checkout)).toEqual([
      "upper: its dependency on @kadvise/ground must be workspace:^",
    ]);
  });
});
