/** A class whose instances may stand in a snapshot, under a name that stays. */
export type SnapshotClasses = ReadonlyMap<string, abstract new (...args: never[]) => object>;

/**
 * Objects that a snapshot only names, because whoever restores it brings his own: ports, policies,
 * profiles.
 */
export type SnapshotExternals = ReadonlyMap<string, object>;

/** A value inside a snapshot: a primitive, or a reference to an object or to an external. */
export type SnapshotValue =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | { readonly object: number }
  | { readonly external: string };

/** One object of a snapshot. */
export type SnapshotObject =
  | { readonly array: readonly SnapshotValue[] }
  | { readonly map: readonly (readonly [SnapshotValue, SnapshotValue])[] }
  | { readonly set: readonly SnapshotValue[] }
  | { readonly cells: ArrayBufferView }
  | {
      readonly class: string | null;
      readonly frozen: boolean;
      readonly fields: readonly (readonly [string, SnapshotValue])[];
    };

/**
 * A graph of objects as a plain, structured-cloneable value; shared and circular references stay
 * what they are.
 */
export interface Snapshot {
  readonly format: 1;
  readonly objects: readonly SnapshotObject[];
}

/**
 * Takes a snapshot of everything that is reachable from an object.
 *
 * @throws TypeError for an object that is neither plain, nor of a named class, nor an external; the
 *   message says where it hangs.
 */
export function takeSnapshot(
  root: object,
  classes: SnapshotClasses,
  externals: SnapshotExternals,
): Snapshot {
  const names = new Map(
    [...classes].map(([name, constructor]) => [constructor.prototype as object, name]),
  );
  const outside = new Map([...externals].map(([name, object]) => [object, name]));
  const numbers = new Map<object, number>();
  const objects: SnapshotObject[] = [];
  const queue: { readonly object: object; readonly path: string }[] = [];

  reference(root, "");
  for (let i = 0; i < queue.length; i++) objects.push(encode(queue[i].object, queue[i].path));
  return { format: 1, objects };

  function reference(object: object, path: string): SnapshotValue {
    const external = outside.get(object);
    if (external !== undefined) return { external };
    let number = numbers.get(object);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(object, number);
      queue.push({ object, path });
    }
    return { object: number };
  }

  function value(of: unknown, path: string): SnapshotValue {
    if (typeof of === "object" && of !== null) return reference(of, path);
    if (typeof of === "function" || typeof of === "symbol") {
      const external = typeof of === "function" ? outside.get(of) : undefined;
      if (external !== undefined) return { external };
      throw new TypeError(`a snapshot cannot hold the ${typeof of} at ${path}`);
    }
    return of as SnapshotValue;
  }

  function encode(object: object, path: string): SnapshotObject {
    if (Array.isArray(object)) {
      return { array: Array.from(object, (element, i) => value(element, `${path}[${i}]`)) };
    }
    if (object instanceof Map) {
      return {
        map: [...object].map(([k, v]) => [
          value(k, `${path} key`),
          value(v, `${path}.get(${String(k)})`),
        ]),
      };
    }
    if (object instanceof Set)
      return { set: [...object].map((element) => value(element, `${path} element`)) };
    if (ArrayBuffer.isView(object)) return { cells: (object as Uint8Array).slice() };
    const prototype = Object.getPrototypeOf(object) as object | null;
    const name = prototype === null || prototype === Object.prototype ? null : names.get(prototype);
    if (name === undefined) {
      throw new TypeError(
        `a snapshot does not know the class ${object.constructor.name} at ${path || "the root"}`,
      );
    }
    return {
      class: name,
      frozen: Object.isFrozen(object),
      fields: Object.entries(object).map(([key, field]) => [key, value(field, `${path}.${key}`)]),
    };
  }
}

/** Makes the graph of a snapshot anew, on one's own externals. */
export function restoreSnapshot(
  snapshot: Snapshot,
  classes: SnapshotClasses,
  externals: SnapshotExternals,
): object {
  if (snapshot.format !== 1) {
    throw new RangeError(`expected a snapshot of format 1, got ${String(snapshot.format)}`);
  }
  const made = snapshot.objects.map(create);
  for (const [i, encoded] of snapshot.objects.entries()) fill(made[i], encoded);
  for (const [i, encoded] of snapshot.objects.entries()) {
    if ("fields" in encoded && encoded.frozen) Object.freeze(made[i]);
  }
  return made[0];

  function create(encoded: SnapshotObject): object {
    if ("array" in encoded) return [];
    if ("map" in encoded) return new Map();
    if ("set" in encoded) return new Set();
    if ("cells" in encoded) return (encoded.cells as Uint8Array).slice();
    if (encoded.class === null) return {};
    const constructor = classes.get(encoded.class);
    if (constructor === undefined)
      throw new TypeError(`this version knows no class ${encoded.class}`);
    return Object.create(constructor.prototype as object) as object;
  }

  function fill(object: object, encoded: SnapshotObject): void {
    if ("array" in encoded)
      for (const element of encoded.array) (object as unknown[]).push(value(element));
    else if ("map" in encoded) {
      for (const [k, v] of encoded.map) (object as Map<unknown, unknown>).set(value(k), value(v));
    } else if ("set" in encoded)
      for (const element of encoded.set) (object as Set<unknown>).add(value(element));
    else if ("fields" in encoded) {
      for (const [key, field] of encoded.fields)
        (object as Record<string, unknown>)[key] = value(field);
    }
  }

  function value(encoded: SnapshotValue): unknown {
    if (typeof encoded !== "object" || encoded === null) return encoded;
    if ("object" in encoded) return made[encoded.object];
    const external = externals.get(encoded.external);
    if (external === undefined)
      throw new TypeError(`the snapshot needs "${encoded.external}", which was not given`);
    return external;
  }
}
