export { OMNIPOTENT, type Actor, type MemoryCapability, type MemoryLimit } from "./actor.ts";
export {
  AddressSpace,
  adviceNumber,
  protectionBits,
  type AddressSpaceOptions,
  type Mapping,
} from "./addressSpace.ts";
export { adviseRange } from "./advise.ts";
export { takesWriteLock } from "./signal.ts";
export { allocatePages, missingPages } from "./allocate.ts";
export { countPages } from "./accounting.ts";
export { Areas } from "./areas.ts";
export type { Backing, PageObject } from "./backing.ts";
export type { Access } from "./fault.ts";
export * from "./flags.ts";
export { Ksm, type KsmItem } from "./ksm.ts";
export { allocateHugePages, type ObjectKeeper } from "./hugetlb/hugeFile.ts";
export type { HugePool } from "./hugetlb/hugePool.ts";
export { hugeShiftOf, pagesOfHuge } from "./hugetlb/hugeSize.ts";
export { reserveHugePages, type HugeReservation } from "./hugetlb/reservation.ts";
export { keyIn, labelOf, nameIn, policyIn, type Label } from "./label.ts";
export { layoutOf, STACK_GUARD_PAGES, type Layout } from "./layout.ts";
export type { MapRequest } from "./map.ts";
export { pageState, type PageState } from "./pageState.ts";
export { areaName, mapsLine, mapsText } from "./maps.ts";
export { Memory, type MemoryOptions } from "./memory.ts";
export { bindRange, policyAt, readNode, type BindRequest } from "./bind.ts";
export { allocateKey, freeKey, isKey, loseKey, NO_KEY } from "./protectionKeys.ts";
export { reasons as memoryReasons, type MemoryReason } from "./reasons.ts";
export type { RemapRequest } from "./remap.ts";
export { remapFile, type RemapFileRequest } from "./remapFile.ts";
export { stateArea, stateHole, type SeenArea } from "./stateArea.ts";
export { SKIPPED, type SkipReason, type Tally } from "./tally.ts";
export { VM_FLAG_CODES } from "./views/flagCodes.ts";
export { hasUnsettled } from "./views/unsettled.ts";
export { isHugeEligible } from "./views/hugeEligible.ts";
export { PAGEMAP_ENTRY_BYTES, PAGEMAP_HIGH } from "./views/pagemap.ts";
export { smapsEntry, smapsText, type SmapsLines } from "./views/smaps.ts";
export { statusLine, statusMemory } from "./views/status.ts";
export { objectionToHole, punchHole, type HoleObjection } from "./punchHole.ts";
export { endObject, promiseObject } from "./sharedMemory.ts";
export { isMappedWritable, truncatePages } from "./truncate.ts";
export type { Work } from "./work.ts";
export { MM_CLASSES } from "./snapshotClasses.ts";
