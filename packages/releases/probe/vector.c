/* What is checked of a vector, in which order; every range is advised COLD in this process. */
#include "probe.h"
#include <limits.h>

/* The end of the user half with four levels of page tables. */
#define USER_LIMIT 0x7ffffffff000ULL

static char *const KERNEL = (char *)0xffff888000000000ULL;

static long cold(const struct iovec *vector, unsigned long count)
{
	return advise(open_pidfd(getpid(), 0), vector, count, COLD);
}

static void address_then_negative(void)
{
	struct iovec vector[] = { { KERNEL, PAGE }, { area(1, RW), (size_t)-1 } };

	answer("%s", result(cold(vector, 2)));
}

/* The second element of the vector lies on a page that cannot be read. */
static void negative_then_unreadable(void)
{
	char *pages = area(2, RW);
	struct iovec *vector = (struct iovec *)(pages + PAGE) - 1;

	munmap(pages + PAGE, PAGE);
	*vector = (struct iovec){ pages, (size_t)-1 };
	answer("%s", result(cold(vector, 2)));
}

/* The page has nothing above it for as far as one call reaches. */
static void single_of_every_byte(void)
{
	struct iovec vector = { area_at((char *)0x100000000000ULL, 1, RW), SSIZE_MAX };

	answer("%s", result(cold(&vector, 1)));
}

static void two_of_every_byte(void)
{
	char *page = area(1, RW);
	struct iovec vector[] = { { page, SSIZE_MAX }, { page, PAGE } };

	answer("%s", result(cold(vector, 2)));
}

/* An address that is neither of the user half nor of the kernel's. */
static void between_the_halves(void)
{
	struct iovec vector = { (void *)0x0000900000000000ULL, PAGE };

	answer("%s", result(cold(&vector, 1)));
}

static void ends_at_the_limit(void)
{
	struct iovec vector = { (void *)(USER_LIMIT - PAGE), PAGE };

	answer("%s", cold(&vector, 1) == -1 && errno == EFAULT ? "refused" : "passes");
}

static void ends_before_the_limit(void)
{
	struct iovec vector = { (void *)(USER_LIMIT - PAGE), PAGE - 1 };

	answer("%s", cold(&vector, 1) == -1 && errno == EFAULT ? "refused" : "passes");
}

const struct question vector_questions[] = {
	{ "vector/address-then-negative", address_then_negative },
	{ "vector/negative-then-unreadable", negative_then_unreadable },
	{ "vector/single-of-every-byte", single_of_every_byte },
	{ "vector/two-of-every-byte", two_of_every_byte },
	{ "vector/between-the-halves", between_the_halves },
	{ "vector/ends-at-the-limit", ends_at_the_limit },
	{ "vector/ends-before-the-limit", ends_before_the_limit },
	{ 0 },
};
