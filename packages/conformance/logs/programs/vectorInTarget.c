/*
 * The vector may lie in the very pages that it names: it was copied before the first of them is
 * touched. Where its page was dropped by the call, the next call reads zeros: an empty range.
 */
#include "call.h"

int main(void)
{
	char *area = map_touched(4);
	struct iovec *vector = (struct iovec *)at(area, 1);
	int pidfd;

	introduce();
	pidfd = pidfd_open_raw(getpid(), 0);
	for (int i = 0; i < 4; i++)
		vector[i] = (struct iovec){ at(area, i), PAGE };
	advise(pidfd, vector, 4, COLD);
	advise(pidfd, vector, 4, PAGEOUT);
	advise(pidfd, vector, 4, DONTNEED);
	advise(pidfd, vector, 4, COLD);
	for (int i = 0; i < 4; i++)
		vector[i] = (struct iovec){ at(area, i), PAGE };
	mprotect(at(area, 1), PAGE, PROT_READ);
	advise(pidfd, vector, 4, COLD);
	mprotect(at(area, 1), PAGE, PROT_NONE);
	advise(pidfd, vector, 4, COLD);
	mprotect(at(area, 1), PAGE, PROT_READ | PROT_WRITE);
	advise(pidfd, vector, 4, COLD);
	munmap(at(area, 1), PAGE);
	advise(pidfd, vector, 4, COLD);
	return 0;
}
