/*
 * Guard pages and populating, as far as the release has them, through process_madvise and madvise.
 */
#include "call.h"

int main(void)
{
	char *area = map(12);
	struct iovec ranges[3] = { { area, PAGE }, { at(area, 4), 2 * PAGE }, { at(area, 8), PAGE } };
	int pidfd;

	introduce();
	pidfd = pidfd_open_raw(getpid(), 0);
	advise(pidfd, ranges, 3, GUARD_INSTALL);
	madvise(area, 12 * PAGE, POPULATE_READ);
	madvise(at(area, 1), 3 * PAGE, POPULATE_WRITE);
	advise(pidfd, ranges, 3, POPULATE_WRITE);
	advise(pidfd, ranges, 3, COLD);
	advise(pidfd, ranges + 1, 2, GUARD_REMOVE);
	advise(pidfd, ranges + 1, 2, POPULATE_READ);
	advise(pidfd, ranges, 3, GUARD_REMOVE);
	advise(pidfd, ranges, 3, POPULATE_WRITE);
	mprotect(at(area, 5), PAGE, PROT_NONE);
	advise(pidfd, ranges, 3, POPULATE_READ);
	madvise(at(area, 4), 3 * PAGE, POPULATE_READ);
	munmap(at(area, 9), PAGE);
	madvise(at(area, 8), 3 * PAGE, POPULATE_WRITE);
	mlock(at(area, 11), PAGE);
	advise_one(pidfd, at(area, 11), PAGE, GUARD_INSTALL);
	advise_one(pidfd, at(area, 11), PAGE, GUARD_REMOVE);
	return 0;
}
