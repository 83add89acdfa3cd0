import { describe, expect, test } from "vitest";
import {
  restoreSnapshot,
  takeSnapshot,
  type Snapshot,
  type SnapshotClasses,
  type SnapshotExternals,
} from "./snapshot.ts";

class Area {
  start = 0;
  next: Area | undefined = undefined;

  get end(): number {
    return this.start + 1;
  }
}

class Foreign {
  value = 1;
}

const CLASSES: SnapshotClasses = new Map([["Area", Area]]);
const NONE: SnapshotExternals = new Map();

/** What a value is after a journey through a file or to a worker. */
function travel<T extends object>(root: T, externals: SnapshotExternals = NONE): T {
  return restoreSnapshot(
    structuredClone(takeSnapshot(root, CLASSES, externals)),
    CLASSES,
    externals,
  ) as T;
}

describe("a snapshot brings back", () => {
  test("every kind of value", () => {
    const root = {
      numbers: [0, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53],
      address: 0x7fff_ffff_f000n,
      nothing: undefined,
      none: null,
      word: "",
      yes: true,
    };
    expect(travel(root)).toStrictEqual(root);
  });

  test("maps and sets in their order, also of objects", () => {
    const key = { fd: 3 };
    const root = {
      map: new Map<unknown, unknown>([
        [key, 1],
        [2, key],
      ]),
      set: new Set([9, 1, key]),
    };
    const back = travel(root);
    expect(back).toStrictEqual(root);
    expect([...back.map.keys()][0]).toBe(back.map.get(2));
  });

  test("typed arrays with their kind, and memory of their own", () => {
    const root = {
      bytes: Uint8Array.of(1, 2),
      counts: Float64Array.of(0.5),
      signs: Int32Array.of(-1),
    };
    const back = travel(root);
    expect(back).toStrictEqual(root);
    root.bytes[0] = 9;
    expect(back.bytes[0]).toBe(1);
  });

  test("the seen part of a larger buffer only", () => {
    const view = new Uint8Array(Uint8Array.of(1, 2, 3, 4).buffer, 1, 2);
    const { cells } = travel({ cells: view });
    expect([...cells]).toEqual([2, 3]);
    expect(cells.buffer.byteLength).toBe(2);
  });

  test("an object of a named class with its methods, without calling its constructor", () => {
    const area = Object.assign(new Area(), { start: 41 });
    const back = travel(area);
    expect(back).toBeInstanceOf(Area);
    expect(back.end).toBe(42);
  });

  test("what two hold as the one thing that both hold", () => {
    const shared = new Area();
    const back = travel({ a: shared, b: [shared] });
    expect(back.a).toBe(back.b[0]);
    expect(back.a).not.toBe(shared);
  });

  test("a circle as a circle", () => {
    const [a, b] = [new Area(), new Area()];
    [a.next, b.next] = [b, a];
    const back = travel(a);
    expect(back.next!.next).toBe(back);
    expect(back.next).not.toBe(back);
  });

  test("frozen objects frozen, and no others", () => {
    const back = travel({ fixed: Object.freeze({ a: 1 }), loose: { a: 1 } });
    expect(Object.isFrozen(back.fixed)).toBe(true);
    expect(Object.isFrozen(back.loose)).toBe(false);
  });

  test("a long chain, without running out of stack", () => {
    let first = new Area();
    for (let i = 0; i < 20_000; i++) first = Object.assign(new Area(), { next: first });
    let length = 0;
    for (let area: Area | undefined = travel(first); area !== undefined; area = area.next) length++;
    expect(length).toBe(20_001);
  });
});

test("what was changed behind a snapshot does not change it", () => {
  const root = { list: [1], cells: Uint8Array.of(1), map: new Map([["a", 1]]) };
  const taken = takeSnapshot(root, CLASSES, NONE);
  root.list.push(2);
  root.cells[0] = 2;
  root.map.set("b", 2);
  expect(restoreSnapshot(taken, CLASSES, NONE)).toStrictEqual({
    list: [1],
    cells: Uint8Array.of(1),
    map: new Map([["a", 1]]),
  });
});

describe("an external", () => {
  const listener = (): void => undefined;

  test("is named, and whoever restores brings his own", () => {
    const taken = takeSnapshot(
      { policy: listener, ports: USUAL },
      CLASSES,
      externals(listener, USUAL),
    );
    const mine = { mine: true };
    const other = (): void => undefined;
    const back = restoreSnapshot(taken, CLASSES, externals(other, mine)) as Record<string, unknown>;
    expect(back["policy"]).toBe(other);
    expect(back["ports"]).toBe(mine);
  });

  test("that is not brought is asked for by its name", () => {
    const taken = takeSnapshot({ ports: USUAL }, CLASSES, externals(listener, USUAL));
    expect(() => restoreSnapshot(taken, CLASSES, NONE)).toThrow(
      new TypeError('the snapshot needs "ports", which was not given'),
    );
  });

  const USUAL = { usual: true };
  const externals = (policy: object, ports: object): SnapshotExternals =>
    new Map([
      ["policy", policy],
      ["ports", ports],
    ]);
});

describe("a snapshot refuses, and says where it hangs,", () => {
  const foreign = new Foreign();

  test.each<[string, object, string]>([
    ["a field of a field", { a: { b: foreign } }, ".a.b"],
    ["an element", { list: [1, foreign] }, ".list[1]"],
    ["an entry of a map", { map: new Map([["k", foreign]]) }, ".map.get(k)"],
    ["a key of a map", { map: new Map([[foreign, 1]]) }, ".map key"],
    ["an element of a set", { set: new Set([foreign]) }, ".set element"],
    ["a field of a named class", Object.assign(new Area(), { next: foreign }), ".next"],
    ["the root itself", foreign, "the root"],
  ])("a class that it does not know: %s", (_, root, place) => {
    expect(() => takeSnapshot(root, CLASSES, NONE)).toThrow(
      new TypeError(`a snapshot does not know the class Foreign at ${place}`),
    );
  });

  test.each([
    ["function", () => 1],
    ["symbol", Symbol("s")],
  ])("a %s", (kind, value) => {
    expect(() => takeSnapshot({ list: [0, value] }, CLASSES, NONE)).toThrow(
      new TypeError(`a snapshot cannot hold the ${kind} at .list[1]`),
    );
  });
});

describe("restoring refuses", () => {
  test("a class that this version does not know", () => {
    const taken = takeSnapshot(new Area(), CLASSES, NONE);
    expect(() => restoreSnapshot(taken, new Map(), NONE)).toThrow(
      new TypeError("this version knows no class Area"),
    );
  });

  test("another format", () => {
    const newer = { format: 2, objects: [] } as unknown as Snapshot;
    expect(() => restoreSnapshot(newer, CLASSES, NONE)).toThrow(
      new RangeError("expected a snapshot of format 1, got 2"),
    );
  });
});
