/**
 * A program: operations of several actors, one after the other. It says nothing of who runs it: the
 * model and a real kernel run the same one, and their answers are compared bit by bit.
 *
 * Actors are processes or threads, named by number. The first ones are there when the program
 * begins; others come into being by a `fork` operation. Every actor has the program's data block at
 * {@link DATA_ADDRESS}, shared with all others.
 */
export interface Program {
  /** How many actors there are at the beginning: 0 to `actors` - 1. */
  readonly actors: number;
  readonly operations: readonly Operation[];
  /** What lies at {@link DATA_ADDRESS}; all that the program writes there must lie within it. */
  readonly data: Uint8Array;
  /** Whether the first actors execute the agent anew, so that they inherit no page of anybody's. */
  readonly fresh?: boolean;
}

/** An actor by number, or the process that looks after them: it observes, and makes no calls. */
export type Actor = number | "supervisor";

/** A 64-bit value of an operation: as it stands, or known only when the operation's turn comes. */
export type Operand = number | bigint | ResultOperand | DataOperand | PidOperand;

/** What an earlier operation returned. */
export interface ResultOperand {
  readonly result: number;
  readonly plus?: number | bigint;
}

/** The address of a byte of the data block. */
export interface DataOperand {
  readonly data: number;
}

/** The process number of an actor. */
export interface PidOperand {
  readonly pid: Actor;
  readonly plus?: number | bigint;
}

/** A value that is written into the data block before an operation: an address in a vector, say. */
export interface Relocation {
  readonly offset: number;
  readonly bytes: 4 | 8;
  readonly value: Operand;
}

/** By which gate a call enters the kernel. `native` is that of the machine's 64-bit programs. */
export type Gate = "native" | "i386";

interface Common {
  readonly actor: Actor;
  /** Made before the operation itself. */
  readonly relocations?: readonly Relocation[];
}

interface Registers extends Common {
  readonly gate?: Gate;
  readonly number: number;
  readonly args: readonly Operand[];
}

/** A system call. */
export interface CallOperation extends Registers {
  readonly kind: "call";
  /** Whether the actor looks at its clock before and after. */
  readonly timed?: boolean;
}

/**
 * Calls that take turns, many times over. What they are lies in the data block, as
 * {@link ProgramBuilder.repeat} lays it there; the value is how many went well.
 */
export interface RepeatOperation extends Common {
  readonly kind: "repeat";
  readonly gate?: Gate;
  readonly from: number;
  readonly timed?: boolean;
}

/** A call that makes a process or thread: fork, vfork, clone, clone3. */
export interface ForkOperation extends Registers {
  readonly kind: "fork";
  readonly timed?: boolean;
  /** The number of the actor that comes into being. */
  readonly child: number;
  /** The maker sleeps until its child ends or executes something (CLONE_VFORK). */
  readonly vfork?: boolean;
  /** The child is its maker's sibling (CLONE_PARENT). */
  readonly sibling?: boolean;
}

/** A call that does not return: exit, exit_group. */
export interface ExitOperation extends Registers {
  readonly kind: "exit";
}

/** The actor executes an image of the agent and goes on as the same actor. */
export interface ExecOperation extends Common {
  readonly kind: "exec";
  /** The path of the image: one of {@link TargetFacts.images}. */
  readonly image: string;
  /** By execveat; by execve if unset. */
  readonly at?: { readonly dirfd: Operand; readonly flags: Operand };
}

/** Reads memory; the bytes are the result's payload. */
export interface LoadOperation extends Common {
  readonly kind: "load";
  readonly address: Operand;
  readonly bytes: number;
}

/** Writes part of the data block to memory. */
export interface StoreOperation extends Common {
  readonly kind: "store";
  readonly address: Operand;
  readonly from: number;
  readonly bytes: number;
}

/** Touches one byte each `strideBytes`; the value is how many were touched before a fault. */
export interface TouchOperation extends Common {
  readonly kind: "touch";
  readonly address: Operand;
  readonly count: number;
  readonly strideBytes: number;
  readonly access: "read" | "write";
  /** The byte that is written. */
  readonly byte?: number;
  readonly timed?: boolean;
}

/** Reads a file, usually below /proc; `%` in its path stands for the process number of `of`. */
export interface ReadOperation extends Common {
  readonly kind: "read";
  readonly path: string;
  readonly of?: Actor;
  readonly offset?: Operand;
  readonly bytes: number;
  /** What of the file counts; all of it if absent. */
  readonly shows?: ShownField;
}

/** One field of what /proc/PID says of a process, of one of its areas, or of a page. */
export interface ShownField {
  /** `VmFlags`, `Rss`, `VmLck`; `pagemap` for a page. */
  readonly name: string;
  /** An address in the area or page; a field of the process if there is none. */
  readonly address?: bigint;
}

/** Writes text to a file. */
export interface WriteOperation extends Common {
  readonly kind: "write";
  readonly path: string;
  readonly of?: Actor;
  readonly text: string;
}

/**
 * Waits until signals have reached an actor; the value is its state as /proc shows it, 0 if gone.
 */
export interface SettleOperation extends Common {
  readonly kind: "settle";
  readonly of: number;
}

/** Only makes relocations. */
export interface FillOperation extends Common {
  readonly kind: "fill";
}

/** One step of a program. */
export type Operation =
  | CallOperation
  | ForkOperation
  | ExitOperation
  | ExecOperation
  | LoadOperation
  | StoreOperation
  | TouchOperation
  | ReadOperation
  | WriteOperation
  | SettleOperation
  | FillOperation
  | RepeatOperation;
