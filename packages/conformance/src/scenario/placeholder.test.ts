import fc from "fast-check";
import { expect, test } from "vitest";
import { operandOf, pidPlaceholder, resultPlaceholder } from "./placeholder.ts";

const plus = fc.bigInt({ min: -(2n ** 38n), max: 2n ** 38n });

test("what stands for a result or a process still does when something was added", () => {
  fc.assert(
    fc.property(fc.nat(8191), fc.nat(31), plus, (operation, actor, more) => {
      expect(operandOf(resultPlaceholder(operation) + more)).toEqual({
        result: operation,
        plus: more,
      });
      expect(operandOf(pidPlaceholder(actor) + more)).toEqual({ pid: actor, plus: more });
    }),
  );
});

test("no address, length or error is taken for one", () => {
  const user = fc.bigInt({ min: -(2n ** 57n), max: 2n ** 57n });
  fc.assert(
    fc.property(fc.oneof(user, fc.maxSafeInteger()), (number) => {
      expect(operandOf(number)).toBe(number);
      const wide = BigInt.asUintN(64, BigInt(number));
      expect(operandOf(wide)).toBe(wide);
    }),
  );
});
