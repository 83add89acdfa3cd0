import { expect, test, vi } from "vitest";
import { atExit } from "./atExit.ts";

test("whoever is still there when the process ends is seen off; who called it off is not", () => {
  const listeners = process.listenerCount("exit");
  const [kept, gone] = [vi.fn(), vi.fn()];
  const callOff = atExit(kept);
  atExit(gone)();
  expect(process.listenerCount("exit")).toBe(listeners + 1);
  for (const listener of process.listeners("exit").slice(listeners)) {
    (listener)(0);
  }
  expect([kept.mock.calls.length, gone.mock.calls.length]).toEqual([1, 0]);
  callOff();
  expect(process.listenerCount("exit")).toBe(listeners);
});
