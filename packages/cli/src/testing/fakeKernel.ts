import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CannotRun, ModelTarget, type Target, type TargetFacts } from "@kadvise/conformance";
import { REPOSITORY } from "./tool.ts";

/** What a real 6.12 once said of itself. */
export function recordedFacts(): TargetFacts {
  const folder = join(REPOSITORY, "packages/conformance/src/model/testing/recordings");
  const { facts } = JSON.parse(
    readFileSync(join(folder, "6.12.json"), "utf8"),
    (_, value: unknown) =>
      typeof value === "string" && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as { readonly facts: TargetFacts };
  // What was read besides is no part of a recording.
  return { ...facts, facts: {} };
}

/** How a kernel differs from the model of 6.12. */
export interface FakeTrouble {
  /** It is the model of this release instead. */
  readonly is?: string;
  /** It says that it is this one. */
  readonly says?: string;
  /** It is lost after so many programs; with 0 it does not start. */
  readonly lostAfter?: number;
}

/** The model in place of a real kernel. */
export function fakeKernel(name: string, { is, says, lostAfter }: FakeTrouble = {}): Target {
  if (lostAfter === 0) throw new CannotRun("no kernel today");
  const facts = { ...recordedFacts(), name };
  const model = new ModelTarget({ facts, ...(is === undefined ? {} : { kernel: is }) });
  let programs = 0;
  return {
    name,
    describe: () => Promise.resolve({ ...facts, ...(says === undefined ? {} : { kernel: says }) }),
    run: (more) => {
      programs += more.length;
      if (lostAfter !== undefined && programs > lostAfter)
        return Promise.reject(new CannotRun("the agent goes down by itself"));
      return model.run(more);
    },
    close: () => Promise.resolve(),
  };
}
