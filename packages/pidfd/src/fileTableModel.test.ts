import { quietPorts } from "@kadvise/ports";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FileTable } from "./fileTable.ts";

const FDS = 12;

/** The descriptor table as anybody would write it down: an entry for each open number. */
type Plain = Map<number, { readonly file: string; readonly closeOnExec: boolean }>;

function lowestFree(plain: Plain, start: number, limit: number): number | undefined {
  for (let fd = start; fd < limit; fd++) if (!plain.has(fd)) return fd;
  return undefined;
}

const step = fc.record({
  kind: fc.constantFrom("open", "dupfd", "dup2", "close", "mark", "exec", "range", "rangeOnExec"),
  fd: fc.nat(FDS),
  other: fc.nat(FDS),
  limit: fc.nat(FDS + 2),
  closeOnExec: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** One call on both; what each answered: a number, or the error. */
function play(table: FileTable<string>, plain: Plain, step: Step, name: string): unknown[] {
  const { kind, fd, other, limit, closeOnExec } = step;
  const low = Math.min(fd, other);
  const high = Math.max(fd, other);
  if (kind === "open" || kind === "dupfd") {
    const start = kind === "open" ? 0 : other;
    const file = kind === "open" ? name : (plain.get(fd)?.file ?? name);
    const free = lowestFree(plain, start, limit);
    const refusal = table.mayOpen(limit, start)?.code;
    const result = table.open(file, closeOnExec, limit, start);
    if (free !== undefined) plain.set(free, { file, closeOnExec });
    const answer = result.ok ? result.value : result.code;
    return [answer, refusal, free ?? "EMFILE", free === undefined ? "EMFILE" : undefined];
  }
  if (kind === "close") {
    const result = table.close(fd);
    const file = plain.get(fd)?.file;
    plain.delete(fd);
    return [result.ok ? result.value : result.code, file, file ?? "EBADF", file];
  }
  if (kind === "exec") {
    table.closeOnExec();
    for (const [open, slot] of plain) if (slot.closeOnExec) plain.delete(open);
  } else if (kind === "range") {
    table.closeRange(low, high);
    for (let at = low; at <= high; at++) plain.delete(at);
  } else if (kind === "rangeOnExec") {
    table.closeRangeOnExec(low, high);
    for (const [open, { file }] of plain)
      if (open >= low && open <= high) plain.set(open, { file, closeOnExec: true });
  } else {
    const source = table.require(fd);
    const file = plain.get(fd)?.file;
    const to = kind === "dup2" ? other : fd;
    if (source.ok) table.set(to, { file: source.value.file, closeOnExec });
    if (file !== undefined) plain.set(to, { file, closeOnExec });
    return [source.ok, undefined, file !== undefined, undefined];
  }
  return [0, undefined, 0, undefined];
}

const sorted = (entries: Iterable<[number, unknown]>): unknown =>
  [...entries].toSorted(([a], [b]) => a - b);

test("any calls leave the table as a plain map has it, and answer the same", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const table = new FileTable<string>();
      const plain: Plain = new Map();
      for (const [i, step] of steps.entries()) {
        const [answer, before, expected, expectedBefore] = play(table, plain, step, `f${i}`);
        expect(answer).toEqual(expected);
        if (step.kind !== "close") expect(before).toEqual(expectedBefore);
        expect([...table]).toEqual(sorted(plain));
      }
    }),
    { numRuns: 300 },
  );
});

test("any calls that were only tried leave no trace, nor do those of a fork's table", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 15 }),
      fc.array(step, { maxLength: 25 }),
      (before, tried) => {
        const ports = quietPorts();
        const table = new FileTable<string>({ ports });
        const plain: Plain = new Map();
        before.forEach((step, i) => play(table, plain, step, `f${i}`));
        ports.journal.attempt(() => {
          const [fork, forked] = [table.copy(), new Map(plain)];
          tried.forEach((step, i) => play(fork, forked, step, `g${i}`));
          expect([...fork]).toEqual(sorted(forked));
          expect([...table]).toEqual(sorted(plain));
          tried.forEach((step, i) => play(table, new Map(plain), step, `h${i}`));
        });
        expect([...table]).toEqual(sorted(plain));
        expect(table.open("last", false, 100)).toMatchObject({ value: lowestFree(plain, 0, 100) });
      },
    ),
    { numRuns: 200 },
  );
});
