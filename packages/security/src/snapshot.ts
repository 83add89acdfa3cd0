import type { Credentials } from "./credentials.ts";
import { ExecState, type Dumpable } from "./execState.ts";
import { copyState, fillState, liveState } from "./policyState.ts";
import type { Policy } from "./policy.ts";
import { Subject } from "./subject.ts";
import { UserNamespace, initialUserNamespace, type IdRange } from "./userNamespace.ts";

/** Tasks with all that they share, as plain data; indices stand for references. */
export interface SubjectsSnapshot {
  readonly version: 1;
  readonly namespaces: readonly PlainNamespace[];
  readonly credentials: readonly PlainCredentials[];
  readonly execStates: readonly {
    readonly dumpable: Dumpable | "unknown";
    readonly namespace: number;
  }[];
  readonly subjects: readonly PlainSubject[];
  /** How many of the subjects were asked for; the others are their parents and tracers. */
  readonly count: number;
}

type PlainCredentials = Omit<Credentials, "userNamespace"> & { readonly namespace: number };

interface PlainNamespace {
  /** -1 for the initial namespace, which comes first. */
  readonly parent: number;
  readonly owner: number;
  readonly group: number;
  readonly creatorHadSetfcap: boolean;
  readonly uidMap: readonly IdRange[];
  readonly gidMap: readonly IdRange[];
  readonly allowsSetgroups: boolean;
}

interface PlainSubject extends Omit<
  Subject,
  "credentials" | "exec" | "parent" | "tracer" | "tracerCredentials"
> {
  readonly credentials: number;
  readonly exec: number;
  readonly parent: number | undefined;
  readonly tracer: number | undefined;
  readonly tracerCredentials: number | undefined;
}

/** Numbers things in the order in which they are met. */
class Table<T> {
  readonly things: T[] = [];
  readonly #indices = new Map<T, number>();

  indexOf(thing: T): number {
    const known = this.#indices.get(thing);
    if (known !== undefined) return known;
    this.#indices.set(thing, this.things.length);
    return this.things.push(thing) - 1;
  }
}

/**
 * Tasks as one plain, structured-cloneable value: who shares credentials, dumpable state or
 * namespace with whom is kept.
 *
 * @example
 * const [copy] = restoreSubjects(structuredClone(snapshotSubjects([task])));
 */
export function snapshotSubjects(subjects: readonly Subject[]): SubjectsSnapshot {
  const namespaces = new Table<UserNamespace>();
  const credentials = new Table<Credentials>();
  const execStates = new Table<ExecState>();
  const tasks = new Table<Subject>();
  namespaces.indexOf(initialUserNamespace);
  for (const subject of subjects) tasks.indexOf(subject);
  const optional = <T>(table: Table<T>, thing: T | undefined): number | undefined =>
    thing === undefined ? undefined : table.indexOf(thing);
  // The tables grow while they are walked: parents and tracers join at the end.
  const plainSubjects: PlainSubject[] = [];
  for (const subject of tasks.things) {
    plainSubjects.push({
      ...subject,
      labels: { ...subject.labels },
      credentials: credentials.indexOf(subject.credentials),
      exec: execStates.indexOf(subject.exec),
      parent: optional(tasks, subject.parent),
      tracer: optional(tasks, subject.tracer),
      tracerCredentials: optional(credentials, subject.tracerCredentials),
    });
  }
  const plainCredentials = credentials.things.map(({ userNamespace, ...rest }) => ({
    ...rest,
    namespace: namespaces.indexOf(userNamespace),
  }));
  const plainStates = execStates.things.map(({ dumpable, userNamespace }) => ({
    dumpable,
    namespace: namespaces.indexOf(userNamespace),
  }));
  const plainNamespaces: PlainNamespace[] = [];
  for (const { level: _, parent, ...rest } of namespaces.things) {
    plainNamespaces.push({ ...rest, parent: optional(namespaces, parent) ?? -1 });
  }
  return {
    version: 1,
    namespaces: plainNamespaces,
    credentials: plainCredentials,
    execStates: plainStates,
    subjects: plainSubjects,
    count: subjects.length,
  };
}

/**
 * Tasks from a snapshot, in the order in which they were given; nothing is shared with the
 * originals.
 */
export function restoreSubjects(snapshot: SubjectsSnapshot): Subject[] {
  if ((snapshot.version as number) !== 1) {
    throw new RangeError(`a snapshot of version ${String(snapshot.version)} is not understood`);
  }
  const namespaces = restoreNamespaces(snapshot.namespaces);
  const credentials = snapshot.credentials.map(({ namespace, ...rest }): Credentials => {
    const plain = { ...rest, unknown: rest.unknown, userNamespace: at(namespaces, namespace) };
    return plain.unknown === undefined ? Object.freeze(plain) : plain;
  });
  const execStates = snapshot.execStates.map(
    ({ dumpable, namespace }) => new ExecState(dumpable, at(namespaces, namespace)),
  );
  const subjects = snapshot.subjects.map((plain): Subject => {
    const subject = new Subject({
      pid: plain.pid,
      credentials: at(credentials, plain.credentials),
    });
    return Object.assign(subject, plain, {
      labels: Object.freeze({ ...plain.labels }),
      credentials: at(credentials, plain.credentials),
      exec: at(execStates, plain.exec),
      parent: undefined,
      tracer: undefined,
      tracerCredentials:
        plain.tracerCredentials === undefined
          ? undefined
          : at(credentials, plain.tracerCredentials),
    });
  });
  snapshot.subjects.forEach(({ parent, tracer }, i) => {
    const subject = at(subjects, i);
    subject.parent = parent === undefined ? undefined : at(subjects, parent);
    subject.tracer = tracer === undefined ? undefined : at(subjects, tracer);
  });
  return subjects.slice(0, snapshot.count);
}

/** A namespace may be met before its parent, so parents are restored first, on demand. */
function restoreNamespaces(plain: readonly PlainNamespace[]): UserNamespace[] {
  const restored: UserNamespace[] = [];
  const restore = (index: number): UserNamespace => {
    const known = restored[index];
    if (known !== undefined) return known;
    const { parent, ...rest } = at(plain, index);
    const namespace =
      parent < 0 ? initialUserNamespace : new UserNamespace({ ...rest, parent: restore(parent) });
    restored[index] = namespace;
    return namespace;
  };
  plain.forEach((_, i) => restore(i));
  return restored;
}

function at<T>(things: readonly T[], index: number): T {
  const thing = things[index];
  if (thing === undefined) throw new RangeError("the snapshot is incomplete");
  return thing;
}

/** What policies remember, by name. */
export type PoliciesSnapshot = Readonly<Record<string, object>>;

/** A copy of the state of each policy that has any. */
export function snapshotPolicies(policies: readonly Policy[]): PoliciesSnapshot {
  const states: Record<string, object> = {};
  for (const policy of policies) {
    if (policy.state !== undefined) states[policy.name] = copyState(liveState(policy), policy.name);
  }
  return states;
}

/**
 * Fills the policies' live state from a snapshot; a policy that it does not know stays as it is.
 */
export function restorePolicies(policies: readonly Policy[], snapshot: PoliciesSnapshot): void {
  for (const policy of policies) {
    const saved = snapshot[policy.name];
    if (saved !== undefined && policy.state !== undefined) fillState(liveState(policy), saved);
  }
}
