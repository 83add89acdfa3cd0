import type { Profile } from "@kadvise/releases";
import { comparableAt, trackProfile } from "../pack/trackedProfile.ts";

/** What a run looked at next, and where it went from there; at the end, what came out. */
interface Node<T> {
  /** The number of the place that it looked at. */
  place?: number;
  readonly next: Map<unknown, Node<T>>;
  answer?: { readonly value: T };
}

/**
 * What runs on kernels came to. A run is given by what it reads of its kernel: those that agree in
 * that, in its order, are asked once.
 */
export class Remembered<T> {
  private readonly root: Node<T> = { next: new Map() };

  /** The answer of a kernel: known from one like it, or found by a run. */
  answer(profile: Profile, run: (watched: Profile) => T): T {
    const seen = seenAt(profile);
    let node: Node<T> | undefined = this.root;
    while (node?.place !== undefined) node = node.next.get(seen(node.place));
    if (node?.answer !== undefined) return node.answer.value;
    const { profile: watched, reads } = trackProfile(profile);
    const value = run(watched);
    this.keep([...reads.keys()].map(placeOf), seen, value);
    return value;
  }

  private keep(places: readonly number[], seen: (place: number) => unknown, value: T): void {
    let node = this.root;
    for (const place of places) {
      node.place ??= place;
      const at = seen(node.place);
      const next: Node<T> = node.next.get(at) ?? { next: new Map() };
      node.next.set(at, next);
      node = next;
    }
    node.answer = { value };
  }
}

/** Places of profiles, and their numbers. */
const paths: string[] = [];
const numbers: Map<string, number> = new Map();

function placeOf(path: string): number {
  const known = numbers.get(path);
  if (known !== undefined) return known;
  numbers.set(path, paths.length);
  return paths.push(path) - 1;
}

const NOT_YET = Symbol("not yet");
const seen: WeakMap<Profile, unknown[]> = new WeakMap();

/** Reads a profile by the numbers of places; each is looked up once. */
function seenAt(profile: Profile): (place: number) => unknown {
  const values = seen.get(profile) ?? [];
  seen.set(profile, values);
  return (place) => {
    while (values.length <= place) values.push(NOT_YET);
    const known = values[place];
    if (known !== NOT_YET) return known;
    const value = comparableAt(profile, paths[place] ?? "");
    values[place] = value;
    return value;
  };
}
