// Touches two megabytes that may be one huge page, and shows what came: of smaps the line AnonHugePages.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char text[1 << 16];

int main(void)
{
	char *area = mmap((void *)0x20000000, 0x200000, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	madvise(area, 0x200000, MADV_HUGEPAGE);
	*area = 1;
	int smaps = open("/proc/self/smaps", O_RDONLY);
	size_t size = 0;
	for (ssize_t got; (got = read(smaps, text + size, sizeof text - 1 - size)) > 0;)
		size += got;
	char *line = strstr(strstr(text, "20000000-20200000"), "AnonHugePages");
	printf("%.*s\n", (int)strcspn(line, "\n"), line);
	return 0;
}
