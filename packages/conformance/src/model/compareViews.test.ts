import { PAGEMAP_HIGH } from "@kadvise/mm-core";
import { describe, expect, test } from "vitest";
import { differentEntries, differentLines } from "./compareViews.ts";

const KERNEL = `20000000-20002000 rw-p 00000000 00:00 0 
Size:                  8 kB
Rss:                   4 kB
Referenced:            4 kB
VmFlags: rd wr mr mw me ac 
20010000-20012000 rw-s 00000000 00:01 51957                              /dev/zero (deleted)
Rss:                   8 kB
VmFlags: rd wr sh mr mw me ms 
20020000-20022000 rw-s 00000000 00:01 51958                              /dev/zero (deleted)
Rss:                   0 kB
VmFlags: rd wr sh mr mw me ms 
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
Rss:                   0 kB
VmFlags: ex 
`;

/** The same as the model has it: other inodes, and a line left out. */
const MODEL = KERNEL.replace(/^ffff[^]*/m, "")
  .replace(/^Referenced:.*\n/m, "")
  .replace("00:01 51957", "00:01 1024")
  .replace("00:01 51958", "00:01 1025");

describe("texts of lines", () => {
  test("agree where the model leaves a line out, and names shared memory's files otherwise", () => {
    expect(differentLines(KERNEL, MODEL)).toEqual([]);
    expect(differentLines(KERNEL, KERNEL)).toEqual([]);
    expect(differentLines("", "")).toEqual([]);
  });

  test("agree on huge pages whatever their file system is called, and no other file", () => {
    const mapped = (identity: string): string =>
      `20000000-20200000 rw-p 00000000 ${identity}                              /anon_hugepage (deleted)\n`;
    expect(differentLines(mapped("00:11 423"), mapped("00:0f 1025"))).toEqual([]);
    const [one, other] = [mapped("00:11 423"), mapped("00:0f 7")];
    expect(differentLines(one + one, other + mapped("00:0f 8"))).toHaveLength(1);
  });

  test("agree where a kernel keeps an executed image from being written, which is no model's", () => {
    expect(differentLines("VmFlags: rd ex me dw sd \n", "VmFlags: rd ex me sd \n")).toEqual([]);
    expect(differentLines("VmFlags: rd ex me dw sd \n", "VmFlags: rd ex sd \n")).toHaveLength(1);
  });

  test("differ in a value, and the area, both values and no more are told", () => {
    expect(
      differentLines(KERNEL, MODEL.replace("Rss:                   4", "Rss:                   8")),
    ).toEqual(["20000000-20002000 Rss:                   8 kB, not Rss:                   4 kB"]);
  });

  test.each([
    ["a flag", "wr mr mw me ac", "wr mr mw me"],
    ["an address", "20010000-20012000", "20010000-20013000"],
    ["the last area's last line", / ms \n$/, " ms dd \n"],
    ["a line that no kernel has", "VmFlags: rd wr mr", "Pfft: 3\nVmFlags: rd wr mr"],
    ["an area too few", /^20020000[^]*/m, ""],
    ["two files where there is one", "00:01 1025", "00:01 1024"],
  ])("differ in %s", (_, from, to) => {
    const other = MODEL.replace(from, to);
    expect(other).not.toBe(MODEL);
    if (to.endsWith("1024")) {
      const one = KERNEL.replace("51958", "51957");
      expect(differentLines(one, MODEL)).toHaveLength(1);
    } else expect(differentLines(KERNEL, other)).toHaveLength(1);
  });

  test("differ in an area that the model does not have", () => {
    const more = `${KERNEL.replace(/^ffff[^]*/m, "")}30000000-30001000 rw-p 0 00:00 0 \nRss: 0 kB\n`;
    expect(differentLines(more, MODEL)).toEqual(["no area, not 30000000-30001000 rw-p 0 00:00 0 "]);
  });

  test("of status need only hold what the model says", () => {
    const status =
      "Name:\tagent\nVmPeak:\t   12 kB\nVmSize:\t    8 kB\nVmLck:\t    0 kB\nThreads:\t1\n";
    expect(differentLines(status, "VmSize:\t    8 kB\nVmLck:\t    0 kB\n")).toEqual([]);
    expect(differentLines(status, "VmSize:\t    8 kB\nVmLck:\t    4 kB\n")).toEqual([
      "VmLck:\t    4 kB, not VmLck:\t    0 kB",
    ]);
  });
});

/** Entries by their upper halves, with lower ones that are no model's. */
function entries(low: number, ...high: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(high.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of high.entries()) {
    view.setUint32(i * 8, low, true);
    view.setUint32(i * 8 + 4, word, true);
  }
  return bytes;
}

describe("entries of pagemap", () => {
  const { present, exclusive, softDirty, guard, swapped } = PAGEMAP_HIGH;

  test("agree whatever frame or slot they name", () => {
    const ours = entries(0, present, (swapped | softDirty) >>> 0);
    const theirs = entries(0x24_e89c, (present | 0x7f_ffff) >>> 0, (swapped | softDirty | 5) >>> 0);
    expect(differentEntries(theirs, ours)).toEqual([]);
  });

  test.each(Object.entries(PAGEMAP_HIGH))("differ in the bit of %s, either way", (name, bit) => {
    expect(differentEntries(entries(1, 0, bit), entries(0, 0, 0))).toEqual([
      `page 1 nothing, not ${name}`,
    ]);
    expect(differentEntries(entries(1, 0, 0), entries(0, 0, bit))).toEqual([
      `page 1 ${name}, not nothing`,
    ]);
  });

  test("name every page that differs, by all its bits", () => {
    const theirs = entries(9, (present | exclusive) >>> 0, (swapped | guard) >>> 0);
    expect(differentEntries(theirs, entries(0, present, present))).toEqual([
      "page 0 present, not present exclusive",
      "page 1 present, not swapped guard",
    ]);
  });

  test("differ where there are fewer", () => {
    expect(differentEntries(entries(0, 0), entries(0, 0, 0))).toEqual(["16 bytes, not 8"]);
  });
});
