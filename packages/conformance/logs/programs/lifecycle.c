/*
 * A pidfd through the life of its process: made by clone or opened, copied by dup and fcntl, closed at
 * exec; the process runs, executes another program, ends, is waited for.
 */
#include "call.h"

struct clone3_arguments {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};

static char *area;

static void wait_forever(void)
{
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	char *again[] = { argv[0], "again", NULL };
	struct clone3_arguments arguments = { .flags = CLONE_PIDFD, .exit_signal = SIGCHLD };
	struct iovec range;
	int pidfd = -1, copy, third, child, number, release[2];
	siginfo_t info;
	char byte;

	if (argc > 1) {
		/* The second program: the descriptors of the first are gone. */
		advise_one(5, NULL, PAGE, COLD);
		return 3;
	}
	introduce();
	area = map_touched(4);
	range = (struct iovec){ area, 4 * PAGE };

	arguments.pidfd = (uint64_t)(uintptr_t)&pidfd;
	child = (int)syscall(NR_CLONE3, &arguments, sizeof(arguments));
	if (child == 0)
		wait_forever();
	advise(pidfd, &range, 1, COLD);
	copy = (int)syscall(SYS_dup, pidfd);
	advise(copy, &range, 1, COLD);
	third = fcntl(pidfd, F_DUPFD_CLOEXEC, 20);
	advise(third, &range, 1, PAGEOUT);
	fcntl(pidfd, F_GETFD);
	fcntl(copy, F_GETFD);
	syscall(SYS_dup2, copy, 30);
	advise(30, &range, 1, WILLNEED);
	close(pidfd);
	advise(pidfd, &range, 1, COLD);
	advise(copy, &range, 1, COLD);
	kill(child, SIGKILL);
	waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
	advise(copy, &range, 1, COLD);
	syscall(SYS_waitid, 3 /* P_PIDFD */, copy, &info, WEXITED, NULL);
	advise(copy, &range, 1, COLD);
	advise(30, &range, 1, COLD);
	close(copy);
	close(third);
	close(30);

	/* A child that executes: its old addresses lead nowhere. */
	if (pipe(release) != 0)
		return 1;
	child = (int)syscall(SYS_fork);
	if (child == 0) {
		if (read(release[0], &byte, 1) == 1)
			execve(argv[0], again, NULL);
		_exit(1);
	}
	number = pidfd_open_raw(child, 0);
	advise(number, &range, 1, COLD);
	if (write(release[1], "", 1) != 1)
		return 1;
	waitid(P_PID, child, &info, WEXITED | WNOWAIT);
	advise(number, &range, 1, COLD);
	waitpid(child, NULL, 0);
	advise(number, &range, 1, COLD);
	return 0;
}
