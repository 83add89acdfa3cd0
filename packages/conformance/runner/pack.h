/*
 * The runner of kadvise's cases: what a case is, and what the runner's parts offer each other.
 *
 *     cc -o runner *.c
 *
 * cases.c holds the cases, written by `kadvise pack`; the rest is written by hand. Plain C11 and any
 * C library of a Linux-like system.
 */
#ifndef PACK_H
#define PACK_H

/* ---- a case, as cases.c has it ---- */

/* A value of an operation: as it stands, or known only when its turn comes. */
enum how { LITERAL, RESULT, DATA, PROCESS };

struct value {
	enum how how;
	int of;                   /* which operation returned it, or which actor's number it is */
	unsigned long long plus;  /* added to that */
};

#define V(number) { LITERAL, 0, number }
#define R(operation, plus) { RESULT, operation, plus }
#define D(offset) { DATA, 0, offset }
#define P(actor, plus) { PROCESS, actor, plus }

enum kind { CALL, CALL32, FORK, EXIT, EXEC, LOAD, STORE, TOUCH, MAPS, SETTLE };

struct operation {
	enum kind kind;
	int actor;
	int other;         /* FORK: the new actor; MAPS and SETTLE: whom they look at */
	const char *call;  /* the system call by name, or 0 and */
	int number;        /* its number: for CALL32 always, for CALL where a case gives one */
	struct value values[6];
};

/* A value that is written into the case's data before an operation. */
struct relocation {
	int operation, offset, bytes;
	struct value value;
};

/* Eight bytes of the case's data; what is not named is zero. */
struct word {
	int offset;
	unsigned long long value;
};

/* What a step may answer on some releases: alternatives stand between " | ". */
struct answers {
	const char *releases, *allowed;
};

/* What of a result is the answer: see answer.c. */
enum shows { NUMBER, SUCCESS, A_PROCESS, MADE, ACCESS, BYTES, AREAS };

struct step {
	const char *line;
	int first, last;  /* its operations; the last one's result is the answer */
	enum shows shows;
	const struct answers *answers;  /* ended by an empty one; 0: "ok" on all releases */
};

struct test {
	const char *id, *asks;
	const struct answers *needs;  /* what the system must have, by releases; 0 for nothing */
	int actors;
	const struct operation *operations;
	int operation_count;
	const struct relocation *relocations;
	int relocation_count;
	const struct word *data;
	int word_count, data_bytes;
	const struct step *steps;
	int step_count;
};

extern const struct test tests[];
extern const int test_count;
/* The releases whose answers are here, and the first and the last of them. */
extern const char covered_releases[], first_release[], last_release[];

/* ---- what came of it ---- */

enum { MOST_ACTORS = 8, MOST_OPERATIONS = 256, MOST_PAYLOAD = 256, MOST_DATA = 0x20000 };

enum state { NOT_REACHED, DONE, FAULTED, DIED, ABSENT };

struct result {
	enum state state;
	int signal;
	long long value;  /* a refusal is a negative error number */
	int payload_bytes;
	unsigned char payload[MOST_PAYLOAD];
};

/* What all processes of a case share. */
struct shared {
	int test;
	int pids[MOST_ACTORS];
	struct result results[MOST_OPERATIONS];
	unsigned char data[MOST_DATA];
};

extern struct shared *shared;

/* The path of this program, as it was called. */
extern char *program;

/* ---- the parts ---- */

/* actor.c: a process of a case */
enum { FD_SHARED = 99, FD_GO = 100, FD_DONE = FD_GO + 2 * MOST_ACTORS };
int map_shared(int make);
void actor_main(int me);
void actor_resumes(int me);
unsigned long long value_of(const struct value *value);

/* supervise.c: the process that looks after them */
int run_case(int test, int seconds);

/* answer.c */
enum { MOST_ANSWER = 1200 };
void answer_text(const struct step *step, char *text);
int is_allowed(const char *answer, const char *allowed);

/* calls.c */
long call_number(const char *name);
const char *error_name(int number);

/* release.c */
struct release {
	int major, minor, point;
};
int read_release(const char *text, struct release *release);
int compare_releases(const struct release *a, const struct release *b);
int in_ranges(const struct release *release, const char *ranges);
int own_release(struct release *release);

/* system.c: a reason why a case cannot be asked here, or 0 */
const char *lacking(const char *needs);

#endif
