import { Inode, OpenFile, SegmentNamespace, SharedSegment, UnstatedFile } from "@kadvise/files";
import { MM_CLASSES } from "@kadvise/mm-core";
import {
  FileTable,
  Pid,
  Pidfd,
  PidNamespace,
  ProcessTable,
  Thread,
  ThreadGroup,
} from "@kadvise/pidfd";
import { Facts, type Snapshot, type SnapshotClasses } from "@kadvise/ports";
import { ExecState, Subject, UserNamespace } from "@kadvise/security";
import {
  CallWork,
  Limits,
  Machine,
  NoMemory,
  Task,
  TaskActor,
  TaskMemory,
} from "@kadvise/syscalls";

/**
 * A kernel's state as a plain value: processes, memory, descriptors, credentials, and what policies
 * remember.
 */
export interface KernelSnapshot {
  /** The profile's name; restoring it on another one is refused. */
  readonly profile: string;
  readonly machine: Snapshot;
  readonly policies: readonly { readonly name: string; readonly state: unknown }[];
}

/** Every class that holds state, by a name that stays. */
export const CLASSES: SnapshotClasses = new Map<string, abstract new (...args: never[]) => object>([
  ...MM_CLASSES,
  ["CallWork", CallWork],
  ["ExecState", ExecState],
  ["Facts", Facts],
  ["FileTable", FileTable],
  ["Inode", Inode],
  ["Limits", Limits],
  ["Machine", Machine],
  ["NoMemory", NoMemory],
  ["OpenFile", OpenFile],
  ["Pid", Pid],
  ["Pidfd", Pidfd],
  ["PidNamespace", PidNamespace],
  ["ProcessTable", ProcessTable],
  ["SegmentNamespace", SegmentNamespace],
  ["SharedSegment", SharedSegment],
  ["Subject", Subject],
  ["Task", Task],
  ["TaskActor", TaskActor],
  ["TaskMemory", TaskMemory],
  ["Thread", Thread],
  ["ThreadGroup", ThreadGroup],
  ["UnstatedFile", UnstatedFile],
  ["UserNamespace", UserNamespace],
]);
