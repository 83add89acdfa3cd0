import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { printDeclarations } from "./declarations.mjs";

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "kadvise-declarations-"))));
afterEach(() => rmSync(folder, { recursive: true }));

function printed(files: Record<string, string>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return printDeclarations(join(folder, "index.d.ts"));
}

test("what an entry offers is printed by name, wherever it is declared", () => {
  const text = printed({
    "index.d.ts": 'export { b } from "./b.js";\nexport declare const a: 1;\n',
    "b.d.ts": "/** Why b. */\nexport declare function b(x: number): string;\n",
  });
  expect(text).toBe("const a: 1;\nfunction b(x: number): string;\n");
});

test("a type that is only mentioned is part of it, and so is what that one mentions", () => {
  const text = printed({
    "index.d.ts": 'import type { T } from "./t.js";\nexport declare const a: T;\n',
    "t.d.ts":
      "export interface T {\n    u: U;\n}\ninterface U {\n    n: number;\n}\ninterface Unseen {}\n",
  });
  expect(text).toBe(
    "const a: T;\n\n// Mentioned above, not exported.\n" +
      "interface T {\n    u: U;\n}\ninterface U {\n    n: number;\n}\n",
  );
});

test("where a declaration lies and what is said of it are not part of it", () => {
  const moved = printed({
    "index.d.ts": 'export * from "./other.js";\n',
    "other.d.ts": "/** Another sentence. */\nexport declare const a: 1;\n",
  });
  expect(moved).toBe("const a: 1;\n");
});

test("private members are not part of it", () => {
  const text = printed({
    "index.d.ts": "export declare class C {\n    private secret;\n    open: string;\n}\n",
  });
  expect(text).toBe("class C {\n    open: string;\n}\n");
});

test("a second name is printed as one", () => {
  const text = printed({
    "index.d.ts": 'export { a, a as b, c as d } from "./other.js";\n',
    "other.d.ts": "export declare const a: 1;\nexport declare const c: 2;\n",
  });
  expect(text).toBe("const a: 1;\nexport { a as b };\nexport { c as d };\nconst c: 2;\n");
});

test("an entry that was not built is an error", () => {
  expect(() => printDeclarations(join(folder, "none.d.ts"))).toThrow("build first");
});
