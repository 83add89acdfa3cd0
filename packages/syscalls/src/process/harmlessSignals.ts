import { SIG } from "@kadvise/uapi";

/** Signals whose usual effect is not to end the process. Linux: kernel/signal.c sig_kernel_ignore */
export const HARMLESS: ReadonlySet<number> = new Set([
  0,
  SIG.SIGCHLD,
  SIG.SIGCONT,
  SIG.SIGSTOP,
  SIG.SIGTSTP,
  SIG.SIGTTIN,
  SIG.SIGTTOU,
  SIG.SIGURG,
  SIG.SIGWINCH,
]);
