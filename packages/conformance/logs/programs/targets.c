/*
 * A pidfd and nothing else names the process: every other number is EBADF, and a pidfd whose process
 * has no memory any more is ESRCH.
 */
#include "call.h"

/* Opens a pidfd of a child that has ended; the caller decides when to wait for it. */
static int open_zombie(int *pid)
{
	siginfo_t info;
	int pidfd;

	*pid = (int)syscall(SYS_fork);
	if (*pid == 0)
		_exit(0);
	pidfd = pidfd_open_raw(*pid, 0);
	waitid(P_PID, *pid, &info, WEXITED | WNOWAIT);
	return pidfd;
}

int main(void)
{
	char *area = map_touched(4);
	struct iovec range = { area, PAGE };
	int directory, memory, null, pipes[2], thread, zombie, pidfd;

	introduce();
	advise(-1, &range, 1, COLD);
	advise(-20000, &range, 1, COLD);
	advise(-2147483647 - 1, &range, 1, COLD);
	advise(777, &range, 1, COLD);
	advise(AT_FDCWD, &range, 1, COLD);
	directory = open("/proc/self", O_RDONLY | O_DIRECTORY);
	advise(directory, &range, 1, COLD);
	null = open("/dev/null", O_RDWR);
	advise(null, &range, 1, COLD);
	memory = (int)syscall(SYS_memfd_create, "memory", 0);
	advise(memory, &range, 1, COLD);
	if (pipe(pipes) == 0)
		advise(pipes[0], &range, 1, COLD);
	/* A bad vector is told before a bad pidfd, a bad pidfd before a bad advice. */
	advise(null, (void *)8, 1, COLD);
	advise(null, &range, 1, 9999);
	advise(null, NULL, 0, COLD);

	pidfd = open_zombie(&zombie);
	advise(pidfd, &range, 1, COLD);
	advise(pidfd, &range, 1, DONTNEED);
	advise(pidfd, NULL, 0, COLD);
	waitpid(zombie, NULL, 0);
	advise(pidfd, &range, 1, COLD);
	advise(pidfd, &range, 1, 9999);
	advise(pidfd, NULL, 0, COLD);
	close(pidfd);
	advise(pidfd, &range, 1, COLD);

	/* A kernel thread can be opened, and has no memory. */
	thread = pidfd_open_raw(2, 0);
	advise(thread, &range, 1, COLD);
	advise(thread, &range, 1, PAGEOUT);
	pidfd_open_raw(0, 0);
	pidfd_open_raw(-1, 0);
	pidfd_open_raw(getpid(), 1);
	return 0;
}
