import { SegmentNamespace } from "@kadvise/files";
import { Memory, type ObjectKeeper, type PageObject } from "@kadvise/mm-core";
import { ProcessTable } from "@kadvise/pidfd";
import type { Ports } from "@kadvise/ports";
import type { Profile } from "@kadvise/releases";
import type { AccessDecision } from "@kadvise/security";
import { MADV } from "@kadvise/uapi";
import type { Task } from "./task.ts";
import { Vector } from "./vector.ts";

/** What the calls cost above the memory model. */
export class CallWork {
  systemCalls = 0;
  pidfdLookups = 0;
  accessChecks = 0;
}

/** One machine: what all tasks share. */
export class Machine implements ObjectKeeper {
  readonly profile: Profile;
  readonly ports: Ports;
  readonly memory: Memory;
  readonly processes: ProcessTable<Task>;
  /** The segments of the initial ipc namespace. */
  readonly ipc: SegmentNamespace = new SegmentNamespace();
  readonly work: CallWork = new CallWork();
  /** Whether tasks follow recorded programs, of which only the calls are seen. */
  readonly recorded: boolean;
  /** The whole permission decision; any object with the interface will do. */
  access: AccessDecision;
  /** Bit n of the table: process_madvise may give advice n to others. */
  readonly remoteAdvice: Uint8Array;
  /** The vector that is being handled; reused, for a call handles one at a time. */
  readonly vector: Vector = new Vector();

  constructor(options: {
    readonly profile: Profile;
    readonly ports: Ports;
    readonly access: AccessDecision;
    readonly recorded?: boolean;
    readonly firstPid?: number;
  }) {
    const { profile, ports } = options;
    this.profile = profile;
    this.ports = ports;
    this.access = options.access;
    this.recorded = options.recorded ?? false;
    this.memory = new Memory({
      features: profile.mm,
      settings: profile.settings,
      assumed: profile.assumed,
      batching: profile.processMadvise,
      ports,
    });
    this.memory.keeper = this;
    this.processes = new ProcessTable<Task>({
      ports,
      pidMax: profile.settings.pidMax,
      exitStatus: profile.pidfd.exitStatus,
      ...(options.firstPid === undefined ? {} : { firstNumber: options.firstPid }),
    });
    this.remoteAdvice = new Uint8Array(128);
    for (const name of profile.processMadvise.remoteAdvice)
      this.remoteAdvice[MADV[name as keyof typeof MADV]] = 1;
  }

  /** Whether a descriptor of any task leads to an object. */
  holds(object: PageObject): boolean {
    for (const { thread } of this.processes.pids.values()) {
      if (thread?.alive !== true) continue;
      for (const [, { file }] of thread.payload.files)
        if (file.kind === "file" && file.object === object) return true;
    }
    return false;
  }
}
