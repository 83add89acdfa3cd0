import { quietPorts } from "@kadvise/ports";
import { SIG } from "@kadvise/uapi";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Pid } from "./pid.ts";
import { exited, killed, Machine } from "./testing/machine.ts";
import type { Thread } from "./thread.ts";
import type { ThreadGroup } from "./threadGroup.ts";

const step = fc.record({
  kind: fc.constantFrom("fork", "fork", "thread", "exit", "exit", "kill", "exec", "wait"),
  who: fc.nat(30),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Everybody who was ever there, by the order in which they came. */
class World {
  readonly machine: Machine;
  readonly threads: Thread<string>[];
  readonly groups: ThreadGroup<string>[];
  readonly held: Pid<string>[];

  constructor(ports = quietPorts()) {
    this.machine = new Machine({ ports, firstNumber: 300, pidMax: 312 });
    this.threads = [this.machine.shell];
    this.groups = [this.machine.shell.group];
    this.held = [this.machine.shell.pid];
  }

  /** What anybody can see: who has which number, lives, waits for whom. */
  get seen(): unknown {
    const number = (group: ThreadGroup<string> | undefined): number | undefined =>
      group === undefined ? undefined : this.groups.indexOf(group);
    return {
      numbers: [...this.machine.table.pids].toSorted(([a], [b]) => a - b).map(([n]) => n),
      groups: this.groups.map((group) => ({
        ...{ state: group.state, status: group.exitStatus, parent: number(group.parent) },
        ...{ children: group.children.map(number), threads: group.threads.length },
      })),
      alive: this.threads.map(({ alive }) => alive),
      held: this.held.map((pid) => [pid.number, pid.thread?.payload, number(pid.group)]),
    };
  }

  play({ kind, who }: Step): void {
    const { table } = this.machine;
    const living = this.threads.filter(({ alive }) => alive);
    const thread = living[who % Math.max(1, living.length)];
    if (thread === undefined || (this.machine.table.pids.size >= 10 && kind !== "wait")) return;
    if (kind === "fork" || kind === "thread") {
      const made =
        kind === "fork"
          ? table.spawn(() => "process", { parent: thread.group, creator: thread })
          : table.addThread(thread.group, () => "thread");
      this.threads.push(made);
      this.held.push(made.pid);
      if (kind === "fork") this.groups.push(made.group);
    } else if (kind === "exit") table.exitThread(thread, exited(who));
    else if (kind === "kill") table.exitGroup(thread.group, killed(SIG.SIGKILL));
    else if (kind === "exec") {
      table.becomeLeader(thread);
      const { leader } = thread.group;
      if (leader !== undefined && !this.threads.includes(leader)) this.threads.push(leader);
    } else {
      const zombie = this.groups.find(({ state }) => state === "zombie");
      if (zombie !== undefined) table.reap(zombie);
    }
  }
}

test("whatever happens, numbers, threads, parents and states agree with each other", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const world = new World();
      for (const step of steps) {
        world.play(step);
        const { pids } = world.machine.table;
        for (const [number, pid] of pids) {
          expect(pid.number).toBe(number);
          expect(pid.thread?.pid).toBe(pid);
        }
        for (const group of world.groups) {
          const lives = group.threads.some(({ alive }) => alive);
          expect(lives).toBe(group.state === "alive");
          expect(pids.get(group.pid.number) === group.pid).toBe(group.state !== "reaped");
          expect(group.pid.group).toBe(group.state === "reaped" ? undefined : group);
          for (const child of group.children) expect(child.parent).toBe(group);
          if (group.state === "zombie") expect(group.parent?.children).toContain(group);
          if (group.state === "zombie") expect(group.threads).toEqual([group.leader]);
          if (group.state !== "alive") expect(group.exitStatus).toBeDefined();
        }
      }
    }),
    { numRuns: 200 },
  );
});

test("whatever was only tried left no trace, and the next number is the one that it would be", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 20 }),
      fc.array(step, { minLength: 1, maxLength: 25 }),
      (before, tried) => {
        const ports = quietPorts();
        const world = new World(ports);
        for (const step of before) world.play(step);
        const { length } = world.threads;
        const groups = world.groups.length;
        const held = world.held.length;
        const seen = world.seen;
        const next = ports.journal.attempt(() => world.machine.table.spawn(() => "x").pid.number);
        ports.journal.attempt(() => tried.forEach((step) => world.play(step)));
        world.threads.length = length;
        world.groups.length = groups;
        world.held.length = held;
        expect(world.seen).toEqual(seen);
        expect(world.machine.table.spawn(() => "x").pid.number).toBe(next);
      },
    ),
    { numRuns: 200 },
  );
});
