import fc from "fast-check";
import { expect, test } from "vitest";
import { restoreSnapshot, takeSnapshot, type SnapshotClasses } from "./snapshot.ts";

class Node {
  payload: unknown = undefined;
  next: unknown = undefined;
}

const CLASSES: SnapshotClasses = new Map([["Node", Node]]);
const KINDS = ["node", "plain", "array", "map", "set", "bytes", "floats", "external"] as const;
const PORTS = { ports: true };
const EXTERNALS = new Map<string, object>([["ports", PORTS]]);

/** One object of a graph: its kind, its own values, and the objects that it refers to by number. */
interface Recipe {
  readonly kind: (typeof KINDS)[number];
  readonly values: readonly unknown[];
  readonly references: readonly number[];
}

const recipe: fc.Arbitrary<Recipe> = fc.record({
  kind: fc.constantFrom(...KINDS),
  values: fc.array(
    fc.oneof(
      fc.double(),
      fc.integer(),
      fc.bigInt(),
      fc.string(),
      fc.constantFrom(null, undefined, true, false, -0),
    ),
    { maxLength: 3 },
  ),
  references: fc.array(fc.nat(11), { maxLength: 4 }),
});

const create: { readonly [kind in Recipe["kind"]]: (values: readonly unknown[]) => object } = {
  node: () => new Node(),
  plain: () => ({}),
  array: () => [],
  map: () => new Map(),
  set: () => new Set(),
  bytes: (values) => Uint8Array.from(values, (value) => (Number.isInteger(value) ? 7 : 0)),
  floats: (values) => Float64Array.from(values, (value) => (typeof value === "number" ? value : 1)),
  external: () => PORTS,
};

/** Makes a graph in which anything may refer to anything, itself included. */
function build(recipes: readonly Recipe[]): object {
  const objects = recipes.map(({ kind, values }) => create[kind](values));
  for (const [i, { kind, values, references }] of recipes.entries()) {
    const object = objects[i];
    const all = [...values, ...references.map((number) => objects[number % objects.length])];
    if (kind === "node") Object.assign(object, { payload: all[0], next: all[1] });
    else if (kind === "plain")
      all.forEach((value, k) => Object.assign(object, { [`f${k}`]: value }));
    else if (kind === "array") (object as unknown[]).push(...all);
    else if (kind === "map") {
      all.forEach((value, k) => (object as Map<unknown, unknown>).set(all[k + 1], value));
    } else if (kind === "set") all.forEach((value) => (object as Set<unknown>).add(value));
  }
  return { root: objects };
}

test("whatever graph is taken, the restored one is the same, and takes to the same snapshot", () => {
  fc.assert(
    fc.property(fc.array(recipe, { minLength: 1, maxLength: 12 }), (recipes) => {
      const graph = build(recipes);
      const taken = takeSnapshot(graph, CLASSES, EXTERNALS);
      const back = restoreSnapshot(structuredClone(taken), CLASSES, EXTERNALS);
      expect(takeSnapshot(back, CLASSES, EXTERNALS)).toStrictEqual(taken);
      expect(sharing(back)).toStrictEqual(sharing(graph));
    }),
    { numRuns: 300 },
  );
});

/** A graph as text, told by another walk than the snapshot's: depth first, objects by number. */
function sharing(root: object): string {
  const seen = new Map<unknown, number>();
  const tell = (value: unknown): string => {
    if (typeof value !== "object" || value === null) {
      return Object.is(value, -0) ? "-0" : `${typeof value}:${String(value)}`;
    }
    const known = seen.get(value);
    if (known !== undefined) return `#${known}`;
    seen.set(value, seen.size);
    if (value === PORTS) return "PORTS";
    const parts = value instanceof Map || value instanceof Set ? [...value] : Object.entries(value);
    return `${value.constructor.name}(${parts
      .flat(value instanceof Set ? 0 : 1)
      .map(tell)
      .join(",")})`;
  };
  return tell(root);
}
