/*
 * Plays the programs of a recording on the kernel that it runs on, and prints what came of each.
 *
 *   gcc -O1 -static -o recorder recorder.c
 *   unshare -m ./recorder PROGRAMS          as root; or as /init of an initramfs, with /programs
 *
 * A line of PROGRAMS is a program: calls, with a semicolon between them. A child of its own plays it:
 *
 *   setresuid 1000 1000 1000; exec suid0
 *
 * and the answer is the line's number, what each call returned, and /proc/self/status afterwards:
 *
 *   7: 0, exec sec=1 | u=1000,0,0,0 g=0,0,0,0 G= P=1ffffffffff ...
 *
 * A line that starts with @ plays a pair. The kind says who the target is (a sibling, a child, a zombie
 * sibling, kthreadd), then come the caller's calls and, after @@, the target's. The answer is what the
 * caller gets from the calls that ask the access check:
 *
 *   @sib setresuid 1000 1000 1000 @@ setresuid 1000 1000 1000; prctl 4 1
 *
 * "scope N" and "suid_dumpable N" write the setting of that name. In "write FILE TEXT" an underscore
 * stands for a space and a bar for a new line.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

typedef unsigned long long u64;
typedef unsigned int u32;

enum { READY_FD = 9, MOST_ARGS = 16 };

/* Far from where a heap may start, so that its address is the same in every process. */
static char *const PAGE = (char *)0x7e0000000000;
static char results[4096];
static int line_number;

static const char *answer(long r)
{
	static char text[8][32];
	static int next;
	char *s = text[next++ & 7];
	const char *name = r == -1 ? strerrorname_np(errno) : NULL;

	if (r == -1)
		snprintf(s, 32, "%s", name ? name : "?");
	else
		snprintf(s, 32, "%ld", r);
	return s;
}

static void note(const char *result)
{
	if (*results)
		strcat(results, ", ");
	strcat(results, result);
}

static long write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	long r;

	if (fd < 0)
		return -1;
	r = write(fd, text, strlen(text));
	int error = errno;
	close(fd);
	errno = error;
	return r < 0 ? -1 : 0;
}

static void print_state(void)
{
	char text[8192], groups[4096] = "";
	unsigned u[4] = {0}, g[4] = {0};
	u64 i = 0, p = 0, e = 0, b = 0, a = 0;
	int nnp = -1, fd = open("/proc/thread-self/status", O_RDONLY);
	long n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

	close(fd);
	text[n > 0 ? n : 0] = 0;
	for (char *l = strtok(text, "\n"); l; l = strtok(NULL, "\n")) {
		sscanf(l, "Uid: %u %u %u %u", u, u + 1, u + 2, u + 3);
		sscanf(l, "Gid: %u %u %u %u", g, g + 1, g + 2, g + 3);
		sscanf(l, "CapInh: %llx", &i);
		sscanf(l, "CapPrm: %llx", &p);
		sscanf(l, "CapEff: %llx", &e);
		sscanf(l, "CapBnd: %llx", &b);
		sscanf(l, "CapAmb: %llx", &a);
		sscanf(l, "NoNewPrivs: %d", &nnp);
		if (!strncmp(l, "Groups:", 7))
			strcpy(groups, l + 7 + strspn(l + 7, " \t"));
	}
	for (char *c = groups; *c; c++)
		if (*c == ' ')
			*c = c[1] ? ',' : 0;
	printf("u=%u,%u,%u,%u g=%u,%u,%u,%u G=%s P=%llx E=%llx I=%llx B=%llx A=%llx sb=%d d=%d n=%d\n",
	       u[0], u[1], u[2], u[3], g[0], g[1], g[2], g[3], groups, p, e, i, b, a,
	       prctl(PR_GET_SECUREBITS), prctl(PR_GET_DUMPABLE), nnp);
}

static long do_capset(char **arg)
{
	u32 header[2] = { strtoul(arg[1], 0, 0), strtol(arg[2], 0, 0) }, version = header[0];
	u64 e = strtoull(arg[3], 0, 0), p = strtoull(arg[4], 0, 0), i = strtoull(arg[5], 0, 0);
	u32 data[6] = { e, p, i, e >> 32, p >> 32, i >> 32 };
	long r = syscall(SYS_capset, header, data);

	/* The kernel writes its own version over one that it does not know. */
	if (header[0] != version) {
		char text[64];
		snprintf(text, sizeof text, "%s/%x", answer(r), header[0]);
		note(text);
		return -2;
	}
	return r;
}

static long do_setgroups(char **arg, int n)
{
	u32 ids[MOST_ARGS];

	for (int k = 1; k < n; k++)
		ids[k - 1] = strtoul(arg[k], 0, 0);
	return syscall(SYS_setgroups, (long)(n - 1), ids);
}

static long do_write(char **arg)
{
	char path[64], text[256];

	snprintf(path, sizeof path, "/proc/self/%s", arg[1]);
	snprintf(text, sizeof text, "%s", arg[2]);
	for (char *c = text; *c; c++)
		*c = *c == '_' ? ' ' : *c == '|' ? '\n' : *c;
	note(write_file(path, text) ? answer(-1) : "ok");
	return -2;
}

/* A tracer with the same credentials, which loses its capabilities as soon as it has attached. */
static long do_traced(void)
{
	int to_tracee[2];
	pid_t tracee = getpid();
	char said = 'n';

	if (pipe(to_tracee))
		return -1;
	if (!fork()) {
		u32 header[2] = { _LINUX_CAPABILITY_VERSION_3, 0 }, none[6] = {0};
		int status;

		said = ptrace(PTRACE_SEIZE, tracee, 0, 0) ? 'n' : 'y';
		syscall(SYS_capset, header, none);
		if (write(to_tracee[1], &said, 1) != 1)
			_exit(1);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (waitpid(tracee, &status, __WALL) > 0 && WIFSTOPPED(status)) {
			int signal = status >> 16 ? 0 : WSTOPSIG(status);
			ptrace(PTRACE_CONT, tracee, 0, (long)(signal == SIGTRAP ? 0 : signal));
		}
		_exit(0);
	}
	close(to_tracee[1]);
	if (read(to_tracee[0], &said, 1) != 1)
		said = 'n';
	close(to_tracee[0]);
	errno = EPERM;
	return said == 'y' ? 0 : -1;
}

static long do_landlock(void)
{
	struct { u64 fs, net, scoped; } rules = { 1ull << 9, 0, 0 };
	long fd = syscall(444, &rules, 8, 0);
	long r = fd < 0 ? -1 : syscall(446, fd, 0);
	int error = errno;

	close(fd);
	errno = error;
	return r;
}

/* The program goes on in the new image: main() finds the rest of it, and what came out so far. */
static long do_exec(const char *file, const char *rest)
{
	char path[64], number[16];
	char *argv[] = { "recorder", "-continue", number, results, (char *)rest, NULL };

	snprintf(path, sizeof path, "/x/%s", file);
	snprintf(number, sizeof number, "%d", line_number);
	fflush(stdout);
	execv(path, argv);
	return -1;
}

static long call(char **arg, int n, const char *rest)
{
	static const struct { const char *name; long number; } plain[] = {
		{ "setuid", SYS_setuid }, { "setgid", SYS_setgid }, { "setreuid", SYS_setreuid },
		{ "setregid", SYS_setregid }, { "setresuid", SYS_setresuid }, { "setresgid", SYS_setresgid },
		{ "setfsuid", SYS_setfsuid }, { "setfsgid", SYS_setfsgid }, { "unshare", SYS_unshare },
	};

	for (unsigned k = 0; k < sizeof plain / sizeof *plain; k++)
		if (!strcmp(arg[0], plain[k].name))
			return syscall(plain[k].number, strtol(arg[1], 0, 0), strtol(arg[2], 0, 0),
				       strtol(arg[3], 0, 0));
	if (!strcmp(arg[0], "prctl"))
		return syscall(SYS_prctl, strtoul(arg[1], 0, 0), strtoul(arg[2], 0, 0),
			       strtoul(arg[3], 0, 0), strtoul(arg[4], 0, 0), strtoul(arg[5], 0, 0));
	if (!strcmp(arg[0], "capset"))
		return do_capset(arg);
	if (!strcmp(arg[0], "setgroups"))
		return do_setgroups(arg, n);
	if (!strcmp(arg[0], "write"))
		return do_write(arg);
	if (!strcmp(arg[0], "traced"))
		return do_traced();
	if (!strcmp(arg[0], "landlock"))
		return do_landlock();
	if (!strcmp(arg[0], "exec"))
		return do_exec(arg[1], rest);
	errno = ENOSYS;
	return -1;
}

static void play(char *program)
{
	for (char *next; program && *program; program = next) {
		char text[1024], *save = NULL, *arg[MOST_ARGS];
		int n = 0;

		next = strchr(program, ';');
		if (next)
			*next++ = 0;
		snprintf(text, sizeof text, "%s", program);
		for (char *t = strtok_r(text, " ", &save); t && n < MOST_ARGS; t = strtok_r(NULL, " ", &save))
			arg[n++] = t;
		for (int k = n; k < MOST_ARGS; k++)
			arg[k] = "0";
		if (!n)
			continue;
		long r = call(arg, n, next ? next : "");
		if (r != -2)
			note(answer(r));
	}
}

static void ask(pid_t target)
{
	long pidfd = syscall(434, target, 0);
	char buffer[16], path[64];
	struct iovec local = { buffer, 16 }, remote = { PAGE, 16 }, page = { PAGE, 4096 };
	void *head;
	size_t size;

	snprintf(path, sizeof path, "/proc/%d/exe", target);
#define ASK(name, call) printf(" %s=%s", name, (call) < 0 ? answer(-1) : "ok")
	printf("%d:", line_number);
	ASK("getfd", syscall(438, pidfd, 0, 0));
	ASK("kcmp", syscall(SYS_kcmp, getpid(), target, 0, 0, 0));
	ASK("robust", syscall(SYS_get_robust_list, target, &head, &size));
	ASK("vmread", syscall(SYS_process_vm_readv, target, &local, 1, &remote, 1, 0));
	ASK("pm", syscall(440, pidfd, &page, 1, 20, 0));
	ASK("exe", readlink(path, buffer, sizeof buffer));
	ASK("seize", ptrace(PTRACE_SEIZE, target, 0, 0));
	printf("\n");
	fflush(stdout);
}

/* A target says that it is ready, and waits to be looked at; a zombie does not wait. */
static void be_target(char *program, int is_zombie)
{
	if (is_zombie)
		setenv("IS_ZOMBIE", "1", 1);
	play(program);
	if (is_zombie)
		_exit(0);
	if (write(READY_FD, "x", 1) != 1)
		_exit(1);
	close(READY_FD);
	for (;;)
		pause();
}

static pid_t start_target(char *program, int is_zombie)
{
	int ready[2];
	char c;

	if (pipe(ready))
		exit(1);
	pid_t target = fork();
	if (!target) {
		dup2(ready[1], READY_FD);
		close(ready[0]);
		close(ready[1]);
		be_target(program, is_zombie);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) < 0)
		exit(1);
	close(ready[0]);
	siginfo_t info;
	if (is_zombie)
		waitid(P_PID, target, &info, WEXITED | WNOWAIT);
	return target;
}

static void play_pair(char *line)
{
	char *kind = line + 1, *rest = strchr(line, ' '), *targets = strstr(line, "@@");

	*rest++ = 0;
	*targets = 0;
	targets += 2;
	int is_child = !strcmp(kind, "child"), is_thread = !strcmp(kind, "kthread");
	pid_t target = is_thread ? 2 : is_child ? 0 : start_target(targets, !strcmp(kind, "zsib"));
	pid_t caller = fork();
	if (!caller) {
		play(rest);
		if (is_child)
			target = start_target(targets, 0);
		ask(target);
		if (is_child)
			kill(target, SIGKILL);
		_exit(0);
	}
	waitpid(caller, NULL, 0);
	if (is_child || is_thread)
		return;
	kill(target, SIGKILL);
	waitpid(target, NULL, __WALL);
}

static void make(const char *name, int mode, int owner, int group)
{
	char path[64], buffer[65536];
	long n;

	snprintf(path, sizeof path, "/x/%s", name);
	int from = open("/proc/self/exe", O_RDONLY), to = open(path, O_CREAT | O_WRONLY, 0755);
	while ((n = read(from, buffer, sizeof buffer)) > 0)
		if (write(to, buffer, n) != n)
			perror(path);
	close(from);
	close(to);
	if (chown(path, owner, group) || chmod(path, mode))
		perror(path);
}

static void grant(const char *name, u64 permitted, u64 inheritable, int effective, long root)
{
	struct { u32 magic, p_lo, i_lo, p_hi, i_hi, root; } v = {
		(root < 0 ? 0x02000000 : 0x03000000) | effective,
		permitted, inheritable, permitted >> 32, inheritable >> 32, root,
	};
	char path[64];

	snprintf(path, sizeof path, "/x/%s", name);
	if (setxattr(path, "security.capability", &v, root < 0 ? 20 : 24, 0))
		perror(path);
}

/* The same programs as in files.ts. */
static void make_files(void)
{
	const u64 nice = 1ull << CAP_SYS_NICE, chown = 1ull << CAP_CHOWN, none = 0;
	static const struct { const char *name; int mode, owner, group; } files[] = {
		{ "plain", 0755, 0, 0 }, { "suid0", 04755, 0, 0 }, { "suid1000", 04755, 1000, 1000 },
		{ "sgid0", 02755, 0, 0 }, { "sgid1000", 02755, 1000, 1000 }, { "sgidnox", 02745, 0, 1000 },
		{ "suidgid2000", 06755, 2000, 2000 }, { "suidgid0", 06755, 0, 0 }, { "xonly", 0711, 0, 0 },
		{ "xonlysuid0", 04711, 0, 0 }, { "unread1000", 0311, 1000, 1000 }, { "fcapp", 0755, 0, 0 },
		{ "fcapep", 0755, 0, 0 }, { "fcapi", 0755, 0, 0 }, { "fcapie", 0755, 0, 0 },
		{ "fcap0", 0755, 0, 0 }, { "fcap0e", 0755, 0, 0 }, { "fcapsuid0", 04755, 0, 0 },
		{ "fcapall", 0755, 0, 0 }, { "fcapsuid1000", 04755, 1000, 1000 }, { "fcapsetid", 0755, 0, 0 },
		{ "v3r1000", 0755, 0, 0 }, { "v3r0", 0755, 0, 0 },
	};

	mkdir("/x", 0755);
	if (mount("tmpfs", "/x", "tmpfs", 0, "mode=755"))
		perror("/x");
	for (unsigned k = 0; k < sizeof files / sizeof *files; k++)
		make(files[k].name, files[k].mode, files[k].owner, files[k].group);
	grant("fcapp", nice, none, 0, -1);
	grant("fcapep", nice, none, 1, -1);
	grant("fcapi", none, nice | chown, 0, -1);
	grant("fcapie", none, nice | chown, 1, -1);
	grant("fcap0", none, none, 0, -1);
	grant("fcap0e", none, none, 1, -1);
	grant("fcapsuid0", nice, none, 1, -1);
	grant("fcapall", 0x1ffffffffffull, none, 1, -1);
	grant("fcapsuid1000", nice, none, 1, -1);
	grant("fcapsetid", 1 << CAP_SETUID | 1 << CAP_SETGID | 1 << CAP_SETPCAP, none, 1, -1);
	grant("v3r1000", nice, none, 1, 1000);
	grant("v3r0", nice, none, 1, 0);
}

static void become_init(void)
{
	mkdir("/proc", 0755);
	mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	int console = open("/dev/console", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		dup2(console, fd);
	write_file("/proc/sys/kernel/printk", "1");
}

static void continue_after_exec(char **argv)
{
	char text[32];

	line_number = atoi(argv[2]);
	snprintf(results, sizeof results, "%s", argv[3]);
	snprintf(text, sizeof text, "exec sec=%lu", getauxval(AT_SECURE));
	note(text);
	if (fcntl(READY_FD, F_GETFD) >= 0 || getenv("IS_ZOMBIE"))
		be_target(argv[4], getenv("IS_ZOMBIE") != NULL);
	play(argv[4]);
	printf("%d: %s | ", line_number, results);
	print_state();
}

int main(int argc, char **argv)
{
	int is_init = getpid() == 1;
	char *line = NULL;
	size_t size = 0;
	struct utsname name;

	if (mmap(PAGE, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != PAGE)
		return 1;
	if (argc == 5 && !strcmp(argv[1], "-continue")) {
		continue_after_exec(argv);
		return 0;
	}
	if (is_init)
		become_init();
	uname(&name);
	printf("# %s %s\n", name.release, name.version);
	make_files();
	FILE *programs = fopen(argc > 1 ? argv[1] : "/programs", "r");
	while (programs && getline(&line, &size, programs) > 0) {
		line_number++;
		line[strcspn(line, "\n")] = 0;
		fflush(stdout);
		if (!strncmp(line, "scope ", 6))
			write_file("/proc/sys/kernel/yama/ptrace_scope", line + 6);
		else if (!strncmp(line, "suid_dumpable ", 14))
			write_file("/proc/sys/fs/suid_dumpable", line + 14);
		else if (*line == '@')
			play_pair(line);
		else if (*line && *line != '#' && !fork()) {
			play(line);
			printf("%d: %s | ", line_number, results);
			print_state();
			fflush(stdout);
			_exit(0);
		}
		while (*line != '@' && wait(NULL) > 0)
			;
	}
	printf("# end\n");
	fflush(stdout);
	if (is_init)
		reboot(RB_POWER_OFF);
	return 0;
}
