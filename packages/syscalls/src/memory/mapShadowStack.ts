import { MAP, PROT, Reasons, SHADOW_STACK, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { addressPages, type Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";

const entries = {
  "map_shadow_stack/not-built": {
    errno: "ENOSYS",
    text: "the kernel was built without shadow stacks for programs, or lacks them by this entry",
    passes: "the kernel was built with shadow stacks for programs",
    linux: "kernel/sys_ni.c",
    since: "6.6",
    remedy: "use a kernel with CONFIG_X86_USER_SHADOW_STACK (arm64: CONFIG_ARM64_GCS, 6.13)",
  },
  "map_shadow_stack/no-processor": {
    errno: "EOPNOTSUPP",
    text: "the processor has no shadow stacks for programs",
    passes: "the processor has shadow stacks for programs",
    linux: "arch/x86/kernel/shstk.c map_shadow_stack",
    since: "6.6",
    remedy: "do without: there is nothing to switch on",
  },
  "map_shadow_stack/flags": {
    errno: "EINVAL",
    text: "a flag that there is not: SHADOW_STACK_SET_TOKEN alone, on arm64 SET_MARKER too",
    passes: "the flags are known",
    linux: "arch/x86/kernel/shstk.c map_shadow_stack",
    since: "6.6",
    remedy: "pass SHADOW_STACK_SET_TOKEN or 0",
    compares: ["flags"],
  },
  "map_shadow_stack/unaligned": {
    errno: "EINVAL",
    text: "arm64 looks at once whether the address is page-aligned",
    linux: "arch/arm64/mm/gcs.c map_shadow_stack",
    since: "6.13",
    remedy: "align the address",
    compares: ["offset"],
  },
  "map_shadow_stack/odd-size": {
    errno: "EINVAL",
    text: "arm64 takes sizes in whole entries of 8 bytes, and more than one of them",
    linux: "arch/arm64/mm/gcs.c map_shadow_stack",
    since: "6.13",
    remedy: "ask for a multiple of 8, or of the page",
    compares: ["size"],
  },
  "map_shadow_stack/no-room-for-token": {
    errno: "ENOSPC",
    text: "a token needs 8 bytes, and the stack has fewer",
    passes: "there is room for what is asked for",
    linux: "arch/x86/kernel/shstk.c map_shadow_stack",
    since: "6.6",
    remedy: "ask for a whole page",
    compares: ["size"],
  },
  "map_shadow_stack/too-low": {
    errno: "ERANGE",
    text: "shadow stacks lie above 4 GiB, where code of 32 bits cannot have one",
    passes: "the address is above 4 GiB, or left to the kernel",
    linux: "arch/x86/kernel/shstk.c map_shadow_stack",
    since: "6.6",
    remedy: "pass 0, or an address above 4 GiB",
    compares: ["address"],
  },
  "map_shadow_stack/size-wraps": {
    errno: "EOVERFLOW",
    text: "the size rounds up to zero",
    passes: "the size does not wrap",
    linux: "arch/x86/kernel/shstk.c map_shadow_stack",
    since: "6.6",
    remedy: "ask for less",
  },
  "map_shadow_stack/no-length": {
    errno: "EINVAL",
    text: "the size is zero",
    linux: "mm/mmap.c do_mmap",
    since: "6.6",
    remedy: "ask for at least one byte",
  },
  "map_shadow_stack/token-unaligned": {
    errno: "EINVAL",
    text: "the token would not lie at a multiple of 8: what was mapped is gone again",
    linux: "arch/x86/kernel/shstk.c create_rstor_token",
    since: "6.6",
    remedy: "ask for a multiple of 8",
    compares: ["size"],
  },
} as const;

/** map_shadow_stack's reasons; the memory model has those of the mapping itself. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** An entry of a shadow stack, and so a token. Linux: arch/x86/kernel/shstk.c SS_FRAME_SIZE */
const ENTRY_BYTES = 8;

/**
 * map_shadow_stack(2): memory for return addresses, which the processor writes and stores may not.
 * x86 asks the processor and not whether arch_prctl has switched its use on.
 *
 * The refusals are asked of kernels up to what a processor without shadow stacks shows, and read
 * behind that. Of what is mapped its place, size and rights are modelled; that stores fault there,
 * its guard page and its flag in smaps are not.
 *
 * Linux: arch/x86/kernel/shstk.c, arch/arm64/mm/gcs.c map_shadow_stack
 */
export const mapShadowStack: SystemCall = {
  name: "map_shadow_stack",
  parameters: [
    parameter("addr", "address"),
    parameter("size", "size"),
    parameter("flags", { flags: SHADOW_STACK, unknown: "SHADOW_STACK_???" }),
  ],
  returns: "address",
  run(task, registers) {
    const { checks } = task.machine.ports;
    const { profile, memory } = task.machine;
    const hasEntry = profile.abi.shadowStackEntries.includes(task.abi);
    const built = hasEntry ? memory.settings.get("shadowStacks") : "not-built";
    if (built === "not-built") return reasons.refuse(checks, "map_shadow_stack/not-built");
    reasons.passed(checks, "map_shadow_stack/not-built");
    if (built === "no-processor") return reasons.refuse(checks, "map_shadow_stack/no-processor");
    reasons.passed(checks, "map_shadow_stack/no-processor");
    const isArm = task.abi === "arm64";
    const flags = registers.low(2);
    const known = isArm
      ? SHADOW_STACK.SHADOW_STACK_SET_TOKEN | SHADOW_STACK.SHADOW_STACK_SET_MARKER
      : SHADOW_STACK.SHADOW_STACK_SET_TOKEN;
    if ((flags & ~known) !== 0) return reasons.refuse(checks, "map_shadow_stack/flags", flags);
    reasons.passed(checks, "map_shadow_stack/flags", flags);
    const refusal = isArm ? checkArm(task, registers) : checkX86(task, registers);
    if (refusal !== undefined) return refusal;
    return mapped(task, registers);
  },
};

/** The order of arch/x86/kernel/shstk.c: the token's room, the address. */
function checkX86({ machine }: Task, registers: Registers): Outcome | undefined {
  const { checks } = machine.ports;
  const hasToken = (registers.low(2) & SHADOW_STACK.SHADOW_STACK_SET_TOKEN) !== 0;
  if (hasToken && registers.high(1) === 0 && registers.low(1) < ENTRY_BYTES)
    return reasons.refuse(checks, "map_shadow_stack/no-room-for-token", registers.low(1));
  reasons.passed(checks, "map_shadow_stack/no-room-for-token", registers.number(1));
  if (!registers.isZero(0) && registers.high(0) === 0)
    return reasons.refuse(checks, "map_shadow_stack/too-low", registers.hex(0));
  reasons.passed(checks, "map_shadow_stack/too-low", registers.hex(0));
  return undefined;
}

/** The order of arch/arm64/mm/gcs.c: the address, the size. */
function checkArm({ machine }: Task, registers: Registers): Outcome | undefined {
  const { checks } = machine.ports;
  const offset = registers.offset(0, machine.memory.pageShift);
  if (offset !== 0) return reasons.refuse(checks, "map_shadow_stack/unaligned", offset);
  const isOne = registers.high(1) === 0 && registers.low(1) === ENTRY_BYTES;
  if (isOne || registers.low(1) % ENTRY_BYTES !== 0)
    return reasons.refuse(checks, "map_shadow_stack/odd-size", registers.number(1));
  return undefined;
}

/** Private memory that is there before anything else may be; a token at its end if asked for. */
function mapped(task: Task, registers: Registers): Outcome {
  const { checks } = task.machine.ports;
  const { pageShift, pageBytes } = task.machine.memory;
  const pages = registers.pagesUp(1, pageShift);
  if (pages >= addressPages(pageShift))
    return reasons.refuse(checks, "map_shadow_stack/size-wraps");
  reasons.passed(checks, "map_shadow_stack/size-wraps");
  if (pages === 0) return reasons.refuse(checks, "map_shadow_stack/no-length");
  const isArm = task.abi === "arm64";
  const hasToken = (registers.low(2) & SHADOW_STACK.SHADOW_STACK_SET_TOKEN) !== 0;
  const result = task.space.mapPages(
    {
      at: registers.page(0, pageShift),
      atOffset: registers.offset(0, pageShift),
      pages,
      prot: PROT.PROT_READ | PROT.PROT_WRITE,
      flags:
        MAP.MAP_PRIVATE |
        MAP.MAP_ANONYMOUS |
        (isArm ? 0 : MAP.MAP_ABOVE4G) |
        (registers.isZero(0) ? 0 : MAP.MAP_FIXED_NOREPLACE),
      backing: null,
      offsetPages: 0,
      compat: task.abi === "i386",
    },
    task.actor,
  );
  if (!result.ok) return result;
  if (hasToken && registers.low(1) % ENTRY_BYTES !== 0) {
    task.space.unmap(result.value, pages);
    return reasons.refuse(checks, "map_shadow_stack/token-unaligned", registers.number(1));
  }
  if (hasToken) task.space.touch(result.value + pages - 1, "write", task.actor);
  return success(result.value * pageBytes);
}
