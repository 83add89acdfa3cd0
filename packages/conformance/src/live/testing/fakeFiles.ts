import type { ProcReader, Said } from "../procFiles.ts";

/** Files as a test writes them; every other one does not exist. */
export function fakeFiles(
  texts: { readonly [path: string]: string },
  owners: { readonly [path: string]: string } = {},
): ProcReader {
  const from =
    (table: { readonly [path: string]: string }) =>
    (path: string): Said =>
      Object.hasOwn(table, path)
        ? { ok: true, text: table[path] ?? "" }
        : { ok: false, error: "ENOENT" };
  return {
    text: from(texts),
    link: from(texts),
    owner: from(owners),
    list: from(texts),
    bytes(path, offset, length) {
      const text = texts[path];
      return text === undefined
        ? undefined
        : Uint8Array.from(Buffer.from(text, "latin1").subarray(offset, offset + length));
    },
  };
}

/** A status file, with what a test changes. */
export function statusText(changes: { readonly [name: string]: string } = {}): string {
  const lines = {
    ...{ Name: "app", State: "S (sleeping)", Tgid: "7", Kthread: "0", VmSize: "100 kB" },
    ...{ Uid: "1000\t1000\t1000\t1000", Gid: "1000\t1000\t1000\t1000", Groups: "" },
    ...{ CapInh: "0", CapPrm: "0", CapEff: "0", CapBnd: "1ff", CapAmb: "0" },
    ...{ NoNewPrivs: "0", Seccomp: "0" },
    ...changes,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}:\t${value}\n`)
    .join("");
}
