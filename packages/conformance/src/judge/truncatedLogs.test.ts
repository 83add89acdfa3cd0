import { describe, expect, test } from "vitest";
import { judgeText } from "./testing/judgeText.ts";
import { ownLogs, type OwnLog } from "./testing/ownLogs.ts";

const LOGS = ["6.12.107/holes", "6.12.107/lastThread", "5.10.223/compatEntry"].map(named);

function named(name: string): OwnLog {
  const found = ownLogs([name.split("/")[0] ?? ""]).find((log) => log.name === name);
  if (found === undefined) throw new RangeError(`no log ${name}`);
  return found;
}

/** Places in a line where a log may be cut: in its head, name, arguments, result, at its end. */
function places(line: string): readonly number[] {
  const open = line.indexOf("(");
  const equals = line.lastIndexOf(" = ");
  const result =
    equals < 0 ? [] : [equals, equals + 2, equals + 3, equals + 4, equals + 5, equals + 7];
  const inside = [0, 1, 3, open - 1, open, open + 1, open + 5, Math.floor(line.length / 2)];
  const all = [...inside, ...result, line.length - 1, line.length];
  return [...new Set(all)].filter((place) => place >= 0 && place <= line.length);
}

describe.each(LOGS)("$name, cut off anywhere", (log) => {
  const lines = log.text.split("\n").slice(0, -1);
  // What comes before a cut is judged as ever: every fifteenth line stands for those between.
  const ends = lines.map((_, i) => i).filter((i) => i % 15 === 2 || i >= lines.length - 2);

  test("accuses nobody, and leaves at most the last line unread", () => {
    for (const end of ends) {
      const before = lines
        .slice(0, end)
        .map((line) => `${line}\n`)
        .join("");
      for (const place of places(lines[end] ?? "")) {
        const text = before + (lines[end] ?? "").slice(0, place);
        const { findings } = judgeText(text, log);
        const wrong = findings.filter(({ verdict }) => verdict === "deviation");
        expect(wrong, text.slice(-300)).toEqual([]);
        const unread = findings.filter(({ verdict }) => verdict === "unread");
        expect(
          unread.filter(({ line }) => line !== end + 1),
          text.slice(-300),
        ).toEqual([]);
        expect(unread.length).toBeLessThanOrEqual(1);
      }
    }
  });

  test("says the same of every line that it still has", () => {
    const whole = judgeText(log.text, log).findings;
    const kept = Math.floor(lines.length / 2);
    const text = lines
      .slice(0, kept)
      .map((line) => `${line}\n`)
      .join("");
    // A call that is under way when the log ends may have come first: that is known later.
    const { findings } = judgeText(text, log);
    expect(findings.length).toBeGreaterThan(10);
    const differing = findings.filter((finding) => {
      const same = whole.find(({ line }) => line === finding.line);
      return same?.verdict !== finding.verdict && finding.verdict !== "undetermined";
    });
    expect(differing).toEqual([]);
  });
});

test("Windows line ends change nothing", () => {
  for (const log of LOGS) {
    expect(judgeText(log.text.replaceAll("\n", "\r\n"), log)).toEqual(judgeText(log.text, log));
  }
});

describe("a last line without an end", () => {
  const lines = [
    '1 execve("./program", ["./program"], []) = 0',
    "1 getpid() = 1",
    "1 close_range(3, 4294967295, 0) = 0",
    "1 pidfd_open(1, 0) = 3",
    "1 mmap(0x10000000, 16384, PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x10000000",
  ];
  const vector = "[{iov_base=0x10000000, iov_len=16384}]";
  const last = `1 process_madvise(3, ${vector}, 1, MADV_COLD, 0) = `;
  const judged = (result: string): string | undefined =>
    judgeText([...lines, last + result].join("\n")).findings.at(-1)?.verdict;

  test("is judged where its result is whole", () => {
    expect(judged("16384")).toBe("exact");
  });

  test("is not held against the kernel where digits may have got lost", () => {
    expect(judged("163")).toBe("undetermined");
  });

  test("is a deviation where the line is complete", () => {
    expect(judged("163\n")).toBe("deviation");
  });
});
