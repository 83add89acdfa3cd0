/*
 * Locked memory refuses to be cold, paged out or dropped: the range ends there, and what the vector did
 * before it counts.
 */
#include "call.h"

int main(void)
{
	char *area = map_touched(13);
	struct iovec ranges[3] = { { area, 2 * PAGE }, { at(area, 3), 3 * PAGE }, { at(area, 8), PAGE } };
	static const int advices[] = { COLD, PAGEOUT, WILLNEED, DONTNEED, DONTNEED_LOCKED, FREE };
	int pidfd;

	introduce();
	pidfd = pidfd_open_raw(getpid(), 0);
	mlock(at(area, 4), PAGE);
	for (unsigned int i = 0; i < LENGTH(advices); i++) {
		advise(pidfd, ranges, 3, advices[i]);
		advise(pidfd, ranges + 1, 2, advices[i]);
		advise(pidfd, ranges + 2, 1, advices[i]);
	}
	munlock(at(area, 4), PAGE);
	advise(pidfd, ranges, 3, COLD);
	syscall(SYS_mlock2, at(area, 8), PAGE, 1 /* MLOCK_ONFAULT */);
	advise(pidfd, ranges, 3, COLD);
	mlockall(MCL_CURRENT);
	advise(pidfd, ranges, 3, COLD);
	munlockall();
	advise(pidfd, ranges, 3, COLD);
	munmap(at(area, 12), PAGE);
	mlock(at(area, 10), 3 * PAGE);
	munmap(at(area, 11), PAGE);
	mlock(at(area, 10), 2 * PAGE);
	mlock(area, 0);
	munlock(at(area, 10), 2 * PAGE);
	return 0;
}
