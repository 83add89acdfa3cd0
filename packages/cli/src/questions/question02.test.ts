import { describe, expect, test } from "vitest";
import { explainedOwn } from "../testing/ownLog.ts";

/** 2. May my process see the target, may it advise it, with which least capabilities? */
describe("question 2: which capabilities at least", () => {
  const sets = async (line: string): Promise<readonly string[]> =>
    (await explainedOwn(line)).ways[0].turns.map((set) => set.map(({ id }) => id).join(" + "));

  test("of root's process an ordinary user needs one to see it and one to advise it", async () => {
    expect(await sets("access:110")).toEqual(
      expect.arrayContaining([
        "caller/cap-sys-nice + caller/cap-sys-ptrace",
        "caller/cap-sys-nice + caller/cap-perfmon",
      ]),
    );
  });

  test("of its own dumpable process it needs CAP_SYS_NICE alone", async () => {
    expect(await sets("access:115")).toEqual(["caller/cap-sys-nice"]);
  });

  test("each set is least: none holds another", async () => {
    for (const line of ["access:110", "access:115", "access:120", "access:125"]) {
      const found = (await sets(line)).map((set) => set.split(" + "));
      for (const one of found)
        for (const other of found)
          if (one !== other) expect(one.every((id) => other.includes(id))).toBe(false);
    }
  });
});
