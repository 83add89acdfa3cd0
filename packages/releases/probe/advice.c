/* Which advice madvise takes, for which areas, and how it goes on after an error. */
#include "probe.h"

enum { HWPOISON = 100, SOFT_OFFLINE = 101 };

/* Every advice that is known, but for the two that need CONFIG_MEMORY_FAILURE. */
static void known(void)
{
	const char *space = "";

	for (int number = 0; number < 128; number++) {
		if (number == HWPOISON || number == SOFT_OFFLINE || madvise(NULL, 0, number))
			continue;
		answer("%s%d", space, number);
		space = " ";
	}
}

/* A change of flags that needs one area more than vm.max_map_count allows. */
static void too_many_areas(void)
{
	const int pages = 1 << 18;
	char *start = area(pages, PROT_NONE);

	for (int i = 1; i < pages; i += 2)
		if (mprotect(start + (size_t)i * PAGE, PAGE, PROT_READ))
			return answer("%s", result(madvise(start + (size_t)(i + 1) * PAGE, PAGE, DONTFORK)));
	answer("no limit");
}

static void remove_through_read_only(void)
{
	int fd = (int)syscall(SYS_memfd_create, "probe", 0);

	if (ftruncate(fd, PAGE))
		return answer("no file");
	answer("%s", result(madvise(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0), PAGE, REMOVE)));
}

/* The page behind a hole: is it populated? */
static void populate_behind_hole(void)
{
	char *start = area(3, RW);
	unsigned char resident = 0;

	munmap(start + PAGE, PAGE);
	if (madvise(start, 3 * PAGE, POPULATE_WRITE) == -1 && errno == EINVAL)
		return answer("EINVAL");
	mincore(start + 2 * PAGE, PAGE, &resident);
	answer("%s", resident & 1 ? "populated" : "untouched");
}

/* Huge pages of hugetlbfs: is the first dropped where less than it is named? */
static void part_of_hugetlb(void)
{
	static const char pool[] = "/proc/sys/vm/nr_hugepages";
	int before = read_setting(pool);

	write_number(pool, before + 1);
	char *start = mmap(NULL, HUGE, RW, ANON | MAP_HUGETLB, -1, 0);
	write_number(pool, before);
	if (start == MAP_FAILED)
		return answer("no huge pages");
	*start = 1;
	long returned = madvise(start, PAGE, DONTNEED);
	answer("%s, %s", result(returned), *start ? "kept" : "dropped");
}

static void collapse_nothing_whole(void)
{
	char *start = area(3 * HUGE / PAGE, RW);
	char *aligned = (char *)(((uintptr_t)start + HUGE - 1) / HUGE * HUGE);

	aligned[HUGE - PAGE] = 1;
	answer("%s", result(madvise(aligned + PAGE, PAGE, COLLAPSE)));
}

/* A huge page's worth of zero pages in an area that has pages elsewhere. */
static void collapse_zero_pages(void)
{
	char *start = area(4 * HUGE / PAGE, RW);
	char *aligned = (char *)(((uintptr_t)start + HUGE - 1) / HUGE * HUGE);
	volatile char sum = 0;

	aligned[HUGE] = 1;
	for (int i = 0; i < HUGE; i += PAGE)
		sum += aligned[i];
	answer("%s", result(madvise(aligned, HUGE, COLLAPSE)));
}

static void dofork_of_vdso(void)
{
	char *start, *end;

	if (!find_mapping("[vdso]", &start, &end))
		return answer("no vdso");
	answer("%s", result(madvise(start, (size_t)(end - start), DOFORK)));
}

static void vvar_advice(int advice)
{
	char *start, *end;

	if (!find_mapping("[vvar]", &start, &end))
		return answer("no vvar");
	answer("%s", result(madvise(start, (size_t)(end - start), advice)));
}

static void dontneed_of_vvar(void)
{
	vvar_advice(DONTNEED);
}

static void cold_of_vvar(void)
{
	vvar_advice(COLD);
}

static void guards(void)
{
	char *private = area(1, RW), *shared = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	answer("private %s", result(madvise(private, PAGE, GUARD_INSTALL)));
	answer(", shared %s", result(madvise(shared, PAGE, GUARD_INSTALL)));
}

static void guard_flag(void)
{
	char *page = area(1, RW);

	if (madvise(page, PAGE, GUARD_INSTALL))
		return answer("no guards");
	answer("%s", has_flag(page, "gu") ? "gu" : "none");
}

/* A written page, then a sealed one that cannot be written: is the first dropped? */
static void sealed_behind(void)
{
	char *start = area(2, RW);

	start[0] = 1;
	mprotect(start + PAGE, PAGE, PROT_READ);
	if (syscall(NR_mseal, start + PAGE, PAGE, 0))
		return answer("%s", result(-1));
	long returned = madvise(start, 2 * PAGE, DONTNEED);
	answer("%s, %s", result(returned), *start ? "kept" : "dropped");
}

const struct question advice_questions[] = {
	{ "advice/known", known },
	{ "advice/too-many-areas", too_many_areas },
	{ "advice/remove-through-read-only", remove_through_read_only },
	{ "advice/populate-behind-hole", populate_behind_hole },
	{ "advice/part-of-hugetlb", part_of_hugetlb },
	{ "advice/collapse-nothing-whole", collapse_nothing_whole },
	{ "advice/collapse-zero-pages", collapse_zero_pages },
	{ "advice/dofork-of-vdso", dofork_of_vdso },
	{ "advice/dontneed-of-vvar", dontneed_of_vvar },
	{ "advice/cold-of-vvar", cold_of_vvar },
	{ "advice/guards", guards },
	{ "advice/guard-flag", guard_flag },
	{ "advice/sealed-behind", sealed_behind },
	{ 0 },
};
