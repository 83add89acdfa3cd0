/*
 * A manager advises another process through a pidfd: COLD and PAGEOUT everywhere, WILLNEED from 5.15,
 * COLLAPSE from 6.1. Every other advice is refused, whoever asks.
 */
#include "call.h"

static char *area;

int main(void)
{
	static const int allowed[] = { COLD, PAGEOUT, WILLNEED };
	static const int refused[] = {
		NORMAL, RANDOM, SEQUENTIAL, DONTNEED, FREE, REMOVE, DONTFORK, DOFORK, MERGEABLE, UNMERGEABLE,
		HUGEPAGE, NOHUGEPAGE, DONTDUMP, DODUMP, WIPEONFORK, KEEPONFORK, POPULATE_READ, POPULATE_WRITE,
		DONTNEED_LOCKED, HWPOISON, GUARD_INSTALL, GUARD_REMOVE, 5, 26, 99, 104, -1,
	};
	struct iovec ranges[3];
	int child, pidfd;

	introduce();
	area = map_touched(16);
	child = start_child(NULL, NULL);
	pidfd = pidfd_open_raw(child, 0);
	for (int i = 0; i < 3; i++)
		ranges[i] = (struct iovec){ at(area, 4 * i), 2 * PAGE };
	for (unsigned int i = 0; i < LENGTH(allowed); i++) {
		advise_one(pidfd, area, 16 * PAGE, allowed[i]);
		advise(pidfd, ranges, 3, allowed[i]);
		advise_one(pidfd, at(area, 3), 1, allowed[i]);
	}
	for (unsigned int i = 0; i < LENGTH(refused); i++)
		advise(pidfd, ranges, 3, refused[i]);
	/* No whole huge page lies in the range. */
	advise_one(pidfd, area, 16 * PAGE, COLLAPSE);
	close(pidfd);
	end_child(child);
	return 0;
}
