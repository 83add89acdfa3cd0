// A signal in the midst of MADV_UNMERGEABLE: nothing came of the call, or some of its ranges did.
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#define PLACE ((char *)0x20000000)
#define BYTES 0x2000000
#define PARTS 4

static void handler(int number)
{
	(void)number;
}

static void alarm_in(int microseconds)
{
	struct itimerval value = { .it_value = { 0, microseconds } };
	setitimer(ITIMER_REAL, &value, NULL);
}

int main(void)
{
	struct sigaction action = { .sa_handler = handler };
	struct iovec parts[PARTS];
	int pidfd = syscall(SYS_pidfd_open, getpid(), 0);
	sigaction(SIGALRM, &action, NULL);
	mmap(PLACE, BYTES, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0);
	for (int i = 0; i < PARTS; i++)
		parts[i] = (struct iovec){ PLACE + i * (BYTES / PARTS), BYTES / PARTS };
	for (int i = 0; i < 4; i++) {
		madvise(PLACE, BYTES, MADV_MERGEABLE);
		alarm_in(i * 120);
		madvise(PLACE, BYTES, MADV_UNMERGEABLE);
		alarm_in(0);
		madvise(PLACE, BYTES, MADV_MERGEABLE);
		alarm_in(i * 120);
		syscall(440, pidfd, parts, (long)PARTS, MADV_UNMERGEABLE, 0);
		alarm_in(0);
	}
	return 0;
}
