/*
 * COLLAPSE, for oneself and for another process: it looks at whole, aligned huge pages, and never at the
 * part of one.
 */
#include "call.h"

int main(void)
{
	char *raw = map(2048);
	char *huge = (char *)(((uintptr_t)raw + HUGE - 1) & -HUGE);
	struct iovec ranges[2];
	int pidfd, child;

	introduce();
	madvise(huge, 3 * HUGE, MADV_NOHUGEPAGE);
	pidfd = pidfd_open_raw(getpid(), 0);
	advise_one(pidfd, huge, HUGE, COLLAPSE);
	madvise(huge, 3 * HUGE, MADV_HUGEPAGE);
	/* Locked pages are there, and stay. */
	mlock(huge, HUGE);
	advise_one(pidfd, huge, HUGE, COLLAPSE);
	advise_one(pidfd, huge, PAGE, COLLAPSE);
	advise_one(pidfd, at(huge, 1), PAGE, COLLAPSE);
	advise_one(pidfd, huge + 1, HUGE, COLLAPSE);
	ranges[0] = (struct iovec){ huge, HUGE };
	ranges[1] = (struct iovec){ huge, PAGE };
	advise(pidfd, ranges, 2, COLLAPSE);
	munlock(huge, HUGE);
	advise(pidfd, ranges, 2, COLD);
	child = start_child(NULL, NULL);
	close(pidfd);
	pidfd = pidfd_open_raw(child, 0);
	advise_one(pidfd, huge, PAGE, COLLAPSE);
	advise_one(pidfd, at(huge, 1), PAGE, COLLAPSE);
	advise(pidfd, ranges, 2, COLD);
	end_child(child);
	return 0;
}
