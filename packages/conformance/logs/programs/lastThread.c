/*
 * A leader that has left while another thread runs: its memory is alive, and no pidfd leads to it. The
 * other thread's own pidfd names a thread, not a process.
 */
#include "call.h"

static char *area;
static char stack[65536] __attribute__((aligned(16)));

static int stay(void *pipes)
{
	char byte = 0;

	if (write(((int *)pipes)[1], &byte, 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

int main(void)
{
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
	int pipes[2], child, pidfd, thread;
	struct iovec local, remote;
	char byte;

	introduce();
	area = map_touched(4);
	local = (struct iovec){ &byte, 1 };
	remote = (struct iovec){ area, 1 };
	if (pipe(pipes) != 0)
		return 1;
	child = (int)syscall(SYS_fork);
	if (child == 0) {
		pidfd_open_raw(getpid(), 0);
		thread = clone(stay, stack + sizeof(stack), flags, pipes);
		pidfd_open_raw(thread, 0);
		syscall(SYS_exit, 0);
	}
	pidfd = pidfd_open_raw(child, 0);
	if (read(pipes[0], &byte, 1) != 1)
		return 1;
	/* The memory of a leader that has left cannot be read any more. */
	do
		usleep(200000);
	while (process_vm_readv(child, &local, 1, &remote, 1, 0) >= 0);
	advise_one(pidfd, area, PAGE, COLD);
	advise_one(pidfd, area, PAGE, 9999);
	advise(pidfd, NULL, 0, COLD);
	end_child(child);
	advise_one(pidfd, area, PAGE, COLD);
	return 0;
}
