import { describe, expect, test } from "vitest";
import { given, parseOptions, text, texts, wholeNumber, type OptionSpecs } from "./options.ts";
import { UsageError } from "./usageError.ts";

const SPECS: OptionSpecs = {
  kernel: { type: "string", value: "RELEASE", help: "" },
  config: { type: "string", multiple: true, help: "" },
  all: { type: "boolean", help: "" },
};

describe("options", () => {
  test("stand before, between and behind operands, with = or a space", () => {
    for (const words of [
      ["--kernel", "6.12", "--all", "a", "b"],
      ["a", "--kernel=6.12", "b", "--all"],
    ]) {
      const parsed = parseOptions(words, SPECS);
      expect(parsed.operands).toEqual(["a", "b"]);
      expect(text(parsed, "kernel")).toBe("6.12");
      expect(given(parsed, "all")).toBe(true);
    }
  });

  test("given twice: the last counts, or each where several may be given", () => {
    const parsed = parseOptions(
      ["--kernel=1", "--kernel=2", "--config", "a=1", "--config=b=2"],
      SPECS,
    );
    expect(text(parsed, "kernel")).toBe("2");
    expect(texts(parsed, "config")).toEqual(["a=1", "b=2"]);
  });

  test("end at --, and a single - is an operand", () => {
    expect(parseOptions(["-", "--", "--all"], SPECS).operands).toEqual(["-", "--all"]);
  });

  test.each([
    [["--kernal=1"], "unknown option --kernal; did you mean --kernel?"],
    [["--xyzzy"], "unknown option --xyzzy; see --help"],
    [["--all=1"], "--all takes no value"],
    [["--kernel"], "--kernel needs a value: --kernel RELEASE"],
    [["--config"], "--config needs a value: --config VALUE"],
  ])("%j is refused: %s", (words, message) => {
    expect(() => parseOptions(words, SPECS)).toThrow(new UsageError(message));
  });
});

test.each([
  ["0", 0],
  ["1000", 1000],
])("a whole number: %s", (word, value) => {
  expect(wholeNumber(parseOptions([`--kernel=${word}`], SPECS), "kernel")).toBe(value);
});

test.each(["-1", "1.5", "1e3", "", "many", "9".repeat(16)])("no whole number: %j", (word) => {
  expect(() => wholeNumber(parseOptions([`--kernel=${word}`], SPECS), "kernel")).toThrow(
    UsageError,
  );
});
