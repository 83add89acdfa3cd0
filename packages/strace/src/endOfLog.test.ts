import { describe, expect, test } from "vitest";
import { readLog, told } from "./testing/log.ts";

describe("a last line without an end", () => {
  test("is read, and says that its result may have lost digits", () => {
    const [event] = readLog("12 close(3) = 0");
    expect(event).toMatchObject({ kind: "call", isUnterminated: true });
    expect(readLog("12 close(3) = 0\n")[0]).not.toHaveProperty("isUnterminated", true);
  });

  test("may be an event", () => {
    expect(told(readLog("1 close(3) = 0\n1 +++ exited with 0 +++"))[1]).toBe(
      "exited@2 1 +++ exited with 0 +++",
    );
  });

  test("may be the second half of a call", () => {
    const log = "1 read(3,  <unfinished ...>\n1 <... read resumed>0x1, 1) = 1";
    expect(readLog(log)[1]).toMatchObject({
      kind: "call",
      line: 2,
      entryLine: 1,
      isUnterminated: true,
    });
  });
});

describe("a log that simply stops in the middle of a line", () => {
  test("leaves a call that has not ended", () => {
    const events = readLog("1 close(3) = 0\n1 mmap(NULL, 4096, PROT_RE");
    expect(told(events)[1]).toBe("unended@2 1 mmap(NULL, 4096, PROT_RE <unfinished ...>");
    expect(events[1]).toMatchObject({ reason: "log ends" });
  });

  test("in a string, a struct, between two arguments", () => {
    expect(told(readLog('1 write(2, "abc'))[0]).toBe('unended@1 1 write(2, "abc <unfinished ...>');
    expect(told(readLog("1 f({a=1, b"))[0]).toBe("unended@1 1 f({a=1, b <unfinished ...>");
    expect(told(readLog("1 f(1, "))[0]).toBe("unended@1 1 f(1 <unfinished ...>");
    expect(told(readLog("1 f("))[0]).toBe("unended@1 1 f( <unfinished ...>");
  });

  test("in the second half of a call, which stays under way", () => {
    expect(told(readLog('1 read(3,  <unfinished ...>\n1 <... read resumed>"abc'))).toEqual([
      "entered@1 1 read( <unfinished ...>",
      'note@2 the log stops in the middle of a line: 1 <... read resumed>"abc',
      "unended@1 1 read(3 <unfinished ...>",
    ]);
  });

  test.each([
    "1",
    "149",
    "149 ",
    "149 cl",
    "149 <... re",
    "149 +++ exi",
    "149 --- SIGCHLD {si",
    "[pid  1",
    "<.",
    "cl",
  ])("%j: that is a note", (fragment) => {
    const events = readLog(`149 close(3) = 0\n${fragment}`);
    expect(told(events)[1]).toBe(
      `note@2 the log stops in the middle of a line: ${fragment}`.trim().replaceAll(/ +/g, " "),
    );
  });

  test.each([
    "149 close(3)",
    "149 close(3)   ",
    "149 close(3) = ",
    "149 close(3) = -1 EPERM (Oper",
  ])("%j: the arguments are there, the result is lost", (fragment) => {
    expect(told(readLog(fragment))).toEqual(["unended@1 149 close(3 <unfinished ...>"]);
  });

  test("while a result that could be whole counts", () => {
    expect(readLog("149 close(3) = -1")[0]).toMatchObject({ kind: "call", result: { value: -1 } });
    expect(readLog("149 close(3) = -1 EP")[0]).toMatchObject({ isUnterminated: true });
  });

  test("but what no line of strace's begins with is unread", () => {
    expect(readLog("1 close(3) = 0\n\0\0\0")[1]).toMatchObject({ kind: "unread" });
    expect(readLog("1 close(3) = 0\n1 <... x> y")[1]).toMatchObject({ kind: "unread" });
    expect(readLog("1 close(3) = 0\n1 +++ a +++ b")[1]).toMatchObject({ kind: "unread" });
    expect(readLog("1 close(3) = 0\n1 see(above) for details")[1]).toMatchObject({
      kind: "unread",
    });
  });

  test("and so is a file that holds one word", () => {
    expect(readLog("hello")).toMatchObject([{ kind: "unread", text: "hello", line: 1 }]);
  });
});

describe("the ends of lines", () => {
  test("may be those of Windows", () => {
    const log =
      "12 close(3) = 0\r\n12 read(4,  <unfinished ...>\r\n12 <... read resumed>0x1, 1) = 1\r\n\r\n";
    expect(told(readLog(log))).toEqual([
      "call@1 12 close(3) = 0",
      "entered@2 12 read( <unfinished ...>",
      "call@2-3 12 read(4, 0x1, 1) = 1",
    ]);
  });

  test("may enclose nothing: blank lines are counted and passed over", () => {
    expect(told(readLog("\n\n  \n12 close(3) = 0\n\n"))).toEqual(["call@4 12 close(3) = 0"]);
    expect(readLog("\n\n")).toEqual([]);
    expect(readLog("")).toEqual([]);
  });

  test("and the first line may have an editor's mark before it", () => {
    expect(told(readLog("\ufeff12 close(3) = 0\n"))).toEqual(["call@1 12 close(3) = 0"]);
    expect(told(readLog("\u00ef\u00bb\u00bf12 close(3) = 0\n"))).toEqual([
      "call@1 12 close(3) = 0",
    ]);
    expect(readLog("12 close(3) = 0\n\ufeff12 close(3) = 0\n")[1]).toMatchObject({
      kind: "unread",
    });
  });
});

test("a log may be ended once it is empty, and an ended reader has nothing to add", () => {
  expect(readLog("")).toEqual([]);
});
