import { MAP, must } from "@kadvise/uapi";
import { expect, test } from "vitest";
import type { AddressSpace } from "../addressSpace.ts";
import {
  BASE,
  HUGE,
  hugeAt,
  hugeFile,
  mapHuge,
  pooled,
  SHARED,
  touch,
} from "../testing/hugeWorld.ts";
import { PAGEMAP_HIGH } from "./pagemap.ts";
import { smapsEntry } from "./smaps.ts";
import { statusMemory } from "./status.ts";

/** Lines of smaps of the area there that are not 0. */
function seen(mm: AddressSpace, at: number): string {
  const lines = smapsEntry(mm, mm.areas.at(hugeAt(at))).split("\n");
  const numbers = lines.flatMap(
    (line) => /^(\w+): +([1-9]\d*) kB$/.exec(line)?.slice(1).join(" ") ?? [],
  );
  return [...numbers, ...lines.filter((line) => line.startsWith("VmFlags"))].join(", ");
}

function pagemapOf(mm: AddressSpace, page: number): readonly string[] {
  const entry = new DataView(mm.pagemap(page, 1).buffer).getUint32(4, true);
  return Object.entries(PAGEMAP_HIGH).flatMap(([name, bit]) =>
    (entry & bit) === 0 || name === "softDirty" ? [] : [name],
  );
}

const SIZES = "KernelPageSize 2048, MMUPageSize 2048";

test("smaps counts huge pages of the pool by themselves", () => {
  const mm = pooled(4, "6.18", { softDirty: false });
  mapHuge(mm, 0, 2);
  touch(mm, 0, "read");
  expect(seen(mm, 0)).toBe(
    `Size 4096, ${SIZES}, Private_Hugetlb 2048, VmFlags: rd wr mr mw me de ht `,
  );
  const child = mm.fork();
  expect(seen(child, 0)).toBe(
    `Size 4096, ${SIZES}, Shared_Hugetlb 2048, VmFlags: rd wr mr mw me de ht `,
  );
  mapHuge(mm, 4, 1, { flags: SHARED });
  touch(mm, 4);
  expect(seen(mm, 4)).toBe(
    `Size 2048, ${SIZES}, Private_Hugetlb 2048, VmFlags: rd wr sh mr mw me ms de ht `,
  );
});

test("status counts them as HugetlbPages, and as no resident memory", () => {
  const mm = pooled(3);
  mapHuge(mm, 0, 2);
  const before = statusMemory(mm);
  expect(before).toMatchObject({ VmSize: 4096, VmRSS: 0, HugetlbPages: 0 });
  touch(mm, 0);
  touch(mm, 1);
  expect(statusMemory(mm)).toEqual({ ...before, HugetlbPages: 4096 });
  const child = mm.fork();
  expect(statusMemory(child)).toEqual({ ...before, HugetlbPages: 4096 });
  must(mm.unmap(BASE, HUGE));
  expect(statusMemory(mm).HugetlbPages).toBe(2048);
});

test("pagemap and mincore show every small page of them", () => {
  const mm = pooled(3);
  mapHuge(mm, 0, 2);
  const file = hugeFile(1);
  file.map(mm, 4, 1);
  touch(mm, 0);
  touch(mm, 4);
  expect(pagemapOf(mm, hugeAt(0))).toEqual(["present", "exclusive"]);
  expect(pagemapOf(mm, hugeAt(1) - 1)).toEqual(["present", "exclusive"]);
  expect(pagemapOf(mm, hugeAt(1))).toEqual([]);
  expect(pagemapOf(mm, hugeAt(4) + 9)).toEqual(["present", "file", "exclusive"]);
  expect([...must(mm.residency(hugeAt(1) - 1, 2))]).toEqual([1, 0]);
  mm.fork();
  expect(pagemapOf(mm, hugeAt(0))).toEqual(["present"]);
});

test("mincore looks at the entries alone: a page of the file that was not touched here is none", () => {
  const mm = pooled(1);
  const file = hugeFile(1);
  file.map(mm, 0, 1);
  touch(mm, 0);
  file.map(mm, 4, 1, { flags: MAP.MAP_PRIVATE | MAP.MAP_NORESERVE });
  expect([...must(mm.residency(hugeAt(4), 1))]).toEqual([0]);
});

test("maps names what nobody else can open", () => {
  const mm = pooled(1);
  mapHuge(mm, 0, 1);
  expect(mm.maps()).toMatch(
    /^20000000-20200000 rw-p 00000000 00:0f \d+ +\/anon_hugepage \(deleted\)\n$/,
  );
});
