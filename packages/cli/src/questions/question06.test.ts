import { expect, test } from "vitest";
import { explainedOwn } from "../testing/ownLog.ts";

/** 6. My log has `= -1 EINVAL`: which argument? */
test.each([
  ["registers:22", "process_madvise/flags", { flags: 1 }],
  ["vectorImport:26", "iovec/too-many", { vlen: 2147483648, most: 1024 }],
  ["vectorImport:41", "iovec/negative-length", { element: 1, length: "0x8000000000000000" }],
  ["access:117", "process_madvise/advice-not-allowed-remote", { advice: 4 }],
  ["ownAdvice:95", "madvise/unknown-advice", { advice: 5 }],
  ["locked:23", "madvise/locked", {}],
  ["ownAdvice:61", "madvise/wipeonfork-not-anonymous", {}],
])("question 6: the EINVAL of %s is %s", async (line, id, compared) => {
  const { observed, ways } = await explainedOwn(line);
  expect(observed).toMatch(/^-1 EINVAL/);
  expect(ways[0]?.refusal?.id).toBe(id);
  const rung = ways[0]?.checks.find((check) => check.id === id && check.outcome === "refused");
  expect(rung?.compared).toMatchObject(compared);
});
