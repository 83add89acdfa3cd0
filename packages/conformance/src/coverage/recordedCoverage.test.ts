import { readdirSync, readFileSync } from "node:fs";
import { REASONS } from "@kadvise/kernel";
import { MADV } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { AREA_KINDS } from "./areaKinds.ts";
import { CELLS, ERRORS } from "./catalogue.ts";
import { coverageDocument } from "./coverageDocument.ts";
import { readCampaigns } from "./testing/recordedCampaigns.ts";
import { KIND_SINCE, UNREACHABLE_ADVICE, UNREACHABLE_KINDS } from "./unreachableCells.ts";
import { UNREACHABLE_REASONS } from "./unreachableReasons.ts";

const campaigns = readCampaigns();
const reasons = new Set(campaigns.flatMap((one) => one.reasons));
const cells = campaigns.flatMap((one) => Object.keys(one.cells)).map((cell) => cell.split(" "));

test("an old and a new kernel were asked, and this machine's", () => {
  const targets = campaigns.flatMap(({ runs }) => runs.map(({ target }) => target));
  expect(targets).toEqual(expect.arrayContaining(["host", "qemu:5.10", "qemu:7.3"]));
});

describe("docs/coverage.md", () => {
  const text = readFileSync(new URL("../../../../docs/coverage.md", import.meta.url), "utf8");
  const made = coverageDocument(campaigns);
  const section = (whole: string, title: string): string =>
    whole.split(/^## /m).find((part) => part.startsWith(title)) ?? title;

  // What is to do grows with every reason that is added: node scripts/coverage.mjs writes it anew.
  test.each(["Advice on one's own areas", "Advice on areas of others", "Errors of calls"])(
    "has what the recorded campaigns make of %s",
    (title) => {
      expect(section(text, title).length).toBeGreaterThan(200);
      expect(section(text, title)).toBe(section(made, title));
    },
  );

  test("marks on which kernels each reason was seen", () => {
    for (const id of reasons) {
      const row = new RegExp(`^\\| \`${id}\` .*$`, "m");
      expect(row.exec(text)?.[0]).toMatch(/✓/);
      expect(row.exec(text)?.[0]).toBe(row.exec(made)?.[0]);
    }
  });
});

describe("what is called unreachable", () => {
  test.each(Object.entries(UNREACHABLE_REASONS))("%s is a reason, not seen: %s", (id, why) => {
    expect(REASONS).toHaveProperty([id]);
    expect([...reasons]).not.toContain(id);
    expect(why.length).toBeGreaterThan(20);
  });

  test.each(Object.keys(UNREACHABLE_ADVICE))("%s is advice that was not seen", (advice) => {
    const [name = "", whose = ""] = advice.split(" ");
    expect(MADV).toHaveProperty(name);
    expect(cells.filter(([a, w]) => a === name && w === whose)).toEqual([]);
  });

  test("as a kind of area is a kind, and was not met", () => {
    for (const kind of Object.keys(UNREACHABLE_KINDS)) {
      expect(AREA_KINDS).toContain(kind);
      expect(cells.filter(([, , met]) => met === kind)).toEqual([]);
    }
    for (const kind of Object.keys(KIND_SINCE)) expect(AREA_KINDS).toContain(kind);
  });
});

describe("the record", () => {
  test("names reasons and cells that there are", () => {
    for (const id of reasons) expect(REASONS).toHaveProperty([id]);
    const known = new Set(CELLS);
    for (const cell of cells) expect(known).toContain(cell.slice(0, 3).join(" "));
  });

  test("shows no error of a covered call that no reason stands for", () => {
    const calls = new Set([...ERRORS.keys()].map((error) => error.split(" ")[0]));
    const strange = campaigns
      .flatMap(({ errors }) => Object.keys(errors))
      .filter((error) => calls.has(error.split(" ")[0]) && !ERRORS.has(error))
      // Any call may meet a wild pointer, a closed descriptor or a full table of them, or be lacking.
      .filter((error) => !/ (EFAULT|ENOSYS|EBADF|EMFILE|signal \d+)$/.test(error));
    expect([...new Set(strange)].sort()).toEqual([]);
  });
});

test("each kernel has a file of its own", () => {
  const files = readdirSync(new URL("../../coverage/", import.meta.url));
  expect(files.sort()).toEqual(campaigns.map(({ kernel }) => `${kernel}.json`).sort());
});
