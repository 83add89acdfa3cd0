import { release, version } from "node:os";
import { EXIT } from "./exitCodes.ts";
import { note } from "./streams.ts";

/**
 * The version of the machine's own kernel, from uname -r and -v.
 *
 * Debian's `uname -r` says 5.10.0-32 and means 5.10.223, which stands in `uname -v`.
 */
export function machineRelease(): string {
  const found = releaseFrom(release(), version());
  if (process.platform !== "linux" || found === undefined) {
    note(`kadvise: --kernel auto needs a Linux machine; this is ${process.platform} ${release()}`);
    process.exit(EXIT.cannotRun);
  }
  return found;
}

/** The version that a pair of uname strings means. */
export function releaseFrom(name: string, details: string): string | undefined {
  const debian = /\bDebian (\d+\.\d+\.\d+)/.exec(details);
  if (debian !== null) return debian[1];
  return /^(\d+\.\d+\.\d+|\d+\.\d+)/.exec(name)?.[1];
}
