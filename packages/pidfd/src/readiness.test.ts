import { profile } from "@kadvise/releases";
import { POLL } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { Pidfd } from "./pidfd.ts";
import { pidfdReadiness } from "./readiness.ts";
import { exited, Machine } from "./testing/machine.ts";

const { POLLIN, POLLRDNORM, POLLHUP } = POLL;
const ENDED = POLLIN | POLLRDNORM;
const GONE = ENDED | POLLHUP;

/** What poll finds on 6.1, 6.12.0 and 6.18: before hang-ups, without waiting for threads, as now. */
function found(pidfd: Pidfd<string>): readonly number[] {
  return ["6.1", "6.12.0", "6.18"].map((name) => pidfdReadiness(pidfd, profile(name).pidfd));
}

describe("poll on a pidfd of a process", () => {
  test("finds nothing while it lives, also where its leader alone has ended", () => {
    const machine = new Machine();
    const leader = machine.child();
    machine.thread(leader.group);
    const pidfd = new Pidfd(leader.pid);
    expect(found(pidfd)).toEqual([0, 0, 0]);
    machine.table.exitThread(leader, exited(0));
    expect(found(pidfd)).toEqual([0, 0, 0]);
  });

  test("finds its end, and since 6.9 a hang-up once it was waited for", () => {
    const machine = new Machine();
    const pidfd = new Pidfd(machine.zombie().pid);
    expect(found(pidfd)).toEqual([ENDED, ENDED, ENDED]);
    machine.wait();
    expect(found(pidfd)).toEqual([ENDED, GONE, GONE]);
  });

  test("finds nothing after a thread has executed a program in the leader's place", () => {
    const machine = new Machine();
    const leader = machine.child();
    const thread = machine.thread(leader.group);
    const [ofLeader, ofThread] = [leader, thread].map(
      ({ pid }) => new Pidfd(pid, { threadOnly: true }),
    );
    machine.table.becomeLeader(thread);
    expect(found(ofLeader)).toEqual([0, 0, 0]);
    expect(found(ofThread)).toEqual([ENDED, GONE, GONE]);
  });
});

describe("poll on a pidfd of a thread", () => {
  test("finds the end of one that leads none at once: nobody waits for it", () => {
    const machine = new Machine();
    const thread = machine.thread(machine.child().group);
    const pidfd = new Pidfd(thread.pid, { threadOnly: true });
    expect(found(pidfd)).toEqual([0, 0, 0]);
    machine.table.exitThread(thread, exited(0));
    expect(found(pidfd)).toEqual([ENDED, GONE, GONE]);
  });

  test("found the end of a leader before its process' from 6.9 to 6.14 only", () => {
    const machine = new Machine();
    const leader = machine.child();
    machine.thread(leader.group);
    const pidfd = new Pidfd(leader.pid, { threadOnly: true });
    machine.table.exitThread(leader, exited(0));
    expect(found(pidfd)).toEqual([0, ENDED, 0]);
    machine.table.exitGroup(leader.group, exited(0));
    expect(found(pidfd)).toEqual([ENDED, ENDED, ENDED]);
  });
});
