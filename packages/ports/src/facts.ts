import type { Ports } from "./ports.ts";

/**
 * Facts of a machine that somebody stated, or that were merely assumed: settings, mostly.
 *
 * A stated fact is read like a property. An assumed one is asked for when a rule first reads it,
 * and remembered: a simulation gets the usual value, a judge tries each alternative or says that it
 * cannot know.
 */
export class Facts<T extends object> {
  private readonly ports: Ports;
  private readonly namespace: string;
  private readonly alternatives: { readonly [K in keyof T]?: readonly T[K][] };
  values: T;
  open: ReadonlySet<keyof T>;

  constructor(
    ports: Ports,
    namespace: string,
    values: T,
    open: Iterable<keyof T> = [],
    alternatives: { readonly [K in keyof T]?: readonly T[K][] } = {},
  ) {
    this.ports = ports;
    this.namespace = namespace;
    this.values = values;
    this.open = new Set(open);
    this.alternatives = alternatives;
  }

  /** The value of a fact; asks once if nobody stated it. */
  get<K extends keyof T>(key: K): T[K] {
    if (this.open.size === 0 || !this.open.has(key)) return this.values[key];
    const usual = this.values[key];
    const alternatives = this.alternatives[key];
    const answer = this.ports.choices.choose<T[K]>({
      id: `${this.namespace}/${String(key)}`,
      usual,
      allows: (value) => alternatives === undefined || alternatives.includes(value),
      describe: () => `the ${this.namespace} ${String(key)}, which nobody stated`,
      ...(alternatives === undefined ? {} : { alternatives }),
    });
    this.state(key, answer);
    return answer;
  }

  /** States a fact. */
  state<K extends keyof T>(key: K, value: T[K]): void {
    const { journal } = this.ports;
    journal.save(this, "values");
    journal.save(this, "open");
    this.values = { ...this.values, [key]: value };
    const open = new Set(this.open);
    open.delete(key);
    this.open = open;
  }
}
