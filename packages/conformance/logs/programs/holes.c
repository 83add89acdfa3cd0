/*
 * A range with a hole is ENOMEM once everything that is mapped in it was advised; what earlier ranges
 * of the vector brought is returned instead. The rest of the vector is not looked at.
 */
#include "call.h"

int main(void)
{
	char *area = map_touched(16);
	struct iovec ranges[4];
	int child, pidfd;

	introduce();
	munmap(at(area, 4), PAGE);
	munmap(at(area, 9), 2 * PAGE);
	child = start_child(NULL, NULL);
	for (int self = 0; self < 2; self++) {
		pidfd = pidfd_open_raw(self ? getpid() : child, 0);
		for (int advice = COLD; advice <= PAGEOUT; advice++) {
			advise_one(pidfd, area, 4 * PAGE, advice);
			advise_one(pidfd, area, 5 * PAGE, advice);
			advise_one(pidfd, area, 16 * PAGE, advice);
			advise_one(pidfd, at(area, 4), PAGE, advice);
			advise_one(pidfd, at(area, 4), 2 * PAGE, advice);
			for (int i = 0; i < 4; i++)
				ranges[i] = (struct iovec){ at(area, 3 * i), 2 * PAGE };
			/* 0-1, then 3-4 ends in a hole: the bytes of the first. */
			advise(pidfd, ranges, 4, advice);
			/* Tried again from where it stopped. */
			advise(pidfd, ranges + 1, 3, advice);
			advise(pidfd, ranges + 2, 2, advice);
			ranges[1] = (struct iovec){ at(area, 5), 3 * PAGE + 17 };
			ranges[2] = (struct iovec){ at(area, 11) + 1, PAGE };
			/* The raw lengths count: 2 * 4096 + 3 * 4096 + 17. */
			advise(pidfd, ranges, 3, advice);
			advise(pidfd, ranges + 2, 1, advice);
			advise_one(pidfd, NULL, PAGE, advice);
		}
		close(pidfd);
	}
	end_child(child);
	return 0;
}
