/* process_madvise before, between and after its ranges. */
#include "probe.h"

enum { NO_SUCH_ADVICE = 9999, OTHER_USER = 1001, USER = 1000 };

#define TRACING "/sys/kernel/tracing/"

static char *const UNREADABLE = (char *)16;

static void vector_before_flags(void)
{
	answer("%s", result(syscall(NR_process_madvise, -1, UNREADABLE, 1, COLD, 1)));
}

/* One page of one's own: is it advised? */
static void own_advice(void)
{
	struct iovec vector = { area(1, RW), PAGE };

	answer("%s", result(advise(open_pidfd(getpid(), 0), &vector, 1, DONTNEED)));
}

static void own_without_nice(void)
{
	struct iovec vector = { area(1, RW), PAGE };

	become(USER, NO_CAPABILITY);
	answer("%s", result(advise(open_pidfd(getpid(), 0), &vector, 1, COLD)));
}

static void remote_without_nice(void)
{
	struct iovec vector = { area(1, RW), PAGE };
	int target = start_target(USER);

	become(USER, NO_CAPABILITY);
	answer("%s", result(advise(open_pidfd(target, 0), &vector, 1, COLD)));
}

/* Yama's scope 2 refuses ATTACH to everyone without CAP_SYS_PTRACE, and does not look at READ. */
static void access_mode(void)
{
	static const char scope[] = "/proc/sys/kernel/yama/ptrace_scope";
	struct iovec vector = { area(1, RW), PAGE };
	int pidfd = open_pidfd(start_target(USER), 0), before = read_setting(scope);

	if (before < 0)
		return answer("no Yama");
	write_number(scope, 2);
	if (fork() == 0) {
		become(USER, ONLY(CAP_SYS_NICE));
		answer("%s", result(advise(pidfd, &vector, 1, COLD)));
		_exit(0);
	}
	wait(NULL);
	write_number(scope, before);
}

/* An advice that nobody knows, to a process that one may not reach: EINVAL or EACCES. */
static void advice_or_access_first(void)
{
	int target = start_target(OTHER_USER);

	become(USER, NO_CAPABILITY);
	answer("%s", result(advise(open_pidfd(target, 0), NULL, 0, NO_SUCH_ADVICE)));
}

/* The advice that may be given to another process, by number. */
static void remote_advice(void)
{
	int target = open_pidfd(start_target(0), 0);
	const char *space = "";

	for (int number = 0; number < 128; number++) {
		if (advise(target, NULL, 0, number))
			continue;
		answer("%s%d", space, number);
		space = " ";
	}
}

static void nothing_with_unknown_advice(void)
{
	answer("%s", result(advise(open_pidfd(getpid(), 0), NULL, 0, NO_SUCH_ADVICE)));
}

/* A page, then a range that ends in a hole. */
static void error_after_progress(void)
{
	char *page = with_hole(1, 0);
	struct iovec vector[] = { { page, PAGE }, { page + PAGE, PAGE } };

	answer("%s", result(advise(open_pidfd(getpid(), 0), vector, 2, COLD)));
}

/* Segments without length at addresses that no range may start at. */
static void zero_length_first(void)
{
	char *page = area(1, RW);
	struct iovec vector[] = { { page + 1, 0 }, { page, PAGE } };

	answer("%s", result(advise(open_pidfd(getpid(), 0), vector, 2, COLD)));
}

static void zero_length_second(void)
{
	char *page = area(1, RW);
	struct iovec vector[] = { { page, 0 }, { page + 1, 0 }, { page, PAGE } };

	answer("%s", result(advise(open_pidfd(getpid(), 0), vector, 3, COLD)));
}

static void zero_length_between(void)
{
	char *page = area(2, RW);
	struct iovec vector[] = { { page, PAGE }, { page + 1, 0 }, { page + PAGE, PAGE } };

	answer("%s", result(advise(open_pidfd(getpid(), 0), vector, 3, COLD)));
}

/* A pidfd of a thread that leads no group. */
static void thread_pidfd(void)
{
	int pidfd = open_pidfd(start_thread(), O_EXCL);

	if (pidfd < 0)
		return answer("no such pidfds");
	answer("%s", result(advise(pidfd, NULL, 0, COLD)));
}

/* How often a trace event of a kind happens in this process while a vector of four pages is advised. */
static void count_events(const char *event, const char *kind, int advice)
{
	char path[128], line[512];
	char *pages = area(4, RW);
	struct iovec vector[4];
	int pidfd = open_pidfd(getpid(), 0), count = 0;
	FILE *trace;

	for (int i = 0; i < 4; i++)
		pages[i * PAGE] = 1, vector[i] = (struct iovec){ pages + i * PAGE, PAGE };
	snprintf(path, sizeof path, TRACING "events/%s/enable", event);
	if (access(path, W_OK))
		return answer("no trace");
	write_number(TRACING "set_event_pid", getpid());
	write_number(path, 1);
	long returned = advise(pidfd, vector, 4, advice);
	write_number(path, 0);
	trace = fopen(TRACING "trace", "r");
	while (fgets(line, sizeof line, trace))
		count += strstr(line, kind) != NULL;
	fclose(trace);
	write_setting(TRACING "trace", "");
	write_setting(TRACING "set_event_pid", "");
	if (returned < 0)
		return answer("%s", result(returned));
	answer("%d", count);
}

static void locks_of_four_ranges(void)
{
	count_events("mmap_lock/mmap_lock_acquire_returned", "mmap_lock_acquire_returned: ", COLD);
}

static void flushes_of_four_ranges(void)
{
	count_events("tlb/tlb_flush", " shootdown", DONTNEED);
}

const struct question process_madvise_questions[] = {
	{ "process_madvise/vector-before-flags", vector_before_flags },
	{ "process_madvise/own-advice", own_advice },
	{ "process_madvise/own-without-nice", own_without_nice },
	{ "process_madvise/remote-without-nice", remote_without_nice },
	{ "process_madvise/access-mode", access_mode },
	{ "process_madvise/advice-or-access-first", advice_or_access_first },
	{ "process_madvise/remote-advice", remote_advice },
	{ "process_madvise/nothing-with-unknown-advice", nothing_with_unknown_advice },
	{ "process_madvise/error-after-progress", error_after_progress },
	{ "process_madvise/zero-length-first", zero_length_first },
	{ "process_madvise/zero-length-second", zero_length_second },
	{ "process_madvise/zero-length-between", zero_length_between },
	{ "process_madvise/thread-pidfd", thread_pidfd },
	{ "process_madvise/locks-of-four-ranges", locks_of_four_ranges },
	{ "process_madvise/flushes-of-four-ranges", flushes_of_four_ranges },
	{ 0 },
};
