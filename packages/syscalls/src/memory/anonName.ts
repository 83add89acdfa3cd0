import { Reasons, success, type Refusal } from "@kadvise/uapi";
import type { Outcome } from "../call.ts";
import { copyInText } from "../copyUser.ts";
import { addressPages, type Registers } from "../registers.ts";
import type { Task } from "../task.ts";

const entries = {
  "prctl/vma-unknown": {
    errno: "EINVAL",
    text: "PR_SET_VMA knows PR_SET_VMA_ANON_NAME alone, and that since 5.17 with CONFIG_ANON_VMA_NAME",
    linux: "kernel/sys.c prctl_set_vma",
    since: "5.17",
    remedy: "use a kernel that has it",
    compares: ["operation"],
  },
  "prctl/name-too-long": {
    errno: "EINVAL",
    text: "a name has at most 79 bytes",
    linux: "kernel/sys.c prctl_set_vma, ANON_VMA_NAME_MAX_LEN",
    since: "5.17",
    remedy: "pass a shorter one",
  },
  "prctl/name-character": {
    errno: "EINVAL",
    text: "a name has printable ASCII characters, and none of \\ ` $ [ ]",
    linux: "kernel/sys.c is_valid_name_char",
    since: "5.17",
    remedy: "pass another name",
    compares: ["character"],
  },
  "prctl/name-unaligned": {
    errno: "EINVAL",
    text: "the address is no page's beginning",
    linux: "mm/madvise.c madvise_set_anon_name",
    since: "5.17",
    remedy: "pass a page's address",
    compares: ["address"],
  },
  "prctl/name-length": {
    errno: "EINVAL",
    text: "the range wraps around the address space",
    linux: "mm/madvise.c madvise_set_anon_name",
    since: "5.17",
    remedy: "pass the length of what is mapped",
    compares: ["address", "length"],
  },
} as const;

/** The reasons of PR_SET_VMA. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** The final NUL included. Linux: kernel/sys.c ANON_VMA_NAME_MAX_LEN */
const NAME_BYTES = 80;
const FORBIDDEN = "\\`$[]";

/**
 * PR_SET_VMA_ANON_NAME: gives anonymous memory a name, which maps shows; NULL takes it away. The name
 * is read before the range is looked at. Linux: kernel/sys.c prctl_set_vma
 */
export function setVma(task: Task, registers: Registers): Outcome {
  const { checks } = task.machine.ports;
  const { features, settings, pageShift } = task.machine.memory;
  // PR_SET_VMA_ANON_NAME is 0.
  if (!registers.isZero(1) || features.anonNames === "none" || !settings.get("anonName"))
    return reasons.refuse(checks, "prctl/vma-unknown", registers.hex(1));
  const name = registers.isZero(4) ? undefined : readName(task, registers);
  if (typeof name === "object") return name;
  if (registers.offset(2, pageShift) !== 0)
    return reasons.refuse(checks, "prctl/name-unaligned", registers.hex(2));
  const start = registers.page(2, pageShift);
  const pages = registers.pagesUp(3, pageShift);
  const all = addressPages(pageShift);
  if (pages === all || start + pages >= all)
    return reasons.refuse(checks, "prctl/name-length", registers.hex(2), registers.hex(3));
  const named = task.space.name(start, pages, name);
  return named.ok ? success(0) : named;
}

function readName(task: Task, registers: Registers): string | Refusal {
  const { checks } = task.machine.ports;
  const bytes = copyInText(task, registers, 4, NAME_BYTES);
  if (!(bytes instanceof Uint8Array)) return bytes;
  if (bytes.length === NAME_BYTES) return reasons.refuse(checks, "prctl/name-too-long");
  const name = String.fromCharCode(...bytes);
  const wrong = [...name].find((one) => one <= "\x1f" || one >= "\x7f" || FORBIDDEN.includes(one));
  return wrong === undefined
    ? name
    : reasons.refuse(checks, "prctl/name-character", JSON.stringify(wrong));
}
