/*
 * The import of the vector: at most 1024 elements, readable, no negative length, nothing beyond the
 * caller's own half of the address space. A vector that is refused advises nothing.
 */
#include "call.h"

static struct iovec many[1025];

int main(void)
{
	char *area = map_touched(8);
	/* A page, and nothing for more than two GiB behind it. */
	char *lone = mmap(NULL, 3UL << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	/* The last bytes of readable memory: a page that cannot be read follows. */
	char *edge = map(2);
	struct iovec *last = (struct iovec *)at(edge, 1) - 1;
	struct iovec *two = last - 1;
	const struct iovec good = { area, PAGE };
	const unsigned long limit = 0x7ffffffff000UL;
	struct iovec pair[2];
	int pidfd;

	introduce();
	munmap(lone + PAGE, (3UL << 30) - PAGE);
	pidfd = pidfd_open_raw(getpid(), 0);
	for (int i = 0; i < 1025; i++)
		many[i] = (struct iovec){ area, i == 0 ? PAGE : 0 };
	advise(pidfd, many, 1024, COLD);
	advise(pidfd, many, 1025, COLD);
	advise(pidfd, (void *)8, 1UL << 31, COLD);
	advise(pidfd, (void *)8, (unsigned long)-1, COLD);
	/* Of the count, only the low half is looked at. */
	advise(pidfd, (void *)8, 1UL << 32, COLD);

	munmap(at(edge, 1), PAGE);
	*two = good;
	*last = good;
	advise(pidfd, two, 2, COLD);
	advise(pidfd, two, 3, COLD);
	advise(pidfd, last, 2, COLD);
	advise(pidfd, (void *)at(edge, 1), 1, COLD);
	advise(pidfd, NULL, 1, COLD);
	advise(pidfd, (void *)8, 1, COLD);
	advise(pidfd, (void *)-PAGE, 1, COLD);
	advise(pidfd, NULL, 0, COLD);
	advise(pidfd, (void *)at(edge, 1), 0, COLD);
	/* No alignment is asked of the array. */
	memmove((char *)two - 3, two, sizeof(*two));
	advise(pidfd, (struct iovec *)((char *)two - 3), 1, COLD);
	/* A negative length in an element that can be read, before one that cannot. */
	last->iov_len = (unsigned long)-1;
	advise(pidfd, last, 2, COLD);

	pair[0] = good;
	pair[1] = (struct iovec){ area, 1UL << 63 };
	advise(pidfd, pair, 2, COLD);
	pair[1] = (struct iovec){ (void *)-PAGE, (unsigned long)-1 };
	advise(pidfd, pair, 2, COLD);
	pair[1] = (struct iovec){ lone, (1UL << 63) - 1 };
	advise(pidfd, pair, 2, COLD);
	advise(pidfd, pair + 1, 1, COLD);
	pair[1] = (struct iovec){ (void *)0xffffffffff600000UL, PAGE };
	advise(pidfd, pair, 2, COLD);
	advise(pidfd, pair + 1, 1, COLD);
	pair[1] = (struct iovec){ (void *)0xffffffffff600000UL, 0 };
	advise(pidfd, pair, 2, COLD);
	pair[1] = (struct iovec){ (void *)0xffff888000000000UL, PAGE };
	advise(pidfd, pair, 2, COLD);
	pair[1] = (struct iovec){ (void *)limit, 0 };
	advise(pidfd, pair, 2, COLD);
	pair[1] = (struct iovec){ (void *)limit, 1 };
	advise(pidfd, pair, 2, COLD);
	/* The last page of the user half, where a stack may begin. */
	mmap((void *)(limit - PAGE), PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	munmap((void *)(limit - PAGE), PAGE);
	pair[1] = (struct iovec){ (void *)(limit - PAGE), PAGE };
	advise(pidfd, pair, 2, COLD);
	advise(pidfd, pair + 1, 1, COLD);
	/* Neither canonical nor the kernel's. */
	pair[1] = (struct iovec){ (void *)0x00ff000000000000UL, PAGE };
	advise(pidfd, pair, 2, COLD);
	return 0;
}
