/* mremap. */
#include "probe.h"

static char *move(char *from, int pages, int flags, char *to)
{
	return mremap(from, (size_t)pages * PAGE, (size_t)pages * PAGE, MREMAP_MAYMOVE | flags, to);
}

static void two_areas(void)
{
	char *from = area(2, RW), *to = area(2, PROT_NONE);

	mprotect(from + PAGE, PAGE, PROT_READ);
	answer("%s", move(from, 2, MREMAP_FIXED, to) == to ? "moved" : result(-1));
}

static void destination_after(char *from, int pages, char *to)
{
	unsigned char resident;

	if (move(from, pages, MREMAP_FIXED, to) != MAP_FAILED)
		return answer("moved");
	answer("%s, ", result(-1));
	answer("destination %s", mincore(to, PAGE, &resident) ? "lost" : "kept");
}

static void from_hole(void)
{
	destination_after(with_hole(1, 1) + PAGE, 1, area(1, RW));
}

static void past_the_end(void)
{
	destination_after(with_hole(1, 1), 2, area(2, RW));
}

static void hole_to_itself(void)
{
	char *hole = with_hole(1, 1) + PAGE;

	answer("%s", mremap(hole, PAGE, PAGE, 0) == hole ? "succeeds" : result(-1));
}

static void to_more_than_there_is(void)
{
	answer("%s", mremap(area(1, RW), PAGE, 1ULL << 50, MREMAP_MAYMOVE) == MAP_FAILED ? result(-1) : "succeeds");
}

/* Growing in place up to an area of the same kind. */
static void grown_to_its_like(void)
{
	char *start = area(3, RW);

	munmap(start + PAGE, PAGE);
	if (mremap(start, PAGE, 2 * PAGE, 0) != start)
		return answer("%s", result(-1));
	answer_areas(start, 3);
}

static void dontunmap_shared(void)
{
	char *start = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	answer("%s", move(start, 1, MREMAP_DONTUNMAP, NULL) == MAP_FAILED ? result(-1) : "moved");
}

static long locked_kb(void)
{
	char line[128];
	long kb = -1;
	FILE *status = fopen("/proc/self/status", "r");

	while (kb < 0 && fgets(line, sizeof line, status))
		sscanf(line, "VmLck: %ld", &kb);
	fclose(status);
	return kb;
}

static void dontunmap_locked(void)
{
	char *start = area(4, RW);

	mlock(start, 4 * PAGE);
	move(start, 4, MREMAP_DONTUNMAP, NULL);
	answer("%ld kB locked", locked_kb());
}

const struct question mremap_questions[] = {
	{ "mremap/two-areas", two_areas },
	{ "mremap/from-hole", from_hole },
	{ "mremap/past-the-end", past_the_end },
	{ "mremap/hole-to-itself", hole_to_itself },
	{ "mremap/to-more-than-there-is", to_more_than_there_is },
	{ "mremap/grown-to-its-like", grown_to_its_like },
	{ "mremap/dontunmap-shared", dontunmap_shared },
	{ "mremap/dontunmap-locked", dontunmap_locked },
	{ 0 },
};
