/*
 * Who may advise whom: other ids, a target that is not dumpable and one that holds more capabilities
 * are EACCES; with access but without CAP_SYS_NICE it is EPERM.
 */
#include "call.h"

#define NICE (1u << 23)
#define PTRACE (1u << 19)
#define OTHER 1001

static struct iovec ranges[2];

static void try_all(int pidfd)
{
	advise(pidfd, ranges, 2, COLD);
	advise(pidfd, ranges, 2, PAGEOUT);
	advise(pidfd, ranges, 2, DONTNEED);
	advise(pidfd, ranges, 2, 9999);
	advise(pidfd, NULL, 0, COLD);
}

static void as_other(void *unused)
{
	(void)unused;
	become(OTHER);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static void as_closed(void *unused)
{
	(void)unused;
	become(OTHER);
}

/* Keeps one capability through the change of ids. */
static void as_other_with_nice(void *unused)
{
	(void)unused;
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	become(OTHER);
	keep_capabilities(NICE);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

/* A caller of its own for each case: what it gave up it cannot get back. */
static void call_as(void (*who)(void *), uint32_t capabilities, const int *pidfds)
{
	int pid = (int)syscall(SYS_fork);

	if (pid == 0) {
		if (capabilities != 0)
			prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
		if (who != NULL)
			who(NULL);
		if (capabilities != 0 || who == NULL)
			keep_capabilities(capabilities);
		for (int i = 0; i < 4; i++)
			try_all(pidfds[i]);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

int main(void)
{
	char *area = map_touched(4);
	int targets[4], pidfds[4];

	introduce();
	tell_ids();
	ranges[0] = (struct iovec){ area, PAGE };
	ranges[1] = (struct iovec){ at(area, 2), PAGE };
	targets[0] = start_child(NULL, NULL);
	targets[1] = start_child(as_other, NULL);
	targets[2] = start_child(as_closed, NULL);
	targets[3] = start_child(as_other_with_nice, NULL);
	for (int i = 0; i < 4; i++)
		pidfds[i] = pidfd_open_raw(targets[i], 0);
	/* Root may advise all of them. */
	for (int i = 0; i < 4; i++)
		try_all(pidfds[i]);
	call_as(as_other, 0, pidfds);
	call_as(as_other, NICE, pidfds);
	call_as(as_other, NICE | PTRACE, pidfds);
	call_as(NULL, 0, pidfds);
	call_as(NULL, NICE, pidfds);
	for (int i = 0; i < 4; i++)
		end_child(targets[i]);
	return 0;
}
