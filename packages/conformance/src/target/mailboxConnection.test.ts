import { spawn } from "node:child_process";
import {
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { defined } from "../program/testing/protocolHeader.ts";
import { frameHeader, FrameReader, type Frame } from "./frames.ts";
import { MAILBOX_BYTES, MailboxConnection, makeMailbox } from "./mailboxConnection.ts";

let folder = "";
let connection: MailboxConnection;
const path = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kadvise-mailbox-"));
  makeMailbox(path("disk"));
  writeFileSync(path("console"), "one\r\ntwo\r\n");
  // What is said to the machine comes back from it.
  const child = spawn("cat", [], { stdio: ["pipe", "pipe", "pipe"] });
  connection = new MailboxConnection(child, "the machine", path("disk"), path("console"));
});
afterEach(async () => {
  await connection.close();
  rmSync(folder, { recursive: true, force: true });
});

const nextFrame = (): Promise<Frame> =>
  new Promise((resolve) => {
    connection.onFrame = resolve;
  });

test("a mailbox begins with its label and is mostly a hole", () => {
  const label = Buffer.alloc(16);
  readSync(openSync(path("disk"), "r"), label);
  expect(label.toString("latin1")).toBe("KADVISE-MAILBOX\0");
  expect(statSync(path("disk")).size).toBe(MAILBOX_BYTES);
  expect(statSync(path("disk")).blocks * 512).toBeLessThan(2 ** 20);
});

test("batches are said through the disk, two after each other at different places", async () => {
  const bytes = [Buffer.from("first batch"), Buffer.from("the second")];
  const frames: Frame[] = [];
  for (const one of bytes) {
    const frame = nextFrame();
    connection.send(1, one);
    frames.push(await frame);
  }
  expect(frames.map((frame) => Buffer.from(frame.bytes).toString())).toEqual([
    "first batch",
    "the second",
  ]);
  // The longest batch is 4 MiB: 1024 blocks.
  const [first, second] = frames.map(({ block }) => block);
  expect(Math.abs(first - second)).toBeGreaterThanOrEqual(1024);
  expect(Math.max(first, second) + 1024).toBeLessThanOrEqual(4096);
});

test("what the machine says through the disk is read from there", async () => {
  const disk = openSync(path("disk"), "r+");
  const told = Buffer.from("results");
  writeSync(disk, told, 0, told.length, 4096 * 4096);
  const frame = nextFrame();
  // cat gives back the head alone, as a serial line would.
  const head = frameHeader(17, told.length, 4096);
  expect([...new FrameReader().take(head)]).toHaveLength(1);
  connection["child"].stdin?.write(head);
  expect(Buffer.from((await frame).bytes).toString()).toBe("results");
});

test("the console is told without the serial line's returns", () => {
  expect(connection.console()).toBe("one\ntwo\n");
});

test("a payload of the largest program fits into one of the agent's places", () => {
  expect(defined("PAYLOAD_BYTES") + defined("MAX_OPERATIONS") * 32).toBeLessThan(16 * 2 ** 20);
});
