import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  statSync,
} from "node:fs";

/** What a file of /proc said, or the error with which it could not be read. */
export type Said =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly error: string };

/** Reads /proc and /sys; tests have one of their own. */
export interface ProcReader {
  /** A whole file. */
  text(path: string): Said;
  /** Where a link leads. */
  link(path: string): Said;
  /** Owner and permission bits of a file that is no directory, `uid gid mode`. */
  owner(path: string): Said;
  /** The names in a folder, each with a line of its own. */
  list(path: string): Said;
  /** Bytes of a file from an offset on; fewer at its end. */
  bytes(path: string, offset: number, length: number): Uint8Array | undefined;
}

/** The machine's own /proc. */
export const HOST_FILES: ProcReader = {
  text: (path) => said(() => readFileSync(path, "latin1")),
  link: (path) => said(() => readlinkSync(path)),
  owner: (path) =>
    said(() => {
      const stat = statSync(path);
      if (stat.isDirectory()) throw Object.assign(new Error(path), { code: "EISDIR" });
      const { uid, gid, mode } = stat;
      return `${uid} ${gid} ${mode & 0o7777}`;
    }),
  list: (path) => said(() => readdirSync(path).join("\n")),
  bytes(path, offset, length) {
    try {
      const fd = openSync(path, "r");
      try {
        const bytes = new Uint8Array(length);
        return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
      } finally {
        closeSync(fd);
      }
    } catch {
      return undefined;
    }
  },
};

function said(read: () => string): Said {
  try {
    return { ok: true, text: read() };
  } catch (error) {
    return { ok: false, error: (error as { code?: string }).code ?? "EIO" };
  }
}

/** The text of what was said; empty where nothing was. */
export function textOf(what: Said): string {
  return what.ok ? what.text : "";
}
