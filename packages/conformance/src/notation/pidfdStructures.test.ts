import { SYSTEM_CALLS } from "@kadvise/syscalls";
import { IOCTL, PIDFD_INFO, POLL } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { parseScenario } from "../scenario/parse.ts";
import { decodeArguments } from "./decode.ts";
import { NotShown } from "./notShown.ts";

function argumentsOf(text: string): readonly unknown[] {
  const parsed = parseScenario(`app ${text}`);
  if ("error" in parsed) throw new Error(parsed.error.text);
  const [{ name, args }] = parsed.steps;
  return decodeArguments(SYSTEM_CALLS.get(name)!, args).args;
}

test("poll's descriptors become struct pollfd, with room for as many as are counted", () => {
  const [bytes, count, timeout] = argumentsOf(
    "poll([{fd=3, events=POLLIN|POLLHUP}, {fd=-1, events=0}], 3, -1)",
  );
  const view = new DataView((bytes as Uint8Array).buffer);
  expect([count, timeout, view.byteLength]).toEqual([3, -1, 24]);
  expect([view.getInt32(0, true), view.getUint16(4, true)]).toEqual([
    3,
    POLL.POLLIN | POLL.POLLHUP,
  ]);
  expect(view.getInt32(8, true)).toBe(-1);
});

test("PIDFD_GET_INFO's structure begins with what is asked", () => {
  const [fd, request, bytes] = argumentsOf("ioctl(3, PIDFD_GET_INFO, {mask=PIDFD_INFO_EXIT})");
  expect([fd, request]).toEqual([3, IOCTL.PIDFD_GET_INFO]);
  expect([...(bytes as Uint8Array).subarray(0, 9)]).toEqual([
    PIDFD_INFO.PIDFD_INFO_EXIT,
    ...Array.from({ length: 8 }, () => 0),
  ]);
  expect((bytes as Uint8Array).length).toBe(88);
});

test("a descriptor without a number is not shown", () => {
  expect(() => argumentsOf("poll([{fd=NOBODY, events=0}], 1, 0)")).toThrow(NotShown);
});
