import { describe, expect, test } from "vitest";
import { ERRNO, ERRNO_TEXT, errnoName, isErrnoName } from "./errno.ts";
import { HEADERS } from "./testing/headers.ts";

/** Numbers inside the kernel, which only a tracer sees; strace has its own sentences for them. */
const INTERNAL = ["ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND", "ERESTART_RESTARTBLOCK"];
const names = Object.keys(ERRNO) as (keyof typeof ERRNO)[];

describe(`the headers of ${HEADERS.headers}`, () => {
  test.each(names.filter((name) => !INTERNAL.includes(name)))(
    "give %s and its sentence",
    (name) => {
      expect([ERRNO[name], ERRNO_TEXT[name]]).toEqual(HEADERS.errno[name]);
    },
  );

  test("lack what is the kernel's own", () => {
    expect(names.filter((name) => !(name in HEADERS.errno))).toEqual(INTERNAL);
  });
});

test("every number has one name, and leads back to it", () => {
  expect(names.map((name) => errnoName(ERRNO[name]))).toEqual(names);
});

test("a number that the table lacks has no name", () => {
  expect([0, -13, 41, 4096].map(errnoName)).toEqual([undefined, undefined, undefined, undefined]);
});

test("words that every object knows are no error names", () => {
  expect(["EPERM", "toString", "eperm", "__proto__", ""].map(isErrnoName)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});
