import { Kernel } from "@kadvise/kernel";

const PAGE_BYTES = 4096;
const ARENA = 0x1000_0000_0000;
const FLAGS = "MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED|MAP_NORESERVE";

/** Makes a kernel with so many resident pages, or so many areas of one page. */
export function fillKernel(what: string, count: number): Kernel {
  const kernel = new Kernel({ release: "6.12", settings: { overcommit: 1 } });
  const app = kernel.spawn();
  const map = (address: number, pages: number): void => {
    const mapped = app.mmap({ address, length: pages * PAGE_BYTES, flags: FLAGS });
    if (!mapped.ok) throw new RangeError(`mmap: ${mapped.reason.text}`);
  };
  if (what === "pages") {
    map(ARENA, count);
    const touched = app.touch(ARENA, count * PAGE_BYTES);
    if (!touched.ok) throw new RangeError(`touch: ${touched.reason.text}`);
  } else {
    for (let i = 0; i < count; i++) map(ARENA + 2 * i * PAGE_BYTES, 1);
  }
  return kernel;
}
