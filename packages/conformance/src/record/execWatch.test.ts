import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fakeFiles, statusText } from "../live/testing/fakeFiles.ts";
import { ExecWatch, withoutLauncher } from "./execWatch.ts";

const HELD = 'execve("/bin/app", ["app"], 0x7ffd /* 3 vars */) = 0 (DELAYED)';
const LOG = [
  '7     execve("/usr/bin/env", ["env"], 0x7ffd /* 3 vars */) = 0',
  "7     brk(NULL) = 0x1000",
  `7     ${HELD}`,
  "7     vfork( <unfinished ...>",
  '8     execve("/bin/app", ["app"], 0x7ffd /* 3 vars */ <unfinished ...>',
  "7     <... vfork resumed>) = 8",
  "8     <... execve resumed>) = 0 (DELAYED)",
  '8     execve("/bin/none", ["none"], 0x7ffd /* 3 vars */) = -1 ENOENT (No such file or directory) (DELAYED)',
  "",
].join("\n");

const stat = `7 (a b) c) S ${Array.from({ length: 44 }, (_, i) => i + 4).join(" ")}`;
const files = fakeFiles(
  {
    "/proc/7/status": statusText(),
    "/proc/8/status": statusText({ Uid: "5\t5\t5\t5" }),
    "/proc/7/stat": stat,
    "/proc/7/fd": "0\n1\n2",
    "/proc/7/task/7/children": "",
  },
  { "/bin/app": "0 0 493" },
);

function watched(pieces: readonly string[], more = (): string => ""): ExecWatch {
  const watch = new ExecWatch(files);
  for (const piece of pieces) watch.take(piece, more);
  return watch;
}

describe("a log that grows", () => {
  test("has each process looked at that an execve holds, and no other", () => {
    const { execs, missed } = watched([LOG.split("7     vfork")[0] ?? ""]);
    expect(missed).toBe(0);
    expect(execs).toMatchObject([{ line: 3, pid: 7, children: [], descriptors: [0, 1, 2] }]);
  });

  test("is read alike in whatever pieces it comes", () => {
    // What one piece shows of a process at once with its execve is taken for a miss: lines come singly.
    const lines = LOG.split(/(?<=\n)/);
    const whole = watched(lines);
    expect(whole.execs.map(({ line, pid }) => [line, pid])).toEqual([
      [3, 7],
      [7, 8],
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 20 }), (cuts) => {
        const pieces = lines.flatMap((line) => {
          const at = cuts[line.length % Math.max(1, cuts.length)] ?? 0;
          return [line.slice(0, at), line.slice(at)];
        });
        expect(watched(pieces).execs).toEqual(whole.execs);
      }),
    );
  });

  test("counts a process as missed that went on while it was looked at", () => {
    let grown = "7     brk(NULL) = 0x2000\n";
    const more = (): string => {
      const text = grown;
      grown = "";
      return text;
    };
    const watch = watched([`7     ${HELD}\n`], more);
    expect(watch.execs).toEqual([]);
    expect(watch.missed).toBe(1);
  });

  test("is not disturbed by what other processes write meanwhile, and counts their lines", () => {
    let grown = "9     brk(NULL) = 0x2000\n";
    const more = (): string => {
      const text = grown;
      grown = "";
      return text;
    };
    const watch = new ExecWatch(files);
    watch.take(`7     ${HELD}\n`, more);
    watch.take(`8     ${HELD}\n`, () => "");
    expect(watch.execs.map(({ line }) => line)).toEqual([1, 3]);
  });

  test("tells which programs exist", () => {
    expect(watched(LOG.split(/(?<=\n)/)).programs).toEqual({
      "/usr/bin/env": false,
      "/bin/app": true,
      "/bin/none": false,
    });
  });
});

test("a program that not everybody may execute, or a directory, is not said to be one or none", () => {
  const seen = fakeFiles(
    {},
    { "/bin/own": "0 0 448", "/bin/text": "0 0 420", "/bin/all": "0 0 493" },
  );
  const watch = new ExecWatch({
    ...seen,
    owner: (path) => (path === "/" ? { ok: false, error: "EISDIR" } : seen.owner(path)),
  });
  for (const path of ["/bin/own", "/bin/text", "/bin/all", "/bin/none", "/"])
    watch.take(`7 execve("${path}", ["a"], 0x7ffd) = -1 EACCES (Permission denied)\n`, () => "");
  expect(watch.programs).toEqual({ "/bin/all": true, "/bin/none": false });
});

test("a launcher's lines are taken out, and the lines of the rest follow", () => {
  const own = withoutLauncher(LOG, watched(LOG.split(/(?<=\n)/)));
  expect(own?.log.startsWith(`7     ${HELD}\n`)).toBe(true);
  expect(own?.execs.map(({ line }) => line)).toEqual([1, 5]);
  for (const { line, pid } of own?.execs ?? [])
    expect(own?.log.split("\n")[line - 1]).toMatch(new RegExp(`^${pid} .*DELAYED`));
  expect(withoutLauncher(LOG, watched([]))).toBeUndefined();
});

test("no more is taken out where the first program had gone on before it was looked at", () => {
  const watch = new ExecWatch(files);
  let more = "7     getpid() = 7\n";
  for (const line of LOG.split(/(?<=\n)/))
    watch.take(line, () => {
      const grown = more;
      more = "";
      return grown;
    });
  expect(watch.missed).toBe(1);
  expect(watch.first).toEqual({ line: 3, pid: 7 });
  const own = withoutLauncher(LOG, watch);
  expect(own?.log.startsWith(`7     ${HELD}\n`)).toBe(true);
  expect(own?.execs.map(({ pid }) => pid)).toEqual([8]);
});
