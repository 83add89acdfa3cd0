import { describe, expect, test } from "vitest";
import type { OperationResult } from "../program/result.ts";
import { answerText } from "./answerText.ts";
import type { CaseStep, Shows } from "./compileCase.ts";

function text(shows: Shows, ...results: readonly Partial<OperationResult>[]): string {
  const operations = results.map((one): OperationResult => ({ state: "done", value: 0n, ...one }));
  const step: CaseStep = {
    ...{ line: "app  getpid()", actor: 0, shows },
    operations: [...operations.keys()],
  };
  return answerText(step, { end: "complete", operations, pids: [7] });
}

describe("a call", () => {
  test.each<[Shows, bigint, string]>([
    ["number", 0n, "0"],
    ["number", 8193n, "8193"],
    ["number", -22n, "EINVAL"],
    ["number", -4000n, "error 4000"],
    ["success", 0x2000_0000n, "ok"],
    ["success", -12n, "ENOMEM"],
    ["process", 4711n, "ok"],
    ["process", 0n, "0"],
    ["process", -3n, "ESRCH"],
  ])("shown as %s: %s is %s", (shows, value, expected) => {
    expect(text(shows, { value })).toBe(expected);
  });

  test("in which its process ended", () => {
    expect(text("number", { state: "died", signal: 9 })).toBe("ended by SIGKILL");
  });

  test.each(["absent", "hung", "not-reached", "unmodelled"] as const)(
    "that is %s is no answer: such a case is written wrongly",
    (state) => {
      expect(() => text("number", { state })).toThrow(TypeError);
    },
  );
});

describe("memory", () => {
  test("is shown by its bytes", () => {
    const payload = Uint8Array.from([107, 101, 112, 116, 32, 0, 255, 34, 92]);
    expect(text("bytes", { value: 9n, payload })).toBe(String.raw`"kept \x00\xff\x22\x5c"`);
  });

  test("a fault is a signal, and how far it went", () => {
    expect(text("access", { state: "faulted", signal: 11, value: 3n })).toBe("SIGSEGV after 3");
    expect(text("bytes", { state: "faulted", signal: 7, value: 0n })).toBe("SIGBUS after 0");
  });

  test("that took all is well", () => {
    expect(text("access", { value: 8n })).toBe("ok");
  });
});

test("a process is made if every call of it went well; else the first error tells", () => {
  expect(text("made", { value: 0n }, { value: 1000n }, { value: 5n })).toBe("ok");
  expect(text("made", { value: 0n }, { value: -1n }, { value: -22n })).toBe("EPERM");
});

describe("areas", () => {
  const MAPS = `1ffff000-20002000 rw-p 00000000 00:00 0
20003000-20004000 ---p 00000000 00:00 0
20004000-20009000 r--s 00000000 00:01 7 /dev/zero (deleted)
30000000-30001000 rw-p 00000000 00:00 0
`;

  function areas(maps: string, address: bigint | number, bytes: number): string {
    const payload = Uint8Array.from(Buffer.from(maps, "latin1"));
    const step: CaseStep = {
      ...{ line: "app  maps($heap, 8*4096)", actor: 0, shows: "areas", operations: [1] },
      window: { address: { result: 0, plus: address }, bytes },
    };
    const operations: OperationResult[] = [
      { state: "done", value: 0x2000_0000n },
      { state: "done", value: BigInt(payload.length), payload },
    ];
    return answerText(step, { end: "complete", operations, pids: [7] });
  }

  test("are counted in pages from the first that was asked for, and end with the last", () => {
    expect(areas(MAPS, 0, 8 * 4096)).toBe("0-2 rw-p, 3-4 ---p, 4-8 r--s");
    expect(areas(MAPS, 4096, 3 * 4096)).toBe("0-1 rw-p, 2-3 ---p");
  });

  test("where there are none, it says so", () => {
    expect(areas(MAPS, 2 * 4096, 4096)).toBe("none");
    expect(areas("", 0, 4096)).toBe("none");
  });
});
