/*
 * Plays the programs of a recording on the kernel that it runs on, and prints what came of each.
 *
 *   gcc -O1 -static-pie -o recorder recorder.c
 *   ./recorder PROGRAMS          as root; or as /init of an initramfs, with /programs
 *
 * A line of PROGRAMS is a program: statements with a semicolon between them. The answer is the line's
 * number and what each statement came to, `*3` standing for three of the same:
 *
 *   mmap 0x20000000 0x4000 3 0x32 -1 0; p=pidfd_open @a 0; madvise 0x20000000 {0x1000,-1} {4,9999}
 *   7: 0x20000000, 3, 0, EINVAL*3
 *
 * A statement is a system call with the values of its registers. {x,y} plays it with each value, the
 * last braces going round fastest; & joins statements that go round together. `p=` keeps what it returned as $p; $p+0x10 adds to it. `32:` enters
 * by int 0x80. Statements are played by the process a; `b:` lets another one play. @b is its number.
 *
 *   spawn b, sib b, thread b, vm b    b is a child, a child of somebody else, a thread, a child that
 *                                     shares the memory; a thing that is spawned plays statements too
 *   put A w w…, put4 A w w…           64-bit and 32-bit words into memory
 *   get A n, get4 A n, pidat A        words of memory; a process number there, by its name
 *   maps A B                          the areas between two addresses
 *   file N memfd|memfdx|dir O         opens something as descriptor N; O are open's flags
 *   exec                              the caller goes on in a fresh image, as execve leaves it
 *   own, ownthread, ownparent         getpid, gettid, getppid, told as numbers: those in a pid namespace
 *   waitfor PID STATUS OPTIONS USAGE  wait4, told as a number
 *   signal N                          makes the caller ignore a signal, as signal(N, SIG_IGN)
 *
 * What clone, clone3, fork and vfork make by themselves exits at once.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

typedef unsigned long long u64;
typedef unsigned int u32;

enum { ACTORS = 6, PIPES_FROM = 900, MOST_WORDS = 24, STACK = 65536, MOST_VARIABLES = 32 };
enum op { CALL, CALL32, PUT, PUT4, GET, GET4, SPAWN, THREAD, VM, OPEN, IGNORE, EXEC };

struct request {
	int op, forks, n;
	long number;
	u64 word[MOST_WORDS];
};

struct reply {
	long result;
	u64 word[MOST_WORDS];
};

/* Pipes of an actor: requests are read from [0], replies written to [3]. Their numbers never change. */
static int pipes[ACTORS][4];
static char stacks[ACTORS][STACK] __attribute__((aligned(16)));

/*
 * A system call from an array of registers. With exits, whoever comes back with 0 is a new task: it
 * ends without touching the stack, which it may share.
 */
long enter64(long number, const u64 *registers, long exits);
long enter32(long number, const u64 *registers, long exits);
__asm__(".text\n"
	"enter64: push %rbx; mov %rdx, %rbx; mov %rdi, %rax; mov %rsi, %rcx\n"
	"mov 0(%rcx), %rdi; mov 8(%rcx), %rsi; mov 16(%rcx), %rdx\n"
	"mov 24(%rcx), %r10; mov 32(%rcx), %r8; mov 40(%rcx), %r9; syscall\n"
	"test %rbx, %rbx; jz 1f; test %rax, %rax; jnz 1f\n"
	"mov $60, %eax; xor %edi, %edi; syscall\n"
	"1: pop %rbx; ret\n"
	"enter32: push %rbx; push %rbp; push %r12; mov %rdx, %r12; mov %rdi, %rax; mov %rsi, %r8\n"
	"mov 0(%r8), %rbx; mov 8(%r8), %rcx; mov 16(%r8), %rdx\n"
	"mov 40(%r8), %rbp; mov 32(%r8), %rdi; mov 24(%r8), %rsi; int $0x80\n"
	"test %r12, %r12; jz 1f; test %eax, %eax; jnz 1f\n"
	"mov $1, %eax; xor %ebx, %ebx; int $0x80\n"
	"1: movslq %eax, %rax; pop %r12; pop %rbp; pop %rbx; ret\n");

static long direct(long number, u64 a, u64 b, u64 c, u64 d)
{
	u64 registers[6] = { a, b, c, d };

	return enter64(number, registers, 0);
}

/* ---- actors: they play requests. They may share a stack's owner's errno, so libc stays out. ---- */

static int serve(void *which);

static long start(enum op op, u64 which)
{
	char *top = stacks[which] + STACK;
	int shared = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

	if (op != SPAWN)
		return clone(serve, top, op == THREAD ? shared : CLONE_VM | SIGCHLD, (void *)which);
	long pid = direct(SYS_fork, 0, 0, 0, 0);
	if (pid == 0)
		serve((void *)which);
	return pid;
}

static long open_as(const struct request *q)
{
	int kind = q->word[1];
	long made, fd = 0;

	if (kind == 2)
		fd = direct(SYS_open, (u64) "/", q->word[2], 0, 0);
	else {
		char path[] = "/proc/self/fd/890";
		made = direct(SYS_memfd_create, (u64) "m", kind == 1 ? MFD_ALLOW_SEALING : 0, 0, 0);
		direct(SYS_dup2, made, 890, 0, 0);
		direct(SYS_close, made, 0, 0, 0);
		direct(SYS_ftruncate, 890, 0x4000, 0, 0);
		fd = direct(SYS_open, (u64)path, q->word[2], 0, 0);
		direct(SYS_close, 890, 0, 0, 0);
	}
	if (fd >= 0 && fd != (long)q->word[0]) {
		direct(SYS_dup2, fd, q->word[0], 0, 0);
		direct(SYS_close, fd, 0, 0, 0);
	}
	return fd < 0 ? fd : (long)q->word[0];
}

static void exec_self(long which)
{
	char number[2] = { '0' + which, 0 };
	char *argv[] = { "recorder", "-serve", number, NULL }, *none[] = { NULL };

	direct(SYS_execve, (u64) "/proc/self/exe", (u64)argv, (u64)none, 0);
}

static int serve(void *which)
{
	const int *own = pipes[(long)which];
	struct request q;
	struct reply r;

	while (direct(SYS_read, own[0], (u64)&q, sizeof q, 0) == sizeof q) {
		r.result = 0;
		switch (q.op) {
		case CALL:
			r.result = enter64(q.number, q.word, q.forks);
			break;
		case CALL32:
			r.result = enter32(q.number, q.word, q.forks);
			break;
		case PUT:
			for (int k = 1; k < q.n; k++)
				((volatile u64 *)q.word[0])[k - 1] = q.word[k];
			break;
		case PUT4:
			for (int k = 1; k < q.n; k++)
				((volatile u32 *)q.word[0])[k - 1] = q.word[k];
			break;
		case GET:
			for (unsigned k = 0; k < q.word[1]; k++)
				r.word[k] = ((volatile u64 *)q.word[0])[k];
			break;
		case GET4:
			for (unsigned k = 0; k < q.word[1]; k++)
				r.word[k] = ((volatile u32 *)q.word[0])[k];
			break;
		case OPEN:
			r.result = open_as(&q);
			break;
		case EXEC:
			exec_self((long)which);
			r.result = -ENOEXEC;
			break;
		case IGNORE:
			r.result = signal(q.word[0], SIG_IGN) == SIG_ERR ? -EINVAL : 0;
			break;
		default:
			r.result = start(q.op, q.word[0]);
		}
		direct(SYS_write, own[3], (u64)&r, sizeof r, 0);
	}
	direct(SYS_exit, 0, 0, 0, 0);
	return 0;
}

/* ---- the runner: it reads programs, tells actors what to play, and prints. ---- */

static const struct {
	const char *name;
	int number, number32;
} calls[] = {
	{ "mmap", SYS_mmap, -1 }, { "mmap2", -1, 192 }, { "mprotect", SYS_mprotect, 125 },
	{ "munmap", SYS_munmap, 91 }, { "brk", SYS_brk, 45 }, { "msync", SYS_msync, 144 },
	{ "mincore", SYS_mincore, 218 }, { "madvise", SYS_madvise, 219 }, { "mlock", SYS_mlock, 150 },
	{ "mlock2", SYS_mlock2, 376 }, { "munlock", SYS_munlock, 151 }, { "mlockall", SYS_mlockall, 152 },
	{ "munlockall", SYS_munlockall, 153 }, { "process_madvise", 440, 440 },
	{ "pidfd_open", 434, 434 }, { "close", SYS_close, 6 }, { "dup", SYS_dup, 41 },
	{ "dup2", SYS_dup2, 63 }, { "dup3", SYS_dup3, 330 }, { "fcntl", SYS_fcntl, 55 },
	{ "fcntl64", -1, 221 }, { "clone", SYS_clone, 120 }, { "clone3", SYS_clone3, 435 },
	{ "fork", SYS_fork, 2 }, { "vfork", SYS_vfork, 190 }, { "exit", SYS_exit, 1 },
	{ "exit_group", SYS_exit_group, 252 }, { "wait4", SYS_wait4, 114 }, { "waitid", SYS_waitid, 284 },
	{ "getpid", SYS_getpid, 20 }, { "gettid", SYS_gettid, 224 }, { "getppid", SYS_getppid, 64 },
	{ "set_tid_address", SYS_set_tid_address, 258 }, { "kill", SYS_kill, 37 },
	{ "prlimit64", SYS_prlimit64, 340 }, { "getuid", SYS_getuid, 199 }, { "getgid", SYS_getgid, 200 },
	{ "geteuid", SYS_geteuid, 201 }, { "getegid", SYS_getegid, 202 },
	{ "getresuid", SYS_getresuid, 209 }, { "getresgid", SYS_getresgid, 211 },
	{ "setuid", SYS_setuid, 213 }, { "setgid", SYS_setgid, 214 }, { "setreuid", SYS_setreuid, 203 },
	{ "setregid", SYS_setregid, 204 }, { "setresuid", SYS_setresuid, 208 },
	{ "setresgid", SYS_setresgid, 210 }, { "setfsuid", SYS_setfsuid, 215 },
	{ "setfsgid", SYS_setfsgid, 216 }, { "getgroups", SYS_getgroups, 205 },
	{ "setgroups", SYS_setgroups, 206 }, { "capget", SYS_capget, 184 },
	{ "capset", SYS_capset, 185 }, { "prctl", SYS_prctl, 172 },
	{ "own", SYS_getpid, 20 }, { "ownthread", SYS_gettid, 224 }, { "ownparent", SYS_getppid, 64 },
	{ "waitfor", SYS_wait4, 114 }, { "unshare", SYS_unshare, 310 }, { "setns", SYS_setns, 346 },
	{ "pidfd_send_signal", 424, 424 }, { "ioctl", SYS_ioctl, 54 }, { "pidfd_getfd", 438, 438 },
};

static struct {
	char name[16];
	u64 value;
} variables[MOST_VARIABLES];
static int variable_count, line_number, repeats;
static pid_t pids[ACTORS], group_of[ACTORS];
static char last[256];
static int is_first;

static void flush_note(void)
{
	if (!repeats)
		return;
	printf(is_first ? " %s" : ", %s", last);
	if (repeats > 1)
		printf("*%d", repeats);
	is_first = repeats = 0;
}

static void note(const char *text)
{
	if (repeats && strcmp(text, last))
		flush_note();
	snprintf(last, sizeof last, "%s", text);
	repeats++;
}

static u64 value_of(const char *text)
{
	if (*text == '@')
		return text[1] == 'k' ? 2 : pids[text[1] - 'a'];
	if (*text != '$')
		return *text == '-' ? (u64)strtoll(text, 0, 0) : strtoull(text, 0, 0);
	size_t length = strcspn(text + 1, "+");
	u64 more = text[1 + length] == '+' ? strtoull(text + 2 + length, 0, 0) : 0;
	for (int k = variable_count - 1; k >= 0; k--)
		if (strlen(variables[k].name) == length && !memcmp(variables[k].name, text + 1, length))
			return variables[k].value + more;
	fprintf(stderr, "%d: no %s\n", line_number, text);
	exit(1);
}

static const char *name_of(long pid)
{
	static char text[32];

	for (int k = 0; k < ACTORS; k++)
		if (pid && pids[k] == pid)
			return snprintf(text, sizeof text, "@%c", 'a' + k), text;
	for (int k = 0; k < variable_count; k++)
		if (pid && (long)variables[k].value == pid)
			return snprintf(text, sizeof text, "$%s", variables[k].name), text;
	return pid ? "other" : "0";
}

static int is_one_of(const char *name, const char *list)
{
	const char *at = strstr(list, name);
	size_t n = strlen(name);

	return at && (at == list || at[-1] == ' ') && (at[n] == ' ' || !at[n]);
}

static const char *answer(const char *name, long result, int is_compat)
{
	static char text[64];
	const char *error = result < 0 && result > -4096 ? strerrorname_np(-result) : NULL;

	if (error)
		return error;
	if (is_one_of(name, "clone clone3 fork vfork"))
		return "pid";
	if (is_one_of(name, "wait4 getpid gettid getppid set_tid_address"))
		return name_of(result);
	if (is_one_of(name, "mmap mmap2 brk")) {
		u64 at = is_compat ? (u32)result : (u64)result;
		snprintf(text, sizeof text, at < 0x50000000 ? "0x%llx" : "addr", at);
		for (int k = 0; k < variable_count; k++)
			if (at - variables[k].value < 1 << 24)
				snprintf(text, sizeof text, "$%.15s+0x%llx", variables[k].name,
					 at - variables[k].value);
		return text;
	}
	if (is_one_of(name, "own ownthread ownparent waitfor") && result > 9)
		return name_of(result);
	snprintf(text, sizeof text, "%ld", result);
	return text;
}

/* Waits until a task is dead: gone, or a zombie. */
static void await_death(pid_t group, pid_t task)
{
	char path[64], text[256], *state;

	for (int k = 0; k < 2000; k++) {
		snprintf(path, sizeof path, "/proc/%d/task/%d/stat", group, task);
		int fd = open(path, O_RDONLY);
		long n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
		if (fd >= 0)
			close(fd);
		text[n > 0 ? n : 0] = 0;
		state = strrchr(text, ')');
		if (!state || state[2] == 'Z' || state[2] == 'X')
			return;
		usleep(500);
	}
}

static struct reply ask(int who, const struct request *q, int may_sleep)
{
	struct reply r = { .result = -ENODATA };
	struct pollfd ready = { .fd = pipes[who][2], .events = POLLIN };

	if (write(pipes[who][1], q, sizeof *q) != sizeof *q)
		exit(1);
	if (may_sleep && poll(&ready, 1, 300) == 0) {
		syscall(SYS_tgkill, group_of[who], pids[who], SIGUSR1);
		poll(&ready, 1, 3000);
		if (read(pipes[who][2], &r, sizeof r) != sizeof r)
			exit(1);
		r.result = r.result == -EINTR ? 1 << 30 : r.result;
		return r;
	}
	if (poll(&ready, 1, 10000) == 1 && read(pipes[who][2], &r, sizeof r) == sizeof r)
		return r;
	printf(" %d: actor %c hangs\n", line_number, 'a' + who);
	return r;
}

static void print_maps(int who, u64 low, u64 high)
{
	char path[64], text[1024] = "", one[64], line[512];
	unsigned long long from, to;
	char protection[8];

	snprintf(path, sizeof path, "/proc/%d/maps", pids[who]);
	FILE *maps = fopen(path, "r");
	while (maps && fgets(line, sizeof line, maps))
		if (sscanf(line, "%llx-%llx %7s", &from, &to, protection) == 3 && from < high && to > low) {
			snprintf(one, sizeof one, "%s%llx-%llx:%s", *text ? " " : "", from, to, protection);
			strcat(text, one);
		}
	if (maps)
		fclose(maps);
	note(*text ? text : "none");
}

/* One statement without braces. */
static void play(char *statement)
{
	char *save = NULL, *word[MOST_WORDS], *colon, *variable = NULL;
	struct request q = { 0 };
	int n = 0, who = 0, is_compat = 0;

	for (char *t = strtok_r(statement, " ", &save); t && n < MOST_WORDS; t = strtok_r(NULL, " ", &save))
		word[n++] = t;
	if (!n)
		return;
	char *name = word[0];
	while ((colon = strchr(name, ':'))) {
		if (*name == '3')
			is_compat = 1;
		else
			who = *name - 'a';
		name = colon + 1;
	}
	if (strchr(name, '=')) {
		variable = name;
		name = strchr(name, '=');
		*name++ = 0;
	}
	if (!strcmp(name, "maps")) {
		print_maps(who, value_of(word[1]), value_of(word[2]));
		return;
	}
	q.n = n - 1;
	if (!strcmp(name, "exec")) {
		q.op = EXEC;
		note(answer(name, ask(who, &q, 0).result, 0));
		pids[who] = group_of[who];
		return;
	}
	if (is_one_of(name, "spawn sib thread vm")) {
		int made = *word[1] - 'a';
		q.op = *name == 't' ? THREAD : *name == 'v' ? VM : SPAWN;
		q.word[0] = made;
		pids[made] = *name == 's' && name[1] == 'i' ? (int)start(SPAWN, made)
							     : (int)ask(who, &q, 0).result;
		group_of[made] = *name == 't' ? group_of[who] : pids[made];
		return;
	}
	if (!strcmp(name, "file")) {
		q.op = OPEN;
		q.word[0] = value_of(word[1]);
		q.word[1] = !strcmp(word[2], "dir") ? 2 : !strcmp(word[2], "memfdx");
		q.word[2] = value_of(word[3]);
		note(answer(name, ask(who, &q, 0).result, 0));
		return;
	}
	for (int k = 1; k < n; k++)
		q.word[k - 1] = value_of(word[k]);
	if (!strcmp(name, "signal")) {
		q.op = IGNORE;
		note(answer(name, ask(who, &q, 0).result, 0));
		return;
	}
	if (is_one_of(name, "put put4")) {
		q.op = name[3] ? PUT4 : PUT;
		ask(who, &q, 0);
		return;
	}
	if (is_one_of(name, "get get4 pidat")) {
		char text[256] = "", one[32];
		q.op = name[3] == 0 ? GET : GET4;
		if (*name == 'p')
			q.word[1] = 1;
		struct reply r = ask(who, &q, 0);
		for (unsigned k = 0; k < q.word[1]; k++) {
			snprintf(one, sizeof one, "%s%llx", k ? "." : "", r.word[k]);
			strcat(text, one);
		}
		note(*name == 'p' ? name_of(r.word[0]) : text);
		return;
	}

	unsigned k = 0;
	while (k < sizeof calls / sizeof *calls && strcmp(calls[k].name, name))
		k++;
	if (k == sizeof calls / sizeof *calls) {
		fprintf(stderr, "%d: no call %s\n", line_number, name);
		exit(1);
	}
	q.op = is_compat ? CALL32 : CALL;
	q.number = is_compat ? calls[k].number32 : calls[k].number;
	q.forks = is_one_of(name, "clone clone3 fork vfork");
	if (is_one_of(name, "exit exit_group")) {
		if (write(pipes[who][1], &q, sizeof q) != sizeof q)
			exit(1);
		await_death(group_of[who], pids[who]);
		waitpid(pids[who], NULL, WNOHANG);
		return;
	}
	struct reply r = ask(who, &q, is_one_of(name, "wait4 waitid waitfor"));
	if (r.result == 1 << 30) {
		note("sleeps");
		return;
	}
	if (q.forks && r.result > 0)
		await_death(r.result, r.result);
	if (variable && variable_count < MOST_VARIABLES) {
		snprintf(variables[variable_count].name, 16, "%s", variable);
		variables[variable_count++].value = is_compat ? (u32)r.result : (u64)r.result;
	}
	note(answer(name, r.result, is_compat));
}

/* A statement, or several that are joined, with each of its values. */
static void play_each(const char *statement)
{
	char text[1024];
	const char *open_at = strchr(statement, '{'), *shut = open_at ? strchr(open_at, '}') : NULL;

	if (!shut) {
		char *save = NULL;
		snprintf(text, sizeof text, "%s", statement);
		for (char *one = strtok_r(text, "&", &save); one; one = strtok_r(NULL, "&", &save))
			play(one);
		return;
	}
	for (const char *from = open_at + 1; from <= shut; ) {
		const char *to = from + strcspn(from, ",}");
		snprintf(text, sizeof text, "%.*s%.*s%s", (int)(open_at - statement), statement,
			 (int)(to - from), from, shut + 1);
		play_each(text);
		from = to + 1;
	}
}

static void on_signal(int signal)
{
	(void)signal;
}

static void wake_on_signal(void)
{
	struct sigaction wake = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &wake, NULL);
}

static pid_t start_first(void)
{
	static const struct { int which; struct rlimit limit; } limits[] = {
		{ RLIMIT_NOFILE, { 1024, 4096 } },
		{ RLIMIT_MEMLOCK, { 8 << 20, 8 << 20 } },
		{ RLIMIT_STACK, { 8 << 20, RLIM_INFINITY } },
	};
	pid_t pid = fork();

	if (pid)
		return pid;
	for (unsigned k = 0; k < sizeof limits / sizeof *limits; k++)
		setrlimit(limits[k].which, &limits[k].limit);
	wake_on_signal();
	int null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	for (int fd = 3; fd < PIPES_FROM; fd++)
		close(fd);
	serve((void *)0);
	_exit(0);
}

static void number_pipes(void)
{
	for (int k = 0; k < ACTORS; k++)
		for (int end = 0; end < 4; end++)
			pipes[k][end] = PIPES_FROM + 4 * k + end;
}

static void play_line(char *line)
{
	variable_count = 0;
	is_first = 1;
	memset(pids, 0, sizeof pids);
	number_pipes();
	for (int k = 0; k < ACTORS; k++)
		for (int way = 0; way < 4; way += 2) {
			int made[2];
			if (pipe(made))
				exit(1);
			for (int end = 0; end < 2; end++) {
				dup2(made[end], pipes[k][way + end]);
				close(made[end]);
			}
		}
	pids[0] = group_of[0] = start_first();
	printf("%d:", line_number);
	char *save = NULL;
	for (char *s = strtok_r(line, ";", &save); s; s = strtok_r(NULL, ";", &save))
		play_each(s);
	flush_note();
	printf("\n");
	fflush(stdout);
	for (int k = 0; k < ACTORS; k++)
		if (pids[k] > 0)
			kill(pids[k], SIGKILL);
	while (waitpid(-1, NULL, __WALL) > 0)
		;
	for (int k = 0; k < ACTORS; k++)
		for (int end = 0; end < 4; end++)
			close(pipes[k][end]);
}

int main(int argc, char **argv)
{
	static char line[65536];
	struct utsname system;
	const char *path = argc > 1 ? argv[1] : "/programs";
	int is_init = getpid() == 1;
	struct rlimit files = { 4096, 4096 };

	if (argc > 2 && !strcmp(argv[1], "-serve")) {
		struct reply ready = { .result = 0 };
		long which = argv[2][0] - '0';
		number_pipes();
		wake_on_signal();
		direct(SYS_write, pipes[which][3], (u64)&ready, sizeof ready, 0);
		return serve((void *)which);
	}
	if (is_init) {
		mkdir("/proc", 0755);
		mkdir("/dev", 0755);
		mount("proc", "/proc", "proc", 0, NULL);
		mount("dev", "/dev", "devtmpfs", 0, NULL);
		int console = open("/dev/console", O_RDWR);
		for (int fd = 0; fd < 3; fd++)
			dup2(console, fd);
	}
	setrlimit(RLIMIT_NOFILE, &files);
	uname(&system);
	printf("\nkernel %s %s\n", system.release, system.version);
	FILE *programs = fopen(path, "r");
	while (programs && fgets(line, sizeof line, programs)) {
		line_number++;
		line[strcspn(line, "\r\n")] = 0;
		if (*line && *line != '#')
			play_line(line);
	}
	printf("end\n");
	fflush(stdout);
	if (is_init) {
		sync();
		reboot(RB_AUTOBOOT);
	}
	return 0;
}
