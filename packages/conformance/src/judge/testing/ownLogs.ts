import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "@kadvise/releases";

const ROOT = join(import.meta.dirname, "../../../logs");

/** A shipped log. */
export interface OwnLog {
  /** `6.12.107/holes` */
  readonly name: string;
  readonly kernel: string;
  readonly settings: Partial<Settings>;
  readonly text: string;
}

/** The versions that logs were recorded on. */
export const RECORDED_KERNELS: readonly string[] = readdirSync(ROOT).filter((name) =>
  /^\d+\.\d+\.\d+$/.test(name),
);

/** The logs that this repository ships: of one kernel, or of all. */
export function ownLogs(kernels: readonly string[] = RECORDED_KERNELS): readonly OwnLog[] {
  return kernels.flatMap((kernel) => {
    const folder = join(ROOT, kernel);
    const settings = JSON.parse(readFileSync(join(folder, "settings.json"), "utf8")) as object;
    return readdirSync(folder)
      .filter((file) => file.endsWith(".strace"))
      .map((file) => ({
        name: `${kernel}/${file.slice(0, -".strace".length)}`,
        kernel,
        settings,
        text: readFileSync(join(folder, file), "latin1"),
      }));
  });
}
