/*
 * A call advises at most 0x7ffff000 bytes: the range that crosses the limit is cut, later ones become
 * empty, though their addresses were checked before.
 */
#include "call.h"

#define GIB (1UL << 30)
#define MOST 0x7ffff000UL

int main(void)
{
	char *big = mmap(NULL, 10 * GIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	const struct iovec vectors[][3] = {
		{ { big, 8 * GIB } },
		{ { big, MOST } },
		{ { big, MOST - 1 } },
		{ { big, MOST + 1 } },
		{ { big, 3 * GIB }, { big + 3 * GIB, PAGE } },
		{ { big, MOST - PAGE }, { big + MOST, 3 * PAGE } },
		{ { big, 1 }, { big + PAGE, 2 * GIB } },
		{ { big, GIB }, { big + GIB, GIB }, { big + 2 * GIB, GIB } },
		{ { big, MOST }, { big + 1, PAGE } },
		{ { big, MOST }, { (void *)-PAGE, PAGE } },
		{ { big + 7 * GIB, MOST } },
		{ { big + 6 * GIB, GIB }, { big + 7 * GIB, 2 * GIB } },
	};
	static const int counts[] = { 1, 1, 1, 1, 2, 2, 2, 3, 2, 2, 1, 2 };
	int pidfd;

	introduce();
	/* Of the last three GiB only the first page is left. */
	munmap(big + 7 * GIB + PAGE, 3 * GIB - PAGE);
	pidfd = pidfd_open_raw(getpid(), 0);
	for (unsigned int i = 0; i < LENGTH(vectors); i++) {
		advise(pidfd, vectors[i], counts[i], COLD);
		if (i % 3 == 0)
			advise(pidfd, vectors[i], counts[i], PAGEOUT);
	}
	return 0;
}
