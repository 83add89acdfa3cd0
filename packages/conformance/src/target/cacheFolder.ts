import { homedir } from "node:os";
import { join } from "node:path";

/** Where things are kept that can be made again: the compiled agent, kernel images. */
export function cacheFolder(): string {
  const base = process.env["XDG_CACHE_HOME"];
  const usable = base !== undefined && base.startsWith("/") ? base : join(homedir(), ".cache");
  return join(usable, "kadvise");
}
