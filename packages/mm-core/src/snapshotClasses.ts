import type { SnapshotClasses } from "@kadvise/ports";
import { AddressSpace } from "./addressSpace.ts";
import { AreaOrder } from "./areaOrder.ts";
import { Areas } from "./areas.ts";
import { Contents } from "./contents.ts";
import { Frames } from "./frames.ts";
import { AnonymousHuge } from "./hugetlb/anonymousHuge.ts";
import { HugePool } from "./hugetlb/hugePool.ts";
import { Ksm } from "./ksm.ts";
import { LargeFolios } from "./largeFolio.ts";
import { Memory } from "./memory.ts";
import { PageCache } from "./pageCache.ts";
import { PageTable } from "./pageTable.ts";
import { SharedAnonymous } from "./sharedMemory.ts";
import { Swap } from "./swap.ts";
import { Tally } from "./tally.ts";
import { Veil } from "./veil.ts";
import { Work } from "./work.ts";

/** The classes of this package that hold state. */
export const MM_CLASSES: SnapshotClasses = new Map<
  string,
  abstract new (...args: never[]) => object
>([
  ["AddressSpace", AddressSpace],
  ["AnonymousHuge", AnonymousHuge],
  ["AreaOrder", AreaOrder],
  ["Areas", Areas],
  ["Contents", Contents],
  ["Frames", Frames],
  ["HugePool", HugePool],
  ["Ksm", Ksm],
  ["LargeFolios", LargeFolios],
  ["Memory", Memory],
  ["PageCache", PageCache],
  ["PageTable", PageTable],
  ["SharedAnonymous", SharedAnonymous],
  ["Swap", Swap],
  ["Tally", Tally],
  ["Veil", Veil],
  ["Work", Work],
]);
