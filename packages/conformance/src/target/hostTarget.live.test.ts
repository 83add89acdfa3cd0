import { readFileSync } from "node:fs";
import { release, version } from "node:os";
import { ERRNO } from "@kadvise/uapi";
import { afterAll, expect, test } from "vitest";
import { DATA_ADDRESS } from "../program/layout.ts";
import { ProgramBuilder, resultOf } from "../program/programBuilder.ts";
import type { ProgramResult } from "../program/result.ts";
import { liveHost } from "./testing/liveHost.ts";

const host = await liveHost({ patience: { operationMs: 200 } });
const why = "why" in host ? host.why : "";
const isRoot = process.getuid?.() === 0;
afterAll(async () => {
  if ("target" in host) await host.target.close();
});

/** Runs one program on this machine's kernel. */
async function run(p: ProgramBuilder): Promise<ProgramResult> {
  if ("why" in host) throw new Error(host.why);
  const [result] = await host.target.run([p.build()]);
  if (result === undefined) throw new Error("there was no result");
  return result;
}

function builder(actors = 1): ProgramBuilder {
  return new ProgramBuilder({ actors, abi: process.arch === "arm64" ? "arm64" : "x86-64" });
}

const ANONYMOUS = [3, 0x22, -1, 0] as const;
const text = (payload: Uint8Array | undefined): string =>
  Buffer.from(payload ?? []).toString("latin1");

test("the facts are those of the machine that it runs on", ({ skip }) => {
  if ("why" in host) return skip(host.why);
  expect([host.facts.release, host.facts.version]).toEqual([release(), version()]);
  expect(host.facts.settings.maxMapCount).toBe(
    Number(readFileSync("/proc/sys/vm/max_map_count", "utf8")),
  );
  expect(host.facts.start.areas.map(({ name }) => name)).toContain("[stack]");
  expect(host.facts.start.credentials.uids[0]).toBe(process.getuid?.());
});

test("registers reach the kernel, and refusals come back as negative errno", async ({ skip }) => {
  skip(why !== "", why);
  const p = builder();
  const area = p.call(0, "mmap", [0, 8192, ...ANONYMOUS]);
  p.call(0, "munmap", [resultOf(area, 1), 4096]);
  p.call(0, "munmap", [resultOf(area), 8192]);
  p.call(0, "close", [77]);
  const { operations } = await run(p);
  expect(operations.map(({ state }) => state)).toEqual(["done", "done", "done", "done"]);
  expect(operations[0].value % 4096n).toBe(0n);
  expect(operations.slice(1).map(({ value }) => Number(value))).toEqual([
    -ERRNO.EINVAL,
    0,
    -ERRNO.EBADF,
  ]);
});

test("a 32-bit gate takes 32-bit registers and its own numbers", async ({ skip }) => {
  if ("why" in host) return skip(host.why);
  skip(!host.facts.hasI386, "this kernel has no 32-bit gate");
  const p = builder();
  p.call(0, "getpid");
  p.call(0, "getpid", [], { gate: "i386" });
  const vector = p.vector([{ base: { data: 0 }, length: 0 }], "i386");
  const self = p.call(0, "pidfd_open", [{ pid: 0 }, 0]);
  p.call(0, "process_madvise", [resultOf(self), { data: vector.offset }, 1, 20, 0], {
    gate: "i386",
    relocations: vector.relocations,
  });
  const { operations, pids } = await run(p);
  expect(operations.slice(0, 2).map(({ value }) => Number(value))).toEqual([pids[0], pids[0]]);
  expect(operations[3].state).toBe("done");
});

test("a fault is the answer of an access, and its actor goes on", async ({ skip }) => {
  skip(why !== "", why);
  const p = builder();
  const area = p.call(0, "mmap", [0, 8192, ...ANONYMOUS]);
  p.call(0, "munmap", [resultOf(area, 4096), 4096]);
  p.store(0, resultOf(area, 4094), Uint8Array.of(7, 8, 9));
  p.load(0, resultOf(area, 4094), 4);
  p.touch(0, resultOf(area), 2, "read");
  p.call(0, "mprotect", [resultOf(area), 4096, 1]);
  p.touch(0, resultOf(area), 1, "write");
  const { operations } = await run(p);
  const [mapped, , store, load, read, , write] = operations;
  const hole = mapped.value + 4096n;
  // SEGV_MAPERR is 1, SEGV_ACCERR 2.
  expect(store).toMatchObject({ state: "faulted", value: 2n, signal: 11, code: 1, address: hole });
  expect(load).toMatchObject({ state: "faulted", value: 2n, address: hole });
  expect([...(load.payload ?? [])]).toEqual([7, 8]);
  expect(read).toMatchObject({ state: "faulted", value: 1n, address: hole });
  expect(write).toMatchObject({ state: "faulted", value: 0n, code: 2, address: mapped.value });
});

test("several processes take turns, each with its own memory and one data block", async ({
  skip,
}) => {
  skip(why !== "", why);
  const p = builder(2);
  const mine = p.call(0, "mmap", [0x2000_0000, 4096, ...ANONYMOUS]);
  const other = p.call(1, "mmap", [0x2000_0000, 4096, ...ANONYMOUS]);
  p.store(0, resultOf(mine), Uint8Array.of(1));
  p.store(1, resultOf(other), Uint8Array.of(2));
  p.load(0, resultOf(mine), 1);
  p.load(1, resultOf(other), 1);
  const shared = p.reserve(16);
  p.add({
    kind: "fill",
    actor: 0,
    relocations: [{ offset: shared, bytes: 8, value: resultOf(mine, 5) }],
  });
  p.load(1, { data: shared }, 8);
  const { operations } = await run(p);
  expect(operations.slice(4, 6).map(({ payload }) => [...(payload ?? [])])).toEqual([[1], [2]]);
  expect(Buffer.from(operations[7].payload ?? []).readBigUInt64LE()).toBe(0x2000_0005n);
});

test("forks make actors that end, are waited for and are gone", async ({ skip }) => {
  skip(why !== "", why);
  skip(process.arch === "arm64", "arm64 has no fork");
  const p = builder();
  const child = p.fork(0);
  p.call(child, "getppid");
  p.exit(child, 3);
  p.settle(child);
  const status = p.reserve(16);
  p.call(0, "wait4", [-1, { data: status }, 0, 0]);
  p.load(0, { data: status }, 4);
  p.settle(child);
  p.call(child, "getpid");
  const { operations, pids } = await run(p);
  expect(Number(operations[1].value)).toBe(pids[0]);
  expect(String.fromCharCode(Number(operations[3].value))).toBe("Z");
  expect(Number(operations[4].value)).toBe(pids[child]);
  expect([...(operations[5].payload ?? [])]).toEqual([0, 3, 0, 0]);
  expect(Number(operations[6].value)).toBe(0);
  expect(operations[7].state).toBe("absent");
});

test("a vfork's maker sleeps until its child has executed something", async ({ skip }) => {
  if ("why" in host) return skip(host.why);
  skip(process.arch === "arm64", "arm64 has no vfork");
  const p = builder();
  const child = p.fork(0, "vfork");
  p.call(child, "getppid");
  p.add({ kind: "exec", actor: child, image: host.facts.images["plain"] ?? "" });
  p.call(child, "getpid");
  p.call(0, "getpid");
  const { operations, pids, end } = await run(p);
  expect(end).toBe("complete");
  expect(operations.map(({ state }) => state)).toEqual(Array(5).fill("done"));
  expect(operations.slice(3).map(({ value }) => Number(value))).toEqual([pids[child], pids[0]]);
});

test("threads share their maker's memory", async ({ skip }) => {
  skip(why !== "", why);
  const p = builder();
  // CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD
  const thread = p.fork(0, "clone", [0x10f00, 0, 0, 0, 0]);
  const area = p.call(thread, "mmap", [0, 4096, ...ANONYMOUS]);
  p.touch(0, resultOf(area), 1);
  p.call(thread, "getpid");
  const { operations, pids } = await run(p);
  expect(operations[2]).toMatchObject({ state: "done", value: 1n });
  expect(Number(operations[3].value)).toBe(pids[0]);
});

test("who dies beside a thread of its own is a zombie's parent no more, whoever ends first", async ({
  skip,
}) => {
  if ("why" in host) return skip(host.why);
  const p = builder();
  const SIGCHLD = 17;
  const child = p.fork(0, "clone", [SIGCHLD, 0, 0, 0, 0]);
  p.exit(child, 0);
  const THREAD = 0x10f00;
  const threads = Array.from({ length: 4 }, () => p.fork(0, "clone", [THREAD, 0, 0, 0, 0]));
  p.exit(0, 0);
  const order = [0, child, ...threads];
  const settled = order.map((actor) => p.settle(actor));
  const program = p.build();
  const results = await host.target.run(Array.from({ length: 300 }, () => program));
  const seen = results.map(({ operations }) => settled.map((i) => Number(operations[i].value)));
  const once = ["Z".charCodeAt(0), ...order.slice(1).map(() => 0)];
  expect(seen.filter((states) => String(states) !== String(once))).toEqual([]);
});

test("a signal that ends an actor ends nobody else", async ({ skip }) => {
  skip(why !== "", why);
  const p = builder(2);
  p.call(0, "kill", [{ pid: 0 }, 15]);
  p.call(0, "getpid");
  p.call(1, "getpid");
  const { operations, end } = await run(p);
  expect(end).toBe("complete");
  expect(operations[0]).toMatchObject({ state: "died", signal: 15 });
  expect(operations.slice(1).map(({ state }) => state)).toEqual(["absent", "done"]);
});

test("a call that does not return has hung, and the next program runs", async ({ skip }) => {
  skip(why !== "", why);
  skip(process.arch === "arm64", "arm64 has no fork");
  const sleeps = builder();
  sleeps.fork(0);
  sleeps.call(0, "wait4", [-1, 0, 0, 0]);
  sleeps.call(0, "getpid");
  const result = await run(sleeps);
  expect(result.end).toBe("hung");
  expect(result.operations.map(({ state }) => state)).toEqual(["done", "hung", "not-reached"]);
  const next = builder();
  next.call(0, "getpid");
  expect((await run(next)).operations[0].state).toBe("done");
});

test("what /proc says of an actor is read without its help", async ({ skip }) => {
  skip(why !== "", why);
  const p = builder();
  const area = p.call(0, "mmap", [0, 8192, ...ANONYMOUS]);
  p.touch(0, resultOf(area), 1);
  const maps = p.observe(0, "maps");
  const smaps = p.observe(0, "smaps");
  const status = p.observe(0, "status");
  const vector = p.reserve(16);
  p.call(0, "mincore", [resultOf(area), 8192, { data: vector }]);
  const mincore = p.load(0, { data: vector }, 2);
  const { operations, pids } = await run(p);
  const at = operations[0].value.toString(16);
  expect(text(operations[maps].payload)).toContain(`\n${at}-`);
  expect(text(operations[smaps].payload)).toMatch(
    new RegExp(`^${at}-[^]*?^Rss: +4 kB[^]*?^VmFlags: rd wr`, "m"),
  );
  expect(text(operations[status].payload)).toContain(`\nPid:\t${pids[0]}\n`);
  expect([...(operations[mincore].payload ?? [])]).toEqual([1, 0]);
});

test("a page's entry in pagemap says whether it is there", async ({ skip }) => {
  skip(why !== "", why);
  const p = builder();
  p.call(0, "mmap", [0x2000_0000, 8192, 3, 0x32, -1, 0]);
  p.touch(0, 0x2000_0000, 1);
  p.add({
    kind: "read",
    actor: "supervisor",
    path: "/proc/%/pagemap",
    of: 0,
    offset: (0x2000_0000 / 4096) * 8,
    bytes: 16,
  });
  const { operations } = await run(p);
  const entries = Buffer.from(operations[2].payload ?? []);
  const PRESENT = 63n;
  expect([0, 8].map((at) => (entries.readBigUInt64LE(at) >> PRESENT) & 1n)).toEqual([1n, 0n]);
});

test("an actor looks at its clock around a call", async ({ skip }) => {
  skip(why !== "", why);
  const p = builder();
  p.call(0, "getpid", [], { timed: true });
  const { operations } = await run(p);
  expect(operations[0].nanoseconds).toBeGreaterThan(0);
});

test("programs see nothing of one another", async ({ skip }) => {
  if ("why" in host) return skip(host.why);
  const p = builder();
  p.call(0, "mmap", [0, 4096, ...ANONYMOUS]);
  p.call(0, "setresuid", [7, 7, 7]);
  p.observe(0, "maps");
  const q = builder();
  q.call(0, "mmap", [0, 4096, ...ANONYMOUS]);
  q.call(0, "getuid");
  q.load(0, DATA_ADDRESS, 8);
  const results = await host.target.run([p.build(), q.build(), p.build(), q.build()]);
  const [first, second, third, fourth] = results;
  expect(first?.operations[0]).toEqual(second?.operations[0]);
  expect(Number(second?.operations[1]?.value)).toBe(process.getuid?.());
  expect([...(second?.operations[2]?.payload ?? [])]).toEqual(Array(8).fill(0));
  expect(third?.operations[2]?.payload).toEqual(first?.operations[2]?.payload);
  expect(fourth?.operations).toEqual(second?.operations);
  if (isRoot) expect(first?.pids).not.toEqual(second?.pids);
});

test("an actor of another user can execute the agent, and only one that it may not read takes its dumpable flag", async ({
  skip,
}) => {
  if ("why" in host) return skip(host.why);
  skip(!isRoot, "needs root");
  const p = builder();
  p.call(0, "setresuid", [1234, 1234, 1234]);
  p.add({ kind: "exec", actor: 0, image: host.facts.images["plain"] ?? "" });
  p.call(0, "getuid");
  p.call(0, "prctl", [3 /* PR_GET_DUMPABLE */]);
  p.add({ kind: "exec", actor: 0, image: host.facts.images["unreadable"] ?? "" });
  p.call(0, "prctl", [3]);
  const { operations } = await run(p);
  expect(operations.map(({ value }) => Number(value))).toEqual([0, 0, 1234, 1, 0, 0]);
});
