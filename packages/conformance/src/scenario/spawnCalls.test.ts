import { CAP } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { parseScenario, type Step } from "./parse.ts";
import { ScenarioMisuse } from "./run.ts";
import { spawnCalls } from "./spawnCalls.ts";

function step(text: string): Step {
  const parsed = parseScenario(`app ${text}`);
  if ("error" in parsed) throw new Error(parsed.error.expected);
  return parsed.steps[0];
}

const named = (text: string, name: string): readonly (readonly number[])[] =>
  spawnCalls(step(text))
    .filter((call) => call.name === name)
    .map(({ args }) => args);

/** The permitted set that capset is given. */
function permitted(text: string): bigint | undefined {
  const data = spawnCalls(step(text)).find(({ name }) => name === "capset")?.data;
  if (data === undefined) return undefined;
  const view = new DataView(data.buffer);
  // struct __user_cap_header_struct, then two of effective, permitted, inheritable.
  expect([view.getUint32(0, true), view.getUint32(4, true)]).toEqual([0x20080522, 0]);
  expect([view.getUint32(8, true), view.getUint32(20, true)]).toEqual([
    view.getUint32(12, true),
    view.getUint32(24, true),
  ]);
  return BigInt(view.getUint32(12, true)) | (BigInt(view.getUint32(24, true)) << 32n);
}

test("root stays as it is", () => {
  expect(spawnCalls(step("spawn()"))).toEqual([]);
  expect(spawnCalls(step("spawn({uid=0})"))).toEqual([]);
});

test("unset ids follow the uid, and the gid follows it too", () => {
  expect(named("spawn({uid=1000})", "setresuid")).toEqual([[1000, 1000, 1000]]);
  expect(named("spawn({uid=1000})", "setresgid")).toEqual([[1000, 1000, 1000]]);
  expect(named("spawn({uid=1000, gid=5, euid=7})", "setresuid")).toEqual([[1000, 7, 1000]]);
  expect(named("spawn({uid=1000, gid=5, euid=7})", "setresgid")).toEqual([[5, 5, 5]]);
  expect(named("spawn({uid=1000, euid=7})", "setfsuid")).toEqual([[7]]);
});

test("other users have no capability but those that are named; root keeps its own", () => {
  expect(permitted("spawn({uid=1000})")).toBe(0n);
  expect(permitted("spawn({uid=1000, caps=[CAP_SYS_NICE, CAP_PERFMON]})")).toBe(
    (1n << BigInt(CAP.CAP_SYS_NICE)) | (1n << BigInt(CAP.CAP_PERFMON)),
  );
  expect(permitted("spawn({uid=0, gid=5})")).toBeUndefined();
  expect(permitted("spawn({uid=0, caps=none})")).toBe(0n);
});

test("groups are changed while the process still may, and capabilities survive the change of user", () => {
  const order = spawnCalls(step("spawn({uid=1000, caps=[CAP_KILL]})")).map(({ name }) => name);
  expect(order.indexOf("setresgid")).toBeLessThan(order.indexOf("setresuid"));
  expect(order.indexOf("prctl")).toBeLessThan(order.indexOf("setresuid"));
  expect(order.indexOf("capset")).toBeGreaterThan(order.indexOf("setresuid"));
});

test("what is no structure is refused with its line", () => {
  expect(() => spawnCalls(step("spawn(1000)"))).toThrow(ScenarioMisuse);
});
