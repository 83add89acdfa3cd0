import type { ReasonEntry, Reasons } from "@kadvise/uapi";
import { commonReasons } from "./commonReasons.ts";
import { reasons as closeRange } from "./descriptor/closeRange.ts";
import { reasons as dup } from "./descriptor/dup.ts";
import { reasons as fallocate } from "./descriptor/fallocate.ts";
import { reasons as fcntl } from "./descriptor/fcntl.ts";
import { reasons as pidfdGetfd } from "./descriptor/pidfdGetfd.ts";
import { reasons as ftruncate } from "./descriptor/ftruncate.ts";
import { reasons as ioctl } from "./descriptor/ioctl.ts";
import { reasons as pidfdInfo } from "./descriptor/pidfdInfo.ts";
import { reasons as poll } from "./descriptor/poll.ts";
import { reasons as ppoll } from "./descriptor/ppoll.ts";
import { reasons as memfdCreate } from "./descriptor/memfdCreate.ts";
import { reasons as memfdSecret } from "./descriptor/memfdSecret.ts";
import { reasons as newSize } from "./descriptor/newSize.ts";
import { reasons as pidfdOpen } from "./descriptor/pidfdOpen.ts";
import { reasons as seals } from "./descriptor/seals.ts";
import { reasons as userfaultfd } from "./descriptor/userfaultfd.ts";
import { reasons as prctl } from "./identity/prctl.ts";
import { reasons as importVector } from "./importVector.ts";
import { reasons as adviseBytes } from "./memory/adviseBytes.ts";
import { reasons as mapShadowStack } from "./memory/mapShadowStack.ts";
import { reasons as mappedFile } from "./memory/mappedFile.ts";
import { reasons as getMempolicy } from "./memory/getMempolicy.ts";
import { reasons as mbind } from "./memory/mbind.ts";
import { reasons as policy } from "./memory/policy.ts";
import { reasons as mincore } from "./memory/mincore.ts";
import { reasons as mlock } from "./memory/mlock.ts";
import { reasons as mlockall } from "./memory/mlockall.ts";
import { reasons as mmap } from "./memory/mmap.ts";
import { reasons as mprotect } from "./memory/mprotect.ts";
import { reasons as mremap } from "./memory/mremap.ts";
import { reasons as mseal } from "./memory/mseal.ts";
import { reasons as msync } from "./memory/msync.ts";
import { reasons as munmap } from "./memory/munmap.ts";
import { reasons as memoryMerge } from "./memory/memoryMerge.ts";
import { reasons as anonName } from "./memory/anonName.ts";
import { reasons as thpDisable } from "./memory/thpDisable.ts";
import { reasons as writeExec } from "./memory/writeExec.ts";
import { reasons as pkeyAlloc } from "./memory/pkeyAlloc.ts";
import { reasons as pkeyFree } from "./memory/pkeyFree.ts";
import { reasons as pkeyMprotect } from "./memory/pkeyMprotect.ts";
import { reasons as processMadvise } from "./memory/processMadvise.ts";
import { reasons as remapFilePages } from "./memory/remapFilePages.ts";
import { reasons as mmAccess } from "./mmAccess.ts";
import { reasons as clone } from "./process/clone.ts";
import { reasons as clone3 } from "./process/clone3.ts";
import { reasons as cloneFlags } from "./process/cloneFlags.ts";
import { reasons as cloneTask } from "./process/cloneTask.ts";
import { reasons as execve } from "./process/execve.ts";
import { reasons as execveat } from "./process/execveat.ts";
import { reasons as kcmp } from "./process/kcmp.ts";
import { reasons as kill } from "./process/kill.ts";
import { reasons as pidfdSendSignal } from "./process/pidfdSendSignal.ts";
import { reasons as newPidNamespace } from "./process/newPidNamespace.ts";
import { reasons as readSiginfo } from "./process/readSiginfo.ts";
import { reasons as setns } from "./process/setns.ts";
import { reasons as sleep } from "./process/sleep.ts";
import { reasons as sessions } from "./process/sessions.ts";
import { reasons as setpgid } from "./process/setpgid.ts";
import { reasons as setTid } from "./process/setTid.ts";
import { reasons as prlimit } from "./process/prlimit.ts";
import { reasons as processMrelease } from "./process/processMrelease.ts";
import { reasons as processVm } from "./process/processVm.ts";
import { reasons as programWords } from "./process/programWords.ts";
import { reasons as ptrace } from "./process/ptrace.ts";
import { reasons as signalInfo } from "./process/signalInfo.ts";
import { reasons as tgkill } from "./process/tgkill.ts";
import { reasons as unshare } from "./process/unshare.ts";
import { reasons as wait4 } from "./process/wait4.ts";
import { reasons as waitid } from "./process/waitid.ts";
import { reasons as waiting } from "./process/waiting.ts";
import { reasons as resolveTarget } from "./resolveTarget.ts";
import { reasons as ipc } from "./sysv/ipc.ts";
import { reasons as segmentAccess } from "./sysv/segmentAccess.ts";
import { reasons as shmat } from "./sysv/shmat.ts";
import { reasons as shmctl } from "./sysv/shmctl.ts";
import { reasons as shmdt } from "./sysv/shmdt.ts";
import { reasons as shmget } from "./sysv/shmget.ts";

const CATALOGUES: readonly Reasons<string>[] = [
  commonReasons,
  ...[
    adviseBytes,
    importVector,
    getMempolicy,
    mappedFile,
    mapShadowStack,
    mbind,
    policy,
    mincore,
    mlock,
    mlockall,
    mmap,
    mprotect,
    mremap,
    mseal,
    msync,
    munmap,
    pkeyAlloc,
    pkeyFree,
    pkeyMprotect,
    processMadvise,
    remapFilePages,
    memoryMerge,
    anonName,
    thpDisable,
    writeExec,
  ],
  ...[newPidNamespace, sessions, setns, setpgid, setTid, sleep],
  ...[ipc, segmentAccess, shmat, shmctl, shmdt, shmget],
  ...[
    clone,
    clone3,
    cloneFlags,
    cloneTask,
    execve,
    execveat,
    kill,
    programWords,
    prlimit,
    wait4,
    waitid,
    waiting,
  ],
  ...[
    kcmp,
    pidfdSendSignal,
    processMrelease,
    processVm,
    ptrace,
    readSiginfo,
    signalInfo,
    tgkill,
    unshare,
  ],
  ...[
    mmAccess,
    resolveTarget,
    closeRange,
    dup,
    fallocate,
    fcntl,
    ftruncate,
    ioctl,
    memfdCreate,
    memfdSecret,
    newSize,
    pidfdInfo,
    poll,
    ppoll,
    seals,
    pidfdGetfd,
    pidfdOpen,
    userfaultfd,
    prctl,
  ],
];

/** Every reason of the system calls, by id. Each call's own stand in its file. */
export const SYSCALL_REASONS: { readonly [id: string]: ReasonEntry } = Object.assign(
  {},
  ...CATALOGUES.map((catalogue) => catalogue.entries),
) as { readonly [id: string]: ReasonEntry };
