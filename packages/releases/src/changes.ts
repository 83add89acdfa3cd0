import type { Change } from "./change.ts";
import { ADVICE_CHANGES } from "./changes/advice.ts";
import { AREA_CHANGES } from "./changes/areas.ts";
import { CREDENTIAL_CHANGES } from "./changes/credentials.ts";
import { ENTRY_CHANGES } from "./changes/entry.ts";
import { HUGETLB_CHANGES } from "./changes/hugetlb.ts";
import { MREMAP_CHANGES } from "./changes/mremap.ts";
import { PAGE_CHANGES } from "./changes/pages.ts";
import { PIDFD_CHANGES } from "./changes/pidfd.ts";
import { PROCESS_MADVISE_CHANGES } from "./changes/processMadvise.ts";
import { UNMODELLED_CHANGES } from "./changes/unmodelled.ts";
import { VECTOR_CHANGES } from "./changes/vector.ts";
import { VIEW_CHANGES } from "./changes/views.ts";
import { compareVersions, firstOf } from "./version.ts";

/** Every dated change, oldest mainline release first; within a release as the lists have it. */
export const CHANGES: readonly Change[] = [
  ...PROCESS_MADVISE_CHANGES,
  ...VECTOR_CHANGES,
  ...AREA_CHANGES,
  ...ADVICE_CHANGES,
  ...PAGE_CHANGES,
  ...HUGETLB_CHANGES,
  ...MREMAP_CHANGES,
  ...VIEW_CHANGES,
  ...CREDENTIAL_CHANGES,
  ...PIDFD_CHANGES,
  ...ENTRY_CHANGES,
  ...UNMODELLED_CHANGES,
].toSorted((a, b) => compareVersions(firstOf(a.mainline), firstOf(b.mainline)));
