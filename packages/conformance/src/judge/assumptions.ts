import type { AddressSpace } from "@kadvise/mm-core";
import type { Question } from "@kadvise/ports";
import type { CallEvent } from "@kadvise/strace";

/**
 * What a judge takes for granted because a log cannot show it. Each can be switched off with
 * `--assume NAME=off`.
 */
export const ASSUMPTIONS = {
  "no-allocation-failure": "the machine never ran out of memory",
  "no-unshown-limits":
    "no limit, filter or security module refused anything that the log has not shown",
  "usual-limits": "vm.max_map_count is 65530, kernel.pid_max and memory are not reached",
  "whole-log": "the log shows every call of the processes in it",
  "valid-pointers": "pointers into memory of which the log never spoke lead to memory",
  "program-image":
    "what a program changes of its own image, below its heap, and of its dynamic linker, above its mappings, is mapped there, and where it asks for room below its heap, its image is not",
  "private-image": "what the kernel mapped at execve is private and ordinary",
  "one-id": "a program that was there before runs with one uid and one gid, whatever they are",
  "sound-rest": "ranges of a vector that the log leaves out can be read and advised",
  "initial-pids": "process numbers are those of the initial pid namespace: process 2 is kthreadd",
  "first-exec": "the program with which the log begins exists and may be executed",
  "plain-start": "the program with which the log begins gains no privileges by being executed",
  "regular-files": "files that were opened under ordinary paths are regular and can be mapped",
  "no-reclaim": "locked pages stay in memory",
  "no-passing-obstacle":
    "nobody held a page while it was to become huge, unless the log shows that somebody did",
  "no-passing-signal":
    "no signal came in the midst of a call, unless its result shows that one did",
  "one-node": "the machine has one memory node, unless the log shows that it has more",
  "no-poisoned-pages": "no page was poisoned where no EHWPOISON shows that one was",
} as const;

/** The name of an assumption. */
export type AssumptionName = keyof typeof ASSUMPTIONS;

/** The assumptions in force, and the answers that follow from them. */
export class Assumptions {
  private readonly off: ReadonlySet<string>;
  /** The memory of the process whose call is judged. */
  space: AddressSpace | undefined = undefined;

  constructor(off: Iterable<AssumptionName> = []) {
    this.off = new Set(off);
  }

  /**
   * Whether assumptions of which a log itself tells when they fail are set aside for the moment:
   * what breaks nothing else is no deviation.
   */
  isDoubting = false;

  /** Whether the log shows that a page was poisoned. */
  poisonIsShown = false;

  /** Whether the log shows that the machine has several memory nodes. */
  nodesAreShown = false;

  /** Whether a policy's answer hangs on nodes of which the log does not tell. */
  leavesNodesOpen({ name, argumentText, result }: CallEvent): boolean {
    if (!POLICIES.test(name)) return false;
    this.nodesAreShown ||= result.error === "EIO";
    this.nodesAreShown ||= result.error === undefined && namesOtherNodes(argumentText);
    return this.nodesAreShown || !this.holds("one-node");
  }

  /** Notes whether a call poisons a page, or finds one that is. */
  note({ name, argumentText, result }: CallEvent): void {
    const poisons =
      (name === "madvise" && argumentText.includes("MADV_HWPOISON")) ||
      (name === "ioctl" && UFFDIO_POISON.test(argumentText));
    if (result.error === "EHWPOISON" || (poisons && result.error === undefined))
      this.poisonIsShown = true;
  }

  /** The sentences in force, for the report. */
  get texts(): readonly string[] {
    return Object.entries(ASSUMPTIONS)
      .filter(([name]) => !this.off.has(name))
      .map(([, text]) => text);
  }

  holds(name: AssumptionName): boolean {
    return !this.off.has(name);
  }

  /**
   * The answer that an assumption gives to a question, if one does; `error` is what the log shows
   * of the call that asks.
   */
  answer<A>(
    question: Question<A>,
    error?: string,
  ): { readonly answer: A; readonly leavesNumberOpen?: true } | undefined {
    switch (question.id) {
      case "vector/left-out":
        return this.holds("sound-rest") && !this.isDoubting
          ? { answer: true as A, leavesNumberOpen: true }
          : undefined;
      case "collapse/obstacle":
        return this.holds("no-passing-obstacle") && !this.isDoubting
          ? { answer: "none" as A, leavesNumberOpen: true }
          : undefined;
      case "signal/pending":
        return this.holds("no-passing-signal") && !this.isDoubting
          ? { answer: false as A }
          : undefined;
      case "signal/ends-sleep":
        // A tracer shows that the call would start again; only who asks the program sees EINTR.
        return { answer: (error === "EINTR" ? "handler" : "nothing") as A };
      case "signal/fatal":
        // Who was killed in the midst of a call has no result to judge.
        return { answer: false as A };
      case "populate/poisoned":
        return this.holds("no-poisoned-pages") && !(this.isDoubting && this.mayBePoison(error))
          ? { answer: false as A }
          : undefined;
      case "populate/unstated":
        return this.holds("private-image") && !(this.isDoubting && mayBeUnstated(error))
          ? { answer: "none" as A }
          : undefined;
      case "mmap/likely-kind":
        return this.holds("regular-files") && !(this.isDoubting && error === "ENODEV")
          ? { answer: true as A }
          : undefined;
      case "mm/commit-pages":
        return this.holds("usual-limits") && !(this.isDoubting && error === "ENOMEM")
          ? { answer: true as A }
          : undefined;
      case "memory/unstated-pointer":
        return this.holds("valid-pointers") ? { answer: true as A } : undefined;
      case "mm/unstated-range":
        return this.holds("program-image") ? this.ofImage(question, error) : undefined;
      case "pidfd_open/kthreadd":
        return this.holds("initial-pids") ? { answer: true as A } : undefined;
      case "mm/unstated-special":
        return this.holds("private-image") && this.isImage(question.pages)
          ? { answer: true as A }
          : undefined;
      default:
        return undefined;
    }
  }

  /**
   * What tells of a poisoned page: MADV_POPULATE says so; once it is known that there are such, also
   * that mlock cannot bring it in, or that a vector ended before it.
   */
  private mayBePoison(error: string | undefined): boolean {
    if (error === "EHWPOISON") return true;
    return this.poisonIsShown && (error === undefined || error === "ENOMEM");
  }

  /**
   * Who changes what execve mapped knows where that is, and who asks with MAP_FIXED_NOREPLACE for
   * room of its own has looked for it elsewhere.
   */
  private ofImage<A>(
    { reader, pages }: Question<A>,
    error: string | undefined,
  ): { readonly answer: A } | undefined {
    if (reader === "mmap-no-replace")
      return this.isImage(pages) && !this.isDoubting ? { answer: "hole" as A } : undefined;
    const seals = reader === "mseal";
    if (reader !== "mprotect" && !seals) return undefined;
    const isRefuted = this.isDoubting && error === "ENOMEM";
    const isThere = this.isImage(pages)
      ? !(seals && isRefuted)
      : this.isLinker(pages) && !isRefuted;
    return isThere ? { answer: "area" as A } : undefined;
  }

  /**
   * Within a gigabyte below the heap lies what execve loaded, and nothing else. Linux:
   * fs/binfmt_elf.c
   */
  private isImage(pages: Pages | undefined): boolean {
    const heap = this.space === undefined ? 0 : heapStart(this.space);
    return (
      pages !== undefined &&
      heap > 0 &&
      pages.end <= heap &&
      pages.start >= heap - IMAGE_PAGES &&
      pages.start >= 16
    );
  }

  /**
   * A program's first mapping goes right below its dynamic linker: what was there before, within a
   * megabyte above a mapping of the program's, is the linker's. Linux: fs/binfmt_elf.c
   * load_elf_interp
   */
  private isLinker(pages: Pages | undefined): boolean {
    if (pages === undefined || this.space === undefined) return false;
    const { areas } = this.space;
    const below = areas.below(pages.start);
    return below >= 0 && pages.end <= areas.end[below] + LINKER_PAGES;
  }
}

interface Pages {
  readonly start: number;
  readonly end: number;
}

/** The page behind the program's image: where its heap begins; 0 while the log has not told. */
function heapStart({ memory, startBreak }: AddressSpace): number {
  return Number.isNaN(startBreak) ? 0 : Math.ceil(startBreak / memory.pageBytes);
}

const IMAGE_PAGES = 2 ** 18;
const LINKER_PAGES = 2 ** 8;

const POLICIES = /^(mbind|[gs]et_mempolicy)$/;

/** Whether a mask of nodes, or a node that was told, is another than the first. */
function namesOtherNodes(text: string): boolean {
  const masks = [...text.matchAll(/\[(0x[0-9a-f]+|\d+)[\],]/g)];
  return masks.some(([, mask]) => BigInt(mask) > (mask.startsWith("0x") ? 1n : 0n));
}

/** Also as a strace prints it that does not know the name. Linux: include/uapi/linux/userfaultfd.h */
const UFFDIO_POISON = /UFFDIO_POISON|0xaa, 0x8,/;

/** Whether an area of unknown kind, which cannot be brought in, may be the cause. */
function mayBeUnstated(error: string | undefined): boolean {
  return error === "EFAULT" || error === "EINVAL" || error === "ENOMEM" || error === undefined;
}
