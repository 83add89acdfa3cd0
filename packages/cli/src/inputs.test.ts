import { describe, expect, test } from "vitest";
import { pieces, sizeOf, UnreadableInput } from "./inputs.ts";
import { file } from "./testing/tool.ts";

async function read(path: string): Promise<string> {
  let all = "";
  for await (const piece of pieces(path)) all += piece;
  return all;
}

describe("a file", () => {
  test("is read in pieces, each byte a code unit", async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => 32 + (i % 224));
    const lengths: number[] = [];
    for await (const piece of pieces(file("big.log", bytes))) lengths.push(piece.length);
    expect(lengths.length).toBeGreaterThan(1);
    expect(lengths.reduce((a, b) => a + b)).toBe(300_000);
    expect(await read(file("latin.log", Uint8Array.of(0xff, 0xe2, 0x80)))).toBe(
      "\u00ff\u00e2\u0080",
    );
  });

  test("that is binary is refused, also where the zero comes later in its first 8 KiB", async () => {
    const late = new Uint8Array(9000).fill(65);
    late[5000] = 0;
    await expect(read(file("late.log", late))).rejects.toThrow(UnreadableInput);
  });

  test("may hold a zero byte far inside: a torn line is no reason to refuse a gigabyte", async () => {
    const far = new Uint8Array(400_000).fill(65);
    far[390_000] = 0;
    expect(await read(file("far.log", far))).toHaveLength(400_000);
  });

  test("that is missing or a folder is refused with the reason", async () => {
    await expect(read("/nowhere/a.log")).rejects.toThrow("/nowhere/a.log: no such file");
    await expect(read(import.meta.dirname)).rejects.toThrow("is a directory; name the logs in it");
  });

  test("has a size; what is missing, and standard input, have none", () => {
    expect(sizeOf(file("five.log", "12345"))).toBe(5);
    expect(sizeOf("/nowhere/a.log")).toBeUndefined();
    expect(sizeOf("-")).toBeUndefined();
  });
});
