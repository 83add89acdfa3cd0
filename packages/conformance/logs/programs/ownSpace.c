/*
 * Oneself is whoever has the same address space: threads, a child of CLONE_VM, and from 6.15 the
 * numbers that stand for oneself. A copy of the address space is another process.
 */
#include "call.h"

static char *area;
static char stack[65536] __attribute__((aligned(16)));
static volatile int done;

static int peer(void *parent)
{
	int pidfd = *(int *)parent;

	advise_one(pidfd, area, PAGE, COLD);
	advise_one(pidfd, area, PAGE, RANDOM);
	advise_one(pidfd, area, PAGE, DONTNEED);
	done = 1;
	return 0;
}

/* A child that borrows the memory while its parent sleeps. */
__attribute__((noinline)) static void borrow(int pidfd)
{
	volatile int copy = pidfd;
	pid_t child = vfork();

	if (child == 0) {
		advise_one(copy, area, PAGE, COLD);
		advise_one(copy, area, PAGE, DONTNEED);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

int main(void)
{
	int pidfd, child, status;

	introduce();
	area = map_touched(8);
	pidfd = pidfd_open_raw(getpid(), 0);
	advise_one(pidfd, area, 8 * PAGE, COLD);
	advise_one(pidfd, area, 8 * PAGE, DONTNEED);
	/* A process that shares the memory, and is no thread. */
	child = clone(peer, stack + sizeof(stack), CLONE_VM | SIGCHLD, &pidfd);
	waitpid(child, &status, 0);
	borrow(pidfd);
	/* One that copied it. */
	child = (int)syscall(SYS_fork);
	if (child == 0) {
		advise_one(pidfd, area, PAGE, COLD);
		advise_one(pidfd, area, PAGE, DONTNEED);
		_exit(0);
	}
	waitpid(child, &status, 0);
	advise_one(-10000, area, PAGE, COLD);
	advise_one(-10001, area, PAGE, COLD);
	advise_one(-20000, area, PAGE, COLD);
	advise_one(-10002, area, PAGE, COLD);
	/* Without CAP_SYS_NICE: it was once needed for oneself too. */
	keep_capabilities(0);
	advise_one(pidfd, area, PAGE, COLD);
	advise_one(pidfd, area, PAGE, PAGEOUT);
	advise_one(pidfd, area, PAGE, 9999);
	advise(pidfd, NULL, 0, COLD);
	return 0;
}
