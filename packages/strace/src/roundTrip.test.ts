import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCallText } from "./callText.ts";
import { parseValue } from "./expression.ts";
import { formatCall } from "./formatCall.ts";
import { formatValue } from "./formatValue.ts";
import { args, callName, result, value } from "./testing/arbitrary.ts";
import { readLog } from "./testing/log.ts";

describe("what was written reads back the same", () => {
  test("values", () => {
    fc.assert(
      fc.property(value, (each) => {
        expect(parseValue(formatValue(each))).toStrictEqual(each);
      }),
      { numRuns: 2_000 },
    );
  });

  test("calls with names, arguments and results", () => {
    fc.assert(
      fc.property(callName, args, result, (name, given, returned) => {
        const list = given.map((each) => ({ ...each, text: "" }));
        const read = parseCallText(formatCall({ name, args: list, result: returned }));
        if ("error" in read) throw new Error(`column ${read.error.column}: ${read.error.expected}`);
        expect(read.name).toBe(name);
        expect(read.args.map(({ text: _, ...rest }) => rest)).toStrictEqual(given);
        expect(read.result).toStrictEqual(returned);
      }),
      { numRuns: 500 },
    );
  });

  test("lines of a log, pid and remark included", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 4_194_304 }),
        callName,
        args,
        result,
        (pid, name, given, returned) => {
          const list = given.map((each) => ({ ...each, text: "" }));
          const { comment: _, ...bare } = returned;
          const line = formatCall({ pid, name, args: list, result: bare, comment: "a/reason" });
          const [event, ...rest] = readLog(`${line}\n`);
          expect(rest).toEqual([]);
          if (event?.kind !== "call") throw new Error(`${event?.kind}: ${line}`);
          expect([event.pid, event.name]).toEqual([pid, name]);
          expect(event.args.map(({ text: _text, ...each }) => each)).toStrictEqual(given);
          expect(event.result).toStrictEqual({ ...bare, comment: "a/reason" });
        },
      ),
      { numRuns: 500 },
    );
  });
});

test("whatever reads as a value is written so that it reads as that value again", () => {
  const piece = fc.constantFrom(
    ...'[]{}(),|~=+-*<>:.?$@ "\\/'.split(""),
    ...[
      "0x1f",
      "12",
      "07",
      "-3",
      "NULL",
      "a",
      "st_mode",
      "...",
      "<<",
      "=>",
      "/* x */",
      '"q"',
      " or ",
      "WIFEXITED(s)",
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const read = parseValue(pieces.join(""));
      if ("error" in read) return;
      expect(
        parseValue(formatValue(read)),
        `${pieces.join("")} as ${formatValue(read)}`,
      ).toStrictEqual(read);
    }),
    { numRuns: 30_000 },
  );
});
