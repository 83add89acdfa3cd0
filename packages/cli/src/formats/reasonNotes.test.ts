import { namedKernels } from "@kadvise/conformance/table";
import { expect, test } from "vitest";
import { ReasonNotes } from "./reasonNotes.ts";

const [kernel] = namedKernels(["6.12"]);
const refused = (id: string) => ({
  kernel,
  answer: "EINVAL" as const,
  reason: { id, text: "no" },
});

test("each reason has one number, in the order in which they come", () => {
  const notes = new ReasonNotes();
  const marks = ["a/b", "c/d", "a/b"].map((id) => notes.markOf(refused(id)));
  expect(marks).toEqual(["[1]", "[2]", "[1]"]);
  expect(notes.all).toEqual([
    ["[1]", "EINVAL: no (a/b)"],
    ["[2]", "EINVAL: no (c/d)"],
  ]);
});

test("what usual memory takes needs no word", () => {
  const notes = new ReasonNotes();
  expect(notes.markOf({ kernel, answer: "ok", area: "private anonymous memory" })).toBe("");
  expect(notes.markOf({ kernel, answer: "ok", area: "shared anonymous memory" })).toBe("[1]");
});

test("what is open names both answers and both ends of the change", () => {
  const notes = new ReasonNotes();
  const open = { answers: ["ok", "EINVAL"], changes: ["collapse-empty"] };
  expect(notes.markOf({ kernel, answer: "?", open })).toBe("[1]");
  expect(notes.all).toEqual([
    ["[1]", "ok or EINVAL: collapse-empty came between 7.1.13 and 7.2.12"],
  ]);
});
