import { MAP, MREMAP } from "@kadvise/uapi";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AddressSpace } from "../addressSpace.ts";
import type { Memory } from "../memory.ts";
import { punchHole } from "../punchHole.ts";
import { endObject } from "../sharedMemory.ts";
import { digest } from "../testing/digest.ts";
import {
  HUGE,
  hugeAt,
  hugeFile,
  mapHuge,
  NORESERVE,
  PRIVATE,
  SHARED,
} from "../testing/hugeWorld.ts";
import { violations } from "../testing/invariants.ts";
import { machine, PAGE } from "../testing/world.ts";
import { truncatePages } from "../truncate.ts";
import { allocateHugePages } from "./hugeFile.ts";

/** Huge pages that the programs play with, and those of their file. */
const PAGES = 6;
const FILE_PAGES = 3;

const at = fc.integer({ min: 0, max: PAGES - 1 });
const count = fc.integer({ min: 1, max: 3 });
const range = { who: fc.nat(3), at, count };
const step = fc.oneof(
  fc.record({
    ...range,
    call: fc.constant("map" as const),
    kind: fc.constantFrom("private", "private", "shared", "unreserved", "file", "copy"),
    prot: fc.constantFrom("rw", "rw", "r", "none"),
  }),
  fc.record({
    ...range,
    call: fc.constantFrom("unmap", "protect", "dontneed", "remove", "move", "lock"),
  }),
  fc.record({ who: fc.nat(3), at, count, call: fc.constantFrom("write", "write", "read", "pin") }),
  fc.record({ ...range, call: fc.constantFrom("fork", "exit", "hole", "cut", "room", "resize") }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

class World {
  readonly memory: Memory;
  readonly processes: AddressSpace[];
  readonly file: ReturnType<typeof hugeFile> = hugeFile(FILE_PAGES);

  constructor(release: string, hugePages: number, overcommitHugePages: number) {
    this.memory = machine(release, { hugePages, overcommitHugePages });
    this.processes = [new AddressSpace({ memory: this.memory })];
  }

  perform(one: Step): void {
    const { memory, processes, file } = this;
    const mm = processes[one.who % processes.length];
    if (mm === undefined) return;
    const page = hugeAt(one.at);
    const pages = one.count * HUGE;
    switch (one.call) {
      case "map":
        this.map(mm, one);
        break;
      case "unmap":
        mm.unmap(page, pages);
        break;
      case "protect":
        mm.protect(page, pages, one.who % 2 === 0 ? "rw" : "r");
        break;
      case "dontneed":
        mm.advise(page, pages, "MADV_DONTNEED");
        break;
      case "remove":
        mm.advise(page, pages, "MADV_REMOVE");
        break;
      case "move":
        this.move(mm, page);
        break;
      case "lock":
        mm.lock(page, pages);
        break;
      case "write":
        mm.write(page + one.count, "x");
        break;
      case "read":
        mm.touch(page + one.count, "read");
        break;
      case "pin":
        mm.pin(page, "read");
        break;
      case "fork":
        if (processes.length < 4) processes.push(mm.fork());
        break;
      case "exit":
        mm.tearDown();
        processes.splice(processes.indexOf(mm), 1);
        break;
      case "hole":
        punchHole(memory, file.object, one.at * HUGE * PAGE + one.who, one.count * HUGE * PAGE);
        break;
      case "cut":
        memory.ports.journal.save(file.object, "sizeBytes");
        file.object.sizeBytes = one.count * HUGE * PAGE;
        truncatePages(memory, file.object, file.object.sizeBytes);
        break;
      case "room":
        allocateHugePages(memory, file.object, one.at % FILE_PAGES, FILE_PAGES);
        break;
      case "resize":
        memory.hugePools[0].resize(one.at);
        break;
    }
  }

  private map(mm: AddressSpace, one: Step & { readonly call: "map" }): void {
    const { kind, prot } = one;
    if (kind === "file" || kind === "copy") {
      const flags = kind === "file" ? MAP.MAP_SHARED : MAP.MAP_PRIVATE;
      this.file.map(mm, one.at, one.count, { flags, prot, from: one.who % FILE_PAGES });
    } else {
      const flags = kind === "shared" ? SHARED : PRIVATE;
      mapHuge(mm, one.at, one.count, {
        ...{ prot, flags: kind === "unreserved" ? flags | NORESERVE : flags },
      });
    }
  }

  /** Whole areas alone: of those that are moved in part Linux loses count. */
  private move(mm: AddressSpace, page: number): void {
    const area = mm.areas.at(page);
    if (area < 0) return;
    const start = mm.areas.start[area];
    const pages = mm.areas.end[area] - start;
    const target = start >= hugeAt(PAGES * 2) ? hugeAt(0) : hugeAt(PAGES * 3);
    const flags = MREMAP.MREMAP_FIXED | MREMAP.MREMAP_MAYMOVE;
    mm.remap({ page: start, oldPages: pages, newPages: pages, flags, target });
  }
}

const program = fc.record({
  release: fc.constantFrom("5.10", "6.1", "6.12", "6.18"),
  hugePages: fc.integer({ min: 0, max: 6 }),
  overcommit: fc.constantFrom(0, 0, 2),
  steps: fc.array(step, { maxLength: 40 }),
});

test("after every call the pool, the files and the mappings agree, and in the end all is free", () => {
  fc.assert(
    fc.property(program, ({ release, hugePages, overcommit, steps }) => {
      const world = new World(release, hugePages, overcommit);
      const { memory } = world;
      for (const one of steps) {
        world.perform(one);
        expect(violations(memory)).toEqual([]);
      }
      for (const mm of world.processes) mm.tearDown();
      endObject(memory, world.file.object);
      const [{ total, free, reserved, surplus }] = memory.hugePools;
      expect([free, reserved, surplus, violations(memory)]).toEqual([total, 0, 0, []]);
    }),
    { numRuns: 60 },
  );
});

test("what is taken back leaves no trace", () => {
  fc.assert(
    fc.property(program, fc.nat(30), ({ release, hugePages, overcommit, steps }, cut) => {
      const world = new World(release, hugePages, overcommit);
      for (const one of steps.slice(0, cut)) world.perform(one);
      const before = digest(world.memory);
      const living = [...world.processes];
      world.memory.ports.journal.attempt(() => {
        for (const one of steps.slice(cut)) world.perform(one);
      });
      world.processes.splice(0, world.processes.length, ...living);
      expect(digest(world.memory)).toEqual(before);
      expect(violations(world.memory)).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
