/*
 * Asks the kernel that it runs on how it behaves, one question a line: the id, a tab, the answer.
 *
 * As root, or as /init of an initramfs; then it switches the machine off at the end. The answers of
 * the kernels that were asked are in answers.json, and a test compares each with the profile of its
 * release.
 */
#include "probe.h"
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/utsname.h>

enum { SECONDS_PER_QUESTION = 60 };

/* So that the program has zeroed pages of its own before the heap. */
char zeroed[8 * PAGE];

static const struct question *const chapters[] = {
	process_madvise_questions, vector_questions, area_questions, placement_questions, advice_questions,
	page_questions, mremap_questions, credential_questions, pidfd_questions, call_questions,
};

static void prepare_guest(void)
{
	mkdir("/proc", 0755), mount("proc", "/proc", "proc", 0, NULL);
	mkdir("/sys", 0755), mount("sys", "/sys", "sysfs", 0, NULL);
	mkdir("/tmp", 0777), mount("tmp", "/tmp", "tmpfs", 0, "mode=1777");
	mkdir("/dev", 0755), mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	dup2(dup2(open("/dev/console", O_RDWR), 0), 1);
	dup2(1, 2);
	/* The answers are those of the classic lists, and of memory that is not huge by itself. */
	write_setting("/sys/kernel/mm/lru_gen/enabled", "n");
	write_setting("/sys/kernel/mm/transparent_hugepage/enabled", "madvise");
	write_setting("/proc/sys/kernel/printk", "1");
}

static void put(const struct question *question)
{
	int status, pid;

	printf("%s\t", question->id);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(SECONDS_PER_QUESTION);
		question->ask();
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		printf("SIG%s", sigabbrev_np(WTERMSIG(status)));
	printf("\n");
}

static int is_wanted(const struct question *question, int count, char **wanted)
{
	for (int i = 1; i < count; i++)
		if (strstr(question->id, wanted[i]))
			return 1;
	return count < 2;
}

int main(int count, char **wanted)
{
	struct utsname name;
	const int is_init = getpid() == 1;

	if (count > 1 && !strcmp(wanted[1], ANSWER_AMBIENT))
		return answer_ambient(), 0;
	if (count > 1 && !strcmp(wanted[1], ANSWER_HEAP))
		return answer_heap(), 0;
	if (is_init)
		prepare_guest();
	uname(&name);
	printf("release\t%s\nversion\t%s\n", name.release, name.version);
	for (unsigned i = 0; i < sizeof chapters / sizeof *chapters; i++)
		for (const struct question *question = chapters[i]; question->id; question++)
			if (is_wanted(question, is_init ? 1 : count, wanted))
				put(question);
	printf("end\t.\n");
	fflush(stdout);
	if (is_init)
		reboot(RB_POWER_OFF);
	return 0;
}
