// Who is killed in the midst of a process_madvise has paged out the first ranges, and no others.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PLACE ((char *)0x20000000)
#define BYTES 0x800000L
#define PARTS 16

static struct iovec parts[PARTS];
static char stack[65536];

static int page_out(void *pidfd)
{
	syscall(440, (int)(long)pidfd, parts, (long)PARTS, MADV_PAGEOUT, 0);
	return 0;
}

// Reads the file, lets a child page it out, and kills the child after a while.
static void advise(int file, long pidfd, long nanoseconds)
{
	struct timespec wait = { 0, nanoseconds };
	unsigned char first, last;
	mmap(PLACE, BYTES, PROT_READ, MAP_SHARED | MAP_FIXED | MAP_POPULATE, file, 0);
	pid_t child = clone(page_out, stack + sizeof stack, CLONE_VM | SIGCHLD, (void *)pidfd);
	nanosleep(&wait, NULL);
	kill(child, SIGKILL);
	wait4(child, NULL, 0, NULL);
	mincore(PLACE, 4096, &first);
	mincore(PLACE + BYTES / 4 * 3, 4096, &last);
}

int main(void)
{
	long pidfd = syscall(SYS_pidfd_open, getpid(), 0);
	int file = open("killed.data", O_RDWR | O_CREAT, 0600);
	for (int i = 0; i < PARTS; i++)
		parts[i] = (struct iovec){ PLACE + i * (BYTES / PARTS), BYTES / PARTS };
	posix_fallocate(file, 0, BYTES);
	fsync(file);
	advise(file, pidfd, 900000000);
	advise(file, pidfd, 300000);
	unlink("killed.data");
	return 0;
}
