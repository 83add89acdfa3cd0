import fc from "fast-check";
import { expect, test } from "vitest";
import { keyIn, labelOf, nameIn, policyIn, relabelled } from "./label.ts";

const name = fc.option(fc.string(), { nil: undefined });
const key = fc.nat(15);
const policy = fc.stringMatching(/^[a-z0-9 ]*$/);

test("a label holds a name, a key and a policy, whatever they are", () => {
  fc.assert(
    fc.property(name, key, policy, (called, number, rule) => {
      const label = labelOf({ name: called, key: number, policy: rule });
      expect([nameIn(label), keyIn(label), policyIn(label)]).toEqual([called, number, rule]);
    }),
  );
});

test("what is changed in it leaves the rest as it is", () => {
  fc.assert(
    fc.property(name, key, policy, key, (called, number, rule, other) => {
      const label = labelOf({ name: called, key: number, policy: rule });
      const changed = labelOf({ name: called, key: other, policy: rule });
      expect(relabelled(label, { key: other })).toBe(changed);
      expect(relabelled(changed, { key: number })).toBe(label);
    }),
  );
});

test("most areas have none, an empty name is one, and taking it away leaves none", () => {
  expect(labelOf({})).toBe("");
  expect(labelOf({ name: undefined, key: 0, policy: "" })).toBe("");
  expect(nameIn(labelOf({ name: "" }))).toBe("");
  expect(relabelled(labelOf({ name: "a;=b" }), { name: undefined })).toBe("");
  expect(relabelled("", { key: 3 })).toBe(labelOf({ key: 3 }));
});
