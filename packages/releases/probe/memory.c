/* Areas to be asked about, and what /proc says of them. */
#include "probe.h"

char *area(int pages, int protection)
{
	return mmap(NULL, (size_t)pages * PAGE, protection, ANON, -1, 0);
}

char *area_at(char *at, int pages, int protection)
{
	return mmap(at, (size_t)pages * PAGE, protection, ANON | MAP_FIXED, -1, 0);
}

/* Written pages, one page that is not mapped, and written pages again. */
char *with_hole(int pages_before, int pages_after)
{
	char *start = area(pages_before + 1 + pages_after, RW);

	memset(start, 1, (size_t)(pages_before + 1 + pages_after) * PAGE);
	munmap(start + pages_before * PAGE, PAGE);
	return start;
}

/* Answers with the areas of a range: "0-2 2-6", in pages from its start. */
void answer_areas(char *from, int pages)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	unsigned long start, end;
	const unsigned long first = (unsigned long)from, last = first + (unsigned long)pages * PAGE;
	const char *space = "";

	while (fgets(line, sizeof line, maps)) {
		if (sscanf(line, "%lx-%lx", &start, &end) != 2 || end <= first || start >= last)
			continue;
		start = start < first ? first : start;
		end = end > last ? last : end;
		answer("%s%lu-%lu", space, (start - first) / PAGE, (end - first) / PAGE);
		space = " ";
	}
	fclose(maps);
}

/* The line of smaps that begins with a word, in the record of an address. */
static int smaps_line(const void *address, const char *word, char *line, int size)
{
	FILE *smaps = fopen("/proc/self/smaps", "r");
	unsigned long start, end;
	int inside = 0, found = 0;

	while (!found && fgets(line, size, smaps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = (unsigned long)address >= start && (unsigned long)address < end;
		else
			found = inside && !strncmp(line, word, strlen(word));
	}
	fclose(smaps);
	return found;
}

/* Whether the area of an address has one of smaps' two-letter flags. */
int has_flag(const void *address, const char *flag)
{
	char line[512], spaced[8];

	snprintf(spaced, sizeof spaced, " %s ", flag);
	return smaps_line(address, "VmFlags:", line, sizeof line) && strstr(line, spaced);
}

long smaps_kb(const void *address, const char *name)
{
	char line[512];

	return smaps_line(address, name, line, sizeof line) ? atol(line + strlen(name)) : -1;
}

int find_mapping(const char *name, char **start, char **end)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	int found = 0;

	while (!found && fgets(line, sizeof line, maps))
		found = strstr(line, name) && sscanf(line, "%p-%p", (void **)start, (void **)end) == 2;
	fclose(maps);
	return found;
}

static uint64_t read_entry(const char *path, uint64_t index)
{
	uint64_t entry = 0;
	int fd = open(path, O_RDONLY);

	if (fd >= 0 && pread(fd, &entry, 8, (off_t)index * 8) != 8)
		entry = 0;
	close(fd);
	return entry;
}

static uint64_t pagemap(const void *address)
{
	return read_entry("/proc/self/pagemap", (uintptr_t)address / PAGE);
}

/* KPF_* flags of the page behind an address; 0 where none is mapped. */
unsigned long page_flags(const void *address)
{
	uint64_t entry = pagemap(address);

	return entry >> 63 ? read_entry("/proc/kpageflags", entry & ((1ULL << 55) - 1)) : 0;
}

int is_swapped(const void *address)
{
	return pagemap(address) >> 62 & 1;
}
