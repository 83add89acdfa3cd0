import { describe, expect, test } from "vitest";
import { judgeText, log } from "../testing/judgeText.ts";

const LINES = [
  "00400000-00401000 r-xp 00000000 fe:00 7                                  /program",
  "10000000-10004000 rw-p 00000000 00:00 0 ",
  "7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]",
].map((line) => `${line}\n`);
const TEXT = LINES.join("");
const MAP =
  "mmap(0x10000000, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x10000000";
const OPEN = 'openat(AT_FDCWD, "/proc/self/maps", O_RDONLY) = 3';
const END = 'read(3, "", 65536) = 0';
const AGAIN = "lseek(3, 0, SEEK_SET) = 0";

function piece(text: string, size = text.length): string {
  return `read(3, ${JSON.stringify(text)}, ${size}) = ${text.length}`;
}

function pieces(text: string, size: number): readonly string[] {
  const count = Math.ceil(text.length / size);
  return Array.from({ length: count }, (_, i) => piece(text.slice(i * size, (i + 1) * size), size));
}

function said(...calls: readonly string[]): readonly string[] {
  const text = log(...calls.map((call) => (/^\d+ /.test(call) ? call : `1 ${call}`)));
  return judgeText(text)
    .findings.filter(({ form }) => /^p?read/.test(form))
    .map(({ verdict }) => verdict);
}

const WHOLE = [piece(TEXT, 65536), END];
const KNOWN = [MAP, OPEN, ...WHOLE, AGAIN];

describe("maps that are read piece by piece", () => {
  test.each([1, 17, 100, 4096])("of %i bytes are judged area by area", (size) => {
    const all = said(...KNOWN, ...pieces(TEXT, size), END).slice(2);
    expect(new Set(all)).toEqual(new Set(["exact"]));
    expect(all.length).toBe(Math.ceil(TEXT.length / size) + 1);
    const other = TEXT.replace("rw-p", "r--p");
    expect(
      said(...KNOWN, ...pieces(other, size), END).filter((one) => one === "deviation"),
    ).toEqual(["deviation"]);
  });

  test("end with what is mapped, not before", () => {
    expect(said(...KNOWN, ...LINES.slice(0, 2).map((line) => piece(line)), END)).toEqual([
      ...["constrained", "constrained", "exact", "exact", "deviation"],
    ]);
  });

  test("are not blamed for what changes between two of them", () => {
    const [first, ...rest] = [LINES[0] + LINES[1].slice(0, 9), LINES[1].slice(9), LINES[2]];
    const change = "munmap(0x10000000, 16384) = 0";
    expect(said(...KNOWN, piece(first), change, ...rest.map((text) => piece(text)), END)).toEqual([
      ...["constrained", "constrained", "exact", "exact", "exact", "exact"],
    ]);
  });

  test("go on where a seek or pread64 says", () => {
    const at = (text: string, offset: number): string =>
      piece(text).replace(/^read/, "pread64").replace(/\) =/, `, ${offset}) =`);
    expect(said(...KNOWN, at(LINES[0], 0), at(LINES[1], LINES[0].length)).slice(2)).toEqual([
      ...["exact", "exact"],
    ]);
    // Where nobody knows what lies before, nothing is said.
    expect(said(...KNOWN, at(LINES[1], LINES[0].length)).slice(2)).toEqual([]);
    expect(said(...KNOWN, "lseek(3, 80, SEEK_SET) = 80", piece("x")).slice(2)).toEqual([]);
  });
});

describe("whose memory is shown", () => {
  const child = [
    "1 fork() = 2",
    '2 openat(AT_FDCWD, "/proc/self/maps", O_RDONLY) = 4',
    `2 ${piece(TEXT, 65536).replace("3,", "4,")}`,
    "2 munmap(0x10000000, 16384) = 0",
  ];
  const without = LINES[0] + LINES[2];

  test("a child has a copy of its own", () => {
    const read = `2 pread64(4, ${JSON.stringify(without)}, 65536, 0) = ${without.length}`;
    expect(said(...KNOWN, ...child, read, ...WHOLE).slice(2)).toEqual([
      ...["exact", "exact", "exact", "exact"],
    ]);
  });

  test("another's is opened by its number, a thread's too", () => {
    for (const path of ["/proc/2/maps", "/proc/2/task/2/maps"]) {
      const open = `openat(AT_FDCWD, "${path}", O_RDONLY) = 5`;
      const read = piece(without, 65536).replace("3,", "5,");
      expect(said(...KNOWN, ...child, open, read).slice(2)).toEqual(["exact", "exact"]);
    }
  });

  test("of another, who may be dying, an end is no news", () => {
    const calls = [...child, 'openat(AT_FDCWD, "/proc/2/maps", O_RDONLY) = 5'];
    expect(said(...KNOWN, ...calls, 'read(5, "", 65536) = 0').slice(2)).toEqual(["exact"]);
  });

  test("a file that was opened before execve shows what is gone", () => {
    expect(said(...KNOWN, 'execve("/x", ["/x"], []) = 0', ...WHOLE).slice(2)).toEqual([]);
  });

  test("of whom a clone shares it, calls under way are seen or not", () => {
    const thread =
      "1 clone(child_stack=0x10004000, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM) = 2";
    const gap = ["2 munmap(0x10000000, 16384 <unfinished ...>", "2 <... munmap resumed>) = 0"];
    for (const text of [TEXT, without])
      expect(said(...KNOWN, thread, gap[0], piece(text, 65536), gap[1]).slice(2)[0]).toBe(
        "constrained",
      );
    const under = [
      "1 read(3 <unfinished ...>",
      `1 <... read resumed>, ${piece(TEXT, 65536).slice(8)}`,
    ];
    expect(said(...KNOWN, thread, under[0], ...gap, under[1]).slice(2)).toEqual([]);
    expect(said(...KNOWN, thread, under[0], under[1]).slice(2)).toEqual(["exact"]);
  });
});
