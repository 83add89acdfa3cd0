/* Credentials, namespaces, and the access check. */
#include "probe.h"
#include <sys/fsuid.h>

enum { USER = 1000, OTHER_USER = 1001, EXEC_RESTRICT_FILE = 1 << 8 };

static void setresuid_of_nothing(void)
{
	setfsuid(USER);
	setresuid(-1, -1, -1);
	answer("fsuid %s", setfsuid(-1) == USER ? "kept" : "reset");
}

static void perfmon_reads(void)
{
	struct iovec vector = { area(1, RW), PAGE };
	int target = start_target(OTHER_USER);

	become(USER, ONLY(CAP_SYS_NICE) | ONLY(CAP_PERFMON));
	answer("%s", result(advise(open_pidfd(target, 0), &vector, 1, COLD)));
}

static void die_closed(void)
{
	become(USER, NO_CAPABILITY);
	prctl(PR_SET_DUMPABLE, 0);
}

/* EPERM where a zombie is still as closed as it was. */
static void zombie_that_was_not_dumpable(void)
{
	int pidfd = open_pidfd(zombie(die_closed), 0);

	become(USER, NO_CAPABILITY);
	answer("%s", result(syscall(NR_pidfd_getfd, pidfd, 0, 0)));
}

/* A kernel thread never had memory; the caller has every capability permitted and none effective. */
static void kernel_thread(void)
{
	int pidfd = open_pidfd(2, 0);

	keep_capabilities(NO_CAPABILITY, EVERY_CAPABILITY);
	answer("%s", result(syscall(NR_pidfd_getfd, pidfd, 0, 0)));
}

/* What the program that exec_with_two_ids starts does: tells whether an ambient capability is left. */
void answer_ambient(void)
{
	int is_set = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_SYS_NICE, 0, 0);

	answer("ambient %s", is_set == 1 ? "kept" : "cleared");
}

/* Real and effective ids differ, and execve changes neither: does the program count as a set-id one? */
static void exec_with_two_ids(void)
{
	char path[256] = "", *arguments[] = { path, ANSWER_AMBIENT, NULL };

	readlink("/proc/self/exe", path, sizeof path - 1);
	become(USER, ONLY(CAP_SETUID) | ONLY(CAP_SYS_NICE));
	setresuid(USER, OTHER_USER, OTHER_USER);
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_NICE, 0, 0))
		return answer("no ambient capability");
	execv(path, arguments);
	answer("%s", result(-1));
}

static void landlock(void)
{
	long version = syscall(NR_landlock_create_ruleset, NULL, 0, 1);

	answer("%s", version > 0 || errno == EOPNOTSUPP ? "built in" : result(-1));
}

static void exec_securebits(void)
{
	answer("%s", result(prctl(PR_SET_SECUREBITS, EXEC_RESTRICT_FILE)));
}

static void exec_securebits_in_namespace(void)
{
	prctl(PR_SET_SECUREBITS, EXEC_RESTRICT_FILE);
	if (unshare(CLONE_NEWUSER))
		return answer("no namespace");
	answer("%s", result(prctl(PR_GET_SECUREBITS)));
}

static void last_capability(void)
{
	answer("%d", read_setting("/proc/sys/kernel/cap_last_cap"));
}

/* Mapping the parent's root into a namespace that was made without CAP_SETFCAP. */
static void root_map_without_setfcap(void)
{
	become(0, EVERY_CAPABILITY & ~ONLY(CAP_SETFCAP));
	if (unshare(CLONE_NEWUSER))
		return answer("no namespace");
	answer("%s", result(write(open("/proc/self/uid_map", O_WRONLY), "0 0 1", 5)));
}

const struct question credential_questions[] = {
	{ "credentials/setresuid-of-nothing", setresuid_of_nothing },
	{ "credentials/perfmon-reads", perfmon_reads },
	{ "credentials/zombie-that-was-not-dumpable", zombie_that_was_not_dumpable },
	{ "credentials/kernel-thread", kernel_thread },
	{ "credentials/exec-with-two-ids", exec_with_two_ids },
	{ "credentials/landlock", landlock },
	{ "credentials/exec-securebits", exec_securebits },
	{ "credentials/exec-securebits-in-namespace", exec_securebits_in_namespace },
	{ "credentials/last-capability", last_capability },
	{ "credentials/root-map-without-setfcap", root_map_without_setfcap },
	{ 0 },
};
