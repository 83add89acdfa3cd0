import { describe, expect, test } from "vitest";
import { tool } from "../testing/tool.ts";

interface Table {
  readonly rows: readonly {
    readonly call: string;
    readonly arch: string;
    readonly number: number;
    readonly kernels: readonly {
      readonly from: string;
      readonly to: string;
      readonly answer: string;
    }[];
  }[];
}

/** 4. Does this advice work on that kernel, machine and configuration, for oneself or others, since when? */
describe("question 4: does an advice work there", () => {
  const table = async (...words: readonly string[]): Promise<Table> =>
    JSON.parse((await tool("table", ...words, "--format", "json")).out) as Table;

  test("WILLNEED for others since 5.15, COLLAPSE since 6.1, anything for oneself since 6.13", async () => {
    const works = async (advice: string, call: string): Promise<string | undefined> =>
      (await table(advice)).rows
        .find((row) => row.call === call)
        ?.kernels.find(({ answer, from }) => answer === "ok" && from !== "seed")?.from;
    expect(await works("MADV_WILLNEED", "remote")).toMatch(/^5\.15/);
    expect(await works("MADV_COLLAPSE", "remote")).toMatch(/^6\.1(\.0)?$/);
    expect(await works("MADV_DONTNEED", "self")).toMatch(/^6\.13/);
    expect(await works("MADV_DONTNEED", "remote")).toBeUndefined();
  });

  test("a configuration without KSM refuses MERGEABLE", async () => {
    const { rows } = await table("MADV_MERGEABLE", "--madvise", "--config", "ksm=false");
    expect(new Set(rows[0]?.kernels.map(({ answer }) => answer))).toEqual(new Set(["EINVAL"]));
  });

  test("DONTNEED is another number on alpha", async () => {
    const { rows } = await table("MADV_DONTNEED", "--arch", "alpha");
    expect(rows[0]?.number).toBe(6);
  });
});
