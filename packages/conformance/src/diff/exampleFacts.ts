import type { Profile, Settings } from "@kadvise/releases";
import { packFacts } from "../pack/packFacts.ts";
import type { ObservedArea, StartState } from "../target/startState.ts";
import type { TargetFacts } from "../target/target.ts";

const PAGE_BYTES = 4096;
const VVAR = 0x7fff_f7ff_9000;
const VVAR_PAGES = 4;
const VDSO_PAGES = 2;

/**
 * A process as examples find it on the model of a kernel: an image, a stack, and the kernel's own
 * areas as that kernel maps them.
 */
export function exampleFacts(profile: Profile, settings: Partial<Settings>): TargetFacts {
  const facts = packFacts();
  const withSpecial = (state: StartState): StartState => ({
    ...state,
    areas: [...state.areas, vvar(profile), vdso()].toSorted((a, b) => a.start - b.start),
  });
  return {
    ...facts,
    kernel: profile.name,
    settings,
    start: { ...withSpecial(facts.start), supervisor: 1 },
    executed: { ...withSpecial(facts.executed), supervisor: 1 },
    facts: { "/proc/2/comm": "kthreadd" },
  };
}

/**
 * Frames by number before 7.1, pages since then; device memory until 7.3.
 *
 * Linux: arch/x86/entry/vdso/vma.c, lib/vdso/datastore.c
 */
function vvar({ mm }: Profile): ObservedArea {
  const kind = mm.vvar === "pfnmap" ? "pf" : "mm";
  const codes = `rd mr ${mm.vvarIsIo ? "io " : ""}de dd ${kind}`;
  return special(VVAR, VVAR_PAGES, "[vvar]", "r--p", codes);
}

function vdso(): ObservedArea {
  const start = VVAR + VVAR_PAGES * PAGE_BYTES;
  return special(start, VDSO_PAGES, "[vdso]", "r-xp", "rd ex mr mw me de");
}

function special(
  start: number,
  pages: number,
  name: string,
  permissions: string,
  codes: string,
): ObservedArea {
  const vmFlags = codes.split(" ");
  const end = start + pages * PAGE_BYTES;
  return {
    ...{ start, end, permissions, name, vmFlags },
    ...{ offset: 0, identity: "00:00 0", hasAnonymous: false },
  };
}
