import { must } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { OMNIPOTENT, type Actor } from "./actor.ts";
import { file, PAGE, space } from "./testing/world.ts";

/** MAP_SHARED|MAP_FIXED */
const SHARED = 0x11;
const B = 512;

/** A caller without capabilities who may lock three pages. */
const LIMITED: Actor = {
  ...OMNIPOTENT,
  capable: () => false,
  limit: (limit) => (limit === "RLIMIT_MEMLOCK" ? 3 * PAGE : Number.POSITIVE_INFINITY),
};

/** What a kernel answered to each advice for a mapping of memfd_secret: facts/secret-memory. */
test.each([
  ["7.1.13", "MADV_DONTNEED", "EINVAL"],
  ["7.1.13", "MADV_COLD", "EINVAL"],
  ["7.1.13", "MADV_PAGEOUT", "EINVAL"],
  ["7.1.13", "MADV_REMOVE", "EINVAL"],
  ["7.1.13", "MADV_GUARD_INSTALL", "EINVAL"],
  ["7.1.13", "MADV_FREE", "EINVAL"],
  ["7.1.13", "MADV_POPULATE_READ", "EINVAL"],
  ["7.1.13", "MADV_DONTNEED_LOCKED", "0"],
  ["7.1.13", "MADV_WILLNEED", "0"],
  ["7.2.12", "MADV_DONTNEED", "0"],
  ["7.2.12", "MADV_COLD", "0"],
  ["7.2.12", "MADV_PAGEOUT", "0"],
  ["7.2.12", "MADV_REMOVE", "EOPNOTSUPP"],
  ["7.2.12", "MADV_GUARD_INSTALL", "0"],
  ["7.2.12", "MADV_FREE", "EINVAL"],
  ["7.2.12", "MADV_POPULATE_READ", "EINVAL"],
  ["7.2.12", "MADV_DONTNEED_LOCKED", "0"],
] as const)("secret memory on %s: %s is %s", (release, advice, answer) => {
  const mm = space(release);
  const backing = file(4, { kind: "secret", canPunch: false });
  must(mm.map({ at: B, pages: 4, prot: "rw", flags: SHARED, backing }));
  const result = mm.advise(B, 1, advice);
  expect(result.ok ? "0" : result.code).toBe(answer);
});

/** What a kernel answered to 16 MiB of it, with a limit of 8 MiB and no capability. */
test.each([
  ["6.12.107", "EAGAIN"],
  ["7.1.13", "EAGAIN"],
  ["7.2.12", "0"],
  ["7.3.4", "0"],
])("secret memory beyond RLIMIT_MEMLOCK on %s: %s", (release, answer) => {
  const mm = space(release);
  const backing = file(4, { kind: "secret", canPunch: false });
  const asked = { at: B, pages: 4, prot: "rw", flags: SHARED, backing } as const;
  const result = mm.map(asked, LIMITED);
  expect(result.ok ? "0" : result.code).toBe(answer);
  expect(mm.map({ ...asked, pages: 3 }, LIMITED).ok).toBe(true);
});
