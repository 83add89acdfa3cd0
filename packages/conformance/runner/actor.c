/*
 * An actor: a process or thread of a case. It waits for its turn, performs one operation, tells what
 * came of it, and waits again. Actors make nothing on their own: what a case observes is what its
 * operations did.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "pack.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

struct shared *shared;
char *program;

/* ---- what all share ---- */

/* Below 4 GiB, so that a 32-bit call can name it too. */
static void *const SHARED_HINT = (void *)0x0f400000;

/* A file without a name; it must outlive an execve. */
static int shared_file(void)
{
	int fd = -1;
	FILE *file;

#ifdef SYS_memfd_create
	fd = syscall(SYS_memfd_create, "cases", 0);
#endif
	if (fd >= 0)
		return fd;
	file = tmpfile();
	return file == NULL ? -1 : dup(fileno(file));
}

/* Maps what the processes of a case share; every actor has it at the same address. */
int map_shared(int make)
{
	if (make) {
		int fd = shared_file();

		if (fd < 0 || ftruncate(fd, sizeof *shared) < 0 || dup2(fd, FD_SHARED) < 0)
			return -1;
		close(fd);
	}
	shared = mmap(SHARED_HINT, sizeof *shared, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_FIXED_NOREPLACE, FD_SHARED, 0);
	if (shared == MAP_FAILED)
		shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, FD_SHARED, 0);
	return shared == MAP_FAILED ? -1 : 0;
}

/* ---- values ---- */

/* The number of an actor that was never made: no process has it. */
enum { NOBODY = 0x7fffffff };

unsigned long long value_of(const struct value *value)
{
	switch (value->how) {
	case RESULT:
		return shared->results[value->of].value + value->plus;
	case DATA:
		return (uintptr_t)shared->data + value->plus;
	case PROCESS:
		return (shared->pids[value->of] > 0 ? shared->pids[value->of] : NOBODY) + value->plus;
	default:
		return value->plus;
	}
}

static void relocate(const struct test *test, int turn)
{
	for (int i = 0; i < test->relocation_count; i++) {
		const struct relocation *one = &test->relocations[i];

		if (one->operation != turn)
			continue;
		unsigned long long value = value_of(&one->value);

		for (int byte = 0; byte < one->bytes; byte++)
			shared->data[one->offset + byte] = value >> (8 * byte);
	}
}

/* ---- system calls ---- */

static long long enter(long number, const unsigned long long *v)
{
	long value = syscall(number, v[0], v[1], v[2], v[3], v[4], v[5]);

	return value == -1 ? -errno : value;
}

/* The gate of 32-bit programs, which a 64-bit program of x86-64 can use too. */
static long long enter32(int number, const unsigned long long *v)
{
#if defined(__x86_64__)
	register unsigned long long sixth __asm__("r8") = v[5];
	long value;

	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "push %%rbp\n\t"
			 "mov %%r8, %%rbp\n\t"
			 "int $0x80\n\t"
			 "pop %%rbp\n\t"
			 "lea 128(%%rsp), %%rsp"
			 : "=a"(value), "+r"(sixth)
			 : "a"((long)number), "b"(v[0]), "c"(v[1]), "d"(v[2]), "S"(v[3]), "D"(v[4])
			 : "r9", "r10", "r11", "memory", "cc");
	return (int)value < 0 && (int)value >= -4095 ? (int)value : (long long)(unsigned)value;
#else
	(void)number;
	(void)v;
	return -ENOSYS;
#endif
}

/* ---- new actors ---- */

enum { STACK_BYTES = 0x8000 };

static char stacks[MOST_ACTORS][STACK_BYTES] __attribute__((aligned(64)));

static int born(void *actor)
{
	actor_main((int)(intptr_t)actor);
	return 0;
}

/*
 * Makes an actor. Who shares its maker's memory needs a stack of its own: there the C library's
 * clone is asked. Everybody else comes back here as the child.
 */
static long long make_actor(const struct operation *operation, const unsigned long long *v)
{
	int child = operation->other, is_clone = strcmp(operation->call, "clone") == 0;
	long long pid;

	if (is_clone && (v[0] & CLONE_VM) != 0) {
		pid = clone(born, stacks[child] + STACK_BYTES, (int)v[0], (void *)(intptr_t)child,
			    (void *)(uintptr_t)v[2], NULL, (void *)(uintptr_t)v[3]);
		return pid == -1 ? -errno : pid;
	}
	if (is_clone || call_number(operation->call) < 0) {
		pid = syscall(SYS_clone, is_clone ? v[0] : (unsigned long long)SIGCHLD, 0, v[2], v[3], 0);
		pid = pid == -1 ? -errno : pid;
	} else
		pid = enter(call_number(operation->call), v);
	if (pid == 0)
		actor_main(child);
	return pid;
}

/* Executes this program anew, as the same actor. */
static long long execute(int me)
{
	char number[16];
	char *const words[] = { program, "--actor", number, NULL };
	char *const environment[] = { NULL };

	snprintf(number, sizeof number, "%d", me);
	execve("/proc/self/exe", words, environment);
	if (errno == ENOENT)
		execve(program, words, environment);
	return -errno;
}

/* ---- memory ---- */

static sigjmp_buf fault;

static void on_fault(int signal)
{
	siglongjmp(fault, signal);
}

static void catch_faults(void)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

/* Loads, stores or touches byte by byte; a fault ends it. */
static void use_memory(const struct operation *operation, const unsigned long long *v,
		       struct result *result)
{
	volatile char *at = (volatile char *)(uintptr_t)v[0];
	int signal = sigsetjmp(fault, 1);

	if (signal != 0) {
		result->state = FAULTED;
		result->signal = signal;
		return;
	}
	switch (operation->kind) {
	case LOAD:
		for (unsigned long long i = 0; i < v[1] && i < MOST_PAYLOAD; i++) {
			result->payload[i] = at[i];
			result->payload_bytes = result->value = i + 1;
		}
		break;
	case STORE:
		for (unsigned long long i = 0; i < v[2]; i++) {
			at[i] = shared->data[v[1] + i];
			result->value = i + 1;
		}
		break;
	default:
		for (unsigned long long i = 0; i < v[1]; i++) {
			if (v[3])
				at[i * v[2]] = 1;
			else
				(void)at[i * v[2]];
			result->value = i + 1;
		}
	}
	result->state = DONE;
}

/* ---- turns ---- */

static void tell(void)
{
	char done = 1;

	if (write(FD_DONE + 1, &done, 1) != 1)
		_exit(1);
}

static void perform(int me, int turn)
{
	const struct test *test = &tests[shared->test];
	const struct operation *operation = &test->operations[turn];
	struct result *result = &shared->results[turn];
	unsigned long long v[6];

	relocate(test, turn);
	for (int i = 0; i < 6; i++)
		v[i] = value_of(&operation->values[i]);
	switch (operation->kind) {
	case CALL:
	case EXIT: {
		long number = operation->call == NULL ? operation->number : call_number(operation->call);

		result->value = number < 0 ? -ENOSYS : enter(number, v);
		break;
	}
	case CALL32:
		result->value = enter32(operation->number, v);
		break;
	case FORK:
		result->value = make_actor(operation, v);
		break;
	case EXEC:
		result->value = execute(me);
		break;
	case LOAD:
	case STORE:
	case TOUCH:
		use_memory(operation, v, result);
		return;
	default:
		return;
	}
	result->state = DONE;
}

/* Never returns. */
void actor_main(int me)
{
	catch_faults();
	for (;;) {
		short turn;

		if (read(FD_GO + 2 * me, &turn, sizeof turn) != sizeof turn)
			_exit(1);
		perform(me, turn);
		tell();
	}
}

/* The same for an actor that has executed this program anew: with that, its turn ends. */
void actor_resumes(int me)
{
	for (int turn = 0; turn < tests[shared->test].operation_count; turn++) {
		const struct operation *operation = &tests[shared->test].operations[turn];
		struct result *result = &shared->results[turn];

		if (operation->kind == EXEC && operation->actor == me && result->state == NOT_REACHED) {
			result->state = DONE;
			break;
		}
	}
	tell();
	actor_main(me);
}
