import { readFileSync, readdirSync } from "node:fs";
import { ERRNO } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { SECURITY_REASONS, reasons, type SecurityReasonId } from "./reasons.ts";

const all = Object.entries(SECURITY_REASONS);
const here = new URL(".", import.meta.url).pathname;

function sources(folder = here): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      if (entry.isDirectory())
        return ["testing", "reasons"].includes(entry.name)
          ? ""
          : sources(`${folder}/${entry.name}`);
      const isSource = entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts");
      return isSource ? readFileSync(`${folder}/${entry.name}`, "utf8") : "";
    })
    .join("\n");
}

describe("the catalogue of reasons", () => {
  test.each(all)(
    "has of %s an errno, two sentences, a place in the kernel, a release and a remedy",
    (id, reason) => {
      expect(id).toMatch(/^[a-z_]+\/[a-z-]+$/);
      expect(Object.hasOwn(ERRNO, reason.errno)).toBe(true);
      for (const sentence of [reason.text, reason.passes, reason.remedy]) {
        expect(sentence.length).toBeGreaterThan(5);
        expect(sentence).not.toMatch(/[.\n]$/);
      }
      expect(reason.linux).toMatch(/^[a-z/_0-9]+\.c: \w+$/);
      expect(reason.since).toMatch(/^\d+\.\d+(\.\d+)?$/);
    },
  );

  test("holds nothing that no rule uses", () => {
    const text = sources();
    const setId = /^(set|setre|setres)[ug]id\//;
    for (const [id] of all) {
      const template = `\`\${call}/${id.split("/")[1] ?? ""}\``;
      expect(text.includes(`"${id}"`) || (setId.test(id) && text.includes(template)), id).toBe(
        true,
      );
    }
  });

  test("refuses with the errno and the sentence that it holds, and names what was compared", () => {
    const id: SecurityReasonId = "yama/restricted";
    const refusal = reasons.refuse({ listener: undefined }, id, 1, 11, 12);
    expect(refusal).toMatchObject({
      code: "EPERM",
      errno: 1,
      reason: { id, text: SECURITY_REASONS[id].text },
    });
    expect(refusal.reason.compared).toEqual({ scope: 1, caller: 11, target: 12 });
  });
});
