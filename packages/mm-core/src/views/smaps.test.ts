import { must } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { space } from "../testing/world.ts";
import { smapsText } from "./smaps.ts";

test.each([
  [1, "Size:                  4 kB"],
  [2 ** 24, "Size:           67108864 kB"],
  [25_000_000, "Size:           100000000 kB"],
  [2 ** 28, "Size:           1073741824 kB"],
])("%i pages: %s, of which longer numbers take more room", (pages, line) => {
  const mm = space();
  must(mm.map({ at: 0x1000, pages, prot: "r", flags: 0x4032 }));
  expect(smapsText(mm).split("\n")[1]).toBe(line);
});
