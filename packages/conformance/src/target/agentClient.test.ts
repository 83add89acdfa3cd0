import { expect, test } from "vitest";
import type { Program } from "../program/program.ts";
import { AgentClient, type Patience } from "./agentClient.ts";
import { CannotRun } from "./cannotRun.ts";
import { FakeAgent } from "./testing/fakeAgent.ts";

const PATIENCE: Patience = { tickMs: 1, operationMs: 10, silenceMs: 60_000, startMs: 60_000 };

/** A program that the fake agent answers with its number of operations. */
function program(operations: number): Program {
  return {
    actors: 1,
    operations: Array.from({ length: operations }, () => ({ kind: "fill", actor: 0 }) as const),
    data: new Uint8Array(),
  };
}

function client(agents: readonly FakeAgent[], patience: Partial<Patience> = {}): AgentClient {
  const left = [...agents];
  return new AgentClient(
    () => {
      const agent = left.shift();
      return agent === undefined
        ? Promise.reject(new CannotRun("no more agents"))
        : Promise.resolve(agent.begin());
    },
    { ...PATIENCE, ...patience },
  );
}

test("what the agent says first is told, and results come in the order of the programs", async () => {
  const agent = client([new FakeAgent()]);
  expect(await agent.start()).toBe("protocol=1\n");
  const results = await agent.run([program(3), program(1), program(2)]);
  expect(results.map(({ operations }) => operations.length)).toEqual([3, 1, 2]);
  await agent.close();
});

test("programs that are asked for while others run are answered too", async () => {
  const agent = client([new FakeAgent()]);
  await agent.start();
  const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => agent.run([program(n)])));
  expect(answers.map(([result]) => result?.operations.length)).toEqual([1, 2, 3, 4, 5]);
  await agent.close();
});

test("a kernel that goes down is the result of the program under way, and of no other", async () => {
  const agents = [new FakeAgent({ fallAt: 2, console: "Kernel panic" }), new FakeAgent()];
  const agent = client(agents);
  await agent.start();
  const results = await agent.run([program(1), program(2), program(3), program(4)]);
  expect(results.map(({ end }) => end)).toEqual(["complete", "crashed", "complete", "complete"]);
  expect(results[1]).toMatchObject({
    console: expect.stringContaining("Kernel panic") as string,
    operations: [{ state: "not-reached" }, { state: "not-reached" }],
  });
  expect(agent.restarts).toBe(1);
  await agent.close();
});

test("an agent that says nothing any more has hung: a fresh one takes the rest", async () => {
  const agent = client([new FakeAgent({ silentAt: 1 }), new FakeAgent()], { silenceMs: 20 });
  await agent.start();
  const results = await agent.run([program(1), program(2)]);
  expect(results.map(({ end }) => end)).toEqual(["crashed", "complete"]);
  expect(results[0]?.console).toContain("no answer");
  await agent.close();
});

test("an agent that does not start is a reason why this cannot run here", async () => {
  const agent = client([new FakeAgent({ mute: true })], { startMs: 10 });
  await expect(agent.start()).rejects.toThrow(CannotRun);
  const dead = client([new FakeAgent({ diesAtOnce: "cannot execute" })]);
  await expect(dead.start()).rejects.toThrow(/cannot execute/);
});

test("if no fresh agent starts, those who wait are told", async () => {
  const agent = client([new FakeAgent({ fallAt: 1 })]);
  await agent.start();
  const [first, second] = await Promise.allSettled([
    agent.run([program(1)]),
    agent.run([program(1)]),
  ]);
  expect(first).toMatchObject({ status: "fulfilled", value: [{ end: "crashed" }] });
  expect(second).toMatchObject({ status: "rejected", reason: expect.any(CannotRun) as Error });
});

test("trouble that the agent tells in a program ends it", async () => {
  const agent = client([new FakeAgent({ troubleAt: 1 }), new FakeAgent()]);
  await agent.start();
  const [result] = await agent.run([program(1)]);
  expect(result).toMatchObject({ end: "crashed", console: "a program that cannot be" });
  await agent.close();
});

test("an agent that goes down by itself again and again is given up", async () => {
  const agents = Array.from({ length: 9 }, () => new FakeAgent({ troubleAt: 0 }));
  const agent = client(agents);
  await agent.start();
  await expect(agent.run([program(1)])).rejects.toThrow(/goes down by itself: a program that/);
  expect(agent.restarts).toBe(2);
});

test("a client that was closed takes no more programs", async () => {
  const agent = client([new FakeAgent()]);
  await agent.start();
  await agent.close();
  expect(() => agent.run([program(1)])).toThrow(RangeError);
});
