import { resolveVersion } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { packFiles, readPack } from "./packFiles.ts";
import { expectedOf } from "./packVerdict.ts";
import { restrictPack } from "./restrictPack.ts";

const whole = readPack();

describe.each([["6.12"], ["5.10.223"], ["7.3", "5.10"]])("a pack of %s", (...releases) => {
  const part = restrictPack(whole, releases);

  test("says the same of them as the whole one", () => {
    for (const release of releases) {
      const version = resolveVersion(release);
      const answers = ({ cases }: typeof whole): unknown =>
        cases.map(({ id, needs, steps }) => ({
          id,
          needs: needs === undefined ? [] : (expectedOf(needs, version) ?? []),
          answers: steps.map((step) => expectedOf(step.answers, version)),
        }));
      expect(answers(part)).toEqual(answers(whole));
    }
  });

  test("says nothing of others that differ", () => {
    const size = JSON.stringify(part).length;
    expect(size).toBeLessThan(JSON.stringify(whole).length);
  });
});

test.each([
  [["6.12"], /^6\.12\.\d+-6\.12$/],
  // What came to the line before 6.12.107 and behind it is open beside it.
  [["6.12.107"], /^6\.12\.107$/],
  [["6.17.5"], /^6\.17$/],
  // A change of stable releases between two lines keeps them apart: 6.3.11 and 6.4.1 lost one.
  [["6.3", "6.4"], /^6\.3\.11-6\.3 6\.4\.1-6\.4$/],
  [["7.3", "5.10.0"], /^5\.10-5\.10\.0 7\.3/],
  [["5.18", "5.19"], /^5\.18 5\.19\.17-5\.19$/],
  [["6.9", "6.10"], /^6\.9-6\.10$/],
])("releases %j are written as %s", (releases, text) => {
  expect(restrictPack(whole, releases).releases).toMatch(text);
});

test("a release that was never recorded is refused", () => {
  expect(() => restrictPack(whole, ["5.9"])).toThrow("the cases cover 5.10-7.3, not 5.9");
  expect(() => restrictPack(whole, ["8.1"])).toThrow(/unknown release "8.1"/);
});

describe("the files of a pack", () => {
  const files = packFiles();

  test("are the cases twice, and the runner", () => {
    expect(files.map(({ name }) => name)).toEqual([
      ...["cases.json", "cases.c", "actor.c", "answer.c", "calls.c", "main.c", "pack.h"],
      ...["release.c", "supervise.c", "system.c"],
    ]);
  });

  test("the table has every case of the JSON, in its order", () => {
    const table = files.find(({ name }) => name === "cases.c")!.text;
    const ids = [...table.matchAll(/^\t\{ "([^"]+)", "/gm)].map(([, id]) => id);
    const entries = ids.filter((id) => id.includes("/") && !id.includes(" "));
    expect(entries).toEqual(whole.cases.map(({ id }) => id));
  });
});
