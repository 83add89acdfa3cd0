import { smapsEntry } from "@kadvise/mm-core";
import { pidfdFdinfo } from "@kadvise/pidfd";
import type { Task } from "@kadvise/syscalls";
import type { ShownField } from "../program/program.ts";
import type { OperationResult } from "../program/result.ts";
import { FDINFO, PAGEMAP } from "../program/shownField.ts";

/**
 * The entry of /proc/PID/smaps or pagemap that holds a field, or the lines of status, as the model
 * has them; undefined where there is no memory to tell of.
 */
export function observedField(
  task: Task | undefined,
  { name, address }: ShownField,
): OperationResult | undefined {
  if (name === FDINFO) return observedDescriptor(task, Number(address));
  const mm = task?.mm;
  if (mm === null || mm === undefined) return undefined;
  if (address === undefined) return done(Buffer.from(mm.status(), "latin1"));
  const page = Number(address / BigInt(mm.memory.pageBytes));
  if (name === PAGEMAP) return done(mm.pagemap(page, 1));
  const area = mm.areas.at(page);
  return done(Buffer.from(area < 0 ? "" : smapsEntry(mm, area), "latin1"));
}

/** A pidfd's fdinfo; of other files, and of whoever gave its table up, the model has none. */
function observedDescriptor(task: Task | undefined, fd: number): OperationResult | undefined {
  if (task?.pid.thread?.alive !== true) return undefined;
  const slot = task.files.get(fd);
  if (slot?.file.kind !== "pidfd") return undefined;
  const { file, closeOnExec } = slot;
  return done(Buffer.from(pidfdFdinfo({ file, closeOnExec }), "latin1"));
}

function done(payload: Uint8Array): OperationResult {
  return { state: "done", value: BigInt(payload.length), payload };
}
