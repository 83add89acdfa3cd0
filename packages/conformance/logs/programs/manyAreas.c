/*
 * Two thousand areas of another process: a vector holds at most 1024 ranges, so it takes two calls
 * instead of two thousand. Then the same for oneself, where dropping pages flushes once a vector.
 */
#include "call.h"

#define AREAS 2000

static struct iovec ranges[AREAS];

int main(void)
{
	char *area = map_touched(2 * AREAS);
	int child, pidfd;

	introduce();
	for (int i = 0; i < AREAS; i++)
		ranges[i] = (struct iovec){ at(area, 2 * i), PAGE };
	child = start_child(NULL, NULL);
	pidfd = pidfd_open_raw(child, 0);
	advise(pidfd, ranges, 1024, COLD);
	advise(pidfd, ranges + 1024, AREAS - 1024, COLD);
	advise(pidfd, ranges, AREAS, COLD);
	advise(pidfd, ranges + 10, 40, PAGEOUT);
	close(pidfd);
	end_child(child);
	pidfd = pidfd_open_raw(getpid(), 0);
	advise(pidfd, ranges, 1024, DONTNEED);
	/* Sixteen holes, from the hundredth range on. */
	for (int i = 0; i < 16; i++)
		munmap(at(area, 200 + 8 * i), PAGE);
	advise(pidfd, ranges, 1024, COLD);
	advise(pidfd, ranges + 100, 32, COLD);
	advise(pidfd, ranges + 101, 3, COLD);
	advise(pidfd, ranges + 101, 33, COLD);
	return 0;
}
