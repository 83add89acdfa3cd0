/*
 * An actor: a process or thread that takes part in a program. All actors walk the same list of
 * operations; each performs its own when its turn comes and passes the turn on.
 */
#include "kernel.h"

/* ---- turns ---- */

/* Wakes whoever is next. Only the owner of the turn does so, one at a time. */
void leave_to(u32 actor)
{
	u32 *word = actor == SUPERVISOR ? &CONTROL->bell : &CONTROL->slots[actor].go;
	u32 value = actor == SUPERVISOR ? *word + 1 : 1;

	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	CALL(futex, POINTER(word), 1 /* FUTEX_WAKE */, 1);
}

/* Ends the present operation. True if the next one is the same actor's; else its owner was told. */
int pass_turn(u32 actor)
{
	struct control *control = CONTROL;

	for (;;) {
		u32 turn = control->turn + 1;
		u32 owner;

		__atomic_store_n(&control->turn, turn, __ATOMIC_SEQ_CST);
		owner = turn >= control->operations ? SUPERVISOR : OPERATIONS[turn].actor;
		if (owner == actor)
			return turn < control->operations;
		if (owner == SUPERVISOR || control->slots[owner].state == SLOT_ALIVE) {
			leave_to(owner);
			return 0;
		}
		RESULTS[turn].state = ABSENT;
	}
}

static void await_turn(u32 actor)
{
	u32 *go = &CONTROL->slots[actor].go;
	u32 spins = CONTROL->spin;

	while (__atomic_load_n(go, __ATOMIC_SEQ_CST) == 0) {
		if (spins > 0)
			spins--;
		else
			CALL(futex, POINTER(go), 0 /* FUTEX_WAIT */, 0, 0);
	}
	__atomic_store_n(go, 0, __ATOMIC_SEQ_CST);
}

void actor_main(u64 me)
{
	u64 fault_stack[3] = { STACKS_BASE + me * (STACK_BYTES + FAULT_STACK_BYTES) + STACK_BYTES, 0,
		FAULT_STACK_BYTES };

	CALL(sigaltstack, POINTER(fault_stack), 0);
	catch_faults();
	for (;;) {
		u32 turn;

		await_turn(me);
		do
			turn = CONTROL->turn;
		while (perform(me, &OPERATIONS[turn], &RESULTS[turn]) && pass_turn(me));
	}
}

/* arch_fork comes here with a new task, on a stack of its own. */
void actor_born(u64 me)
{
	struct control *control = CONTROL;
	const struct operation *operation = &OPERATIONS[control->turn];
	struct result *result = &RESULTS[control->turn];

	/*
	 * A vfork's maker sleeps until its child is gone: the child passes the turn on. Whoever was
	 * made before and runs for the first time now is not that child.
	 */
	if ((operation->flags & FLAG_VFORK) != 0 && operation->other == me) {
		control->slots[me].pid = CALL(gettid, 0);
		control->slots[me].state = SLOT_ALIVE;
		result->value = control->slots[me].pid;
		result->state = DONE;
		if (pass_turn(me))
			leave_to(me);
	}
	actor_main(me);
}

/* ---- faults ---- */

struct siginfo {
	s32 signal, error, code, reserved;
	u64 address;
};

/*
 * A fault in a probe is its answer: it goes on at probe_out. Any other one is the actor's end, as
 * it would be without a handler.
 */
static void on_fault(int signal, struct siginfo *info, char *context)
{
	u64 stopped = (u64)signal | (u64)(u32)info->code << 8;
	/* Where the kernel keeps the registers: struct ucontext of either architecture. */
#if defined(__x86_64__)
	u64 *registers = (u64 *)(context + 40);
	u64 *at = &registers[16], *what = &registers[13], *where = &registers[12];
#else
	u64 *registers = (u64 *)(context + 176 + 8);
	u64 *at = &registers[32], *what = &registers[0], *where = &registers[1];
#endif

	if (*at >= (u64)probe_begin && *at < (u64)probe_out) {
		*what = stopped;
		*where = info->address;
		*at = (u64)probe_out;
	} else {
		u64 usual[4] = { 0 };

		CALL(rt_sigaction, signal, POINTER(usual), 0, 8);
	}
}

void catch_faults(void)
{
	/* SA_SIGINFO, SA_ONSTACK, SA_NODEFER, SA_RESTORER */
	u64 action[4] = { (u64)on_fault, 0x4c000004, (u64)arch_return_from_signal, 0 };

	CALL(rt_sigaction, SIGSEGV, POINTER(action), 0, 8);
	CALL(rt_sigaction, SIGBUS, POINTER(action), 0, 8);
}

static void tell_probe(struct result *result, const struct probe *probe, u64 asked)
{
	result->value = asked - probe->left;
	result->state = DONE;
	if (probe->stopped == 0)
		return;
	result->signal = probe->stopped & 0xff;
	result->code = (s16)(probe->stopped >> 8);
	result->address = probe->address;
	result->state = FAULTED;
}

/* ---- values ---- */

static s32 number_of(u16 actor)
{
	if (actor >= MAX_ACTORS)
		return CONTROL->supervisor;
	return CONTROL->slots[actor].pid > 0 ? CONTROL->slots[actor].pid : NOBODY;
}

static u64 value_of(u8 how, u16 of, u64 value)
{
	switch (how) {
	case HOW_RESULT:
		return RESULTS[of].value + value;
	case HOW_DATA:
		return DATA_BASE + value;
	case HOW_PID:
		return (u64)(s64)number_of(of) + value;
	default:
		return value;
	}
}

static void relocate(const struct operation *operation)
{
	for (u32 i = 0; i < operation->relocations; i++) {
		const struct relocation *one = &RELOCATIONS[operation->relocation + i];
		u64 value = value_of(one->how, one->of, one->value);

		for (u32 byte = 0; byte < one->bytes; byte++)
			DATA[one->offset + byte] = value >> (8 * byte);
	}
}

/* ---- operations ---- */

static u64 now(void)
{
	struct timespec time;

	CALL(clock_gettime, 1 /* CLOCK_MONOTONIC */, POINTER(&time));
	return time.seconds * 1000000000UL + time.nanoseconds;
}

static void call(const struct operation *operation, const u64 *value, struct result *result)
{
	int timed = (operation->flags & FLAG_TIMED) != 0;
	u64 before = timed ? now() : 0;

	if (operation->gate == GATE_I386)
		result->value = arch_call32(operation->number, value);
	else
		result->value = arch_call(operation->number, value);
	if (timed)
		result->nanoseconds = now() - before;
	result->state = DONE;
}

/* The same calls over and over: a register goes from one value to the next without a division. */
static void repeat(const struct operation *operation, const struct repeat *what, struct result *result)
{
	enum { MOST_CALLS = 4 };
	const struct repeated_call *calls = (const struct repeated_call *)(what + 1);
	u64 n[MOST_CALLS][6] = { { 0 } }, value[6], went_well = 0;

	for (u64 round = 0; round < what->count; round++)
		for (u64 i = 0; i < what->calls && i < MOST_CALLS; i++) {
			long answer;

			for (u32 k = 0; k < 6; k++) {
				const struct series *series = &calls[i].registers[k];

				value[k] = series->base + series->unit * n[i][k];
				n[i][k] += series->step;
				if (n[i][k] >= series->modulus)
					n[i][k] -= series->modulus;
			}
			if (operation->gate == GATE_I386)
				answer = arch_call32(calls[i].number, value);
			else
				answer = arch_call(calls[i].number, value);
			went_well += answer >= 0 || answer < -4095;
		}
	result->value = went_well;
	result->state = DONE;
}

/* False if the maker of a vfork's child comes back: the turn is another's by then. */
static int make_actor(u32 me, const struct operation *operation, const u64 *value, struct result *result)
{
	u32 child = operation->other;
	struct slot *slot = &CONTROL->slots[child];
	char *stack = (char *)STACKS_BASE + child * (STACK_BYTES + FAULT_STACK_BYTES) + STACK_BYTES;
	int timed = (operation->flags & FLAG_TIMED) != 0;
	u64 before;
	long pid;

	slot->go = 0;
	slot->is_own = (operation->flags & FLAG_SIBLING) != 0 && CONTROL->slots[me].is_own;
	before = timed ? now() : 0;
	pid = arch_fork(operation->number, value, stack, child, operation->gate);
	if (timed)
		result->nanoseconds = now() - before;
	if (pid > 0 && (operation->flags & FLAG_VFORK) != 0)
		return 0;
	if (pid > 0) {
		slot->pid = pid;
		slot->state = SLOT_ALIVE;
	}
	result->value = pid;
	result->state = DONE;
	return 1;
}

/* The caller ends in this call, or becomes another image: the supervisor sees to what follows. */
static void leave(const struct operation *operation, const u64 *value, struct result *result)
{
	CONTROL->leaving = 1;
	result->state = DONE;
	leave_to(SUPERVISOR);
	call(operation, value, result);
}

static void load(const u64 *value, struct result *result)
{
	struct probe probe;
	u64 bytes = value[1];
	u8 *into = payload_room(&bytes);

	probe_copy(into, (const void *)value[0], bytes, &probe);
	tell_probe(result, &probe, bytes);
	take_payload(result, result->value);
}

static void store(const u64 *value, struct result *result)
{
	struct probe probe;

	probe_copy((void *)value[0], DATA + value[1], value[2], &probe);
	tell_probe(result, &probe, value[2]);
}

static void touch(const u64 *value, struct result *result)
{
	struct probe probe;

	if (value[3] != 0)
		probe_store((void *)value[0], value[2], value[1], &probe, value[4]);
	else
		probe_load((const void *)value[0], value[2], value[1], &probe);
	tell_probe(result, &probe, value[1]);
}

/* As long as it takes, by the actor's own clock. */
static void timed_loop(const struct operation *operation, const u64 *value, struct result *result)
{
	int timed = (operation->flags & FLAG_TIMED) != 0;
	u64 before = timed ? now() : 0;

	if (operation->kind == OP_TOUCH)
		touch(value, result);
	else
		repeat(operation, (const struct repeat *)(DATA + value[0]), result);
	if (timed)
		result->nanoseconds = now() - before;
}

/* Performs one operation. True if the turn is still the caller's to pass on. */
int perform(u32 me, const struct operation *operation, struct result *result)
{
	u64 value[6];

	for (u32 i = 0; i < 6; i++)
		value[i] = value_of(operation->how[i], operation->of[i], operation->value[i]);
	relocate(operation);
	result->state = UNDERWAY;
	switch (operation->kind) {
	case OP_CALL:
		call(operation, value, result);
		return 1;
	case OP_FORK:
		return make_actor(me, operation, value, result);
	case OP_EXIT:
		leave(operation, value, result);
		return 0;
	case OP_EXEC:
		execute_image((const char *)DATA + value[0], value[1] != 0 ? &value[2] : 0, "actor", me, result);
		return 1;
	case OP_LOAD:
		load(value, result);
		return 1;
	case OP_STORE:
		store(value, result);
		return 1;
	case OP_TOUCH:
	case OP_REPEAT:
		timed_loop(operation, value, result);
		return 1;
	case OP_READ:
		read_file(operation, value, result);
		return 1;
	case OP_WRITE:
		write_file(operation, value, result);
		return 1;
	case OP_SETTLE:
		settle(operation->other, result);
		return 1;
	default:
		result->state = DONE;
		return 1;
	}
}
