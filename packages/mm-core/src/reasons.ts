import { Reasons } from "@kadvise/uapi";
import { accessReasons, type AccessReason } from "./reasons/access.ts";
import { bindReasons, type BindReason } from "./reasons/bind.ts";
import { brkReasons, type BrkReason } from "./reasons/brk.ts";
import { madviseReasons, type MadviseReason } from "./reasons/madvise.ts";
import { mincoreReasons, type MincoreReason } from "./reasons/mincore.ts";
import { mlockReasons, type MlockReason } from "./reasons/mlock.ts";
import { mmapReasons, type MmapReason } from "./reasons/mmap.ts";
import { mprotectReasons, type MprotectReason } from "./reasons/mprotect.ts";
import { mremapReasons, type MremapReason } from "./reasons/mremap.ts";
import { msealReasons, type MsealReason } from "./reasons/mseal.ts";
import { msyncReasons, type MsyncReason } from "./reasons/msync.ts";
import { nameReasons, type NameReason } from "./reasons/name.ts";
import { munmapReasons, type MunmapReason } from "./reasons/munmap.ts";
import { remapFileReasons, type RemapFileReason } from "./reasons/remapFile.ts";

/** The id of a reason of the memory model. */
export type MemoryReason =
  | MmapReason
  | MunmapReason
  | MprotectReason
  | MlockReason
  | MremapReason
  | MsealReason
  | MsyncReason
  | MincoreReason
  | MadviseReason
  | BindReason
  | BrkReason
  | NameReason
  | RemapFileReason
  | AccessReason;

/** The reasons of the memory model. */
export const reasons: Reasons<MemoryReason> = new Reasons<MemoryReason>({
  ...mmapReasons,
  ...munmapReasons,
  ...mprotectReasons,
  ...mlockReasons,
  ...mremapReasons,
  ...remapFileReasons,
  ...msealReasons,
  ...msyncReasons,
  ...mincoreReasons,
  ...bindReasons,
  ...madviseReasons,
  ...brkReasons,
  ...nameReasons,
  ...accessReasons,
});
