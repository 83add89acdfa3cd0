import { profile, type Profile } from "@kadvise/releases";
import { expect, test, vi } from "vitest";
import { Remembered } from "./remembered.ts";

const kernels = ["5.8", "5.10.0", "5.10", "6.1", "6.12", "6.13", "7.2", "7.3"].map((name) =>
  profile(name),
);

/** Looks at one thing, and then at what that leads to. */
function answer({ processMadvise, mm, settings }: Profile): string {
  if (!processMadvise.exists) return "none";
  if (processMadvise.sysNice === "remote") return `remote ${mm.guards} ${String(settings.ksm)}`;
  return processMadvise.accessMode;
}

test("what is remembered is what a run would say", () => {
  const known = new Remembered<string>();
  for (const kernel of [...kernels, ...kernels])
    expect(known.answer(kernel, answer)).toBe(answer(kernel));
});

test("kernels that agree in what was looked at are asked once", () => {
  const known = new Remembered<string>();
  const run = vi.fn(answer);
  for (const kernel of kernels) known.answer(kernel, run);
  // 5.8; 5.10.0; 5.10 and 6.1; 6.12; 6.13; 7.2 and 7.3
  expect(run).toHaveBeenCalledTimes(6);
  for (const kernel of kernels) known.answer(kernel, run);
  expect(run).toHaveBeenCalledTimes(6);
});

test("a setting that was looked at tells kernels apart", () => {
  const known = new Remembered<string>();
  const run = (kernel: Profile): string => known.answer(kernel, answer);
  expect(run(profile("6.13"))).toBe("remote private-anonymous true");
  expect(run(profile("6.13", { settings: { ksm: false } }))).toBe("remote private-anonymous false");
  // Nobody looks at KSM before process_madvise is there.
  expect(run(profile("5.8", { settings: { ksm: false } }))).toBe("none");
});
