/*
 * What the programs share: system calls without the C library's opinion of them, and the opening
 * statement that makes a log tell whose calls it shows.
 */
#ifndef CALL_H
#define CALL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL
#define HUGE (512 * PAGE)
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Numbers that older C libraries do not have. */
#define NR_PIDFD_OPEN 434
#define NR_CLONE3 435
#define NR_CLOSE_RANGE 436
#define NR_PROCESS_MADVISE 440

enum {
	NORMAL, RANDOM, SEQUENTIAL, WILLNEED, DONTNEED, FREE = 8, REMOVE, DONTFORK, DOFORK, MERGEABLE,
	UNMERGEABLE, HUGEPAGE, NOHUGEPAGE, DONTDUMP, DODUMP, WIPEONFORK, KEEPONFORK, COLD, PAGEOUT,
	POPULATE_READ, POPULATE_WRITE, DONTNEED_LOCKED, COLLAPSE, HWPOISON = 100, GUARD_INSTALL = 102,
	GUARD_REMOVE,
};

/* A page-aligned pointer plus so many pages. */
static inline char *at(char *base, long pages)
{
	return base + pages * (long)PAGE;
}

static inline long advise_raw(long pidfd, const void *vec, unsigned long vlen, long advice, long flags)
{
	return syscall(NR_PROCESS_MADVISE, pidfd, vec, vlen, advice, flags);
}

/* One vector. */
static inline long advise(int pidfd, const struct iovec *vec, unsigned long vlen, int advice)
{
	return advise_raw(pidfd, vec, vlen, advice, 0);
}

/* A vector of one range. */
static inline long advise_one(int pidfd, const void *base, unsigned long length, int advice)
{
	struct iovec range = { (void *)base, length };

	return advise(pidfd, &range, 1, advice);
}

static inline int pidfd_open_raw(int pid, unsigned int flags)
{
	return (int)syscall(NR_PIDFD_OPEN, pid, flags);
}

/* Private anonymous memory, wherever the kernel puts it. */
static inline char *map(long pages)
{
	return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* The same, with every page written. */
static inline char *map_touched(long pages)
{
	char *base = map(pages);

	for (long i = 0; i < pages; i++)
		*at(base, i) = (char)(i + 1);
	return base;
}

/* The capability sets of the calling thread, by capget and capset. */
struct capabilities {
	uint32_t effective_low, permitted_low, inheritable_low;
	uint32_t effective_high, permitted_high, inheritable_high;
};

static inline long get_capabilities(struct capabilities *sets)
{
	struct { uint32_t version; int pid; } header = { 0x20080522, 0 };

	return syscall(SYS_capget, &header, sets);
}

static inline long set_capabilities(const struct capabilities *sets)
{
	struct { uint32_t version; int pid; } header = { 0x20080522, 0 };

	return syscall(SYS_capset, &header, sets);
}

/* Keeps permitted and effective what the mask of low capabilities names, and nothing else. */
static inline long keep_capabilities(uint32_t low)
{
	struct capabilities sets = { low, low, 0, 0, 0, 0 };

	return set_capabilities(&sets);
}

/* Becomes another user for good: every capability goes with root's ids. */
static inline void become(unsigned int id)
{
	syscall(SYS_setgroups, 0, NULL);
	syscall(SYS_setresgid, id, id, id);
	syscall(SYS_setresuid, id, id, id);
}

/*
 * Says with what the program begins: a log does not show which descriptors are open and which
 * capabilities it has.
 */
static inline void introduce(void)
{
	struct capabilities sets;

	syscall(NR_CLOSE_RANGE, 3, ~0U, 0);
	get_capabilities(&sets);
	prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
}

/* Says which ids the program has. */
static inline void tell_ids(void)
{
	uint32_t real, effective, saved;

	syscall(SYS_getresuid, &real, &effective, &saved);
	syscall(SYS_getresgid, &real, &effective, &saved);
}

/* A child that waits until it is killed; with a pipe that tells when it is ready. */
static inline int start_child(void (*prepare)(void *), void *argument)
{
	int ready[2], pid;
	char byte = 0;

	if (pipe(ready) != 0)
		exit(1);
	pid = (int)syscall(SYS_fork);
	if (pid == 0) {
		close(ready[0]);
		if (prepare != NULL)
			prepare(argument);
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		exit(1);
	close(ready[0]);
	return pid;
}

static inline void end_child(int pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

#endif
