/*
 * Prints the settings of the running kernel that change answers, as JSON: what `kadvise check` takes
 * for --config.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char content[4096];

/* The beginning of a file, or NULL. */
static const char *contentOf(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t length;

	if (file == NULL)
		return NULL;
	length = fread(content, 1, sizeof(content) - 1, file);
	fclose(file);
	content[length] = '\0';
	return content;
}

static const char *truth(int value)
{
	return value ? "true" : "false";
}

static void printNumber(const char *key, const char *path)
{
	const char *text = contentOf(path);

	if (text != NULL)
		printf("  \"%s\": %ld,\n", key, strtol(text, NULL, 10));
}

int main(void)
{
	const char *text;

	/* The first line of /proc/swaps is a heading. */
	text = contentOf("/proc/swaps");
	printf("{\n  \"swap\": %s,\n", truth(text != NULL && strchr(text, '/') != NULL));
	printf("  \"ksm\": %s,\n", truth(access("/sys/kernel/mm/ksm", F_OK) == 0));
	text = contentOf("/sys/kernel/mm/transparent_hugepage/enabled");
	printf("  \"thp\": %s,\n", truth(text != NULL));
	if (text != NULL)
		printf("  \"thpEnabled\": \"%s\",\n", strstr(text, "[always]") ? "always"
						     : strstr(text, "[madvise]") ? "madvise" : "never");
	printf("  \"memoryFailure\": %s,\n",
	       truth(access("/proc/sys/vm/memory_failure_recovery", F_OK) == 0));
	text = contentOf("/sys/kernel/mm/lru_gen/enabled");
	printf("  \"multiGenLru\": %s,\n", truth(text != NULL && strtol(text, NULL, 16) != 0));
	printNumber("maxMapCount", "/proc/sys/vm/max_map_count");
	printNumber("mmapMinAddr", "/proc/sys/vm/mmap_min_addr");
	printNumber("overcommit", "/proc/sys/vm/overcommit_memory");
	printNumber("suidDumpable", "/proc/sys/fs/suid_dumpable");
	printNumber("pidMax", "/proc/sys/kernel/pid_max");
	text = contentOf("/proc/sys/kernel/yama/ptrace_scope");
	printf("  \"ptraceScope\": %s\n}\n", text == NULL ? "null" : (strtok((char *)text, "\n"), text));
	return 0;
}
