import { MADV, MAP, MREMAP } from "@kadvise/uapi";
import fc from "fast-check";
import { AddressSpace } from "../addressSpace.ts";
import { OMNIPOTENT } from "../actor.ts";
import type { Backing } from "../backing.ts";
import { VM_SEALED } from "../flags.ts";
import type { Memory } from "../memory.ts";
import { file, machine, opened, PAGE } from "./world.ts";

/** The pages that random programs play with: across the edge of a page table. */
export const LOW = 490;
const HIGH = 530;

const KINDS = {
  private: MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS,
  shared: MAP.MAP_SHARED | MAP.MAP_ANONYMOUS,
  locked: MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_LOCKED,
  populated: MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_POPULATE,
  stack: MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_GROWSDOWN,
  droppable: MAP.MAP_DROPPABLE | MAP.MAP_ANONYMOUS,
  hugetlb: MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_HUGETLB,
  privateFile: MAP.MAP_PRIVATE,
  sharedFile: MAP.MAP_SHARED,
  sharedMemory: MAP.MAP_SHARED,
  privateMemory: MAP.MAP_PRIVATE,
} as const;

/** A machine with files, and the processes that a program made on it. */
export interface World {
  readonly memory: Memory;
  readonly file: Backing;
  readonly memfd: Backing;
  readonly processes: AddressSpace[];
}

/** What the machines of a property differ in. */
export interface WorldOptions {
  readonly release: string;
  readonly swap: boolean;
  readonly maxMapCount: number;
}

export const worldOptions: fc.Arbitrary<WorldOptions> = fc.record({
  release: fc.constantFrom("5.10", "6.1", "6.12", "6.18", "7.2"),
  swap: fc.boolean(),
  maxMapCount: fc.constantFrom(9, 65530),
});

/** A machine as the options say, with one process. */
export function makeWorld({ release, swap, maxMapCount }: WorldOptions): World {
  const memory = machine(release, { swap, maxMapCount });
  const object = file(24).object;
  const first = new AddressSpace({ memory });
  first.startBreak = first.break = (LOW - 8) * PAGE;
  return {
    memory,
    file: opened(object, { writable: true }),
    memfd: opened({ kind: "shmem", sizeBytes: 24 * PAGE, canPunch: true }, { name: "/memfd:m" }),
    processes: [first],
  };
}

const page = fc.integer({ min: LOW, max: HIGH });
const pages = fc.integer({ min: 1, max: 12 });
const range = { who: fc.nat(5), page, pages };
const prot = fc.constantFrom("rw", "rw", "r", "none", "rx", "w");

const mapping = fc.record({
  ...range,
  call: fc.constant("map" as const),
  prot,
  kind: fc.constantFrom(...(Object.keys(KINDS) as (keyof typeof KINDS)[])),
  fixed: fc.boolean(),
  offset: fc.nat(16),
});

const remapping = fc.record({
  ...range,
  call: fc.constant("remap" as const),
  newPages: pages,
  keepsLength: fc.boolean(),
  target: page,
  flags: fc.constantFrom(0, 1, 3, 3, 5, 7),
});

/** One call or access of a random program. */
export const step = fc.oneof(
  { weight: 3, arbitrary: remapping },
  { weight: 4, arbitrary: mapping },
  {
    weight: 2,
    arbitrary: fc.record({ ...range, call: fc.constant("protect" as const), prot }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      ...range,
      call: fc.constant("advise" as const),
      advice: fc.constantFrom(...(Object.keys(MADV) as (keyof typeof MADV)[])),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      ...range,
      call: fc.constant("write" as const),
      byte: fc.integer({ min: 1, max: 255 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      ...range,
      call: fc.constantFrom(
        "unmap" as const,
        "lock" as const,
        "lockOnFault" as const,
        "unlock" as const,
        "lockAll" as const,
        "unlockAll" as const,
        "read" as const,
        "read" as const,
        "read" as const,
        "execute" as const,
        "sync" as const,
        "residency" as const,
        "fork" as const,
        "fork" as const,
        "exit" as const,
        "break" as const,
        "seal" as const,
        "name" as const,
      ),
    }),
  },
);

export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A random program: it maps a good deal first. */
export const program: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.array(mapping, { minLength: 4, maxLength: 8 }),
    fc.array(step, { minLength: 5, maxLength: 70, size: "max" }),
  )
  .map(([first, rest]) => [...first, ...rest]);

/** Carries a step out; returns what the caller sees, as text. */
export function perform(world: World, one: Step): string {
  const mm = world.processes[one.who % world.processes.length];
  const answer = outcome(world, mm, one);
  if (answer === undefined) return "done";
  if (!answer.ok) return answer.reason.id;
  return answer.value instanceof Uint8Array ? answer.value.join(" ") : String(answer.value);
}

function outcome(world: World, mm: AddressSpace, one: Step) {
  const { memory, processes } = world;
  switch (one.call) {
    case "map": {
      if (one.kind === "droppable" && !memory.features.droppable) return undefined;
      // A stack at the top of the address space would grow down to here: billions of pages.
      const isFixed = one.fixed || one.kind === "stack";
      const isFile = one.kind === "privateFile" || one.kind === "sharedFile";
      const isMemory = one.kind === "privateMemory" || one.kind === "sharedMemory";
      return mm.map({
        at: one.page,
        pages: one.pages,
        prot: one.prot,
        flags: KINDS[one.kind] | (isFixed ? MAP.MAP_FIXED : 0),
        backing: isFile ? world.file : isMemory ? world.memfd : null,
        offsetPages: one.offset,
      });
    }
    case "protect":
      return mm.protect(one.page, one.pages, one.prot);
    case "advise":
      return memory.knownAdvice[MADV[one.advice]] === 1
        ? mm.advise(one.page, one.pages, one.advice)
        : undefined;
    case "write":
      return mm.write(one.page, new Uint8Array(one.pages * 700).fill(one.byte), 3);
    case "read":
      return mm.read(one.page, 40, 4080);
    case "execute":
      return mm.touch(one.page, "execute");
    case "remap": {
      const keeps = one.keepsLength || (one.flags & MREMAP.MREMAP_DONTUNMAP) !== 0;
      return mm.remap({
        page: one.page,
        oldPages: one.pages,
        newPages: keeps ? one.pages : one.newPages,
        flags: one.flags,
        target: one.target,
      });
    }
    case "unmap":
      return mm.unmap(one.page, one.pages);
    case "lock":
    case "lockOnFault":
      return mm.lock(one.page, one.pages, one.call === "lockOnFault");
    case "unlock":
      return mm.unlock(one.page, one.pages);
    case "lockAll":
      mm.lockAll(one.page % 2 === 0, one.pages % 2 === 0, one.page % 3 === 0);
      return undefined;
    case "unlockAll":
      mm.unlockAll();
      return undefined;
    case "sync":
      return mm.sync(one.page, one.pages, false, false, true);
    case "residency":
      return mm.residency(one.page, one.pages, OMNIPOTENT);
    case "break":
      return mm.setBreak((LOW - 8 + one.pages) * PAGE);
    case "fork":
      if (processes.length < 5) processes.push(mm.fork());
      return undefined;
    case "exit":
      if (processes.length > 1) {
        processes.splice(processes.indexOf(mm), 1);
        mm.tearDown();
      }
      return undefined;
    case "seal":
      if (memory.features.seals !== "none" && one.page % 5 === 0) seal(mm, one.page);
      return undefined;
    case "name":
      return mm.name(one.page, one.pages, [undefined, "a", "b"][one.page % 3]);
  }
}

/** mseal of a whole area; cutting areas is other calls' business. */
function seal(mm: AddressSpace, at: number): void {
  const area = mm.areas.at(at);
  if (area >= 0) mm.areas.setFlags(area, (mm.areas.flags[area] | VM_SEALED) >>> 0);
}
