/**
 * What an argument of a logged call says, as data.
 *
 * Strace prints C-like expressions, not C: `[{iov_base=0x7f00, iov_len=4096}, ...]`, `8192*1024`,
 * `~[RTMIN RT_1]`, `3</tmp/x>`, `0x8 /* MAP_??? *\/|MAP_ANONYMOUS`. Each form is one kind here, so
 * that a reader of values switches over `kind` and is told by the compiler what it forgot. Nothing
 * is resolved: `MADV_COLD` stays a word, because its number is the business of whoever knows the
 * architecture.
 *
 * Scenarios are written in the same notation and add two kinds: `$name` and sums.
 */
export type Value =
  | NumberValue
  | WordValue
  | NameValue
  | StringValue
  | FlagsValue
  | ArrayValue
  | StructValue
  | FdValue
  | ConditionValue
  | CallValue
  | ArithmeticValue
  | SumValue
  | ComplementValue
  | ChangeValue
  | IndexedValue
  | CommentValue
  | UnreadValue;

/**
 * `4096`, `-1`, `0x7f00`, `0777`; behind it, perhaps, what strace makes of it: `0x66 /* MADV_???
 * *\/`.
 */
export interface NumberValue {
  readonly kind: "number";
  /** A number where it fits exactly, else a bigint. */
  readonly value: number | bigint;
  /** As it was written. */
  readonly text: string;
  readonly comment?: string;
}

/** `NULL`, `MADV_COLD`, `AT_FDCWD`, `TCGETS or SNDCTL_TMR_TIMEBASE`, `...`. */
export interface WordValue {
  readonly kind: "word";
  readonly text: string;
  readonly comment?: string;
}

/** `$heap`: a name that a scenario bound. The text keeps the dollar. */
export interface NameValue {
  readonly kind: "name";
  readonly text: string;
  readonly comment?: string;
}

/** `"abc"`, `"abc"...` and `@"abstract socket"`. */
export interface StringValue {
  readonly kind: "string";
  /** The bytes, each a code unit from 0 to 255. */
  readonly text: string;
  /** Whether strace left bytes out at the end. */
  readonly cut: boolean;
  /**
   * Whether each byte was written as `\x7f`: strace does so for keys and addresses, and with `-xx`.
   */
  readonly isHex?: true;
  /** Whether an `@` stands before it: the abstract name of a socket. */
  readonly isAbstract?: true;
  readonly comment?: string;
}

/** `A|B|0x40`: two or more parts. */
export interface FlagsValue {
  readonly kind: "flags";
  readonly parts: readonly Value[];
}

/** `[a, b, ...]`, and sets such as `[HUP INT]` and `~[RTMIN RT_1]`. */
export interface ArrayValue {
  readonly kind: "array";
  readonly items: readonly Value[];
  /** Whether strace left items out at the end. */
  readonly cut: boolean;
  /** `~[...]`: all but these. */
  readonly negated: boolean;
  /** Whether spaces part the items, as in sets of signals or CPUs. */
  readonly spaced?: true;
  /**
   * Behind the dots (the address where the array could no longer be read, a count), else behind the
   * bracket.
   */
  readonly comment?: string;
}

/** One `name=value` of a struct. */
export interface Field {
  readonly name: string;
  readonly value: Value;
}

/**
 * `{iov_base=0x7f00, iov_len=4096}`, `{st_size=0, ...}`, `{WIFEXITED(s) && WEXITSTATUS(s) == 0}`.
 */
export interface StructValue {
  readonly kind: "struct";
  readonly fields: readonly Field[];
  readonly cut: boolean;
  /** What stands in the braces without a name. */
  readonly bare: readonly Value[];
  readonly comment?: string;
}

/**
 * A number that strace annotated with what it stands for: `3</path>`, `3<pid:123>`, `3<TCP:[…]>`,
 * with `-Y` also a pid with its command, `123<sh>`; `AT_FDCWD</cwd>` has the value -100 and the
 * word.
 */
export interface FdValue {
  readonly kind: "fd";
  readonly value: number;
  /** As printed, escapes included: `/tmp/a\76b`. */
  readonly target: string;
  readonly word?: string;
  readonly isDeleted?: true;
  readonly comment?: string;
}

/** A wait status in words: `WIFEXITED(s) && WEXITSTATUS(s) == 0`. */
export interface ConditionValue {
  readonly kind: "condition";
  readonly text: string;
}

/** `makedev(0x1, 0x3)`, `htons(53)`. */
export interface CallValue {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly Value[];
  readonly comment?: string;
}

/** `1<<CAP_KILL` and `8192*1024`. */
export interface ArithmeticValue {
  readonly kind: "shift" | "product";
  readonly left: Value;
  readonly right: Value;
}

/** `$heap + 4096`. */
export interface SumValue {
  readonly kind: "sum";
  readonly left: Value;
  readonly right: Value;
  readonly operator: "+" | "-";
}

/** `~0xff`. */
export interface ComplementValue {
  readonly kind: "complement";
  readonly value: Value;
}

/** `[88] => [16]`: what the kernel read, and what it wrote there. */
export interface ChangeValue {
  readonly kind: "change";
  readonly before: Value;
  readonly after: Value;
  /** The name that some structs repeat behind the arrow: `{features=0 => features=0x1}`. */
  readonly name?: string;
}

/** `[KEY_A]=1` inside an array. */
export interface IndexedValue {
  readonly kind: "indexed";
  readonly index: Value;
  readonly value: Value;
}

/** A comment that stands alone or before another value, as in `[/* 25 vars *\/]`. */
export interface CommentValue {
  readonly kind: "comment";
  readonly text: string;
}

/**
 * Text that is none of the above. The call around it is still a call; whoever needs this argument
 * says so.
 */
export interface UnreadValue {
  readonly kind: "unread";
  readonly text: string;
  /** Where in the text, counted from 1, reading stopped. */
  readonly column: number;
  readonly expected: string;
}

/**
 * One argument of a call. The name is there for `child_stack=NULL`, and for every argument with
 * `strace -N`.
 */
export interface Argument {
  readonly name?: string;
  readonly value: Value;
  /** As it was written, name included. */
  readonly text: string;
}
