import { cpioArchive, type CpioEntry } from "./cpio.ts";
import { IMAGES } from "./images.ts";

const FOLDER = 0o040755;
const FILE = 0o100000;
const CHARACTER_DEVICE = 0o020600;

/** Where the agent's images lie in an emulated machine. */
export function imagePath(kind: string): string {
  return `/images/${kind}`;
}

/** The first and only file system of an emulated machine: the agent is its init. */
export function initramfs(agent: Uint8Array): Uint8Array {
  const folders = ["dev", "proc", "sys", "work", "tmp", "images"];
  return cpioArchive([
    ...folders.map((path): CpioEntry => ({ path, mode: FOLDER })),
    { path: "dev/console", mode: CHARACTER_DEVICE, device: { major: 5, minor: 1 } },
    { path: "init", mode: FILE | 0o755, content: agent },
    ...Object.entries(IMAGES).map(([kind, mode]): CpioEntry => ({
      path: imagePath(kind).slice(1),
      mode: FILE | mode,
      content: agent,
    })),
  ]);
}
