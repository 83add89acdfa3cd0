import { Worker } from "node:worker_threads";
import type { ReplayWork } from "./plantedReplay.ts";

/** A model with a fault may never come back, and fill all memory meanwhile. */
const MOST_MEGABYTES = 512;
const PATIENCE_MS = 20_000;

/** Runs a bundle of {@link file://./plantedReplay.ts}; a model that does not come back contradicts. */
export function contradicts(bundle: string, work: ReplayWork): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const resourceLimits = { maxOldGenerationSizeMb: MOST_MEGABYTES };
    const worker = new Worker(bundle, { workerData: work, resourceLimits });
    const patience = setTimeout(() => finish(true), PATIENCE_MS);
    const finish = (answer: boolean): void => {
      clearTimeout(patience);
      void worker.terminate();
      resolve(answer);
    };
    worker.on("message", finish);
    worker.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ERR_WORKER_OUT_OF_MEMORY") return finish(true);
      clearTimeout(patience);
      reject(error);
    });
  });
}
