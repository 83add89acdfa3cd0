import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ASKED } from "./asked.ts";
import { parseName } from "./name.ts";
import { profile } from "./profile.ts";
import {
  type KernelAnswers,
  recordAnswers,
  recordedAnswers,
  versionOf,
} from "./testing/answers.ts";
import { ask, reasonNotToAsk } from "./testing/ask.ts";
import { differences } from "./testing/expected.ts";

const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
const folder = process.env["KERNELS_DIR"] ?? join(cache, "kadvise", "kernels");
const images = existsSync(folder)
  ? readdirSync(folder)
      .map((release) => join(folder, release, "vmlinuz"))
      .filter((image) => existsSync(image))
  : [];
const asked: KernelAnswers[] = [];

/** What a kernel answers otherwise than its profile says. */
function differ(kernel: KernelAnswers): readonly string[] {
  const version = versionOf(kernel);
  const name = ASKED.find((other) => parseName(other).base === version) ?? version;
  return differences(kernel.answers, profile(name));
}

test("the kernel of this machine answers as its profile says", ({ skip }) => {
  const reason = reasonNotToAsk();
  skip(reason !== undefined, reason);
  const kernel = ask();
  asked.push(kernel);
  expect(differ(kernel)).toEqual([]);
});

describe.runIf(images.length > 0)("the kernels of the zoo", () => {
  test.each(images)("%s answers as its profile says", (image) => {
    const reason = reasonNotToAsk("cpio", "qemu-system-x86_64");
    if (reason !== undefined) return;
    const kernel = ask(image);
    asked.push(kernel);
    expect(differ(kernel)).toEqual([]);
  });
});

// KADVISE_RECORD=1 keeps what was answered; kernels that are not at hand keep what they answered.
afterAll(() => {
  if (process.env["KADVISE_RECORD"] === undefined) return;
  const all = new Map(recordedAnswers());
  for (const kernel of asked) all.set(versionOf(kernel), kernel);
  recordAnswers([...all.values()]);
});
