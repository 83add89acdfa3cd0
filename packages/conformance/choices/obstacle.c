// A page that a pipe holds cannot be collapsed; its neighbours can.
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#define HUGE 0x200000

int main(void)
{
	char *area = mmap((void *)0x20000000, 2 * HUGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	struct iovec held = { area, 4096 };
	int ends[2];
	madvise(area, 2 * HUGE, MADV_NOHUGEPAGE);
	memset(area, 1, 2 * HUGE);
	madvise(area, 2 * HUGE, MADV_HUGEPAGE);
	pipe(ends);
	vmsplice(ends[1], &held, 1, 0);
	madvise(area, HUGE, MADV_COLLAPSE);
	madvise(area + HUGE, HUGE, MADV_COLLAPSE);
	return 0;
}
