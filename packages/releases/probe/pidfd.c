/* pidfds, and what clone knows of them. */
#include "probe.h"
#include <linux/sched.h>
#include <poll.h>

enum { PIDFD_THREAD = O_EXCL, SIGNAL_THREAD = 1 };

static void opened(int pid, unsigned int flags)
{
	answer("%s", open_pidfd(pid, flags) < 0 ? result(-1) : "open");
}

static void nonblock(void)
{
	opened(getpid(), O_NONBLOCK);
}

static void thread(void)
{
	opened(start_thread(), PIDFD_THREAD);
}

static void thread_as_group(void)
{
	opened(start_thread(), 0);
}

/* The number of a process that is gone, but for the group that it led. */
static void group_without_leader(void)
{
	int leader = fork();

	if (leader == 0) {
		setpgid(0, 0);
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, 0);
			alarm(2);
			for (;;)
				pause();
		}
		_exit(0);
	}
	waitpid(leader, NULL, 0);
	opened(leader, 0);
}

/* Numbers that stand for oneself. */
static void sentinels(void)
{
	static const int candidates[] = { -10000, -10001, -10002, -20000 };
	const char *space = "";

	for (unsigned i = 0; i < sizeof candidates / sizeof *candidates; i++) {
		if (advise(candidates[i], NULL, 0, COLD))
			continue;
		answer("%s%d", space, candidates[i]);
		space = " ";
	}
	if (!*space)
		answer("none");
}

static int events_of(int pidfd)
{
	struct pollfd poll_for = { pidfd, POLLIN, 0 };

	poll(&poll_for, 1, 0);
	return poll_for.revents;
}

static void poll_of_reaped(void)
{
	int pid = fork();

	if (pid == 0)
		_exit(0);
	int pidfd = open_pidfd(pid, 0);
	waitpid(pid, NULL, 0);
	answer("%s", events_of(pidfd) & POLLHUP ? "in and hang-up" : "in");
}

/* The first thread of a process exits, another lives on: does the first one's pidfd speak? */
static void poll_of_leader(unsigned int flags)
{
	int pid = fork();

	if (pid == 0) {
		start_thread();
		alarm(10);
		syscall(SYS_exit, 0);
	}
	usleep(200 * 1000);
	int pidfd = open_pidfd(pid, flags);
	answer("%s", pidfd < 0 ? result(-1) : events_of(pidfd) ? "in" : "silent");
	kill(pid, SIGKILL);
}

static void poll_of_gone_leader(void)
{
	poll_of_leader(0);
}

static void poll_of_gone_leaders_thread(void)
{
	poll_of_leader(PIDFD_THREAD);
}

static void do_nothing(void)
{
}

static void getfd_of_zombie(void)
{
	answer("%s", result(syscall(NR_pidfd_getfd, open_pidfd(zombie(do_nothing), 0), 0, 0)));
}

static void signal_with_scope(void)
{
	answer("%s", result(syscall(NR_pidfd_send_signal, open_pidfd(getpid(), 0), 0, NULL, SIGNAL_THREAD)));
}

static int return_at_once(void *unused)
{
	(void)unused;
	return 0;
}

static void pidfd_of_new_thread(void)
{
	int pidfd, flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

	int made = clone(return_at_once, area(16, RW) + 16 * PAGE, flags | CLONE_PIDFD, NULL, &pidfd);
	answer("%s", made < 0 ? result(-1) : "open");
}

/* CLONE_NNP, one of the flags that came together. */
static void newest_flags_of_clone3(void)
{
	struct clone_args arguments = { .flags = 1ULL << 35, .exit_signal = SIGCHLD };
	long made = syscall(SYS_clone3, &arguments, sizeof arguments);

	if (made == 0)
		_exit(0);
	answer("%s", made < 0 ? result(-1) : "known");
}

static void exit_signal_65(void)
{
	long made = syscall(SYS_clone, 65, NULL, NULL, NULL, NULL);

	if (made == 0)
		_exit(0);
	answer("%s", made < 0 ? result(-1) : "taken");
}

const struct question pidfd_questions[] = {
	{ "pidfd/nonblock", nonblock },
	{ "pidfd/thread", thread },
	{ "pidfd/thread-as-group", thread_as_group },
	{ "pidfd/group-without-leader", group_without_leader },
	{ "pidfd/sentinels", sentinels },
	{ "pidfd/poll-of-reaped", poll_of_reaped },
	{ "pidfd/poll-of-gone-leader", poll_of_gone_leader },
	{ "pidfd/poll-of-gone-leaders-thread", poll_of_gone_leaders_thread },
	{ "pidfd/getfd-of-zombie", getfd_of_zombie },
	{ "pidfd/signal-with-scope", signal_with_scope },
	{ "pidfd/pidfd-of-new-thread", pidfd_of_new_thread },
	{ "clone/newest-flags", newest_flags_of_clone3 },
	{ "clone/exit-signal-65", exit_signal_65 },
	{ 0 },
};
