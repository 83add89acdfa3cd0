import { describe, expect, test } from "vitest";
import { profile } from "@kadvise/releases";
import { ModelTarget } from "../target/modelTarget.ts";
import { askPairs } from "./askPairs.ts";
import { COLUMNS, type Column } from "./cellCalls.ts";
import { readMatrix } from "./folder.ts";
import type { Pair } from "./pair.ts";
import { nameOf, pairsFor } from "./pairs.ts";

/*
 * DERIVED, not recorded: no kernel was asked whose process_madvise attaches (5.10.0 to 5.10.23 and
 * 5.11.0, PTRACE_MODE_ATTACH_FSCREDS, without CAP_SYS_NICE). By rule its answer follows from what
 * process_vm_readv answered on 5.10.223: that attaches too (PTRACE_MODE_ATTACH_REALCREDS), and both
 * look the memory up by mm_access, where the mode's READ or ATTACH matters to Yama alone. The two
 * differ in which of the caller's ids and capabilities count; callers in whom these are the same
 * must get the same verdict, told as EACCES by the one and as EPERM by the other.
 */
const ATTACHING = ["5.10.0", "5.11.0"];
const { facts, cells } = readMatrix().get("5.10.223")!;

/** Callers whose fs ids are their real ones, and whose effective capabilities the permitted ones. */
function isPlain({ caller: { party } }: Pair): boolean {
  const { uids, gids, permitted, effective } = party;
  return (
    uids[0] === uids[3] &&
    gids[0] === gids[3] &&
    JSON.stringify(permitted) === JSON.stringify(effective)
  );
}

const pairs = pairsFor(facts).filter((pair) => pair.scope !== undefined && isPlain(pair));
const letter = (letters: string | undefined, column: Column): string =>
  letters?.[COLUMNS.indexOf(column)] ?? "?";

describe.each(ATTACHING)("on %s, by rule from what 5.10.223 answered", (kernel) => {
  test("its process_madvise attaches, and takes no CAP_SYS_NICE", () => {
    const { accessMode, sysNice } = profile(kernel).processMadvise;
    expect([accessMode, sysNice]).toEqual(["PTRACE_MODE_ATTACH_FSCREDS", "nobody"]);
  });

  test("process_madvise is refused where process_vm_readv is, in each of Yama's scopes", async () => {
    const modelled = await askPairs(new ModelTarget({ facts, kernel }), pairs);
    const told: Record<string, number> = {};
    for (const pair of pairs) {
      const name = nameOf(pair);
      const seen = letter(cells.get(name), "process_vm_readv");
      const advised = letter(modelled.get(name), "process_madvise COLD");
      expect(`${name}: ${advised}`).toBe(`${name}: ${seen === "P" ? "A" : seen}`);
      const scope = `scope ${pair.scope}: ${advised}`;
      told[scope] = (told[scope] ?? 0) + 1;
    }
    for (const scope of [1, 2, 3]) expect(told[`scope ${scope}: A`]).toBeGreaterThan(5);
    expect(told["scope 1: ."]).toBeGreaterThan(told["scope 2: ."]);
    expect(told["scope 2: ."]).toBeGreaterThan(told["scope 3: ."]);
  });
});
