/*
 * Records what each advice answers on each kind of area, and which of its four pages mincore calls
 * resident afterwards: recordings/advice-RELEASE.txt. Page 0 was written, page 1 read. Run as root
 * on a kernel without swap; the file must not be on tmpfs.
 *
 *   gcc -O1 -o adviceTable adviceTable.c && ./adviceTable FILE > recordings/advice-6.18.txt
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, HUGE = 512 };

static const struct {
	const char *name;
	int number;
} advice[] = {
	{ "NORMAL", 0 },	  { "RANDOM", 1 },	 { "SEQUENTIAL", 2 },
	{ "WILLNEED", 3 },	  { "DONTNEED", 4 },	 { "FREE", 8 },
	{ "REMOVE", 9 },	  { "DONTFORK", 10 },	 { "DOFORK", 11 },
	{ "MERGEABLE", 12 },	  { "UNMERGEABLE", 13 }, { "HUGEPAGE", 14 },
	{ "NOHUGEPAGE", 15 },	  { "DONTDUMP", 16 },	 { "DODUMP", 17 },
	{ "WIPEONFORK", 18 },	  { "KEEPONFORK", 19 },	 { "COLD", 20 },
	{ "PAGEOUT", 21 },	  { "POPULATE_READ", 22 }, { "POPULATE_WRITE", 23 },
	{ "DONTNEED_LOCKED", 24 }, { "COLLAPSE", 25 },	 { "GUARD_INSTALL", 102 },
	{ "GUARD_REMOVE", 103 },
};

enum kind { PRIVATE, READ_ONLY, SHARED, PRIVATE_FILE, SHARED_FILE, LOCKED, SEALED,
	    SEALED_READ_ONLY, HUGETLB, DROPPABLE, NONE, HOLE, KINDS };
static const char *const kinds[] = {
	"private", "read-only", "shared", "private-file", "shared-file", "locked", "sealed",
	"sealed-read-only", "hugetlb", "droppable", "none", "hole",
};

static char *lay(enum kind kind, int file)
{
	char *base = (char *)0x10000000;
	size_t length = (kind == HUGETLB ? HUGE : 4) * PAGE;
	int flags = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS;

	if (kind == SHARED)
		flags = MAP_FIXED | MAP_SHARED | MAP_ANONYMOUS;
	else if (kind == PRIVATE_FILE)
		flags = MAP_FIXED | MAP_PRIVATE;
	else if (kind == SHARED_FILE)
		flags = MAP_FIXED | MAP_SHARED;
	else if (kind == HUGETLB)
		flags |= MAP_HUGETLB | MAP_NORESERVE;
	else if (kind == DROPPABLE)
		flags = MAP_FIXED | MAP_ANONYMOUS | 8;
	if (mmap(base, length, PROT_READ | PROT_WRITE, flags,
		 flags & MAP_ANONYMOUS ? -1 : file, 0) == MAP_FAILED)
		return NULL;
	if (kind != HUGETLB) {
		base[0] = 1;
		(void)*(volatile char *)(base + PAGE);
	}
	if (kind == READ_ONLY || kind == SEALED_READ_ONLY)
		mprotect(base, length, PROT_READ);
	if (kind == NONE)
		mprotect(base, length, PROT_NONE);
	if (kind == LOCKED)
		mlock(base, length);
	if (kind == SEALED || kind == SEALED_READ_ONLY)
		syscall(462 /* mseal */, base, length, 0);
	if (kind == HOLE)
		munmap(base + 2 * PAGE, PAGE);
	return base;
}

static void ask(enum kind kind, int number, const char *path)
{
	char bytes[4 * PAGE];
	unsigned char resident[4] = { 0 };
	int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *base;

	memset(bytes, 7, sizeof(bytes));
	if (write(file, bytes, sizeof(bytes)) != sizeof(bytes))
		return;
	base = lay(kind, file);
	if (!base)
		return;
	printf(" %s", madvise(base, (kind == HUGETLB ? HUGE : 4) * PAGE, number)
			      ? strerrorname_np(errno) : "0");
	if (kind == HUGETLB || kind == HOLE)
		return;
	mincore(base, sizeof(bytes), resident);
	printf("/%d%d%d%d", resident[0], resident[1], resident[2], resident[3]);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	printf("advice");
	for (int kind = 0; kind < KINDS; kind++)
		printf(" %s", kinds[kind]);
	for (size_t i = 0; i < sizeof(advice) / sizeof(*advice); i++) {
		printf("\n%s", advice[i].name);
		for (int kind = 0; kind < KINDS; kind++) {
			fflush(stdout);
			if (fork() == 0) {
				ask(kind, advice[i].number, argv[1]);
				fflush(stdout);
				_exit(0);
			}
			wait(NULL);
		}
	}
	printf("\n");
	return 0;
}
