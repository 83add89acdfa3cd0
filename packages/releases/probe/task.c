/* Processes, threads and identities. */
#include "probe.h"
#include <linux/capability.h>

enum { KEEP_RUNNING_SECONDS = 20 };

/* Keeps of each set of capabilities only what is named here, as far as it is there. */
void keep_capabilities(unsigned long long effective, unsigned long long permitted)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	syscall(SYS_capget, &header, data);
	for (int half = 0; half < 2; half++) {
		data[half].permitted &= (unsigned int)(permitted >> 32 * half);
		data[half].effective = data[half].permitted & (unsigned int)(effective >> 32 * half);
		data[half].inheritable = data[half].permitted;
	}
	syscall(SYS_capset, &header, data);
}

/* Takes an identity for good: all ids, no groups, and just these capabilities. Stays dumpable. */
void become(int uid, unsigned long long capabilities)
{
	syscall(SYS_setgroups, 0, NULL);
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	syscall(SYS_setresgid, uid, uid, uid);
	syscall(SYS_setresuid, uid, uid, uid);
	keep_capabilities(capabilities, capabilities);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

/* A child with an identity that does nothing; it has the areas that its parent had. */
int start_target(int uid)
{
	int ready[2], pid;
	char byte;

	if (pipe(ready) || (pid = fork()) < 0)
		exit(1);
	if (pid == 0) {
		/* It may outlive the probe, whoever reads the answers shall not wait for it. */
		close(STDOUT_FILENO);
		become(uid, uid == 0 ? EVERY_CAPABILITY : NO_CAPABILITY);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(KEEP_RUNNING_SECONDS);
		write(ready[1], "", 1);
		for (;;)
			pause();
	}
	read(ready[0], &byte, 1);
	return pid;
}

static int sleep_on(void *unused)
{
	(void)unused;
	for (;;)
		syscall(SYS_pause);
	return 0;
}

/* A thread of this process that does nothing; its number. */
int start_thread(void)
{
	char *stack = area(16, RW);

	return clone(sleep_on, stack + 16 * PAGE,
		     CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, NULL);
}

/* A child that has exited and was not waited for; it did something before. */
int zombie(void (*before)(void))
{
	siginfo_t info;
	int pid = fork();

	if (pid == 0) {
		before();
		_exit(0);
	}
	waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
	return pid;
}

int open_pidfd(int pid, unsigned int flags)
{
	return (int)syscall(NR_pidfd_open, pid, flags);
}

long advise(int pidfd, const struct iovec *vector, unsigned long count, int advice)
{
	return syscall(NR_process_madvise, pidfd, vector, count, advice, 0);
}
