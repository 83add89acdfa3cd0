import { expect, test } from "vitest";
import { readLog } from "./testing/log.ts";

test("the arguments of a call are read when they are asked for, once", () => {
  const [event] = readLog('12 write(1, "abc", 3) = 3\n');
  if (event?.kind !== "call") throw new Error("no call");
  const { args } = event;
  expect(args).toHaveLength(3);
  expect(event.args).toBe(args);
});

test("so a call whose arguments nobody wants is known by its name and result alone", () => {
  const [event] = readLog("12 odd(;;;, !!!) = 7\n");
  expect(event).toMatchObject({ kind: "call", name: "odd", result: { value: 7 } });
  expect(event?.kind === "call" && event.args.map((argument) => argument.value.kind)).toEqual([
    "unread",
    "unread",
  ]);
});

test("their text is there without reading them", () => {
  const [event] = readLog("12 madvise(0x7f0000001000, 4096, MADV_COLD) = 0\n");
  expect(event?.kind === "call" && event.argumentText).toBe("0x7f0000001000, 4096, MADV_COLD");
});

test("so are those of a call that does not end", () => {
  const event = readLog("12 read(3,  <unfinished ...>\n").at(-1);
  if (event?.kind !== "unended") throw new Error("no end");
  expect(event.args).toMatchObject([{ value: { value: 3 } }]);
  expect(event.args).toBe(event.args);
});

test("equal names are one string, however many calls there are", () => {
  const log = `12 process_madvise(3, NULL, 0, MADV_COLD, 0) = 0\n`.repeat(100);
  const names = new Set(readLog(log).map((event) => (event.kind === "call" ? event.name : "")));
  expect([...names]).toEqual(["process_madvise"]);
});
