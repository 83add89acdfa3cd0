import { Worker } from "node:worker_threads";
import type { Finding } from "../../fuzz/findingFile.ts";
import type { Program } from "../../program/program.ts";
import type { ProgramResult } from "../../program/result.ts";
import type { PlantedAnswer, PlantedMessage, PlantedWork } from "./plantedCampaign.ts";

/** What came of a campaign with a fault in its model. */
export interface PlantedOutcome {
  /** `stuck`: the model did not come back; whoever runs a campaign sees that too. */
  readonly end: "found" | "missed" | "threw" | "stuck";
  /** How many steps agreed before. */
  readonly steps: number;
  readonly finding?: Finding;
  readonly error?: string;
  /** Which markers were passed, where markers were planted. */
  readonly reached: readonly number[];
}

/** Runs programs on the real kernel. */
export type Ask = (programs: readonly Program[]) => Promise<readonly ProgramResult[]>;

/** A model that is silent for so long has lost its way. */
const PATIENCE_MS = 60_000;

/** Runs a bundle of {@link file://./plantedCampaign.ts} in a thread of its own. */
export function runPlanted(
  bundle: string,
  work: PlantedWork,
  ask: Ask,
  isQuick = false,
): Promise<PlantedOutcome> {
  return new Promise((resolve) => {
    const worker = new Worker(bundle, { workerData: work });
    let steps = 0;
    let finding: Finding | undefined;
    let silence: NodeJS.Timeout | undefined;
    const finish = (outcome: Partial<PlantedOutcome> & Pick<PlantedOutcome, "end">): void => {
      clearTimeout(silence);
      void worker.terminate();
      resolve({ steps, reached: [], ...(finding === undefined ? {} : { finding }), ...outcome });
    };
    const listen = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => finish({ end: "stuck" }), PATIENCE_MS);
    };
    worker.on("error", (error) => finish({ end: "threw", error: String(error) }));
    worker.on("message", (message: PlantedMessage) => {
      listen();
      switch (message.kind) {
        case "run":
          clearTimeout(silence);
          // One program alone: a difference is being shrunk.
          if (isQuick && message.programs.length === 1) return finish({ end: "found" });
          void ask(message.programs).then(
            (results) => {
              listen();
              worker.postMessage({ id: message.id, results } satisfies PlantedAnswer);
            },
            (error: unknown) => finish({ end: "threw", error: String(error) }),
          );
          return;
        case "progress":
          // The step that differs is counted already.
          steps = message.steps;
          return;
        case "finding":
          finding = message.finding;
          return finish({ end: "found" });
        case "threw":
          return finish({ end: "threw", error: message.error });
        case "end":
          return finish({ end: "missed", reached: message.reached });
      }
    });
    listen();
  });
}
