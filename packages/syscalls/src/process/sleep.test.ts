import type { Choices, Question } from "@kadvise/ports";
import { must, P, SIG, WAIT } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { call, said } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";
import type { Task } from "../task.ts";
import { exitProcess } from "./exit.ts";
import type { Wakening } from "./sleep.ts";

const FILLED = 0x5555_5555;
const POLLIN = 1;
const TIME = HEAP + 0x800;

/** What ends each sleep; counts how often it is asked. */
function ended(by: Wakening): Choices & { asked: Question<unknown>[] } {
  return {
    asked: [],
    choose(question) {
      if (question.id !== "signal/ends-sleep") return question.usual;
      this.asked.push(question);
      return by as unknown as typeof question.usual;
    },
  };
}

/** A parent with a living child, memory full of fives, and a pollfd of the child in it. */
function parent(choices: Choices): { readonly task: Task; readonly pid: number } {
  const task = taskWithPages(1, { choices });
  const pid = must(call(task, "clone", SIG.SIGCHLD, 0, 0, 0, 0));
  const pidfd = must(call(task, "pidfd_open", pid, 0));
  const words = new Uint32Array(1024).fill(FILLED);
  words[0] = pidfd;
  words[1] = POLLIN | (FILLED & 0xffff_0000);
  words.fill(0, (TIME - HEAP) / 4, (TIME - HEAP) / 4 + 4);
  must(task.space.write(HEAP / PAGE, new Uint8Array(words.buffer)));
  return { task, pid };
}

const SLEEPS: { readonly [name: string]: (task: Task, pid: number) => number | string } = {
  wait4: (task, pid) => said(call(task, "wait4", pid, HEAP + 64, 0, 0)),
  waitid: (task, pid) => said(call(task, "waitid", P.P_PID, pid, HEAP + 64, WAIT.WEXITED, 0)),
  poll: (task) => said(call(task, "poll", HEAP, 1, -1)),
  "poll with a time": (task) => said(call(task, "poll", HEAP, 1, 5000)),
  "poll without waiting": (task) => said(call(task, "poll", HEAP, 1, 0)),
  ppoll: (task) => said(call(task, "ppoll", HEAP, 1, 0, 0, 0)),
  "ppoll with a time": (task) => said(call(task, "ppoll", HEAP, 1, TIME, 0, 0)),
};

const HANDLED = "EINTR syscall/handled";
const BY_FLAG = "ERESTARTSYS syscall/interrupted";
const NO_HANDLER = "ERESTARTNOHAND syscall/interrupted-without-handler";
const WITH_REST = "ERESTART_RESTARTBLOCK syscall/interrupted-with-rest";

/**
 * Linux 5.10.223, 6.1.176, 6.12.117, 6.18.44, 7.3.4: a program with a handler, and
 * packages/conformance/choices/restart.strace.
 */
describe.each([
  ["wait4", "nothing", BY_FLAG],
  ["wait4", "handler", HANDLED],
  ["wait4", "restarting-handler", BY_FLAG],
  ["wait4", "no-handler", BY_FLAG],
  ["waitid", "nothing", BY_FLAG],
  ["waitid", "handler", HANDLED],
  ["waitid", "restarting-handler", BY_FLAG],
  ["waitid", "no-handler", BY_FLAG],
  ["poll", "nothing", WITH_REST],
  ["poll", "handler", HANDLED],
  ["poll", "restarting-handler", HANDLED],
  ["poll", "no-handler", WITH_REST],
  ["poll with a time", "nothing", 0],
  ["poll with a time", "handler", HANDLED],
  ["poll with a time", "no-handler", WITH_REST],
  ["poll without waiting", "handler", HANDLED],
  ["poll without waiting", "nothing", 0],
  ["ppoll", "nothing", NO_HANDLER],
  ["ppoll", "handler", HANDLED],
  ["ppoll", "restarting-handler", HANDLED],
  ["ppoll", "no-handler", NO_HANDLER],
  ["ppoll with a time", "nothing", 0],
  ["ppoll with a time", "no-handler", NO_HANDLER],
] as const)("%s that is ended by: %s", (name, by, expected) => {
  test(`is ${String(expected)}`, () => {
    const choices = ended(by);
    const { task, pid } = parent(choices);
    expect(SLEEPS[name](task, pid)).toBe(expected);
    expect(choices.asked).toHaveLength(1);
  });
});

describe("memory behind a sleep that a signal ended", () => {
  const word = (task: Task, at: number): number =>
    new Uint32Array(must(task.space.read(HEAP / PAGE, 256)).slice().buffer)[at / 4];

  test.each([
    ["wait4", 64, FILLED],
    ["waitid", 64, 0],
    ["waitid", 64 + 24, 0],
    ["poll", 4, POLLIN],
    ["ppoll", 4, POLLIN],
  ] as const)("%s: the word at %i is %i", (name, at, expected) => {
    const { task, pid } = parent(ended("handler"));
    expect(SLEEPS[name](task, pid)).toBe(HANDLED);
    expect(word(task, at)).toBe(expected);
  });

  test.each(["waitid", "poll"])("%s has written nothing while it sleeps", (name) => {
    const { task, pid } = parent(ended("nothing"));
    SLEEPS[name](task, pid);
    expect(word(task, name === "poll" ? 4 : 64) >>> 16).toBe(FILLED >>> 16);
  });

  test("waitid that cannot write is EFAULT and not EINTR", () => {
    const { task, pid } = parent(ended("handler"));
    call(task, "mprotect", HEAP, PAGE, 1);
    expect(SLEEPS["waitid"](task, pid)).toBe("EFAULT syscall/fault");
  });
});

describe("whether a signal came", () => {
  test("is not asked where something is ready", () => {
    const choices = ended("handler");
    const { task, pid } = parent(choices);
    exitProcess(task.machine.processes.find(pid)!.thread!.payload, {
      ...{ code: 0, signal: 0, coreDumped: false },
    });
    expect(SLEEPS["poll"](task, pid)).toBe(1);
    expect(SLEEPS["wait4"](task, pid)).toBe(pid);
    expect(choices.asked).toEqual([]);
  });

  test("is not asked of a wait that does not sleep", () => {
    const choices = ended("handler");
    const { task } = parent(choices);
    expect(said(call(task, "wait4", -1, 0, WAIT.WNOHANG, 0))).toBe(0);
    expect(choices.asked).toEqual([]);
  });

  test("has four answers, and no other is taken", () => {
    const choices = ended("nothing");
    const { task, pid } = parent(choices);
    SLEEPS["wait4"](task, pid);
    const [question] = choices.asked;
    expect(question.alternatives).toHaveLength(4);
    expect(question.alternatives!.every((answer) => question.allows(answer))).toBe(true);
    expect(question.allows("SIGKILL")).toBe(false);
    expect(question.describe()).toContain("SA_RESTART");
  });
});
