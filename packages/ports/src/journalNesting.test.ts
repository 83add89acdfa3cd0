import fc from "fast-check";
import { expect, test } from "vitest";
import { Journal } from "./journal.ts";

/** A world with one of each thing that the journal can take back. */
class World {
  readonly journal = new Journal();
  cell = 0;
  slots = new Uint32Array(4);
  readonly cells = new Uint8Array(8);
  readonly list: number[] = [];
  readonly map = new Map<number, number>();

  get seen(): unknown {
    const { cell, cells, list } = this;
    const entries = [...this.map].toSorted(([a], [b]) => a - b);
    return {
      cell,
      slots: [...this.slots.subarray(0, 4)],
      cells: [...cells],
      list: [...list],
      entries,
    };
  }
}

type Step = { readonly kind: string; readonly at: number; readonly value: number };

const changes: { readonly [kind: string]: (world: World, at: number, value: number) => void } = {
  cell(world, _, value) {
    world.journal.save(world, "cell");
    world.cell = value;
  },
  one(world, at, value) {
    world.journal.saveCell(world.cells, at);
    world.cells[at] = value;
  },
  run(world, at, value) {
    world.journal.saveCells(world.cells, at, 8);
    world.cells.fill(value, at);
  },
  slot(world, at, value) {
    world.journal.saveSlot(world, "slots", at % 4);
    world.slots[at % 4] = value;
  },
  grow(world) {
    const larger = new Uint32Array(world.slots.length + 4);
    larger.set(world.slots);
    world.slots = larger;
  },
  push(world, _, value) {
    world.journal.saveArray(world.list);
    world.list.push(value);
  },
  pop(world) {
    world.journal.saveArray(world.list);
    world.list.pop();
  },
  put(world, at, value) {
    world.journal.saveEntry(world.map, at);
    world.map.set(at, value);
  },
  drop(world, at) {
    world.journal.saveEntry(world.map, at);
    world.map.delete(at);
  },
  call(world, _, value) {
    const old = world.cell;
    world.journal.onUndo(() => void (world.cell = old));
    world.cell = value;
  },
};

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...Object.keys(changes), "begin", "begin", "undo", "keep"),
  at: fc.nat(7),
  value: fc.nat(255),
});

test("however recordings nest, an undo gives exactly the world of its begin", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = new World();
      const open: { readonly mark: number; readonly seen: unknown }[] = [];
      for (const { kind, at, value } of steps) {
        if (kind === "begin") open.push({ mark: world.journal.begin(), seen: world.seen });
        else if (kind === "undo" || kind === "keep") {
          const recording = open.pop();
          if (recording === undefined) continue;
          const now = world.seen;
          world.journal[kind](recording.mark);
          expect(world.seen).toEqual(kind === "undo" ? recording.seen : now);
        } else changes[kind](world, at, value);
      }
      expect(world.journal.recording).toBe(open.length > 0);
      for (const { mark, seen } of open.toReversed()) {
        world.journal.undo(mark);
        expect(world.seen).toEqual(seen);
      }
    }),
    { numRuns: 300 },
  );
});
