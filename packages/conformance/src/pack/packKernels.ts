import { formatVersion, profile, type Profile } from "@kadvise/releases";
import { stretches, type Stretch } from "./packReleases.ts";

/** The kernels of a stretch as profiles. */
export interface StretchProfiles {
  readonly stretch: Stretch;
  readonly usual: Profile;
  /** The others that they might be, where it is open which changes they have. */
  readonly others: readonly Profile[];
}

let all: readonly StretchProfiles[] | undefined;

/** The profiles of every kernel from 5.10 on; made once. */
export function packKernels(): readonly StretchProfiles[] {
  all ??= stretches().map(profilesOf);
  return all;
}

function profilesOf(stretch: Stretch): StretchProfiles {
  const version = formatVersion(stretch.first);
  const usual = kernel(version);
  const open = usual.bracketed.map((id) => `+${id}`);
  const others = open.length > 1 ? [...open, open.join("")] : open;
  return { stretch, usual, others: others.map((changes) => kernel(version + changes)) };
}

function kernel(name: string): Profile {
  return profile(name, { assume: "all" });
}
