import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import eslint from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** The packages that compile without Node and DOM: what they compute depends on their input alone. */
const models = readdirSync(join(import.meta.dirname, "packages")).filter((name) =>
  readFileSync(join(import.meta.dirname, "packages", name, "tsconfig.src.json"), "utf8").includes(
    "tsconfig.model.json",
  ),
);
const tests = ["**/*.test.ts", "**/testing/**"];
const scripts = ["scripts/**/*.mjs"];

const fromOutside = "A model package is the same everywhere: let the caller pass this in.";
const byLocale = "The answer depends on the machine's locale: compare with < or write the format out.";
const named = {
  selector: "ExportDefaultDeclaration",
  message: "Exports have names: a default export is called differently by everyone who imports it.",
};

export default defineConfig(
  globalIgnores(["**/dist/", "**/.cache/", "**/node_modules/"]),
  eslint.configs.recommended,
  tseslint.configs.recommended,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      // A message is one string, so that whoever reads it on a terminal finds it here too.
      "max-len": [
        "error",
        {
          code: 110,
          ignoreUrls: true,
          ignoreRegExpLiterals: true,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
        },
      ],
      "no-restricted-syntax": ["error", named],
      "object-shorthand": "error",

      // TypeScript knows every name, also the global ones.
      "no-undef": "off",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true },
      ],

      // Rules that need types, and find what the compiler does not.
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/no-base-to-string": "error",
      "@typescript-eslint/no-deprecated": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/no-unnecessary-type-assertion": "error",
      "@typescript-eslint/only-throw-error": "error",
      "@typescript-eslint/restrict-plus-operands": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    name: "one idea per file",
    files: ["packages/*/src/**/*.ts"],
    ignores: [...tests, "**/*.generated.ts", "**/generated/**"],
    rules: { "max-lines": ["error", { max: 500 }] },
  },
  {
    name: "determinism",
    files: models.map((name) => `packages/${name}/src/**/*.ts`),
    ignores: tests,
    rules: {
      "no-restricted-globals": [
        "error",
        ...["Date", "Intl", "console", "process", "performance", "crypto", "globalThis"].map((name) => ({
          name,
          message: fromOutside,
        })),
      ],
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: fromOutside },
        { object: "Atomics", property: "wait", message: fromOutside },
      ],
      "no-restricted-syntax": [
        "error",
        named,
        {
          selector: "MemberExpression[property.name=/^(localeCompare|toLocale\\w*)$/]",
          message: byLocale,
        },
        {
          selector: "NewExpression[callee.name=/^(WeakRef|FinalizationRegistry)$/]",
          message: "When the collector runs is not part of the input.",
        },
      ],
    },
  },
  {
    name: "tests say what they do with what they know",
    files: tests,
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
  {
    name: "files that a tool reads by their default export",
    files: ["eslint.config.js", "vitest.config.ts", "scripts/lib/count-reporter.mjs"],
    rules: { "no-restricted-syntax": "off" },
  },
  {
    name: "scripts, typed by comments",
    files: scripts,
    rules: { "@typescript-eslint/no-explicit-any": "off" },
  },
  {
    name: "outside of every TypeScript project",
    files: ["scripts/vm-scenario.mjs", "scripts/alone/*.ts"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false } },
  },
);
