/*
 * Areas that change under the advice: protection, pieces taken out, a heap that grows and shrinks, and
 * what mincore and msync make of the same ranges.
 */
#include "call.h"

int main(void)
{
	char *area = map_touched(16);
	unsigned char present[16];
	char *heap, *shared;
	struct iovec ranges[3];
	int pidfd;

	introduce();
	pidfd = pidfd_open_raw(getpid(), 0);
	for (int i = 0; i < 3; i++)
		ranges[i] = (struct iovec){ at(area, 5 * i), 4 * PAGE };
	advise(pidfd, ranges, 3, COLD);
	mprotect(at(area, 2), 4 * PAGE, PROT_NONE);
	advise(pidfd, ranges, 3, COLD);
	mprotect(at(area, 3), PAGE, PROT_READ);
	advise(pidfd, ranges, 3, PAGEOUT);
	munmap(at(area, 7), PAGE);
	advise(pidfd, ranges, 3, PAGEOUT);
	syscall(SYS_mincore, area, 7 * PAGE, present);
	syscall(SYS_mincore, area, 8 * PAGE, present);
	syscall(SYS_mincore, area + 1, PAGE, present);
	mprotect(at(area, 6), 2 * PAGE, PROT_READ);
	mprotect(area + 1, PAGE, PROT_READ);
	mprotect(area, 16 * PAGE, PROT_READ | PROT_WRITE);
	msync(area, 7 * PAGE, MS_ASYNC);
	msync(area, 8 * PAGE, MS_ASYNC);
	msync(area, PAGE, MS_ASYNC | MS_SYNC);
	mmap(at(area, 7), PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	advise(pidfd, ranges, 3, COLD);

	heap = (char *)(((uintptr_t)syscall(SYS_brk, 0) + PAGE - 1) & -PAGE);
	syscall(SYS_brk, at(heap, 4));
	advise_one(pidfd, heap, 4 * PAGE, COLD);
	advise_one(pidfd, heap, 5 * PAGE, COLD);
	syscall(SYS_brk, at(heap, 2));
	advise_one(pidfd, heap, 2 * PAGE, COLD);
	advise_one(pidfd, heap, 4 * PAGE, COLD);
	advise_one(pidfd, at(heap, 2), PAGE, COLD);

	shared = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	shared[0] = 1;
	advise_one(pidfd, shared, 4 * PAGE, PAGEOUT);
	munmap(at(shared, 1), 2 * PAGE);
	advise_one(pidfd, shared, 4 * PAGE, COLD);
	advise_one(pidfd, at(shared, 3), PAGE, COLD);
	munmap(shared, 4 * PAGE);
	munmap(shared, 4 * PAGE);
	advise_one(pidfd, shared, PAGE, COLD);
	munmap(shared + 1, PAGE);
	munmap(shared, 0);
	munmap(area, 16 * PAGE);
	return 0;
}
