// Run by itself: fills a kernel, and prints what the process holds before and after.
import { fillKernel } from "./fillKernel.ts";

fillKernel("areas", 10);
const before = held();
const kernel = fillKernel(process.argv[2], Number(process.argv[3]));
const after = held();
console.log(JSON.stringify({ before, after, processes: kernel.pids.length }));

function held(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage.rss();
}
