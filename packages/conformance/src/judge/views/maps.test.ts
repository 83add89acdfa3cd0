import { describe, expect, test } from "vitest";
import { judgeText, log } from "../testing/judgeText.ts";

const IMAGE = "00400000-00401000 r-xp 00000000 fe:00 7                                  /program";
const STACK = "7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]";
const GATE = "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]";
const HEAP = "10000000-10004000 rw-p 00000000 00:00 0 ";

const MAP =
  "mmap(0x10000000, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x10000000";
const SHARED = MAP.replace("PRIVATE", "SHARED");
const OPEN = 'openat(AT_FDCWD, "/proc/self/maps", O_RDONLY) = 3';
const AGAIN = "lseek(3, 0, SEEK_SET) = 0";

/** A call that reads these lines, or this text. */
function reads(shown: string | readonly string[], size = 65536): string {
  const text = typeof shown === "string" ? shown : shown.map((line) => `${line}\n`).join("");
  return `read(3, ${JSON.stringify(text)}, ${size}) = ${text.length}`;
}

/** What is said of the reads of a program that makes these calls. */
function said(...calls: readonly string[]): readonly string[] {
  const text = log(...calls.map((call) => (/^\d/.test(call) ? call : `1 ${call}`)));
  return judgeText(text)
    .findings.filter(({ form }) => /^p?read/.test(form))
    .map(({ verdict, allowed, form }) =>
      verdict === "exact" ? verdict : `${verdict}: ${form.split(" =")[0]}, ${allowed.join(", ")}`,
    );
}

/** The same of the second read, where the first told what exec mapped. */
function then(call: string, ...lines: readonly string[]): readonly string[] {
  const first = [IMAGE, HEAP, STACK, GATE];
  return said(MAP, OPEN, reads(first), call, AGAIN, reads([IMAGE, ...lines, STACK, GATE])).slice(1);
}

const why = (text: string): string => `read maps, maps as far as the log tells: ${text}`;

describe("a read of /proc/self/maps", () => {
  test("tells what exec mapped; the next is known in full", () => {
    const lines = reads([IMAGE, HEAP, STACK, GATE]);
    expect(said(MAP, OPEN, lines, AGAIN, lines)).toEqual([
      `constrained: ${why("what exec mapped was not known")}`,
      "exact",
    ]);
  });

  test("shows areas as calls cut and join them", () => {
    const protect = "mprotect(0x10001000, 4096, PROT_READ) = 0";
    const cut = [
      "10000000-10001000 rw-p 00000000 00:00 0 ",
      "10001000-10002000 r--p 00000000 00:00 0 ",
      "10002000-10004000 rw-p 00000000 00:00 0 ",
    ];
    expect(then(protect, ...cut)).toEqual(["exact"]);
    expect(then("munmap(0x10001000, 8192) = 0", cut[0], cut[2].replace("2000-", "3000-"))).toEqual([
      "exact",
    ]);
  });

  test.each([
    ["another right", ["10000000-10004000 r--p 00000000 00:00 0 "], "10000000-10004000 is rw-p"],
    ["no area", [], "10000000-10004000 is mapped, and is not shown"],
    [
      "a page less",
      [HEAP.replace("4000 ", "3000 ")],
      "10000000-10004000 is mapped, and is not shown",
    ],
    ["a page more", [HEAP.replace("4000 ", "5000 ")], "nothing is mapped at 10004000"],
    ["a file", [HEAP.replace("00:00 0", "fe:00 9 /x")], "10000000-10004000 shows no file"],
    ["a name", [`${HEAP}[anon:x]`], '10000000-10004000 is called ""'],
  ])("that shows %s is a deviation, and is believed from then on", (_, lines, what) => {
    const shown = reads([IMAGE, ...lines, STACK, GATE]);
    const first = reads([IMAGE, HEAP, STACK, GATE]);
    expect(said(MAP, OPEN, first, AGAIN, shown, AGAIN, shown).slice(1)).toEqual([
      `deviation: ${why(what)}`,
      "exact",
    ]);
  });

  test("shows a stack that grew unseen", () => {
    const grown = STACK.replace("7ffd00000000", "7ffcffffe000");
    const first = reads([IMAGE, STACK, GATE]);
    expect(said(OPEN, first, AGAIN, reads([IMAGE, grown, GATE]), AGAIN, first).slice(1)).toEqual([
      `constrained: ${why("how far a stack grew was not known")}`,
      `deviation: ${why("7ffcffffe000-7ffd00021000 is mapped, and is not shown")}`,
    ]);
  });

  // Seen on 6.18: the last page holds the words of the environment, and no part of the stack.
  test("tells by a cut where in its area the stack begins", () => {
    const advise = "madvise(0x7ffd00020000, 4096, MADV_DONTDUMP) = 0";
    const cut = [
      STACK.replace("00021000", "00020000"),
      "7ffd00020000-7ffd00021000 rw-p 00000000 00:00 0 ",
    ];
    const shown = reads([IMAGE, ...cut, GATE]);
    const calls = [OPEN, reads([IMAGE, STACK, GATE]), advise, AGAIN, shown, AGAIN, shown];
    expect(said(...calls).slice(1)).toEqual([
      `constrained: ${why("where the stack begins was not known")}`,
      "exact",
    ]);
    const other = reads([IMAGE, cut[0].replace("[stack]", "[anon:x]"), cut[1], GATE]);
    expect(said(...calls, AGAIN, other).at(-1)).toMatch(/^deviation/);
  });

  test("tells of the kernel's data that it can never be written", () => {
    const data = "7ffd00030000-7ffd00034000 r--p 00000000 00:00 0                          [vvar]";
    const text = log(
      ...[OPEN, reads([IMAGE, STACK, data, GATE])].map((call) => `1 ${call}`),
      "1 mprotect(0x7ffd00030000, 4096, PROT_READ|PROT_WRITE) = -1 EACCES (Permission denied)",
    );
    expect(judgeText(text).findings.at(-1)?.verdict).not.toBe("deviation");
  });

  test("counts as read in whole, or not at all", () => {
    const cut = `read(3, "00400000-00401000 r-xp 00000000 f"..., 65536) = 300`;
    expect(said(OPEN, cut)).toEqual([]);
    expect(said(OPEN, `read(3, "${IMAGE}\\n", 65536) = 12`)).toEqual([
      `deviation: ${why(`${IMAGE.length + 1} bytes are shown`)}`,
    ]);
    expect(said(OPEN, reads("nonsense\n"))).toEqual([
      `deviation: ${why("lines have another form")}`,
    ]);
    expect(said(OPEN, reads(`${IMAGE}\n${STACK.slice(0, 20)}`))).toEqual([
      `deviation: ${why("an area's text is not broken off")}`,
    ]);
  });
});

describe("pages that nobody saw a program use", () => {
  const halves = [HEAP.replace("4000 ", "2000 "), HEAP.replace("10000000-", "10002000-")];
  const unknown = `constrained: ${why("which pages were ever used was not known")}`;

  test("keep private areas apart that were one, or let them join", () => {
    expect(then("getpid() = 1", ...halves)).toEqual([unknown]);
    const first = reads([IMAGE, ...halves, STACK, GATE]);
    const joined = reads([IMAGE, HEAP, STACK, GATE]);
    expect(said(MAP, OPEN, first, AGAIN, joined, AGAIN, joined).slice(1)).toEqual([
      unknown,
      "exact",
    ]);
  });

  test("do nothing to shared ones", () => {
    const shown = (lines: readonly string[]): string =>
      reads([
        IMAGE,
        ...lines.map((line, i) =>
          line.replace("rw-p 00000000 00:00 0", `rw-s 0000${i * 2}000 00:01 9`),
        ),
        STACK,
        GATE,
      ]);
    expect(said(SHARED, OPEN, shown([HEAP]), AGAIN, shown(halves)).slice(1)).toEqual([
      `deviation: ${why("10000000-10004000 has no end at 10002000")}`,
    ]);
  });
});

describe("a file's device and inode", () => {
  const two = (one: number, other: number): string =>
    reads([
      IMAGE,
      `10000000-10001000 rw-s 00000000 00:01 ${one}                             /dev/zero (deleted)`,
      `10002000-10004000 rw-s 00002000 00:01 ${other}                             /dev/zero (deleted)`,
      STACK,
      GATE,
    ]);
  const calls = [SHARED, "munmap(0x10001000, 4096) = 0", OPEN];

  test("are Linux' to choose, and then the same ever", () => {
    expect(said(...calls, two(9, 9), AGAIN, two(9, 9)).at(-1)).toBe("exact");
    const other = "10002000-10004000 shows the file 00:01 9";
    expect(said(...calls, two(9, 10))).toEqual([`deviation: ${why(other)}`]);
    const changed = "10000000-10001000 shows the file 00:01 9";
    expect(said(...calls, two(9, 9), AGAIN, two(8, 8)).at(-1)).toBe(`deviation: ${why(changed)}`);
  });

  test("come with the place in the file", () => {
    const shifted = two(9, 9).replace("00002000 00:01", "00001000 00:01");
    expect(said(...calls, shifted)).toEqual([
      `deviation: ${why("10002000-10004000 begins at 2000 of its file")}`,
    ]);
  });
});
