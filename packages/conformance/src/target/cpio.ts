import { Buffer } from "node:buffer";

/** One entry of an archive. The mode holds the kind too: 0o040755 is a folder. */
export interface CpioEntry {
  readonly path: string;
  readonly mode: number;
  readonly content?: Uint8Array;
  /** Of a device node. */
  readonly device?: { readonly major: number; readonly minor: number };
}

/**
 * An archive that a kernel unpacks as its first file system: cpio, format newc.
 *
 * Linux: Documentation/driver-api/early-userspace/buffer-format.rst
 */
export function cpioArchive(entries: readonly CpioEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [i, entry] of [...entries, { path: "TRAILER!!!", mode: 0 }].entries()) {
    const { content = new Uint8Array(), device = { major: 0, minor: 0 } } = entry;
    const name = Buffer.from(`${entry.path}\0`, "latin1");
    const [inode, owner, group, links, time, major, minor, check] = [i + 1, 0, 0, 1, 0, 0, 0, 0];
    const fields = [
      ...[inode, entry.mode, owner, group, links, time, content.length, major, minor],
      ...[device.major, device.minor, name.length, check],
    ];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`;
    parts.push(padded(Buffer.concat([Buffer.from(header, "latin1"), name])), padded(content));
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** Headers with their names, and contents, begin at multiples of four. */
function padded(bytes: Uint8Array): Uint8Array {
  const room = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  room.set(bytes);
  return room;
}
