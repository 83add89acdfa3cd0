import type { PidfdFeatures } from "@kadvise/releases";
import { SIG } from "@kadvise/uapi";
import { Pidfd, taskOf } from "../pidfd.ts";
import type { ThreadGroup } from "../threadGroup.ts";
import type { WaitFor } from "../wait.ts";
import { exited, killed, type Machine } from "./machine.ts";

/** What the model answers to each question that life.c asks of a kernel. */
export type Answer = (machine: Machine, features: PidfdFeatures) => string;

/** A wait for one dead child. */
function dead(exitSignal: number, kinds: "all" | "clone" | "plain"): Answer {
  return (machine) => found(machine, machine.zombie(exitSignal), { kinds });
}

function found(machine: Machine, it: ThreadGroup<string>, which: WaitFor<string>): string {
  const answer = machine.wait({ number: it.pid.number, ...which });
  return typeof answer === "string" ? answer : answer === it ? "it" : "another";
}

/** A child that ends while its parent ignores SIGCHLD. */
function ignored(exitSignal: number): Answer {
  return (machine) => {
    machine.shell.group.ignoresChildren = true;
    return found(machine, machine.zombie(exitSignal), { kinds: "all" });
  };
}

/** A process of two threads, and who of them ends: the leader with 3, the other with 5. */
function ends(...order: readonly ("leader" | "thread" | "killed")[]): Answer {
  return (machine) => {
    const leader = machine.child();
    const thread = machine.thread(leader.group);
    for (const who of order) {
      if (who === "leader") machine.table.exitThread(leader, exited(3));
      else if (who === "thread") machine.table.exitThread(thread, exited(5));
      else machine.table.exitGroup(leader.group, killed(SIG.SIGKILL));
    }
    const answer = machine.wait();
    if (typeof answer !== "object") return String(answer);
    const status = answer.exitStatus!;
    return status.signal === 0 ? `code ${status.code}` : `signal ${status.signal}`;
  };
}

/** Whether somebody is there, as kill with signal 0 tells. */
function there(thread: unknown): string {
  return thread === undefined ? "ESRCH" : "0";
}

/** A machine whose child's leader ended while another thread lives. */
function leaderGone(ask: (machine: Machine, group: ThreadGroup<string>) => string): Answer {
  return (machine) => {
    const leader = machine.child();
    machine.thread(leader.group);
    machine.table.exitThread(leader, exited(3));
    return ask(machine, leader.group);
  };
}

/** A machine of whose two threads the other one made a child; it ends or lives. */
function otherThreadsChild(ends: boolean, onlyOwn: boolean): Answer {
  return (machine) => {
    const maker = machine.thread(machine.shell.group);
    const { group } = machine.child(SIG.SIGCHLD, maker);
    if (ends) machine.table.exitThread(maker, exited(0));
    return found(machine, group, onlyOwn ? { ofThread: machine.shell } : {});
  };
}

/** The model's answers to life.c, by question. */
export const MODEL: { readonly [question: string]: Answer } = {
  "kind/plain by a plain wait": dead(SIG.SIGCHLD, "plain"),
  "kind/plain by __WCLONE": dead(SIG.SIGCHLD, "clone"),
  "kind/plain by __WALL": dead(SIG.SIGCHLD, "all"),
  "kind/SIGURG by a plain wait": dead(SIG.SIGURG, "plain"),
  "kind/SIGURG by __WCLONE": dead(SIG.SIGURG, "clone"),
  "kind/SIGURG by __WALL": dead(SIG.SIGURG, "all"),
  "kind/no signal by a plain wait": dead(0, "plain"),
  "kind/no signal by __WCLONE": dead(0, "clone"),
  "ignored/plain": ignored(SIG.SIGCHLD),
  "ignored/SIGURG": ignored(SIG.SIGURG),
  "ignored/no signal": ignored(0),
  "ignored/only once it was dead": (machine) => {
    const zombie = machine.zombie();
    machine.shell.group.ignoresChildren = true;
    return found(machine, zombie, {});
  },
  "order/two dead, the younger one first": (machine) => {
    const [first, second] = [machine.child(), machine.child()];
    machine.table.exitGroup(second.group, exited(0));
    machine.table.exitGroup(first.group, exited(0));
    const answer = machine.wait();
    return answer === first.group ? "it" : "another";
  },
  "exit/thread 5, then leader 3": ends("thread", "leader"),
  "exit/leader 3, then thread 5": ends("leader", "thread"),
  "exit/leader 3, then killed": ends("leader", "killed"),
  "leader gone/its number": leaderGone(({ table }, { pid }) =>
    there(table.find(pid.number)?.thread),
  ),
  "leader gone/its pidfd": leaderGone((_, { pid }) => there(new Pidfd(pid).pid.thread)),
  "leader gone/wait": leaderGone((machine, group) => found(machine, group, {})),
  "other thread's child/__WNOTHREAD": otherThreadsChild(false, true),
  "other thread's child/plain": otherThreadsChild(false, false),
  "gone thread's child/__WNOTHREAD": otherThreadsChild(true, true),
  "exec by a thread/its own number": (machine) => {
    const thread = machine.thread(machine.child().group);
    const { number } = thread.pid;
    machine.table.becomeLeader(thread);
    return there(machine.table.find(number));
  },
  "zombie/pidfd": (machine, { lookup }) => there(taskOf(machine.zombie().pid, lookup)),
  "zombie/its number anew": (machine) => {
    const { number } = machine.zombie().pid;
    return machine.table.find(number) === undefined ? "it" : "EEXIST";
  },
  "reaped/pidfd": (machine, { lookup }) => {
    const { pid } = machine.zombie();
    machine.wait();
    return there(taskOf(pid, lookup));
  },
  "reaped/its number anew": (machine) => {
    const { number } = machine.zombie().pid;
    machine.wait();
    const again = machine.table.spawn(() => "again", { number });
    return machine.table.find(number) === again.pid ? "it" : "another";
  },
  "reaped/pidfd with its number in use": (machine, { lookup }) => {
    const { pid } = machine.zombie();
    machine.wait();
    machine.table.spawn(() => "again", { number: pid.number });
    return there(taskOf(pid, lookup));
  },
};
