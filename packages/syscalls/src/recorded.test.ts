import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { play, unfoldRuns } from "./testing/play.ts";
import { readRecording } from "./testing/recorded.ts";

const names = readdirSync(new URL("testing/recordings/", import.meta.url)).map((file) =>
  file.replace(/\.txt$/, ""),
);

test("recordings are there", () => {
  expect(names.length).toBeGreaterThan(1);
});

describe.each(names)("the model answers as the kernels did: %s", (name) => {
  test.each(readRecording(name))("line $line: $program", ({ program, outcomes }) => {
    for (const { kernels, outcome } of outcomes) {
      const recorded = unfoldRuns(outcome);
      for (const kernel of kernels) {
        const answers = play(program, kernel);
        const said = answers.map(({ statement, text }) => `${kernel} ${statement} = ${text}`);
        expect(said).toEqual(
          answers.map(({ statement }, i) => `${kernel} ${statement} = ${recorded[i]}`),
        );
        expect(recorded).toHaveLength(said.length);
      }
    }
  });
});
