import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cacheFolder.ts";
import { CannotRun } from "./cannotRun.ts";

/** Where kernel images lie: a folder for each release with `vmlinuz` in it. */
export function kernelsFolder(): string {
  return process.env["KERNELS_DIR"] ?? join(cacheFolder(), "kernels");
}

/** The image of a release. @throws CannotRun if it is not there */
export function kernelImage(release: string, folder: string = kernelsFolder()): string {
  const path = join(folder, release, "vmlinuz");
  if (existsSync(path)) return path;
  throw new CannotRun(
    `no image of kernel ${release}: ${path} is not there; KERNELS_DIR names another folder, --image a file`,
  );
}
