import { HostTarget } from "./hostTarget.ts";
import { QemuTarget } from "./qemuTarget.ts";
import type { Target } from "./target.ts";

/** How a target is opened. */
export interface OpenOptions {
  /** The image of the kernel that is emulated, wherever it lies. */
  readonly image?: string;
}

/** The forms that the name of a real kernel has. */
export const REAL_TARGETS: readonly string[] = ["host", "qemu:RELEASE"];

/**
 * Opens a real kernel: `host`, or `qemu:6.12`, or `qemu` with an image of any release. Whoever opens
 * it closes it.
 *
 * @throws RangeError for a name that is none
 * @throws CannotRun where it cannot be asked
 */
export function openTarget(name: string, options: OpenOptions = {}): Target {
  if (name === "host") return new HostTarget();
  if (name === "qemu" && options.image !== undefined)
    return new QemuTarget({ image: options.image });
  const release = /^qemu:([\w.+-]+)$/.exec(name)?.[1];
  if (release !== undefined) {
    const { image } = options;
    return new QemuTarget({ release, ...(image === undefined ? {} : { image }) });
  }
  throw new RangeError(`expected ${REAL_TARGETS.join(" or ")}, got "${name}"`);
}
