import { expect, test } from "vitest";
import { parseSmaps } from "./smaps.ts";

// As Linux 6.18 prints them, some lines left out.
const SMAPS = `10000000-10004000 r-xp 00001000 fe:00 2180398                            /tmp/a b (deleted)
Size:                 16 kB
Anonymous:             0 kB
THPeligible:           0
VmFlags: rd ex mr mw me 
7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]
Size:                132 kB
Anonymous:            12 kB
VmFlags: rd wr mr mw me gd ac 
7fffff000000-7fffff001000 ---s 00000000 00:00 0 
Anonymous:             0 kB
VmFlags: sh mr mw me ms 
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
Anonymous:             0 kB
VmFlags: ex 
`;

test("areas have their place, permissions, file and flags", () => {
  expect(parseSmaps(SMAPS, 4096)).toEqual([
    {
      start: 0x1000_0000,
      end: 0x1000_4000,
      permissions: "r-xp",
      offset: 0x1000,
      identity: "fe:00 2180398",
      name: "/tmp/a b (deleted)",
      vmFlags: ["rd", "ex", "mr", "mw", "me"],
      hasAnonymous: false,
      anonymousPages: 0,
    },
    expect.objectContaining({ name: "[stack]", anonymousPages: 3, end: 0x7fff_ffff_f000 }),
    expect.objectContaining({ name: "", permissions: "---s", identity: "00:00 0" }),
  ]);
});

test("the vsyscall page in the kernel's half is no area", () => {
  expect(parseSmaps(SMAPS, 4096).map(({ name }) => name)).not.toContain("[vsyscall]");
  expect(parseSmaps("", 4096)).toEqual([]);
});
