// What vm-check.mjs runs in a place that has nothing but ECMAScript: the demo's story, told with
// the kernel alone.
import { Kernel, must, workBetween } from "@kadvise/kernel";

const AREAS = 2000;
const AREA_BYTES = 4 * 4096;
const VECTOR = 1024;

/** @returns {string[]} */
export function lines() {
  const kernel = new Kernel({ release: "6.12" });
  const zygote = kernel.spawn({ uid: 1000, name: "zygote" });
  const heap = must(zygote.mmap({ length: AREAS * AREA_BYTES }));
  const app = must(zygote.fork());
  must(app.touch(heap, AREAS * AREA_BYTES));
  for (let i = 1; i < AREAS; i += 2)
    must(app.mprotect(heap + BigInt(i * AREA_BYTES), AREA_BYTES, "r"));
  const manager = kernel.spawn({ uid: 1000, capabilities: ["CAP_SYS_NICE"] });
  const pidfd = must(manager.pidfdOpen(app.pid));
  const ranges = Array.from({ length: AREAS }, (_, i) => ({
    base: heap + BigInt(i * AREA_BYTES),
    length: AREA_BYTES,
  }));

  const told = [`areas ${app.maps().trimEnd().split("\n").length}`];
  for (const advice of ["MADV_COLD", "MADV_PAGEOUT"]) {
    const before = kernel.work;
    let bytes = 0;
    for (let from = 0; from < AREAS; from += VECTOR) {
      bytes += must(manager.processMadvise(pidfd, ranges.slice(from, from + VECTOR), advice));
    }
    told.push(`${advice} ${bytes} ${JSON.stringify(workBetween(before, kernel.work))}`);
  }
  const guest = kernel.spawn({ uid: 1000 });
  const refused = [
    manager.processMadvise(pidfd, ranges, "MADV_COLD"),
    guest.processMadvise(must(guest.pidfdOpen(app.pid)), ranges.slice(0, 1), "MADV_COLD"),
  ];
  for (const answer of refused)
    told.push(answer.ok ? "unexpected success" : `${answer.code} ${answer.reason.id}`);
  const snapshot = kernel.snapshot();
  must(app.munmap(heap, AREAS * AREA_BYTES));
  kernel.restore(snapshot);
  told.push(`restored ${app.maps().length}`);
  return told;
}
