import { readFileSync } from "node:fs";
import type { Abi } from "../syscalls.ts";

type Numbers = Readonly<Record<string, number>>;

/** What record.sh read out of Linux' user headers. */
interface Headers extends Readonly<Record<Abi, Numbers>> {
  /** The release of the headers. */
  readonly headers: string;
  readonly numbers: Numbers;
  /** Number and the C library's sentence, by name. */
  readonly errno: Readonly<Record<string, readonly [number, string]>>;
  /** Size, offset of the base, offset of the length, bytes of the length. */
  readonly iovec: Readonly<Record<"64" | "compat", readonly number[]>>;
}

export const HEADERS = JSON.parse(
  readFileSync(new URL("headers.json", import.meta.url), "utf8"),
) as Headers;
