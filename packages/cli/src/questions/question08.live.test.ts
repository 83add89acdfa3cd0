import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tool } from "../testing/tool.ts";

/** 8. Which of these lines of /proc/PID/maps should I drop first? */
test("question 8: what to leave out of a living process' maps", async ({ skip }) => {
  skip(process.platform !== "linux", "needs a Linux machine");
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  await once(child, "spawn");
  try {
    const read = (): string => readFileSync(`/proc/${child.pid}/maps`, "utf8");
    // Until it sleeps it maps its libraries.
    let maps = "";
    while (maps === "" || maps !== read()) {
      maps = read();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const { code, out } = await tool(
      "why",
      "--pid",
      String(child.pid),
      "--all",
      "--format",
      "json",
    );
    expect(code).toBe(0);
    const { leftOut, calls } = JSON.parse(out) as {
      leftOut: { line: string; id?: string }[];
      calls: { ranges: { base: number; length: number }[] }[];
    };
    const idOf = (name: string): string | undefined =>
      leftOut.find(({ line }) => line.includes(name))?.id;
    expect(idOf("[vvar]")).toBe("madvise/pfnmap");
    if (maps.includes("[vsyscall]")) expect(idOf("[vsyscall]")).toBe("iovec/beyond-user-space");
    // What is not left out is advised, once.
    const pages = (text: string): number =>
      [...text.matchAll(/^([0-9a-f]+)-([0-9a-f]+) /gm)].reduce(
        (sum, [, start = "", end = ""]) => sum + Number(BigInt(`0x${end}`) - BigInt(`0x${start}`)),
        0,
      );
    const advised = calls.flatMap(({ ranges }) => ranges).reduce((n, { length }) => n + length, 0);
    expect(advised + pages(leftOut.map(({ line }) => line).join("\n"))).toBe(pages(maps));
  } finally {
    child.kill("SIGKILL");
  }
});
