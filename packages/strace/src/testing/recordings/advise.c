/* What process_madvise and its neighbours look like in a log: every notation of strace's that an argument of theirs
 * can have. Nothing here depends on the results. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096

static long compat(long number, long a, long b, long c, long d, long e) {
	long result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
	return result;
}

int main(void) {
	getpid();
	char *pages = mmap(0, 40 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *last = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + PAGE;
	memset(pages, 1, 40 * PAGE);
	munmap(last, PAGE);
	madvise(pages, PAGE, MADV_COLD);
	madvise(pages, PAGE, 0x66);
	madvise(pages + 1, 0, MADV_DONTNEED);
	mmap(0, PAGE, 0xf0, 0x8 | MAP_ANONYMOUS, -1, 0);
	mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | (21 << MAP_HUGE_SHIFT), -1, 0);

	int pidfd = syscall(SYS_pidfd_open, getpid(), 0);
	struct iovec vector[40];
	for (int i = 0; i < 40; i++) vector[i] = (struct iovec){pages + i * PAGE, PAGE};
	syscall(SYS_process_madvise, pidfd, vector, 2, MADV_COLD, 0);
	syscall(SYS_process_madvise, pidfd, vector, 40, MADV_COLD, 0);
	syscall(SYS_process_madvise, pidfd, vector, 1, 0x66, 0);
	syscall(SYS_process_madvise, pidfd, vector, 1, MADV_COLD, 1);
	syscall(SYS_process_madvise, pidfd, 1, 1, MADV_COLD, 0);
	syscall(SYS_process_madvise, -1, vector, 1, MADV_COLD, 0);
	syscall(SYS_process_madvise, pidfd, vector, -1L, MADV_COLD, 0);
	syscall(SYS_process_madvise, pidfd, 0, 0, MADV_COLD, 0);
	struct iovec *edge = (struct iovec *)last - 1;
	*edge = (struct iovec){pages, PAGE};
	syscall(SYS_process_madvise, pidfd, edge, 2, MADV_COLD, 0);
	compat(20, 0, 0, 0, 0, 0);
	compat(440, pidfd, 0, 0, MADV_COLD, 0);
	syscall(0x1ce, 1, 2, 3, 4, 5, 6);

	unsigned char resident[40];
	mincore(pages, 40 * PAGE, resident);
	mincore(pages, PAGE, (void *)8);
	unsigned header[2] = {0x20080522, 0}, sets[6];
	syscall(SYS_capget, header, sets);
	int file = open("odd <name> \"é\"-", O_CREAT | O_RDWR, 0600);
	write(file, "a\0b\1" "2\xff\t", 7);
	fcntl(file, F_GETFL);
	unlink("odd <name> \"é\"-");
	dup(file);
	struct pollfd waits[2] = {{file, POLLIN, 0}, {pidfd, POLLIN, 0}};
	poll(waits, 2, 0);
	umask(022);
	return 7;
}
