/* Which areas are cut, which join, and what they remember. */
#include "probe.h"
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/resource.h>

enum { EXECUTABLE = RW | PROT_EXEC };

/* A stretch of address space without neighbours. */
static char *stretch(int pages)
{
	char *start = area(pages + 2, PROT_NONE);

	munmap(start, (size_t)(pages + 2) * PAGE);
	return start + PAGE;
}

static char *written(char *at, int pages)
{
	memset(area_at(at, pages, RW), 1, (size_t)pages * PAGE);
	return at;
}

/* A new mapping between two that were written, each by itself. */
static void bridge_between_written(void)
{
	char *start = stretch(6);

	written(start, 2), written(start + 4 * PAGE, 2);
	area_at(start + 2 * PAGE, 2, RW);
	answer_areas(start, 6);
}

static void bridge_to_written_right(void)
{
	char *start = stretch(6);

	area_at(start, 2, RW), written(start + 4 * PAGE, 2);
	area_at(start + 2 * PAGE, 2, RW);
	answer_areas(start, 6);
}

static void bridge_to_written_left(void)
{
	char *start = stretch(6);

	written(start, 2), area_at(start + 4 * PAGE, 2, RW);
	area_at(start + 2 * PAGE, 2, RW);
	answer_areas(start, 6);
}

/* The same by mprotect: an untouched area becomes like both of its neighbours. */
static void mprotect_between_written(void)
{
	char *start = stretch(6);

	written(start, 2), written(start + 4 * PAGE, 2);
	area_at(start + 2 * PAGE, 2, PROT_READ);
	mprotect(start + 2 * PAGE, 2 * PAGE, RW);
	answer_areas(start, 6);
}

/* An area with pages becomes like its neighbour without. */
static void written_becomes_like_untouched(void)
{
	char *start = stretch(4);

	area_at(start, 2, RW), area_at(start + 2 * PAGE, 2, EXECUTABLE);
	start[2 * PAGE] = 1;
	mprotect(start + 2 * PAGE, 2 * PAGE, RW);
	answer_areas(start, 4);
}

/* Writing makes the middle of a private read-only area count as data, which the limit forbids. */
static void failed_fixed(void)
{
	char *start = area_at(stretch(3), 3, PROT_READ);
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_DATA, &none);
	if (area_at(start + PAGE, 1, RW) != MAP_FAILED)
		return answer("succeeds");
	answer_areas(start, 3);
}

static void part_of_vdso(void)
{
	char *vdso = (char *)getauxval(AT_SYSINFO_EHDR), *start, *end;

	if (!find_mapping("[vdso]", &start, &end) || end - start < 2 * PAGE)
		return answer("one page");
	answer("%s", result(munmap(vdso + PAGE, PAGE)));
}

static void read_only_uncharges(void)
{
	char *start = area_at(stretch(1), 1, RW);

	mprotect(start, PAGE, PROT_READ);
	answer("%s", has_flag(start, "ac") ? "charged" : "uncharged");
}

static void stack_is_not_huge(void)
{
	char *start = mmap(NULL, PAGE, RW, ANON | MAP_STACK, -1, 0);

	answer("%s", has_flag(start, "nh") ? "nohugepage" : "plain");
}

/* Where the heap of this program began. */
static char *heap_start(void)
{
	enum { NAME_FIELD = 2, START_BRK_FIELD = 47 };
	char stat[1024] = "", *field;

	read(open("/proc/self/stat", O_RDONLY), stat, sizeof stat - 1);
	field = strrchr(stat, ')');
	for (int i = NAME_FIELD; i < START_BRK_FIELD; i++)
		field = strchr(field + 1, ' ');
	return (char *)strtoul(field, NULL, 10);
}

/* An area that ends where the heap begins, and is none of it. */
static void name_beside_heap(void)
{
	char name[64] = "", line[512], *heap = heap_start();
	FILE *maps;

	if (mmap(heap - PAGE, PAGE, PROT_READ, ANON | MAP_FIXED_NOREPLACE, -1, 0) != heap - PAGE)
		return answer("no room");
	maps = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof line, maps))
		if (strtoul(line, NULL, 16) == (unsigned long)heap - PAGE)
			sscanf(line, "%*s %*s %*s %*s %*s %63s", name);
	answer("%s", *name ? name : "no name");
}

/* What the program that heap_behind_data starts does: tells whether an area begins with the heap. */
void answer_heap(void)
{
	char line[512], *heap = heap_start();
	FILE *maps = fopen("/proc/self/maps", "r");
	int begins = 0;

	while (fgets(line, sizeof line, maps))
		begins |= strtoul(line, NULL, 16) == (unsigned long)heap;
	answer("%s", begins ? "stands alone" : "joins the data");
}

/* Without randomization the heap begins where the program's own zeroed data ends. */
static void heap_behind_data(void)
{
	char path[256] = "", *arguments[] = { path, ANSWER_HEAP, NULL };

	readlink("/proc/self/exe", path, sizeof path - 1);
	personality(ADDR_NO_RANDOMIZE);
	execv(path, arguments);
	answer("%s", result(-1));
}

static void droppable(void)
{
	char *start = mmap(NULL, PAGE, RW, MAP_ANONYMOUS | 8, -1, 0);

	answer("%s", start == MAP_FAILED ? result(-1) : "mapped");
}

static void vvar_flags(void)
{
	static const char *const flags[] = { "io", "pf", "mm", "de", "dd" };
	const char *space = "";
	char *start, *end;

	if (!find_mapping("[vvar]", &start, &end))
		return answer("no vvar");
	for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++) {
		if (!has_flag(start, flags[i]))
			continue;
		answer("%s%s", space, flags[i]);
		space = " ";
	}
}

const struct question area_questions[] = {
	{ "areas/bridge-between-written", bridge_between_written },
	{ "areas/bridge-to-written-right", bridge_to_written_right },
	{ "areas/bridge-to-written-left", bridge_to_written_left },
	{ "areas/mprotect-between-written", mprotect_between_written },
	{ "areas/written-becomes-like-untouched", written_becomes_like_untouched },
	{ "areas/failed-fixed", failed_fixed },
	{ "areas/part-of-vdso", part_of_vdso },
	{ "areas/read-only-uncharges", read_only_uncharges },
	{ "areas/stack-is-not-huge", stack_is_not_huge },
	{ "areas/name-beside-heap", name_beside_heap },
	{ "areas/heap-behind-data", heap_behind_data },
	{ "areas/droppable", droppable },
	{ "areas/vvar-flags", vvar_flags },
	{ 0 },
};
