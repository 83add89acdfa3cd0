import { must } from "@kadvise/uapi";
import type { Task } from "../task.ts";
import { call, TestMachine, type TestMachineOptions, type TestTaskOptions } from "./machine.ts";

/** Bytes of a page, and where a test's pages lie. */
export const PAGE = 0x1000;
export const HEAP = 0x2000_0000;
/** The first address beyond the user half. */
export const LIMIT = 0x7fff_ffff_f000;

/** A task with `count` private pages at {@link HEAP}, a hole on either side. */
export function taskWithPages(
  count: number,
  machine: TestMachineOptions & { readonly task?: TestTaskOptions } = {},
): Task {
  const task = new TestMachine(machine).spawn(machine.task);
  must(call(task, "mmap", HEAP, count * PAGE, 3, 0x32, -1, 0));
  return task;
}

/** The rights of each page from {@link HEAP} on; a dash where nothing is mapped. */
export function rights(task: Task, count: number): string {
  const lines = task.space.maps().split("\n");
  return Array.from({ length: count }, (_, i) => {
    const at = HEAP + i * PAGE;
    const line = lines.find((one) => {
      const [from = "", to = ""] = one.split(" ")[0]?.split("-") ?? [];
      return Number(`0x${from}`) <= at && at < Number(`0x${to}`);
    });
    const letters = line?.split(" ")[1]?.slice(0, 3).replaceAll("-", "") ?? "-";
    return letters === "" ? "0" : letters;
  }).join(" ");
}
