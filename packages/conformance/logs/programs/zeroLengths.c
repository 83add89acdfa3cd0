/*
 * Ranges of no length: an unaligned one that stands first is refused, later ones are passed over from
 * 5.14 on, and a vector of nothing else is never looked at.
 */
#include "call.h"

int main(void)
{
	char *area = map_touched(8);
	char *odd = area + 100;
	const struct iovec vectors[][4] = {
		{ { odd, 0 }, { area, PAGE } },
		{ { area, 0 }, { odd, 0 }, { area, PAGE } },
		{ { area, PAGE }, { odd, 0 }, { at(area, 1), PAGE } },
		{ { area, PAGE }, { odd, 0 } },
		{ { area, PAGE }, { area, 0 }, { area, 0 }, { at(area, 1), 1 } },
		{ { odd, 0 }, { odd, 0 } },
		{ { odd, 0 } },
		{ { area, 0 } },
		{ { NULL, 0 }, { area, PAGE } },
		{ { area, PAGE }, { NULL, 0 }, { at(area, 2), PAGE } },
		{ { area, 1 }, { at(area, 1), PAGE + 1 } },
	};
	static const int counts[] = { 2, 3, 3, 2, 4, 2, 1, 1, 2, 3, 2 };
	int pidfd;

	introduce();
	pidfd = pidfd_open_raw(getpid(), 0);
	for (unsigned int i = 0; i < LENGTH(vectors); i++) {
		advise(pidfd, vectors[i], counts[i], COLD);
		advise(pidfd, vectors[i], counts[i], PAGEOUT);
	}
	/* madvise itself looks at alignment and advice of nothing, and at nothing else. */
	madvise(odd, 0, MADV_COLD);
	madvise(area, 0, MADV_COLD);
	madvise(area, 0, 9999);
	madvise(NULL, 0, MADV_COLD);
	return 0;
}
