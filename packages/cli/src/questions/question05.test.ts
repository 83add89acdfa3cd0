import { expect, test } from "vitest";
import { answersOf } from "../testing/ownLog.ts";

const RELEASES = "5.10.23,5.10.24,5.15,6.1,6.12,6.13,6.16,6.18,7.3";

/** 5. What would each of these releases answer to this same call? */
test("question 5: advice that is not for others, on nine releases, with the rule behind each answer", async () => {
  const old = "process_madvise/advice-not-allowed";
  const since613 = "process_madvise/advice-not-allowed-remote";
  const answers = await answersOf("access:117", RELEASES);
  expect(answers).toEqual([
    ...["5.10.23", "5.10.24", "5.15", "6.1", "6.12"].map((release) => [release, "EINVAL", old]),
    ...["6.13", "6.16", "6.18", "7.3"].map((release) => [release, "EINVAL", since613]),
  ]);
});

test("question 5: an ordinary user advises its own other process, on the same releases", async () => {
  const always = "process_madvise/needs-cap-sys-nice";
  const remote = "process_madvise/remote-needs-cap-sys-nice";
  expect(await answersOf("access:115", RELEASES)).toEqual([
    ["5.10.23", "8192", ""],
    ...["5.10.24", "5.15", "6.1"].map((release) => [release, "EPERM", always]),
    ...["6.12", "6.13", "6.16", "6.18", "7.3"].map((release) => [release, "EPERM", remote]),
  ]);
});
