/* Where the kernel puts large anonymous mappings. */
#include "probe.h"

enum { TRIES = 6 };

/* Whether every mapping of a size starts at a huge page; small ones between them push it off. */
static int is_aligned(size_t bytes, void *hint)
{
	int aligned = 0;

	for (int i = 0; i < TRIES; i++) {
		mmap(NULL, PAGE, PROT_READ, ANON, -1, 0);
		aligned += (uintptr_t)mmap(hint, bytes, PROT_NONE, ANON, -1, 0) % HUGE == 0;
	}
	return aligned == TRIES;
}

static void yes_or_no(int is)
{
	answer("%s", is ? "aligned" : "anywhere");
}

static void whole_huge_pages(void)
{
	yes_or_no(is_aligned(2 * HUGE, NULL));
}

static void huge_page_and_a_half(void)
{
	yes_or_no(is_aligned(HUGE + 5 * PAGE, NULL));
}

/* The hint cannot be had, so the kernel looks for a place. */
static void whole_huge_pages_with_hint(void)
{
	yes_or_no(is_aligned(2 * HUGE, area(1, PROT_READ)));
}

const struct question placement_questions[] = {
	{ "placement/whole-huge-pages", whole_huge_pages },
	{ "placement/huge-page-and-a-half", huge_page_and_a_half },
	{ "placement/whole-huge-pages-with-hint", whole_huge_pages_with_hint },
	{ 0 },
};
