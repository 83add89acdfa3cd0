// Who of two killed children is waited for first, and when a killed process has no memory any more.
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLACE ((void *)0x20000000)

static int ready[2];

// A child that maps `bytes`, says so, and sleeps: the more it maps, the longer its end takes.
static pid_t sleeper(size_t bytes)
{
	char byte = 0;
	pid_t child = fork();
	if (child == 0) {
		mmap(PLACE, bytes, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0);
		write(ready[1], &byte, 1);
		for (;;)
			pause();
	}
	read(ready[0], &byte, 1);
	return child;
}

static void kill_both(size_t elder_bytes)
{
	pid_t elder = sleeper(elder_bytes);
	pid_t younger = sleeper(4096);
	kill(elder, SIGKILL);
	kill(younger, SIGKILL);
	wait4(-1, NULL, 0, NULL);
	wait4(-1, NULL, 0, NULL);
}

int main(void)
{
	struct iovec page = { PLACE, 4096 };
	pipe(ready);
	kill_both(4096);
	kill_both(0x10000000);
	pid_t target = sleeper(4096);
	int pidfd = syscall(SYS_pidfd_open, target, 0);
	kill(target, SIGKILL);
	for (int i = 0; i < 10; i++)
		syscall(440, pidfd, &page, 1L, MADV_COLD, 0);
	wait4(target, NULL, 0, NULL);
	return 0;
}
