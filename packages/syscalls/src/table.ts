import { I386_16BIT_ID_CALLS, SYSCALL_NUMBERS, type Abi } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "./call.ts";
import { commonReasons } from "./commonReasons.ts";
import { close } from "./descriptor/close.ts";
import { closeRange } from "./descriptor/closeRange.ts";
import { dup, dup2, dup3 } from "./descriptor/dup.ts";
import { fallocate, ia32Fallocate } from "./descriptor/fallocate.ts";
import { fcntl } from "./descriptor/fcntl.ts";
import { ioctl } from "./descriptor/ioctl.ts";
import { poll } from "./descriptor/poll.ts";
import { ppoll } from "./descriptor/ppoll.ts";
import { pidfdGetfd } from "./descriptor/pidfdGetfd.ts";
import { ftruncate } from "./descriptor/ftruncate.ts";
import { memfdCreate } from "./descriptor/memfdCreate.ts";
import { memfdSecret } from "./descriptor/memfdSecret.ts";
import { pidfdOpen } from "./descriptor/pidfdOpen.ts";
import { userfaultfd } from "./descriptor/userfaultfd.ts";
import { capget, capset } from "./identity/capabilities.ts";
import { getegid, geteuid, getgid, getresgid, getresuid, getuid } from "./identity/getIds.ts";
import { getgroups, setgroups } from "./identity/groups.ts";
import { prctl } from "./identity/prctl.ts";
import {
  setfsgid,
  setfsuid,
  setgid,
  setregid,
  setresgid,
  setresuid,
  setreuid,
  setuid,
} from "./identity/setIds.ts";
import { brk } from "./memory/brk.ts";
import { madvise } from "./memory/madvise.ts";
import { getMempolicy } from "./memory/getMempolicy.ts";
import { mapShadowStack } from "./memory/mapShadowStack.ts";
import { mbind } from "./memory/mbind.ts";
import { mincore } from "./memory/mincore.ts";
import { mlock, mlock2, munlock } from "./memory/mlock.ts";
import { mlockall, munlockall } from "./memory/mlockall.ts";
import { mmap, mmap2 } from "./memory/mmap.ts";
import { mprotect } from "./memory/mprotect.ts";
import { mremap } from "./memory/mremap.ts";
import { mseal } from "./memory/mseal.ts";
import { msync } from "./memory/msync.ts";
import { munmap } from "./memory/munmap.ts";
import { oldMmap } from "./memory/oldMmap.ts";
import { pkeyAlloc } from "./memory/pkeyAlloc.ts";
import { pkeyFree } from "./memory/pkeyFree.ts";
import { pkeyMprotect } from "./memory/pkeyMprotect.ts";
import { processMadvise } from "./memory/processMadvise.ts";
import { remapFilePages } from "./memory/remapFilePages.ts";
import { setMempolicy } from "./memory/setMempolicy.ts";
import { clone, fork, vfork } from "./process/clone.ts";
import { clone3 } from "./process/clone3.ts";
import { execve } from "./process/execve.ts";
import { execveat } from "./process/execveat.ts";
import { exit, exitGroup } from "./process/exit.ts";
import { getpid, getppid, gettid, setTidAddress } from "./process/ids.ts";
import { kcmp } from "./process/kcmp.ts";
import { kill } from "./process/kill.ts";
import { pidfdSendSignal } from "./process/pidfdSendSignal.ts";
import { prlimit64 } from "./process/prlimit.ts";
import { processMrelease } from "./process/processMrelease.ts";
import { processVmReadv, processVmWritev } from "./process/processVm.ts";
import { ptrace } from "./process/ptrace.ts";
import { rtSigqueueinfo } from "./process/rtSigqueueinfo.ts";
import { rtTgsigqueueinfo } from "./process/rtTgsigqueueinfo.ts";
import { getrlimit, setrlimit, ugetrlimit } from "./process/rlimit.ts";
import { getpgid, getpgrp, getsid, setsid } from "./process/sessions.ts";
import { setns } from "./process/setns.ts";
import { setpgid } from "./process/setpgid.ts";
import { tgkill, tkill } from "./process/tgkill.ts";
import { unshare } from "./process/unshare.ts";
import { wait4 } from "./process/wait4.ts";
import { waitid } from "./process/waitid.ts";
import { waitpid } from "./process/waitpid.ts";
import { ipc } from "./sysv/ipc.ts";
import { shmat } from "./sysv/shmat.ts";
import { shmctl } from "./sysv/shmctl.ts";
import { shmdt } from "./sysv/shmdt.ts";
import { shmget } from "./sysv/shmget.ts";
import type { Registers } from "./registers.ts";
import { filterAnswer } from "./syscallFilter.ts";
import type { Task } from "./task.ts";

/** Every call that is modelled, by name. */
export const SYSTEM_CALLS: ReadonlyMap<string, SystemCall> = new Map(
  [
    ...[
      brk,
      madvise,
      mincore,
      mlock,
      mlock2,
      mlockall,
      mmap,
      mmap2,
      mprotect,
      mremap,
      mseal,
      msync,
      munlock,
      munlockall,
      munmap,
      oldMmap,
    ],
    ...[mapShadowStack, pkeyAlloc, pkeyFree, pkeyMprotect, processMadvise, remapFilePages],
    ...[getMempolicy, mbind, setMempolicy],
    ...[
      clone,
      clone3,
      execve,
      execveat,
      exit,
      exitGroup,
      fork,
      getpid,
      getppid,
      gettid,
      kill,
      prlimit64,
      setTidAddress,
    ],
    ...[getpgid, getpgrp, getsid, setpgid, setsid],
    ...[
      vfork,
      wait4,
      waitid,
      waitpid,
      rtSigqueueinfo,
      rtTgsigqueueinfo,
      tgkill,
      tkill,
      getrlimit,
      setrlimit,
      ugetrlimit,
    ],
    ...[
      getegid,
      geteuid,
      getgid,
      getresgid,
      getresuid,
      getuid,
      getgroups,
      setgroups,
      capget,
      capset,
      prctl,
    ],
    ...[setfsgid, setfsuid, setgid, setregid, setresgid, setresuid, setreuid, setuid],
    ...[close, closeRange, dup, dup2, dup3, fcntl, ftruncate, ioctl, memfdCreate, memfdSecret],
    ...[fallocate, ia32Fallocate, pidfdGetfd, pidfdOpen, poll, ppoll],
    ...[kcmp, pidfdSendSignal, processMrelease, processVmReadv, processVmWritev, ptrace, setns],
    ...[unshare, userfaultfd],
    ...[ipc, shmat, shmctl, shmdt, shmget],
  ].map((call) => [call.name, call]),
);

/** Calls that came after 5.8 exist only where the profile says so. */
const LATER: ReadonlySet<string> = new Set([
  ...["close_range", "process_madvise", "process_mrelease", "mseal", "map_shadow_stack"],
]);

const TABLES: { readonly [abi in Abi]: ReadonlyMap<number, SystemCall> } = {
  "x86-64": tableOf("x86-64"),
  i386: tableOf("i386"),
  arm64: tableOf("arm64"),
};

function tableOf(abi: Abi): ReadonlyMap<number, SystemCall> {
  const table = new Map<number, SystemCall>();
  for (const [name, numbers] of Object.entries(SYSCALL_NUMBERS)) {
    const number = numbers[abi];
    const call = SYSTEM_CALLS.get(name === "fcntl64" ? "fcntl" : name);
    if (number !== null && call !== undefined) table.set(number, call);
  }
  if (abi === "i386") {
    for (const [number, name] of Object.entries(I386_16BIT_ID_CALLS)) {
      const call = SYSTEM_CALLS.get(name);
      if (call !== undefined) table.set(Number(number), call);
    }
  }
  return table;
}

/** The call behind a number, if it is modelled. */
export function callByNumber(abi: Abi, number: number): SystemCall | undefined {
  return TABLES[abi].get(number);
}

/** Whether this kernel has a call at all. */
export function hasCall(task: Task, call: SystemCall): boolean {
  const { profile, memory } = task.machine;
  // Linux: mm/Makefile builds madvise.c with CONFIG_ADVISE_SYSCALLS alone.
  if (call.name === "madvise") return memory.settings.get("adviseSyscalls");
  if (!LATER.has(call.name)) return true;
  if (call.name === "process_madvise") {
    return profile.processMadvise.exists && memory.settings.get("adviseSyscalls");
  }
  return profile.abi.calls.includes(call.name);
}

/**
 * What a gate takes for the call's number: `int $0x80` and arm64 look at 32 bits of the register,
 * and so does x86-64 from 5.14 on; before, any bit above made it ENOSYS. x32's bit (0x40000000) is
 * ENOSYS on all, as without CONFIG_X86_X32_ABI.
 *
 * Linux: arch/x86/entry/entry_64.S entry_SYSCALL_64, arch/arm64/kernel/syscall.c do_el0_svc
 */
function numberAtGate(task: Task, abi: Abi, register: number | bigint): number {
  if (abi === "x86-64" && !task.machine.profile.abi.numberIsInt) return Number(register);
  return Number(BigInt.asIntN(32, BigInt(register)));
}

/**
 * A system call enters by its gate: the register with the number, and six with arguments. A call
 * that is not modelled is ENOSYS, as on a kernel without it.
 *
 * Linux: arch/x86/entry/common.c do_syscall_64, do_int80_emulation
 */
export function enter(
  task: Task,
  abi: Abi,
  numberRegister: number | bigint,
  registers: Registers,
): Outcome {
  const isSmall =
    typeof numberRegister === "number" && (numberRegister & 0xffff) === numberRegister;
  const number = isSmall ? numberRegister : numberAtGate(task, abi, numberRegister);
  const call = callByNumber(abi, number);
  if (abi === "i386") registers.narrow();
  if (call === undefined) {
    return (
      filterAnswer(task, abi, undefined, number) ??
      commonReasons.refuse(task.machine.ports.checks, "syscall/unknown", number)
    );
  }
  return runCall(task, abi, call, registers, number);
}

/**
 * Runs a call as if it had come in by a gate, with the number that a filter hears: the call's usual
 * one if none is given.
 */
export function runCall(
  task: Task,
  abi: Abi,
  call: SystemCall,
  registers: Registers,
  number?: number,
): Outcome {
  task.machine.work.systemCalls++;
  const answer = filterAnswer(task, abi, call.name, number);
  if (answer !== undefined) return answer;
  if (!hasCall(task, call)) {
    return commonReasons.refuse(task.machine.ports.checks, "syscall/unknown", call.name);
  }
  task.abi = abi;
  return call.run(task, registers);
}
