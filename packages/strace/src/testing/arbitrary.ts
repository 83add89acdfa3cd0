import fc from "fast-check";
import type { CallResult } from "../result.ts";
import type { Argument, StringValue, Value } from "../value.ts";

/** Objects as literals make them. */
const PLAIN = { noNullPrototype: true };

/** Values that strace and scenarios can write, with everything that they can carry. */

const constant = fc.stringMatching(/^[A-VX-Z_][A-Z0-9_]{0,9}$/);
export const callName: fc.Arbitrary<string> = fc.stringMatching(/^[a-z_][a-z0-9_]{0,9}$/);
const remark = fc.oneof(constant, fc.constant("12 vars"), fc.constant("0x7f00dead1000"));
const target = fc.constantFrom(
  "/tmp/x",
  "/dev/null<char 1:3>",
  "pid:12",
  "TCP:[127.0.0.1:1->[::1]:2]",
  'UNIX-STREAM:[1->2,"/run/a b"]',
  "/tmp/a-",
  "/tmp/a\\76b",
  "anon_inode:[pidfd]",
);

const integer = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
);

function commented<T extends Value>(value: fc.Arbitrary<T>): fc.Arbitrary<T> {
  const with_ = fc.tuple(value, remark).map(([each, comment]) => ({ ...each, comment }));
  return fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: with_ });
}

const number = commented(
  fc.oneof(
    integer.map((value) => ({ kind: "number" as const, value, text: String(value) })),
    integer.map((value) => {
      const positive = value < 0 ? -value : value;
      return { kind: "number" as const, value: positive, text: `0x${positive.toString(16)}` };
    }),
    fc
      .nat({ max: 0o7777 })
      .map((value) => ({ kind: "number" as const, value, text: `0${value.toString(8)}` })),
  ),
);

const word = commented(constant.map((text) => ({ kind: "word" as const, text })));
const name = commented(callName.map((text) => ({ kind: "name" as const, text: `$${text}` })));

/** Bytes as code units. */
export const bytes: fc.Arbitrary<string> = fc
  .uint8Array({ maxLength: 12 })
  .map((units) => String.fromCharCode(...units));

const string = commented<StringValue>(
  fc
    .tuple(bytes, fc.boolean(), fc.boolean(), fc.boolean())
    .map(([text, cut, isHex, isAbstract]) => ({
      kind: "string",
      text,
      cut,
      ...(isHex && text !== "" && { isHex }),
      ...(isAbstract && { isAbstract }),
    })),
);

const fd = commented(
  fc.oneof(
    fc.tuple(fc.nat(), target).map(([value, to]) => ({ kind: "fd" as const, value, target: to })),
    target.map((to) => ({ kind: "fd" as const, value: -100, word: "AT_FDCWD", target: to })),
    target.map((to) => ({ kind: "fd" as const, value: 3, target: to, isDeleted: true as const })),
  ),
);

const condition = fc.constantFrom(
  { kind: "condition" as const, text: "WIFEXITED(s) && WEXITSTATUS(s) == 0" },
  { kind: "condition" as const, text: "WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP | 0x80" },
);

export const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value; leaf: Value }>((tie) => {
  const items = fc.array(tie("value"), { maxLength: 4 });
  const pair = fc.tuple(tie("value"), tie("value"));
  return {
    leaf: fc.oneof(number, word, name, string, fd),
    value: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      { weight: 6, arbitrary: tie("leaf") },
      commented(
        fc
          .tuple(items, fc.boolean(), fc.boolean(), fc.boolean())
          .map(([list, cut, negated, spaced]) => {
            const array = { kind: "array" as const, items: list, cut, negated };
            const isParted = list.length + Number(cut) > 1;
            return spaced && isParted ? { ...array, spaced } : array;
          }),
      ),
      commented(
        fc
          .record(
            {
              fields: fc.array(fc.record({ name: callName, value: tie("value") }, PLAIN), {
                maxLength: 3,
              }),
              cut: fc.boolean(),
              bare: fc.oneof(
                fc.array(tie("value"), { maxLength: 2 }),
                fc.tuple(
                  remark.map((text) => ({ kind: "comment" as const, text })),
                  tie("value"),
                ),
                fc.tuple(condition),
              ),
            },
            PLAIN,
          )
          .map((rest) => ({ kind: "struct" as const, ...rest })),
      ),
      commented(
        fc
          .tuple(callName, items)
          .map(([called, args]) => ({ kind: "call" as const, name: called, args })),
      ),
      fc
        .array(tie("value"), { minLength: 2, maxLength: 4 })
        .map((parts) => ({ kind: "flags" as const, parts })),
      fc
        .tuple(fc.constantFrom("shift" as const, "product" as const), pair)
        .map(([kind, [left, right]]) => ({ kind, left, right })),
      fc
        .tuple(fc.constantFrom("+" as const, "-" as const), pair)
        .map(([operator, [left, right]]) => ({ kind: "sum" as const, left, right, operator })),
      tie("value").map((inner) => ({ kind: "complement" as const, value: inner })),
      fc.tuple(pair, fc.option(callName)).map(([[before, after], repeated]) => ({
        kind: "change" as const,
        before,
        after,
        ...(repeated !== null && { name: repeated }),
      })),
      pair.map(([index, inner]) => ({ kind: "indexed" as const, index, value: inner })),
    ),
  };
}).value;

/** Arguments, some of which have names. */
export const args: fc.Arbitrary<Omit<Argument, "text">[]> = fc.array(
  fc
    .tuple(value, fc.option(callName))
    .map(([each, named]) => (named === null ? { value: each } : { name: named, value: each })),
  { maxLength: 4 },
);

const marks = { injected: fc.boolean(), delayed: fc.boolean() };

/** Results as a log has them. */
export const result: fc.Arbitrary<CallResult> = fc.oneof(
  fc.record({ value: integer, unknown: fc.constant(false), ...marks }, PLAIN),
  fc.record(
    {
      value: fc.nat().map((low) => low + 1),
      base: fc.constantFrom(8 as const, 16 as const),
      unknown: fc.constant(false),
      ...marks,
    },
    PLAIN,
  ),
  fc.record(
    {
      value: fc.nat(),
      unknown: fc.constant(false),
      target,
      note: fc.constantFrom("Timeout", "in [3], left {tv_sec=0, tv_nsec=1}", "flags O_RDWR"),
      comment: remark,
      ...marks,
    },
    { ...PLAIN, requiredKeys: ["value", "unknown", "injected", "delayed"] },
  ),
  fc.constantFrom<CallResult>(
    {
      value: -1,
      unknown: false,
      error: "EPERM",
      message: "Operation not permitted",
      injected: true,
      injection: "args, retval",
      delayed: true,
    },
    { value: -1, unknown: false, error: "errno 4000", injected: false, delayed: false },
    {
      value: -1,
      unknown: false,
      error: "EFOO",
      message: "New (today)",
      injected: false,
      delayed: false,
    },
    { unknown: true, error: "ERESTARTSYS", injected: false, delayed: false },
    { unknown: true, note: "unavailable", injected: false, delayed: false },
    { unknown: true, injected: false, delayed: false },
  ),
);
