/*
 * kadvise's cases on this system: one line a case, in the Kernel Test Anything Protocol.
 *
 *     runner [--release 6.12] [--answers] [--list] [PART…]
 *
 * What is expected is what Linux of that release answers; of the release that uname names if none is
 * given. PART chooses the cases whose names hold it; --answers prints what came of every step. Exit: 0 if no case failed, 1 if one did, 2 for
 * bad usage, 3 where no case can be asked.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "pack.h"

enum { CASE_SECONDS = 20 };

static struct release release;
static int passed, failed, skipped, verbose;

/* ---- one case ---- */

static const char *expected_of(const struct answers *answers)
{
	for (; answers != NULL && answers->releases != NULL; answers++)
		if (in_ranges(&release, answers->releases))
			return answers->allowed;
	return NULL;
}

/* Whether any release is without the call: then that it is missing here is an answer too. */
static int may_be_missing(const struct answers *answers)
{
	for (; answers != NULL && answers->releases != NULL; answers++)
		if (is_allowed("ENOSYS", answers->allowed))
			return 1;
	return 0;
}

static void skip(int number, const struct test *test, const char *what, const char *why)
{
	skipped++;
	printf("ok %d %s # SKIP %s%s\n", number, test->id, what, why);
}

static void fail(int number, const struct test *test)
{
	failed++;
	printf("not ok %d %s\n", number, test->id);
}

/* What came of each step, for whoever wants to see more than the first that is wrong. */
static void tell(const struct test *test)
{
	for (int i = 0; i < test->step_count; i++) {
		char answer[MOST_ANSWER];

		answer_text(&test->steps[i], answer);
		printf("# step %d: %s\n", i + 1, answer);
	}
}

static void judge(int number, const struct test *test)
{
	for (int i = 0; i < test->step_count; i++) {
		const struct step *step = &test->steps[i];
		const char *expected = step->answers == NULL ? "ok" : expected_of(step->answers);
		char answer[MOST_ANSWER];

		answer_text(step, answer);
		if (expected != NULL && is_allowed(answer, expected))
			continue;
		if (step->shows == MADE) {
			skip(number, test, "cannot make a process of another user: ", answer);
			return;
		}
		if (step->shows == AREAS && answer[0] == 'E') {
			skip(number, test, "cannot read /proc/PID/maps: ", answer);
			return;
		}
		if (strcmp(answer, "ENOSYS") == 0 && !may_be_missing(step->answers)) {
			skip(number, test, "not implemented: ", step->line);
			return;
		}
		printf("# %s\n# %s\n#   expected %s, got %s\n", test->asks, step->line,
		       expected == NULL ? "nothing" : expected, answer);
		fail(number, test);
		return;
	}
	passed++;
	printf("ok %d %s\n", number, test->id);
}

static void run(int number, int index)
{
	const struct test *test = &tests[index];
	const char *needs = expected_of(test->needs);
	const char *lack = needs == NULL ? NULL : lacking(needs);

	if (lack != NULL) {
		skip(number, test, "needs ", lack);
		return;
	}
	if (!run_case(index, CASE_SECONDS)) {
		printf("# %s\n# it did not come to its end in %d seconds\n", test->asks, CASE_SECONDS);
		fail(number, test);
		return;
	}
	if (verbose)
		tell(test);
	judge(number, test);
}

/* ---- all of them ---- */

static int is_chosen(const char *id, char **parts)
{
	if (*parts == NULL)
		return 1;
	for (; *parts != NULL; parts++)
		if (strstr(id, *parts) != NULL)
			return 1;
	return 0;
}

static int usage(const char *wrong)
{
	fprintf(stderr, "runner: %s\nusage: runner [--release 6.12] [--answers] [--list] [PART...]\n", wrong);
	return 2;
}

/* The release whose answers are expected: the newest that is known, for a newer one. */
static int choose_release(const char *asked)
{
	struct release first, last;

	if (asked == NULL ? !own_release(&release) : !read_release(asked, &release))
		return usage("--release takes a release such as 6.12 or 5.10.24");
	read_release(first_release, &first);
	first.point = 0;
	read_release(last_release, &last);
	if (compare_releases(&release, &last) > 0) {
		printf("# newer than %s, the newest release that is known: its answers are expected\n",
		       last_release);
		release = last;
	}
	if (in_ranges(&release, covered_releases))
		return 0;
	if (compare_releases(&release, &first) < 0)
		printf("1..0 # SKIP older than Linux %s, the oldest release that is known\n", first_release);
	else
		printf("1..0 # SKIP no answers of this release are here, only of %s\n", covered_releases);
	return 3;
}

static void introduce(const char *asked)
{
	struct utsname names;

	if (uname(&names) == 0)
		printf("# %s %s %s\n", names.sysname, names.release, names.version);
	if (asked != NULL)
		printf("# expected: the answers of Linux %s\n", asked);
	else
		printf("# expected: the answers of Linux %d.%d.%d\n", release.major, release.minor,
		       release.point);
}

int main(int count, char **words)
{
	const char *asked = NULL;
	int list = 0, chosen = 0, number = 0, at, problem;

	program = words[0];
	if (count == 3 && strcmp(words[1], "--actor") == 0) {
		/* An actor that has executed this program: its turn ends here. */
		if (map_shared(0) < 0)
			_exit(1);
		actor_resumes(atoi(words[2]));
	}
	for (at = 1; at < count && strncmp(words[at], "--", 2) == 0; at++) {
		if (strcmp(words[at], "--release") == 0 && at + 1 < count)
			asked = words[++at];
		else if (strcmp(words[at], "--answers") == 0)
			verbose = 1;
		else if (strcmp(words[at], "--list") == 0)
			list = 1;
		else
			return usage(words[at]);
	}
	if (list) {
		for (int i = 0; i < test_count; i++)
			if (is_chosen(tests[i].id, words + at))
				printf("%s\t%s\n", tests[i].id, tests[i].asks);
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n");
	problem = choose_release(asked);
	if (problem != 0)
		return problem;
	if (sysconf(_SC_PAGESIZE) != 4096) {
		printf("1..0 # SKIP the cases are written for pages of 4096 bytes\n");
		return 3;
	}
	if (map_shared(1) < 0) {
		printf("1..0 # SKIP no file that processes can share\n");
		return 3;
	}
	for (int i = 0; i < test_count; i++)
		chosen += is_chosen(tests[i].id, words + at);
	if (chosen == 0)
		return usage("no case has such a name");
	introduce(asked);
	printf("1..%d\n", chosen);
	for (int i = 0; i < test_count; i++)
		if (is_chosen(tests[i].id, words + at))
			run(++number, i);
	printf("# Totals: pass:%d fail:%d xfail:0 xpass:0 skip:%d error:0\n", passed, failed, skipped);
	return failed > 0 ? 1 : 0;
}
