import { expect, test } from "vitest";
import { found, lintText } from "../testing/lintText.ts";

const RULE = "1 probe/no-ranges";

test.each([
  ["NULL, 0, MADV_COLD, 0) = 0", [RULE]],
  ["[], 0, MADV_COLLAPSE, 0) = 0", [RULE]],
  ["[{iov_base=0x7f0000000000, iov_len=0}], 1, MADV_COLD, 0) = 0", [RULE]],
  // An error is an answer: the call is there and says why not, or it is not there at all.
  ["NULL, 0, MADV_COLD, 0) = -1 EBADF (Bad file descriptor)", []],
  ["NULL, 0, MADV_COLD, 0) = -1 ENOSYS (Function not implemented)", []],
  ["[{iov_base=0x7f0000000000, iov_len=4096}], 1, MADV_COLD, 0) = 4096", []],
  [
    "[{iov_base=0x7f0000000000, iov_len=0}, {iov_base=0x7f0000000000, iov_len=1}], 2, MADV_COLD, 0) = 1",
    [],
  ],
  // Not all of the vector is shown.
  ["0x7f0000000000, 3, MADV_COLD, 0) = 0", []],
])("process_madvise(3, %s", (rest, expected) => {
  expect(found(`10 process_madvise(3, ${rest}`)).toEqual(expected);
});

test("it says what the success does prove", () => {
  const [{ text }] = lintText("10 process_madvise(3, NULL, 0, MADV_COLD, 0) = 0");
  expect(text).toBe(
    "an empty vector advises nothing: success proves that the call and the access are there, " +
      "not that the advice is known or that memory takes it",
  );
});

test("madvise of no length is a fair probe: it looks at the advice first", () => {
  expect(found("10 madvise(NULL, 0, MADV_COLD) = 0")).toEqual([]);
});
