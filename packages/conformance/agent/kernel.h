/* System calls and text, for a program without a C library. */
#ifndef KERNEL_H
#define KERNEL_H

#include "arch.h"

#define CALL(number, ...) arch_call(N_##number, (const u64[6]){ __VA_ARGS__ })
#define POINTER(p) ((u64)(p))

enum { AT_FDCWD = -100, O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0100, O_TRUNC = 01000,
	O_NOCTTY = 0400, O_CLOEXEC = 02000000 };
#if defined(__aarch64__)
enum { O_DIRECT = 0200000 };
#else
enum { O_DIRECT = 040000 };
#endif
enum { EINTR = 4, ESRCH = 3, ECHILD = 10, ETIMEDOUT = 110 };
enum { SIGKILL = 9, SIGBUS = 7, SIGSEGV = 11, SIGCHLD = 17, SIGPIPE = 13 };

/* Where the supervisor keeps its own descriptors: no actor has them. */
enum { FD_IN = 500, FD_OUT, FD_DISK, FD_END };

struct timespec {
	s64 seconds, nanoseconds;
};

static inline u64 length_of(const char *text)
{
	u64 n = 0;

	while (text[n] != 0)
		n++;
	return n;
}

static inline int starts_with(const char *text, const char *beginning)
{
	while (*beginning != 0)
		if (*text++ != *beginning++)
			return 0;
	return 1;
}

/* Text that grows; what does not fit is left out. */
struct text {
	char *at;
	u64 length, room;
};

static inline void put(struct text *text, const char *more)
{
	while (*more != 0 && text->length + 1 < text->room)
		text->at[text->length++] = *more++;
	text->at[text->length] = 0;
}

static inline void put_number(struct text *text, u64 number, u64 base)
{
	char digits[24];
	int n = sizeof digits - 1;

	digits[n] = 0;
	do
		digits[--n] = "0123456789abcdef"[number % base];
	while ((number /= base) != 0);
	put(text, digits + n);
}

/* The compiler calls these by itself. */
void *memcpy(void *to, const void *from, unsigned long bytes);
void *memset(void *at, int byte, unsigned long bytes);

/* actor.c */
void actor_main(u64 actor) __attribute__((noreturn));
void catch_faults(void);
void leave_to(u32 actor);
int perform(u32 actor, const struct operation *operation, struct result *result);
int pass_turn(u32 actor);

/* observe.c */
char look_at(u32 actor);
void settle(u32 actor, struct result *result);
void read_file(const struct operation *operation, const u64 *value, struct result *result);
void write_file(const struct operation *operation, const u64 *value, struct result *result);
u8 *payload_room(u64 *bytes);
void take_payload(struct result *result, u64 bytes);

/* supervisor.c: runs the program that lies in the shared area; tells how it ended. */
u32 run_program(const struct program *program, const struct batch *batch);

/* main.c */
void open_null(void);
void execute_image(const char *path, const u64 *at, const char *as, u32 actor, struct result *result);

#endif
