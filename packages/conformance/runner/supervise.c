/*
 * The process that looks after the actors of one case: it makes the first ones, gives them their
 * turns, sees who has ended, and reads what /proc says of them. The runner makes one such process
 * for each case, and ends it with all actors when its time is up.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "pack.h"

enum { TICK_MS = 5, MOST_LOOKS = 4000 };

static void rest(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
}

/* ---- what /proc says ---- */

static int read_proc(int pid, const char *name, char *text, int size)
{
	char path[64];
	int fd, bytes = 0;

	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	for (;;) {
		int n = read(fd, text + bytes, size - 1 - bytes);

		if (n <= 0)
			break;
		bytes += n;
	}
	close(fd);
	text[bytes] = 0;
	return bytes;
}

/* Its state's letter; 0 once nothing is left of it. */
static char state_of(int pid)
{
	siginfo_t info = { 0 };
	char text[1024], *end;
	int bytes = read_proc(pid, "stat", text, sizeof text);

	if (bytes > 0) {
		end = strrchr(text, ')');
		return end == NULL ? 0 : end[2];
	}
	/* Gone, or a system without /proc. */
	if (waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid)
		return 'Z';
	return kill(pid, 0) < 0 && errno == ESRCH ? 0 : 'S';
}

static int has_ended(int pid)
{
	char state = state_of(pid);

	return state == 0 || state == 'Z' || state == 'X';
}

/* Waits until no signal is on its way to an actor any more. True if that has ended. */
static int settle(int pid)
{
	for (int look = 0; look < MOST_LOOKS; look++) {
		char text[4096], *own, *all;
		char state = state_of(pid);

		if (state == 0 || state == 'Z' || state == 'X')
			return 1;
		if (read_proc(pid, "status", text, sizeof text) <= 0) {
			rest();
			continue;
		}
		own = strstr(text, "SigPnd:");
		all = strstr(text, "ShdPnd:");
		if (own == NULL || all == NULL)
			return 0;
		if ((state == 'S' || state == 'T') && strtoull(own + 7, NULL, 16) == 0 &&
		    strtoull(all + 7, NULL, 16) == 0)
			return 0;
		rest();
	}
	return 0;
}

/* Adds `0-2 rw-p` to the areas of a window, in pages counted from its beginning. */
static void add_area(char *text, const char *line, unsigned long long from, unsigned long long to)
{
	unsigned long long start, end;
	char permissions[8];
	size_t used = strlen(text);

	if (sscanf(line, "%llx-%llx %4s", &start, &end, permissions) != 3)
		return;
	start = start > from ? start : from;
	end = end < to ? end : to;
	if (start < end)
		snprintf(text + used, MOST_PAYLOAD - used, "%s%llu-%llu %s", used == 0 ? "" : ", ",
			 (start - from) / 4096, (end - from) / 4096, permissions);
}

static void look_at_maps(const struct operation *operation, struct result *result)
{
	static char text[0x40000];
	unsigned long long from = value_of(&operation->values[0]);
	unsigned long long to = from + value_of(&operation->values[1]);
	int bytes = read_proc(shared->pids[operation->other], "maps", text, sizeof text);

	result->state = DONE;
	result->value = bytes;
	if (bytes < 0)
		return;
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		add_area((char *)result->payload, line, from, to);
	if (result->payload[0] == 0)
		strcpy((char *)result->payload, "none");
}

/* ---- actors ---- */

/* Those that were seen to have ended. */
static int ended[MOST_ACTORS];

static void give_turn(int actor, short turn)
{
	if (write(FD_GO + 2 * actor + 1, &turn, sizeof turn) != sizeof turn)
		_exit(1);
}

/* By which signal an actor ended, as far as can be seen. */
static int signal_of(int pid)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid != pid)
		return SIGKILL;
	return info.si_code == CLD_EXITED ? 0 : info.si_status;
}

static void await(const struct operation *operation, struct result *result)
{
	struct pollfd done = { .fd = FD_DONE, .events = POLLIN };
	int pid = shared->pids[operation->actor];

	for (;;) {
		char byte;

		if (poll(&done, 1, TICK_MS) > 0) {
			if (read(FD_DONE, &byte, 1) != 1)
				_exit(1);
			return;
		}
		if (has_ended(pid) && poll(&done, 1, 0) == 0) {
			ended[operation->actor] = 1;
			result->state = DIED;
			result->signal = signal_of(pid);
			return;
		}
	}
}

static void see_off(int pid, struct result *result)
{
	for (int look = 0; look < MOST_LOOKS && !has_ended(pid); look++)
		rest();
	result->state = DONE;
}

static void perform(const struct operation *operation, int turn)
{
	struct result *result = &shared->results[turn];
	int pid = shared->pids[operation->actor];

	switch (operation->kind) {
	case MAPS:
		look_at_maps(operation, result);
		return;
	case SETTLE:
		if (shared->pids[operation->other] > 0 && !ended[operation->other])
			ended[operation->other] = settle(shared->pids[operation->other]);
		result->state = DONE;
		return;
	default:
		break;
	}
	if (pid <= 0 || ended[operation->actor]) {
		result->state = ABSENT;
		return;
	}
	give_turn(operation->actor, turn);
	if (operation->kind == EXIT) {
		see_off(pid, result);
		ended[operation->actor] = 1;
		return;
	}
	await(operation, result);
	if (operation->kind == FORK && result->value > 0)
		shared->pids[operation->other] = result->value;
}

static void close_from_3(void)
{
	if (syscall(call_number("close_range"), 3, FD_SHARED - 1, 0) == 0)
		return;
	for (int fd = 3; fd < FD_SHARED; fd++)
		close(fd);
}

/* An actor's descriptors 0 to 2 lead nowhere; those that steer it lie far above. */
static void begin_actor(int actor)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = 0; fd <= 2; fd++)
		if (null < 0)
			close(fd);
		else
			dup2(null, fd);
	close_from_3();
	actor_main(actor);
}

static void make_pipe(int to)
{
	int ends[2];

	if (pipe(ends) < 0)
		_exit(1);
	for (int i = 0; i < 2; i++) {
		if (dup2(ends[i], to + i) < 0)
			_exit(1);
		close(ends[i]);
	}
}

static int actors_of(const struct test *test)
{
	int count = test->actors;

	for (int i = 0; i < test->operation_count; i++)
		count += test->operations[i].kind == FORK;
	return count;
}

static void supervise(const struct test *test)
{
	for (int actor = 0; actor < actors_of(test); actor++)
		make_pipe(FD_GO + 2 * actor);
	make_pipe(FD_DONE);
	for (int actor = 0; actor < test->actors; actor++) {
		int pid = fork();

		if (pid == 0)
			begin_actor(actor);
		shared->pids[actor] = pid;
	}
	for (int turn = 0; turn < test->operation_count; turn++)
		perform(&test->operations[turn], turn);
}

/*
 * Runs a case in processes of its own, and takes them all away. Results are in `shared` then. False
 * if its time was up.
 */
int run_case(int number, int seconds)
{
	const struct test *test = &tests[number];
	int status = 0, pid;

	memset(shared, 0, sizeof *shared);
	shared->test = number;
	for (int i = 0; i < test->word_count; i++)
		memcpy(shared->data + test->data[i].offset, &test->data[i].value, 8);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return 0;
	if (pid == 0) {
		setsid();
		signal(SIGALRM, SIG_DFL);
		alarm(seconds);
		supervise(test);
		_exit(0);
	}
	/* Until the group has died with it, nobody else can have its number. */
	siginfo_t info;

	while (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
