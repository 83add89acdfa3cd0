/**
 * The parameters of a system call as data. Three doors read them: the decoder of registers, the
 * reader of logs and scenarios, and the printer.
 */
export type ParameterKind =
  /** Integers, by what the C declaration cuts the register to. */
  | "int"
  | "uint"
  | "long"
  | "ulong"
  /** A length or count, printed in decimal. */
  | "size"
  /** A byte offset into a file. */
  | "offset"
  /** An address that the call does not read through. */
  | "address"
  | "fd"
  | "pid"
  /** A user or group id; -1 leaves it. */
  | "id"
  | "signal"
  /** One name of a table, or a number. */
  | { readonly names: NameTable }
  /** Names of a table, joined by |. */
  | { readonly flags: NameTable; readonly unknown?: string }
  /** A pointer to a vector of ranges, whose length stands in another parameter. */
  | { readonly ranges: string }
  /** A pointer to a structure that the call reads, writes, or both. */
  | {
      readonly structure: StructureName;
      readonly direction: "in" | "out" | "inout";
      readonly count?: string;
    }
  /** A pointer to text. */
  | "text"
  /** A pointer that is passed on and never followed. */
  | "pointer";

/** Names and numbers of a set of constants. */
export type NameTable = { readonly [name: string]: number };

/** Structures that calls read and write. */
export type StructureName =
  | "int"
  | "uint"
  | "bytes"
  | "wait-status"
  | "siginfo"
  | "rusage"
  | "rlimit"
  | "cap-header"
  | "cap-data"
  | "clone-args"
  | "pollfd"
  | "pidfd-info"
  | "nodemask"
  | "shmid-ds"
  | "ids";

/** One parameter. */
export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
}

/** Writes a parameter. */
export function parameter(name: string, kind: ParameterKind): Parameter {
  return { name, kind };
}
