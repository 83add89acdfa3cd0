/* What the two architectures do differently: the gates into the kernel, and what a signal shows. */
#ifndef ARCH_H
#define ARCH_H

#include "protocol.h"

/* A system call from six register values. The compat gate exists on x86-64 alone. */
long arch_call(long number, const u64 values[6]);
long arch_call32(long number, const u64 values[6]);

/* As above; whoever comes back with 0 is a new task, takes the given stack and calls actor_born. */
long arch_fork(long number, const u64 values[6], void *stack, u64 actor, u64 gate);

/* Leaves the present stack for another one and calls actor_main; never returns. */
void arch_enter(void *stack, u64 actor) __attribute__((noreturn));

/* What a probe came to: units that are left, the signal and its code (0 for none), the address. */
struct probe {
	u64 left, stopped, address;
};

void probe_copy(void *to, const void *from, u64 bytes, struct probe *probe);
void probe_load(const void *at, u64 stride, u64 count, struct probe *probe);
void probe_store(void *at, u64 stride, u64 count, struct probe *probe, u64 byte);

/* The probes' code: a fault between begin and out is theirs, and goes on at out. */
extern const char probe_begin[], probe_out[];

void arch_return_from_signal(void);

#if defined(__x86_64__)

#define ARCH_NAME "x86_64"
#define HAS_GATE_I386 1

enum { N_read = 0, N_write = 1, N_close = 3, N_lseek = 8, N_mmap = 9, N_rt_sigaction = 13,
	N_ioctl = 16, N_pread64 = 17, N_pwrite64 = 18, N_sched_yield = 24, N_madvise = 28,
	N_nanosleep = 35, N_getpid = 39, N_clone = 56, N_execve = 59, N_wait4 = 61, N_kill = 62,
	N_uname = 63, N_fcntl = 72, N_ftruncate = 77, N_fchmod = 91, N_setpgid = 109, N_setsid = 112,
	N_sigaltstack = 131, N_personality = 135, N_prctl = 157, N_mount = 165, N_swapon = 167,
	N_reboot = 169, N_gettid = 186, N_futex = 202,
	N_sched_setaffinity = 203, N_sched_getaffinity = 204, N_clock_gettime = 228, N_exit_group = 231,
	N_openat = 257, N_mkdirat = 258, N_unshare = 272, N_dup3 = 292, N_prlimit64 = 302,
	N_execveat = 322, N_close_range = 436 };

#elif defined(__aarch64__)

#define ARCH_NAME "aarch64"
#define HAS_GATE_I386 0

enum { N_dup3 = 24, N_fcntl = 25, N_ioctl = 29, N_mkdirat = 34, N_mount = 40, N_ftruncate = 46, N_fchmod = 52,
	N_openat = 56, N_close = 57, N_lseek = 62, N_read = 63, N_write = 64, N_pread64 = 67,
	N_pwrite64 = 68, N_personality = 92, N_exit_group = 94, N_unshare = 97, N_futex = 98,
	N_nanosleep = 101, N_clock_gettime = 113, N_sched_setaffinity = 122, N_sched_getaffinity = 123,
	N_sched_yield = 124, N_kill = 129, N_sigaltstack = 132, N_rt_sigaction = 134, N_reboot = 142,
	N_setpgid = 154, N_setsid = 157, N_uname = 160, N_prctl = 167, N_getpid = 172, N_gettid = 178,
	N_clone = 220, N_execve = 221, N_mmap = 222, N_swapon = 224, N_madvise = 233, N_wait4 = 260, N_prlimit64 = 261,
	N_execveat = 281, N_close_range = 436 };

#else
#error "the agent knows x86-64 and arm64"
#endif

#endif
