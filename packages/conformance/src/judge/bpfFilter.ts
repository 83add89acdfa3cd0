/** An instruction of a seccomp filter, as strace prints it with -v. */
interface Instruction {
  readonly code: ReadonlySet<string>;
  readonly k: number;
  readonly jt: number;
  readonly jf: number;
}

/** What a filter looks at: struct seccomp_data in words of 32 bits; undefined where it is not known. */
export type FilterData = (word: number) => number | undefined;

/** A filter of seccomp, to be run. Linux: kernel/seccomp.c seccomp_check_filter */
export type BpfFilter = readonly Instruction[];

const INSTRUCTION = /BPF_(STMT|JUMP)\(([^(),]*), ([^(),]*)(?:, ([^(),]*), ([^(),]*))?\)/g;

/** Words that strace prints for the constant. Linux: include/uapi/linux/seccomp.h, audit.h */
const WORDS: { readonly [word: string]: number } = {
  SECCOMP_RET_KILL_PROCESS: 0x8000_0000,
  SECCOMP_RET_KILL_THREAD: 0,
  SECCOMP_RET_KILL: 0,
  SECCOMP_RET_TRAP: 0x0003_0000,
  SECCOMP_RET_ERRNO: 0x0005_0000,
  SECCOMP_RET_USER_NOTIF: 0x7fc0_0000,
  SECCOMP_RET_TRACE: 0x7ff0_0000,
  SECCOMP_RET_LOG: 0x7ffc_0000,
  SECCOMP_RET_ALLOW: 0x7fff_0000,
  AUDIT_ARCH_X86_64: 0xc000_003e,
  AUDIT_ARCH_I386: 0x4000_0003,
};

/** The filter that strace shows; undefined where it is left out, cut off, or not understood. */
export function parseFilter(text: string): BpfFilter | undefined {
  const length = Number(/len=(\d+)/.exec(text)?.[1]);
  const program = [...text.matchAll(INSTRUCTION)].map(
    ([, , code = "", k = "", jt = "0", jf = "0"]) => ({
      ...{ code: new Set(code.split("|")) },
      ...{ k: numberOf(k), jt: numberOf(jt), jf: numberOf(jf) },
    }),
  );
  const isWhole = program.length === length && program.every(({ k }) => !Number.isNaN(k));
  return isWhole ? program : undefined;
}

/** What strace has no word for it prints with a comment: `0x10000000 /* SECCOMP_RET_??? *\/`. */
function numberOf(text: string): number {
  return text
    .replace(/ \/\*.*\*\//, "")
    .split("|")
    .reduce((sum, word) => sum + (WORDS[word] ?? Number(word === "" ? Number.NaN : word)), 0);
}

/** What a filter returns; undefined where it looks at what is not known. */
export function runFilter(filter: BpfFilter, data: FilterData): number | undefined {
  let [a, x] = [0, 0];
  const scratch: number[] = [];
  for (let at = 0; at < filter.length; at++) {
    const { code, k, jt, jf } = filter[at];
    const operand = code.has("BPF_X") ? x : k;
    if (code.has("BPF_RET")) return (code.has("BPF_A") ? a : k) >>> 0;
    if (code.has("BPF_JMP")) {
      at += code.has("BPF_JA") ? k : jumps(code, a, operand) ? jt : jf;
    } else if (code.has("BPF_MISC")) {
      if (code.has("BPF_TAX")) x = a;
      else a = x;
    } else if (code.has("BPF_ALU")) {
      a = computed(code, a, operand);
    } else if (code.has("BPF_ST") || code.has("BPF_STX")) {
      scratch[k] = code.has("BPF_STX") ? x : a;
    } else {
      const loaded = load(code, k, scratch, data);
      if (loaded === undefined) return undefined;
      if (code.has("BPF_LDX")) x = loaded;
      else a = loaded;
    }
  }
  return undefined;
}

/** sizeof(struct seccomp_data) */
const DATA_BYTES = 64;

function load(
  code: ReadonlySet<string>,
  k: number,
  scratch: readonly number[],
  data: FilterData,
): number | undefined {
  if (code.has("BPF_ABS")) return data(k / 4);
  if (code.has("BPF_MEM")) return scratch[k] ?? 0;
  return code.has("BPF_LEN") ? DATA_BYTES : k;
}

function jumps(code: ReadonlySet<string>, a: number, operand: number): boolean {
  if (code.has("BPF_JEQ")) return a === operand;
  if (code.has("BPF_JGT")) return a > operand;
  if (code.has("BPF_JGE")) return a >= operand;
  return (a & operand) !== 0;
}

function computed(code: ReadonlySet<string>, a: number, operand: number): number {
  const big = BigInt(a);
  if (code.has("BPF_ADD")) return (a + operand) >>> 0;
  if (code.has("BPF_SUB")) return (a - operand) >>> 0;
  if (code.has("BPF_MUL")) return Number(BigInt.asUintN(32, big * BigInt(operand)));
  if (code.has("BPF_DIV")) return Math.floor(a / operand);
  if (code.has("BPF_AND")) return (a & operand) >>> 0;
  if (code.has("BPF_XOR")) return (a ^ operand) >>> 0;
  if (code.has("BPF_OR")) return (a | operand) >>> 0;
  if (code.has("BPF_LSH")) return (a << operand) >>> 0;
  return code.has("BPF_RSH") ? a >>> operand : -a >>> 0;
}
