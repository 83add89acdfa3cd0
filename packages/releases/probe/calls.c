/* Which of the newer calls there are. */
#include "probe.h"

static void newer(void)
{
	static const struct { const char *name; long number; } calls[] = {
		{ "close_range", NR_close_range }, { "mseal", NR_mseal },
		{ "process_madvise", NR_process_madvise }, { "process_mrelease", NR_process_mrelease },
	};
	const char *space = "";

	for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
		if (syscall(calls[i].number, -1, 0, -1, 0, 0) == -1 && errno == ENOSYS)
			continue;
		answer("%s%s", space, calls[i].name);
		space = " ";
	}
}

const struct question call_questions[] = {
	{ "calls/newer", newer },
	{ 0 },
};
