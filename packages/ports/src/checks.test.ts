import { describe, expect, test } from "vitest";
import { Checks, type CheckReport } from "./checks.ts";

const report = (id: string, passed = true): CheckReport => ({ id, passed, compared: { fd: 3 } });

describe("collect", () => {
  test("returns the action's value, and the checks in the order in which they were made", () => {
    const checks = new Checks();
    const { value, checks: seen } = checks.collect(() => {
      checks.listener?.(report("first"));
      checks.listener?.(report("second", false));
      return 42;
    });
    expect(value).toBe(42);
    expect(seen).toEqual([report("first"), report("second", false)]);
  });

  test("leaves nobody listening", () => {
    const checks = new Checks();
    checks.collect(() => undefined);
    expect(checks.listener).toBeUndefined();
  });

  test("leaves nobody listening where the action throws", () => {
    const checks = new Checks();
    const act = (): unknown =>
      checks.collect(() => {
        throw new Error("in the middle");
      });
    expect(act).toThrow("in the middle");
    expect(checks.listener).toBeUndefined();
  });

  test("inside another: both hear what the inner one hears, and only the outer one the rest", () => {
    const checks = new Checks();
    const outer = checks.collect(() => {
      checks.listener?.(report("before"));
      const inner = checks.collect(() => checks.listener?.(report("inside")));
      checks.listener?.(report("behind"));
      return inner.checks.map(({ id }) => id);
    });
    expect(outer.value).toEqual(["inside"]);
    expect(outer.checks.map(({ id }) => id)).toEqual(["before", "inside", "behind"]);
  });

  test("gives the listener back that stood there", () => {
    const checks = new Checks();
    const heard: string[] = [];
    const listener = ({ id }: CheckReport): void => void heard.push(id);
    checks.listener = listener;
    checks.collect(() => checks.listener?.(report("inside")));
    expect(checks.listener).toBe(listener);
    expect(heard).toEqual(["inside"]);
  });
});
