import { describe, expect, test } from "vitest";
import { violations } from "../testing/invariants.ts";
import { statusLine, statusMemory } from "./status.ts";
import { BASE, PAGES, recorded, tellStory, withoutInodes } from "./testing/recorded.ts";

describe.each(["5.10", "6.1", "6.12", "6.18", "7.3"])("what Linux %s showed", (release) => {
  const recording = recorded(release);
  // In each test anew: the tool that mutates sources sees what a test reaches, not what its file does.
  const told = (): ReturnType<typeof tellStory> => tellStory(recording);

  test.each(["parent", "child"] as const)("is the smaps of the %s, to the byte", (name) => {
    // Multi-gen LRU of 7.3 keeps the mark on what was given up.
    const isOpen = (line: string): boolean => release === "7.3" && line.startsWith("Referenced:");
    const lines = (text = ""): readonly string[] =>
      text.split("\n").filter((line) => !isOpen(line));
    expect(lines(withoutInodes(told()[name].smaps()))).toEqual(
      lines(recording.views.get(`${name} smaps`)),
    );
  });

  test.each(["parent", "child"] as const)(
    "is the pagemap of the %s, but for the numbers of frames and slots",
    (name) => {
      const bytes = told()[name].pagemap(BASE, PAGES);
      const view = new DataView(bytes.buffer);
      const entries = Array.from({ length: PAGES }, (_, i) => {
        expect(view.getUint32(i * 8, true)).toBe(0);
        return view
          .getUint32(i * 8 + 4, true)
          .toString(16)
          .padStart(8, "0");
      });
      expect(entries).toEqual(recording.views.get(`${name} pagemap`)?.trim().split("\n"));
    },
  );

  test("is the order and the form of the lines of status", () => {
    const lines = recording.views.get("parent status")?.trim().split("\n") ?? [];
    const names = Object.keys(statusMemory(told().parent));
    const left = lines.filter((line) => names.includes(line.slice(0, line.indexOf(":"))));
    expect(left.map((line) => line.slice(0, line.indexOf(":")))).toEqual(names);
    for (const line of left) {
      const [name = "", kilobytes = ""] = line.split(/:\s+| kB/);
      expect(statusLine(name, Number(kilobytes))).toBe(`${line}\n`);
    }
  });

  test("needs no book that does not balance", () => {
    expect(violations(told().parent.memory)).toEqual([]);
  });
});
