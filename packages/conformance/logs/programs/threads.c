/*
 * Threads that map, protect, advise and unmap at the same time, each in a stretch of its own and all in
 * pages that they share: their calls overlap, and the log shows only where each began and ended.
 */
#include "call.h"

#define THREADS 4
#define ROUNDS 12

static char *common, *stretches;
static volatile int running;
static char stacks[THREADS][65536] __attribute__((aligned(16)));

static int work(void *argument)
{
	const int fixed = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	long me = (long)(intptr_t)argument;
	char *own = at(stretches, 8 * me);
	char *mine = at(common, 8 * me);
	struct iovec ranges[2] = { { own, 2 * PAGE }, { mine, 4 * PAGE } };
	int pidfd = pidfd_open_raw(getpid(), 0);

	for (int round = 0; round < ROUNDS; round++) {
		mmap(own, 4 * PAGE, PROT_READ | PROT_WRITE, fixed, -1, 0);
		own[0] = 1;
		advise(pidfd, ranges, 2, COLD);
		mprotect(mine, 2 * PAGE, round % 2 == 0 ? PROT_READ : PROT_READ | PROT_WRITE);
		madvise(common, 8 * THREADS * PAGE, MADV_COLD);
		munmap(own, 4 * PAGE);
		advise(pidfd, ranges, 2, COLD);
		advise(pidfd, ranges + 1, 1, PAGEOUT);
	}
	close(pidfd);
	__sync_fetch_and_sub(&running, 1);
	return 0;
}

int main(void)
{
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

	introduce();
	common = map_touched(8 * THREADS);
	stretches = map(8 * THREADS);
	running = THREADS;
	for (long i = 0; i < THREADS; i++)
		clone(work, stacks[i] + sizeof(stacks[i]), flags, (void *)(intptr_t)i);
	while (running > 0)
		usleep(1000);
	munmap(common, 8 * THREADS * PAGE);
	return 0;
}
