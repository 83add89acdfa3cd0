import type { Kernel, Process } from "../index.ts";
import { PAGE, pages } from "./scene.ts";
import { BASE, PAGES } from "./programs.ts";

/**
 * Whatever a program could see of a kernel, and what the kernel keeps count of: two kernels of which
 * this is equal are the same machine, however their tables are laid out inside.
 */
export function observe(kernel: Kernel): unknown {
  const { memory } = kernel.machine;
  return {
    processes: kernel.pids.map((number) => observeProcess(kernel, number)),
    work: kernel.work,
    framesInUse: memory.frames.inUse,
    spaces: memory.spaces.size,
    policies: kernel.snapshot().policies,
  };
}

function observeProcess(kernel: Kernel, number: number): unknown {
  const pid = kernel.machine.processes.find(number);
  const { group } = pid ?? {};
  const process = kernel.find(number);
  const task = process?.task;
  return {
    number,
    group: group?.pid.number,
    state: group?.state,
    exit: group?.exitStatus,
    parent: group?.parent?.pid.number,
    children: group?.children.map((child) => child.pid.number).sort((a, b) => a - b),
    threads: group?.threads.map((thread) => [thread.pid.number, thread.alive]),
    name: task?.name,
    credentials: task?.subject.credentials,
    dumpable: task?.subject.exec.dumpable,
    hasMemory: task?.subject.hasMemory,
    files: task === undefined ? [] : Array.from({ length: 16 }, (_, fd) => observeFile(task, fd)),
    memory: process === undefined || task?.mm === undefined ? "none" : observeMemory(process),
  };
}

function observeFile({ files }: Process["task"], fd: number): unknown {
  const slot = files.get(fd);
  if (slot === undefined) return "closed";
  const { file, closeOnExec } = slot;
  const what = file.kind === "pidfd" ? file.pid.number : file.kind === "file" ? file.name : "";
  return [file.kind, what, closeOnExec];
}

function observeMemory(process: Process): unknown {
  const { space } = process.task;
  const address = BigInt(BASE);
  const states = pages(process, address, PAGES);
  // Reading faults pages in: that is taken back at once.
  const contents = process.kernel.attempt(() =>
    Array.from({ length: PAGES }, (_, i) => {
      const bytes = process.load(address + BigInt(i * PAGE), 8);
      return bytes.ok ? String.fromCharCode(...bytes.value) : bytes.reason.id;
    }),
  );
  const { break: end, totalPages, lockedPages, anonymousPages, swapEntries, users } = space;
  const counts = { end, totalPages, lockedPages, anonymousPages, swapEntries, users };
  return { maps: process.maps(), states, contents, counts };
}
