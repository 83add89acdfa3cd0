/*
 * madvise(2) and process_madvise on oneself, one after the other on the same ranges: what an allocator
 * sees that replaces the one by the other.
 */
#include "call.h"

static const int advices[] = {
	COLD, PAGEOUT, WILLNEED, DONTNEED, FREE, RANDOM, NORMAL, DONTFORK, DOFORK, DONTDUMP, DODUMP,
	WIPEONFORK, KEEPONFORK, NOHUGEPAGE, POPULATE_WRITE, DONTNEED_LOCKED, 9999,
};

int main(void)
{
	char *area = map_touched(13);
	const struct { long page, pages; } ranges[] = { { 0, 2 }, { 3, 3 }, { 7, 1 }, { 11, 1 }, { 12, 1 } };
	int pidfd;

	introduce();
	pidfd = pidfd_open_raw(getpid(), 0);
	/* Pages 4 and 12 are gone, page 7 is locked. */
	munmap(at(area, 12), PAGE);
	munmap(at(area, 4), PAGE);
	mlock(at(area, 7), PAGE);
	for (unsigned int i = 0; i < LENGTH(advices); i++) {
		for (unsigned int j = 0; j < LENGTH(ranges); j++) {
			char *base = at(area, ranges[j].page);

			madvise(base, ranges[j].pages * PAGE, advices[i]);
			advise_one(pidfd, base, ranges[j].pages * PAGE, advices[i]);
		}
	}
	munlock(at(area, 7), PAGE);
	advise_one(pidfd, at(area, 7), PAGE, DONTNEED);
	advise_one(pidfd, at(area, 7), PAGE, COLD);
	return 0;
}
