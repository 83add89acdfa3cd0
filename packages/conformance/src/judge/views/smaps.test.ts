import { describe, expect, test } from "vitest";
import { judgeText, log } from "../testing/judgeText.ts";

const MAP =
  "mmap(0x10000000, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x10000000";
const OPEN = 'openat(AT_FDCWD, "/proc/self/smaps", O_RDONLY) = 3';
const AGAIN = "lseek(3, 0, SEEK_SET) = 0";
const HEAD = "10000000-10002000 rw-p 00000000 00:00 0";

/** A read of one area, with these flags behind it. */
function reads(codes: string, head = HEAD): string {
  const text = `${head} \nSize:                  8 kB\nRss:                   0 kB\nVmFlags: ${codes} \n`;
  return `read(3, ${JSON.stringify(text)}, 4096) = ${text.length}`;
}

/** What is said of each read of a program that makes these calls. */
function said(calls: readonly string[], kernel = "6.18.44"): readonly string[] {
  return judgeText(log(...calls.map((call) => `1 ${call}`)), { kernel })
    .findings.filter(({ form }) => form.startsWith("read smaps"))
    .map(({ verdict, allowed }) => `${verdict}: ${allowed[0]?.split(": ")[1] ?? ""}`);
}

const OPEN_PAGES = "constrained: which pages are there was not known";

describe("a read of smaps", () => {
  test("shows the flags that calls gave", () => {
    const usual = "rd wr mr mw me ac";
    const advise = "madvise(0x10000000, 8192, MADV_DONTDUMP) = 0";
    expect(said([MAP, OPEN, reads(usual), advise, AGAIN, reads(`${usual} dd`)]).at(-1)).toBe(
      OPEN_PAGES,
    );
    expect(said([MAP, OPEN, reads(usual), advise, AGAIN, reads(usual)]).at(-1)).toBe(
      "deviation: 10000000-10002000 has the flags 4100073",
    );
  });

  test("says nothing against flags that do not keep areas apart", () => {
    const codes = "rd wr mr mw me ac";
    const calls = [MAP, OPEN, reads(codes), AGAIN, reads(`${codes} sd`), AGAIN, reads(codes)];
    expect(said(calls)).toEqual([
      "constrained: what exec mapped was not known",
      OPEN_PAGES,
      OPEN_PAGES,
    ]);
  });

  test("teaches what maps does not show", () => {
    const locked = "rd wr mr mw me lo ac";
    const unlock = "munlock(0x10000000, 8192) = 0";
    const calls = [OPEN, reads(locked), AGAIN, reads(locked), unlock, AGAIN];
    expect(said([...calls, reads("rd wr mr mw me ac")]).slice(1)).toEqual([OPEN_PAGES, OPEN_PAGES]);
    expect(said([...calls, reads(locked)]).at(-1)).toMatch(/^deviation/);
  });

  test("may have no word for locking on fault", () => {
    const lock = "mlock2(0x10000000, 8192, MLOCK_ONFAULT) = 0";
    for (const [kernel, codes] of [
      ["5.10.223", "rd wr mr mw me lo ?? ac"],
      ["6.18.44", "rd wr mr mw me lo lf ac"],
    ])
      expect(
        said([MAP, OPEN, reads("rd wr mr mw me ac"), lock, AGAIN, reads(codes)], kernel).at(-1),
      ).toBe(OPEN_PAGES);
  });
});
