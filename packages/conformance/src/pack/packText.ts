import type { PackDocument } from "./packDocument.ts";

/** The document as JSON that people can read too: one line a step. */
export function packText({ cases, ...head }: PackDocument): string {
  const heads = Object.entries(head).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`,
  );
  const texts = cases.map(({ steps, ...rest }) =>
    [
      "    {",
      ...Object.entries(rest).map(
        ([key, value]) => `      ${JSON.stringify(key)}: ${JSON.stringify(value)},`,
      ),
      '      "steps": [',
      steps.map((step) => `        ${JSON.stringify(step)}`).join(",\n"),
      "      ]",
      "    }",
    ].join("\n"),
  );
  return ["{", ...heads, '  "cases": [', texts.join(",\n"), "  ]", "}", ""].join("\n");
}
