import { describe, expect, test } from "vitest";
import { explainedOwn } from "../testing/ownLog.ts";

/** 9. After fork, exec, or a thread's end: whom does this pidfd name? */
describe("question 9: whom does a pidfd name", () => {
  const named = async (line: string): Promise<{ id?: string; pid?: unknown }> => {
    const { checks = [], refusal } = (await explainedOwn(line)).ways[0] ?? {};
    const pid = checks.findLast(({ compared }) => compared["pid"] !== undefined)?.compared["pid"];
    return { ...(refusal === undefined ? {} : { id: refusal.id }), pid };
  };

  test("a copy of it the same process", async () => {
    const [one, other] = [await named("lifecycle:21"), await named("lifecycle:23")];
    expect(one.pid).toEqual(other.pid);
    expect(one.id).toBeUndefined();
  });

  test("while the process is a zombie one without memory, and then nobody", async () => {
    expect((await named("lifecycle:38")).id).toBe("mm_access/no-memory");
    expect((await named("lifecycle:40")).id).toBe("pidfd/reaped");
  });

  test("after execve nothing: it was closed", async () => {
    expect((await named("lifecycle:67")).id).toBe("pidfd/closed");
  });

  test("a kernel thread, which has no memory", async () => {
    expect(await named("targets:53")).toEqual({ id: "mm_access/no-memory", pid: 2 });
  });
});
