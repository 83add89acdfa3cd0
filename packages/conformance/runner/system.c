/* What this system has of all that cases rest on. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "pack.h"

/* ---- capabilities ---- */

static const struct {
	const char *name;
	int number;
	int initial;  /* asked of the initial user namespace alone */
} capabilities[] = {
	{ "CAP_KILL", 5, 0 },       { "CAP_SETGID", 6, 0 },      { "CAP_SETUID", 7, 0 },
	{ "CAP_SETPCAP", 8, 0 },    { "CAP_IPC_LOCK", 14, 1 },   { "CAP_SYS_PTRACE", 19, 0 },
	{ "CAP_SYS_ADMIN", 21, 1 }, { "CAP_SYS_NICE", 23, 1 },   { "CAP_PERFMON", 38, 1 },
};

/* A line of a file of /proc/self; empty where there is none. */
static void own_line(const char *path, const char *start, char *line, int size)
{
	FILE *file = fopen(path, "r");

	while (file != NULL && fgets(line, size, file) != NULL)
		if (strncmp(line, start, strlen(start)) == 0) {
			fclose(file);
			return;
		}
	if (file != NULL)
		fclose(file);
	line[0] = 0;
}

static unsigned long long effective_capabilities(void)
{
	char line[128];

	own_line("/proc/self/status", "CapEff:", line, sizeof line);
	/* A system that does not say: root has all. */
	if (line[0] == 0)
		return geteuid() == 0 ? ~0ULL : 0;
	return strtoull(line + strlen("CapEff:"), NULL, 16);
}

/* Whether the ids here are those of the machine. */
static int in_initial_namespace(void)
{
	char line[128];
	unsigned long inside = 0, outside = 0, count = 0;

	own_line("/proc/self/uid_map", "", line, sizeof line);
	if (sscanf(line, "%lu %lu %lu", &inside, &outside, &count) != 3)
		return 1;
	return inside == 0 && outside == 0 && count == 4294967295;
}

static int has_capability(int i)
{
	if (capabilities[i].initial && !in_initial_namespace())
		return 0;
	return effective_capabilities() >> capabilities[i].number & 1;
}

/* ---- parts of a kernel ---- */

/* An empty range only asks whether the advice is known. */
static int knows_advice(int advice)
{
	return madvise(NULL, 0, advice) == 0 || errno == EPERM;
}

static int has_swap(void)
{
	char line[256];

	own_line("/proc/swaps", "/", line, sizeof line);
	return line[0] != 0;
}

/* A system that does not say how it is set has Linux' usual value. */
static int is_zero(const char *path)
{
	char line[64];

	own_line(path, "", line, sizeof line);
	return line[0] == 0 || atoi(line) == 0;
}

/* A process that has no 32-bit calls dies of one. getpid is 20 there. */
static int has_32bit_calls(void)
{
#if defined(__x86_64__)
	int status = 0, pid = fork();

	if (pid == 0) {
		long value;

		__asm__ volatile("int $0x80" : "=a"(value) : "a"(20L) : "r8", "r9", "r10", "r11", "memory");
		_exit(value == getpid() ? 0 : 1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return 0;
	/* Such a call must be able to name what the processes of a case share. */
	return (unsigned long long)(unsigned long)shared + sizeof *shared < 1ULL << 32;
#else
	return 0;
#endif
}

/* ---- the question ---- */

static int has(const char *need)
{
	for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++)
		if (strcmp(need, capabilities[i].name) == 0)
			return has_capability(i);
	if (strcmp(need, "root") == 0)
		return geteuid() == 0 && getuid() == 0;
	if (strcmp(need, "KSM") == 0)
		return knows_advice(12 /* MADV_MERGEABLE */);
	if (strcmp(need, "THP") == 0)
		return knows_advice(14 /* MADV_HUGEPAGE */);
	if (strcmp(need, "swap") == 0)
		return has_swap();
	if (strcmp(need, "memory failure") == 0)
		return knows_advice(100 /* MADV_HWPOISON */);
	if (strcmp(need, "fs.suid_dumpable=0") == 0)
		return is_zero("/proc/sys/fs/suid_dumpable");
	if (strcmp(need, "kernel.yama.ptrace_scope=0") == 0)
		return is_zero("/proc/sys/kernel/yama/ptrace_scope");
	if (strcmp(need, "32-bit calls") == 0)
		return has_32bit_calls();
	return 0;
}

/* The first of several needs, between commas, that is not there; 0 if all are. */
const char *lacking(const char *needs)
{
	static char copy[256];

	snprintf(copy, sizeof copy, "%s", needs);
	for (char *need = strtok(copy, ","); need != NULL; need = strtok(NULL, ","))
		if (!has(need))
			return need;
	return NULL;
}
