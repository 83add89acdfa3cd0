import { Kernel } from "@kadvise/kernel";
import { profile, USUAL_SETTINGS } from "@kadvise/releases";
import { expect, test } from "vitest";
import type { ObservedArea } from "../target/startState.ts";
import { layOut } from "./layOut.ts";

const PROGRAM = "/usr/bin/program";
const [TEXT, DATA] = [0x40_0000, 0x60_0000];

function area(start: number, pages: number, offset: number, name = PROGRAM): ObservedArea {
  return {
    ...{ start, end: start + pages * 4096, permissions: "r-xp", offset, name },
    ...{ identity: "fe:00 17", vmFlags: ["rd", "ex", "mr", "mw", "me"] },
    ...{ hasAnonymous: false },
  };
}

function laidOut(areas: readonly ObservedArea[]): ReturnType<Kernel["spawn"]> {
  const process = new Kernel({
    profile: profile("6.18.44", { settings: USUAL_SETTINGS, assume: "all" }),
  }).spawn();
  layOut(process.task, { areas });
  return process;
}

test.each([
  ["the first of a file's areas", TEXT],
  ["one that begins further on in the file", DATA + 3 * 4096],
])("the pages of %s can be locked", (_, address) => {
  const { task } = laidOut([area(TEXT, 2, 0), area(DATA, 4, 2 * 4096)]);
  expect(task.mm?.lock(address / 4096, 1).ok).toBe(true);
});
