import { integerOf, type CallEvent, type Value } from "@kadvise/strace";
import type { Task } from "@kadvise/syscalls";
import type { Abi } from "@kadvise/uapi";
import { constant } from "../notation/constants.ts";
import type { World } from "./world.ts";

const LOWEST_NEGATIVE = 2n ** 31n;
const BEYOND_32_BITS = 2n ** 32n;

/**
 * By which gate a call entered: a 64-bit program may use `int $0x80`, and then its vector has
 * 32-bit elements.
 *
 * Strace notes each change of the gate on the terminal, and leaves the note out of a file (`-o`).
 * There the name may tell, of calls that only the 32-bit gate has; else it makes a difference for one
 * shape: a length from 2 GiB to 4 GiB is negative for a 32-bit caller, if every address of the vector
 * could be his.
 */
export function gateOf(world: World, task: Task, event: CallEvent): Abi {
  if (world.gatesAreNoted || task.abi === "i386") return task.abi;
  if (ONLY_OF_32_BITS.test(event.name)) return "i386";
  if (!couldBeEither(event)) return task.abi;
  return world.kernel.ports.choices.choose<Abi>({
    id: "call/gate",
    usual: task.abi,
    allows: () => true,
    describe: () => "whether the call came in by the gate of 64-bit or of 32-bit programs",
    alternatives: [task.abi, "i386"],
  });
}

/** Linux: arch/x86/entry/syscalls/syscall_32.tbl, with the names that syscall_64.tbl lacks. */
const ONLY_OF_32_BITS = /^(mmap2|ugetrlimit|waitpid|(get|set)(re|res|fs)?[ug]id32|[gs]etgroups32)$/;

function couldBeEither(event: CallEvent): boolean {
  const vector = event.args[1]?.value;
  if (event.name !== "process_madvise" || vector?.kind !== "array") return false;
  const fields = vector.items.flatMap((item) => (item.kind === "struct" ? item.fields : []));
  const numbers = fields.map(({ value }) => numberOf(value));
  if (numbers.some((number) => number === undefined || number >= BEYOND_32_BITS)) return false;
  return fields.some(({ name }, i) => name === "iov_len" && numbers[i]! >= LOWEST_NEGATIVE);
}

function numberOf(value: Value): bigint | undefined {
  const number = integerOf(value, constant);
  return number === undefined ? undefined : BigInt.asUintN(64, BigInt(number));
}
