/* What becomes of pages: their lists, their accessed bit, and who may page them out. */
#include "probe.h"

/* Flags of /proc/kpageflags. */
#define LRU (1UL << 5)
#define ACTIVE (1UL << 6)

enum { USER = 1000, MORE_THAN_A_BATCH = 100 };

static char *small_pages(int pages)
{
	char *start = area(pages, RW);

	madvise(start, (size_t)pages * PAGE, NOHUGEPAGE);
	memset(start, 1, (size_t)pages * PAGE);
	return start;
}

static void stay_on_one_processor(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof one, &one);
}

static void new_anonymous_list(void)
{
	stay_on_one_processor();
	unsigned long flags = page_flags(small_pages(MORE_THAN_A_BATCH));

	answer("%s", flags & ACTIVE ? "active" : flags & LRU ? "inactive" : "none");
}

/* Freed pages that still wait for their list do not count as lazily freed. */
static void lazily_free_of_100(void)
{
	stay_on_one_processor();
	char *start = small_pages(MORE_THAN_A_BATCH);

	madvise(start, MORE_THAN_A_BATCH * PAGE, FREE);
	answer("%ld", smaps_kb(start, "LazyFree:") / 4);
}

/* Without swap the page stays: is it still young? */
static void young_after_pageout(void)
{
	char *start = small_pages(1);

	madvise(start, PAGE, PAGEOUT);
	if (is_swapped(start))
		return answer("swapped out");
	answer("%s", smaps_kb(start, "Referenced:") ? "young" : "old");
}

/* A private copy of a page of a file that the caller neither owns nor may write; reclaim activates it. */
static void copy_of_unowned_file(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	char *start = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);

	stay_on_one_processor();
	*start = 1;
	small_pages(MORE_THAN_A_BATCH);
	if (!(page_flags(start) & LRU) || page_flags(start) & ACTIVE)
		return answer("not on the inactive list");
	setresuid(-1, USER, 0);
	madvise(start, PAGE, PAGEOUT);
	setresuid(-1, 0, 0);
	answer("%s", is_swapped(start) || page_flags(start) & ACTIVE ? "tried" : "skipped");
}

const struct question page_questions[] = {
	{ "pages/new-anonymous-list", new_anonymous_list },
	{ "pages/lazily-free-of-100", lazily_free_of_100 },
	{ "pages/young-after-pageout", young_after_pageout },
	{ "pages/copy-of-unowned-file", copy_of_unowned_file },
	{ 0 },
};
