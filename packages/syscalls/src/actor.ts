import { Inode } from "@kadvise/files";
import type { Actor, MemoryCapability, MemoryLimit, PageObject } from "@kadvise/mm-core";
import { PKEY } from "@kadvise/uapi";
import { fsIdIs, inFsGroup } from "./fileAccess.ts";
import type { Task } from "./task.ts";

const GROUP_WRITE = 0o020;
const OTHER_WRITE = 0o002;

/** Sets a thread's rights for one protection key. Linux: arch_set_user_pkey_access */
export function setKeyRights(task: Task, key: number, denied: number): void {
  task.machine.ports.journal.save(task, "keyRights");
  task.keyRights = ((task.keyRights & ~(3 << (2 * key))) | (denied << (2 * key))) >>> 0;
}

/** A task as the memory model sees its caller. */
export class TaskActor implements Actor {
  private readonly task: Task;

  constructor(task: Task) {
    this.task = task;
  }

  capable(capability: MemoryCapability): boolean {
    const { task } = this;
    return task.machine.access.capable(task.subject, capability).ok;
  }

  /** Linux: fs/inode.c inode_owner_or_capable, fs/namei.c inode_permission */
  ownsOrMayWrite(object: PageObject): boolean {
    if (!(object instanceof Inode)) return true;
    const { task } = this;
    const { machine, subject } = task;
    const owner = fsIdIs(task, object.uid);
    if (owner) return true;
    const bits = inFsGroup(task, object.gid) ? GROUP_WRITE : OTHER_WRITE;
    if ((object.mode & bits) !== 0) return true;
    return (
      machine.access.capable(subject, "CAP_FOWNER").ok ||
      machine.access.capable(subject, "CAP_DAC_OVERRIDE").ok
    );
  }

  limit(limit: MemoryLimit, which: "soft" | "hard" = "soft"): number {
    const { limits } = this.task;
    return which === "soft" ? limits.soft(limit) : limits.get(limit).hard;
  }

  mayUseKey(key: number, write: boolean): boolean {
    const rights = (this.task.keyRights >>> (2 * key)) & 3;
    return (rights & PKEY.PKEY_DISABLE_ACCESS) === 0 && !(write && rights !== 0);
  }

  denyKey(key: number): void {
    setKeyRights(this.task, key, PKEY.PKEY_DISABLE_ACCESS);
  }

  fatalSignalPending(): boolean {
    const { task } = this;
    // A record shows when a call returned, not when it worked: then its caller may have lived.
    return !task.machine.recorded && task.thread.group.dying;
  }
}
