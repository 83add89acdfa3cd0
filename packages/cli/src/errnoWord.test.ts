import { describe, expect, test } from "vitest";
import { errnoWord } from "./errnoWord.ts";
import { tool, type Ran } from "./testing/tool.ts";

describe("an error may be written", () => {
  test.each([
    ["EACCES", "EACCES"],
    ["eacces", "EACCES"],
    ["13", "EACCES"],
    ["EWOULDBLOCK", "EAGAIN"],
    ["ENOTSUP", "EOPNOTSUPP"],
    ["EFOO", undefined],
    ["0", undefined],
    ["99999", undefined],
    ["toString", undefined],
    ["iovec", undefined],
  ])("%s: %s", (word, name) => {
    expect(errnoWord(word)).toBe(name);
  });

  test.each(["explain", "why"])("so to kadvise %s", async (command) => {
    const written: Ran[] = [];
    for (const word of ["EAGAIN", "eagain", "11", "EWOULDBLOCK"])
      written.push(await tool(command, word));
    expect(new Set(written.map(({ out }) => out)).size).toBe(1);
    expect(written[0]?.out).toContain("EAGAIN (Resource temporarily unavailable)");
  });
});
