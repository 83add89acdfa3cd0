/* Numbers of system calls and names of errors. */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include "pack.h"

/* Calls since Linux 5.1 have one number on every architecture. */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif
#ifndef SYS_mseal
#define SYS_mseal 462
#endif

#define CALL_OF(name) { #name, SYS_##name }

static const struct {
	const char *name;
	long number;
} calls[] = {
	CALL_OF(brk), CALL_OF(capget), CALL_OF(capset), CALL_OF(clone), CALL_OF(clone3), CALL_OF(close),
	CALL_OF(close_range), CALL_OF(dup), CALL_OF(dup3), CALL_OF(exit), CALL_OF(exit_group),
	CALL_OF(fcntl), CALL_OF(getegid), CALL_OF(geteuid), CALL_OF(getgid), CALL_OF(getgroups),
	CALL_OF(getpid), CALL_OF(getppid), CALL_OF(getresgid), CALL_OF(getresuid), CALL_OF(gettid),
	CALL_OF(getuid), CALL_OF(kill), CALL_OF(madvise), CALL_OF(mincore), CALL_OF(mlock),
	CALL_OF(mlock2), CALL_OF(mlockall), CALL_OF(mmap), CALL_OF(mprotect), CALL_OF(mseal),
	CALL_OF(msync),
	CALL_OF(munlock), CALL_OF(munlockall), CALL_OF(munmap), CALL_OF(pidfd_open), CALL_OF(prctl),
	CALL_OF(prlimit64), CALL_OF(process_madvise), CALL_OF(set_tid_address), CALL_OF(setfsgid),
	CALL_OF(setfsuid), CALL_OF(setgid), CALL_OF(setgroups), CALL_OF(setregid), CALL_OF(setresgid),
	CALL_OF(setresuid), CALL_OF(setreuid), CALL_OF(setuid), CALL_OF(wait4), CALL_OF(waitid),
#ifdef SYS_fork
	CALL_OF(fork),
#endif
#ifdef SYS_dup2
	CALL_OF(dup2),
#endif
};

/* The number of a call, or -1 where this architecture has none. */
long call_number(const char *name)
{
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (strcmp(calls[i].name, name) == 0)
			return calls[i].number;
	return -1;
}

#define ERROR_OF(name) [name] = #name

static const char *const errors[] = {
	ERROR_OF(EPERM), ERROR_OF(ENOENT), ERROR_OF(ESRCH), ERROR_OF(EINTR), ERROR_OF(EIO),
	ERROR_OF(ENXIO), ERROR_OF(E2BIG), ERROR_OF(ENOEXEC), ERROR_OF(EBADF), ERROR_OF(ECHILD),
	ERROR_OF(EAGAIN), ERROR_OF(ENOMEM), ERROR_OF(EACCES), ERROR_OF(EFAULT), ERROR_OF(EBUSY),
	ERROR_OF(EEXIST), ERROR_OF(ENODEV), ERROR_OF(EINVAL), ERROR_OF(ENFILE), ERROR_OF(EMFILE),
	ERROR_OF(ENOTTY), ERROR_OF(EFBIG), ERROR_OF(ENOSPC), ERROR_OF(EROFS), ERROR_OF(EDOM),
	ERROR_OF(ERANGE), ERROR_OF(EDEADLK), ERROR_OF(ENOSYS), ERROR_OF(EOVERFLOW),
	ERROR_OF(EOPNOTSUPP), ERROR_OF(EREMOTE), ERROR_OF(EUSERS), ERROR_OF(EHWPOISON),
};

/* The name of an error, or 0. */
const char *error_name(int number)
{
	if (number < 0 || (size_t)number >= sizeof errors / sizeof *errors)
		return NULL;
	return errors[number];
}
