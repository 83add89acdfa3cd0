/*
 * The width of the arguments: flags must be 0 in its low half, of the count and of the other integers
 * only the low half is looked at.
 */
#include "call.h"

int main(void)
{
	const unsigned long high = 1UL << 32;
	char *area = map_touched(4);
	struct iovec range = { area, 2 * PAGE };
	int pidfd;

	introduce();
	pidfd = pidfd_open_raw(getpid(), 0);
	advise_raw(pidfd, &range, 1, COLD, 0);
	advise_raw(pidfd, &range, 1, COLD, 1);
	advise_raw(pidfd, &range, 1, COLD, 0x80000000);
	advise_raw(pidfd, &range, 1, COLD, 0xffffffff);
	advise_raw(pidfd, &range, 1, COLD, high);
	advise_raw(pidfd, &range, 1, COLD, high | 2);
	advise_raw((long)(high | (unsigned int)pidfd), &range, 1, COLD, 0);
	advise_raw(pidfd, &range, 1, (long)(high | COLD), 0);
	/* The flags are looked at first of all. */
	advise_raw(-1, (void *)8, 1, COLD, 1);
	advise_raw(-1, (void *)8, 1025, 9999, 1);
	advise_raw(-1, (void *)8, 1, COLD, 0);
	advise_raw(-1, &range, 1025, COLD, 0);
	advise_raw(-1, &range, 1, 9999, 0);
	advise_raw(pidfd, &range, 1, 9999, 0);
	return 0;
}
