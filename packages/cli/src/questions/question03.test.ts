import { describe, expect, test } from "vitest";
import { explainedOwn } from "../testing/ownLog.ts";

/** 3. Which bytes were advised, and where do I go on? */
describe("question 3: which bytes, and where to go on", () => {
  test("a locked page in the second range: the first is counted, a page of the second is done", async () => {
    const { ways } = await explainedOwn("locked:22");
    const { ranges, resume, refusal } = ways[0];
    expect(ranges?.map(({ outcome }) => outcome)).toEqual(["done", "partly", "not-reached"]);
    expect(ranges?.[1]?.parts.map(({ outcome }) => outcome)).toEqual([
      ...["advised", "refused", "not-reached"],
    ]);
    expect(refusal).toMatchObject({ code: "EINVAL", from: "range", isHiddenByCount: true });
    expect(resume).toMatchObject({
      element: 1,
      offset: 8192,
      countedBytes: 8192,
      uncountedBytes: 4096,
    });
  });

  test("an error of the first range: nothing is counted, and what was advised is told", async () => {
    const { ways, observed } = await explainedOwn("locked:23");
    expect(observed).toMatch(/^-1 EINVAL/);
    expect(ways[0].ranges?.[0]?.outcome).toBe("partly");
    expect(ways[0].resume).toMatchObject({ element: 0, countedBytes: 0, uncountedBytes: 4096 });
  });
});
