import { NEWEST_POINT } from "@kadvise/releases";
import { expect, test } from "vitest";
import { openModel } from "./openModel.ts";

test.each([
  ["6.12", `6.12.${NEWEST_POINT["6.12"]}`],
  ["5.10.24", "5.10.24"],
  ["6.12+pidfd-self", "6.12+pidfd-self"],
  ["seed", "seed"],
])("the model of %s says that it is %s", async (name, kernel) => {
  const target = openModel(name);
  expect(target.name).toBe(`model:${name}`);
  expect(await target.describe()).toMatchObject({ name: target.name, kernel, release: kernel });
});

test("a kernel that no data describes is none", () => {
  expect(() => openModel("4.19")).toThrow('unknown release "4.19"');
});
