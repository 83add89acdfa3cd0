/*
 * Every advice on oneself, through a pidfd of oneself: five values up to 6.12, every one that madvise
 * knows from 6.13. Then the kinds of memory that refuse some of them.
 */
#include "call.h"

static const int every[] = {
	NORMAL, RANDOM, SEQUENTIAL, WILLNEED, DONTNEED, FREE, REMOVE, DONTFORK, DOFORK, MERGEABLE,
	UNMERGEABLE, HUGEPAGE, NOHUGEPAGE, DONTDUMP, DODUMP, WIPEONFORK, KEEPONFORK, COLD, PAGEOUT,
	POPULATE_READ, POPULATE_WRITE, DONTNEED_LOCKED, GUARD_INSTALL, GUARD_REMOVE,
};

static void give_every(int pidfd, char *area)
{
	struct iovec ranges[2] = { { area, PAGE }, { at(area, 2), 2 * PAGE } };

	for (unsigned int i = 0; i < LENGTH(every); i++)
		advise(pidfd, ranges, 2, every[i]);
}

int main(void)
{
	static const int unknown[] = { 5, 6, 7, 26, 99, 104, -1 };
	char *shared;
	int pidfd;

	introduce();
	pidfd = pidfd_open_raw(getpid(), 0);
	give_every(pidfd, map_touched(4));
	shared = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	give_every(pidfd, shared);
	give_every(pidfd, mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	for (unsigned int i = 0; i < LENGTH(unknown); i++)
		advise_one(pidfd, shared, PAGE, unknown[i]);
	/* An empty vector: some releases do not look at the advice then. */
	advise(pidfd, NULL, 0, COLD);
	advise(pidfd, NULL, 0, DONTNEED);
	advise(pidfd, NULL, 0, 9999);
	return 0;
}
