import { must } from "@kadvise/uapi";
import { profile } from "@kadvise/releases";
import { expect, test } from "vitest";
import { AddressSpace } from "../addressSpace.ts";
import type { Backing } from "../backing.ts";

const FIXED_PRIVATE = 0x12;

function backing(kind: "file" | "special"): Backing {
  return {
    object: { kind, sizeBytes: 4096 },
    name: kind === "file" ? "/lib/x.so" : "[vdso]",
    readable: true,
    writable: false,
  };
}

/** What MADV_WIPEONFORK says of one page that shows something. */
function wiped(release: string, kind: "file" | "special"): string {
  const mm = new AddressSpace({ features: profile(release).mm });
  must(mm.map({ at: 16, pages: 1, prot: "r", flags: FIXED_PRIVATE, backing: backing(kind) }));
  const said = mm.advise(16, 1, "MADV_WIPEONFORK");
  return said.ok ? "ok" : `${said.code} ${said.reason.id}`;
}

// Asked on 5.10.223, 6.18.44 and 7.3.4: madvise of a page of [vdso].
test.each(["5.10", "6.18", "7.3"])(
  "on %s the vdso, which has no file, takes MADV_WIPEONFORK",
  (release) => {
    expect(wiped(release, "special")).toBe("ok");
    expect(wiped(release, "file")).toBe("EINVAL madvise/wipeonfork-not-anonymous");
  },
);
