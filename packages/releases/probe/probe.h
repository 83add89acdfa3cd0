/* What the questions of a probe share: how to answer, and the few objects that they are asked about. */
#ifndef PROBE_H
#define PROBE_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, HUGE = 2 << 20 };
enum { RW = PROT_READ | PROT_WRITE, ANON = MAP_PRIVATE | MAP_ANONYMOUS };

/* Advice by number: the C library of the build may know less than the kernel that is asked. */
enum {
	WILLNEED = 3, DONTNEED = 4, FREE = 8, REMOVE = 9, DONTFORK = 10, DOFORK = 11, NOHUGEPAGE = 15,
	COLD = 20, PAGEOUT = 21, POPULATE_WRITE = 23, COLLAPSE = 25, GUARD_INSTALL = 102,
};

/* Calls by number, for the same reason. */
enum {
	NR_pidfd_send_signal = 424, NR_pidfd_open = 434, NR_close_range = 436, NR_pidfd_getfd = 438,
	NR_process_madvise = 440, NR_landlock_create_ruleset = 444,
	NR_process_mrelease = 448, NR_mseal = 462,
};

enum { CAP_SETUID = 7, CAP_SETFCAP = 31, CAP_SYS_NICE = 23, CAP_PERFMON = 38 };
#define ONLY(capability) (1ULL << (capability))
#define NO_CAPABILITY 0ULL
#define EVERY_CAPABILITY (~0ULL)

/* One question. It runs in a process of its own, and answers with one line. */
struct question {
	const char *id;
	void (*ask)(void);
};

extern const struct question process_madvise_questions[], vector_questions[], area_questions[],
	placement_questions[], advice_questions[], page_questions[], mremap_questions[],
	credential_questions[], pidfd_questions[], call_questions[];

/* How the probe is told to answer one question only, as the program that a question executes. */
#define ANSWER_AMBIENT "--ambient"
#define ANSWER_HEAP "--heap"
void answer_ambient(void);
void answer_heap(void);

/* answer.c */
void answer(const char *format, ...);
const char *result(long returned);

/* memory.c */
char *area(int pages, int protection);
char *area_at(char *at, int pages, int protection);
char *with_hole(int pages_before, int pages_after);
void answer_areas(char *from, int pages);
int has_flag(const void *address, const char *flag);
long smaps_kb(const void *address, const char *name);
int find_mapping(const char *name, char **start, char **end);
unsigned long page_flags(const void *address);
int is_swapped(const void *address);
int read_setting(const char *path);
void write_setting(const char *path, const char *text);
void write_number(const char *path, int number);

/* task.c */
void keep_capabilities(unsigned long long effective, unsigned long long permitted);
void become(int uid, unsigned long long capabilities);
int start_target(int uid);
int start_thread(void);
int zombie(void (*before)(void));
int open_pidfd(int pid, unsigned int flags);
long advise(int pidfd, const struct iovec *vector, unsigned long count, int advice);

#endif
