import { describe, expect, test } from "vitest";
import { Machine, stateOf } from "./testing/machine.ts";
import { featuresOf, readRecording } from "./testing/recorded.ts";

/** What a recording leaves out: the state of a root process that has done nothing. */
const START =
  "u=0,0,0,0 g=0,0,0,0 G= P=1ffffffffff E=1ffffffffff I=0 B=1ffffffffff A=0 sb=0 d=1 n=0";

function outcomeOf(program: string, kernel: string): string {
  const machine = new Machine({ features: featuresOf(kernel) });
  const task = machine.spawn();
  const results = machine.run(task, program).join(", ");
  const start = new Set(START.split(" "));
  const changed = stateOf(task)
    .split(" ")
    .filter((field) => !start.has(field));
  return `${results} | ${changed.join(" ")}`.trimEnd();
}

const programs = readRecording("credentials.txt");

describe("credentials become on the model what they became on real kernels", () => {
  test("the recording is there", () => {
    expect(programs.length).toBeGreaterThan(350);
    const kernels = programs[0]?.outcomes.flatMap((outcome) => outcome.kernels) ?? [];
    expect(kernels).toHaveLength(11);
  });

  test.each(programs)("line $line: $program", ({ program, outcomes }) => {
    for (const { kernels, outcome } of outcomes) {
      for (const kernel of kernels)
        expect(`${kernel}: ${outcomeOf(program, kernel)}`).toBe(`${kernel}: ${outcome}`);
    }
  });
});
