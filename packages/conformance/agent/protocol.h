/*
 * What the agent and whoever steers it agree upon; PROTOCOL.md says it in words. Everything is
 * little-endian, as both architectures are.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef short s16;
typedef unsigned int u32;
typedef int s32;
typedef unsigned long u64;
typedef long s64;

#define PROTOCOL_VERSION 2

/* Where things lie in every actor: below 4 GiB, so that a 32-bit caller can name them too. */
#define SHARED_BASE 0x0f000000UL
#define SHARED_BYTES 0x01000000UL
#define STACKS_BASE (SHARED_BASE + 0x010000)
#define STACK_BYTES 0x8000UL
#define FAULT_STACK_BYTES 0x8000UL
#define OPERATIONS_BASE (SHARED_BASE + 0x300000)
#define MAX_OPERATIONS 8192
#define RELOCATIONS_BASE (SHARED_BASE + 0x3c0000)
#define MAX_RELOCATIONS 16384
#define DATA_BASE (SHARED_BASE + 0x400000)
#define DATA_BYTES 0x100000UL
#define RESULTS_BASE (SHARED_BASE + 0x500000)
#define PAYLOAD_BASE (SHARED_BASE + 0x600000)
#define PAYLOAD_BYTES 0xa00000UL

#define MAX_ACTORS 32
#define PATH_BYTES 256
/* The supervisor, where an actor is named. */
#define SUPERVISOR 255
/* The process number of an actor that was never made: 0 would mean the caller's own group. */
#define NOBODY 0x7fffffff

/* ---- frames ---- */

#define FRAME_MAGIC 0x5644414bU /* "KADV" */
enum frame_kind { FRAME_BATCH = 1, FRAME_HELLO = 16, FRAME_RESULTS, FRAME_PROGRESS, FRAME_TROUBLE };

struct frame {
	u32 magic, kind, length;
	u32 block; /* 0: the bytes follow; else they lie on the mailbox disk, from this block of 4096 on */
};

struct batch {
	u32 programs;
	u32 tick_ms;     /* how often the supervisor looks whether somebody died */
	u32 patience_ms; /* how long one operation may take */
	u32 spin;        /* how often an actor looks for its turn before it sleeps */
	u32 progress;    /* 1: tell when each program begins */
	u32 reserved;
};

struct program {
	u32 bytes; /* of all of it, this header included; a multiple of 8 */
	u32 actors, operations, relocations, data_bytes;
	u32 fresh; /* 1: the first actors execute the agent's image anew before they begin */
};

/* ---- operations ---- */

enum operation_kind { OP_CALL = 1, OP_FORK, OP_EXIT, OP_EXEC, OP_LOAD, OP_STORE, OP_TOUCH, OP_READ,
	OP_WRITE, OP_SETTLE, OP_FILL, OP_REPEAT };
enum gate { GATE_NATIVE, GATE_I386 };
enum operation_flag { FLAG_TIMED = 1, FLAG_VFORK = 2, FLAG_SIBLING = 4 };
/* How a value comes about: as it stands, or added to something that is known only then. */
enum how { HOW_LITERAL, HOW_RESULT, HOW_DATA, HOW_PID };

struct operation {
	u8 kind, actor, gate, other; /* other: the actor that is made, looked at, or waited for */
	u32 number;
	u64 value[6];
	u8 how[6];
	u8 flags, reserved;
	u16 of[6]; /* which result, or which actor */
	u16 relocations, relocation; /* how many are made before, and which is the first */
};

struct relocation {
	u32 offset;
	u8 bytes, how; /* 4 or 8 bytes wide */
	u16 of;
	u64 value;
};

/* What OP_REPEAT finds in the data: calls that are made in turn, `count` times over. */
struct series {
	u64 base, unit; /* the register is base + unit * n */
	u64 step, modulus; /* n begins with 0, and goes on by step, modulo modulus */
};

struct repeated_call {
	u64 number;
	struct series registers[6];
};

struct repeat {
	u64 count, calls;
};

/* ---- results ---- */

enum result_state { NOT_REACHED, DONE, FAULTED, ABSENT, DIED, HUNG, UNDERWAY };

struct result {
	u8 state, signal;
	s16 code;
	u32 payload, payload_bytes;
	u32 nanoseconds;
	u64 value, address;
};

enum program_end { END_COMPLETE, END_HUNG };

struct program_results {
	u32 bytes;
	u32 end, operations, payload_bytes;
	s32 pids[MAX_ACTORS];
};

/* ---- what the actors share ---- */

enum slot_state { SLOT_ABSENT, SLOT_ALIVE, SLOT_DEAD };

struct slot {
	u32 go; /* futex: 1 when it is this actor's turn */
	u32 state;
	s32 pid;
	s32 status; /* as wait would tell it, once dead */
	u32 is_own; /* a child of the supervisor that is not an orphan: stays a zombie */
	u32 reserved[11];
};

struct control {
	u32 turn; /* the operation whose turn it is; only its actor writes this */
	u32 operations;
	u32 bell; /* futex: rung for the supervisor */
	u32 leaving; /* 1: the actor whose turn it is ends; 2: it is another image now */
	u32 payload_bytes;
	u32 spin;
	u32 data_bytes; /* of the present program */
	s32 supervisor; /* its process number */
	u32 reserved[8];
	struct slot slots[MAX_ACTORS];
	char image[PATH_BYTES], shared[PATH_BYTES]; /* of the agent and of this file */
};

_Static_assert(sizeof(struct frame) == 16 && sizeof(struct batch) == 24, "frames");
_Static_assert(sizeof(struct program) == 24 && sizeof(struct operation) == 80, "programs");
_Static_assert(sizeof(struct relocation) == 16 && sizeof(struct result) == 32, "operations");
_Static_assert(sizeof(struct program_results) == 144, "results");
_Static_assert(sizeof(struct repeat) == 16 && sizeof(struct repeated_call) == 200, "repeated calls");

#define CONTROL ((struct control *)SHARED_BASE)
#define OPERATIONS ((struct operation *)OPERATIONS_BASE)
#define RELOCATIONS ((struct relocation *)RELOCATIONS_BASE)
#define DATA ((u8 *)DATA_BASE)
#define RESULTS ((struct result *)RESULTS_BASE)
#define PAYLOAD ((u8 *)PAYLOAD_BASE)

#endif
