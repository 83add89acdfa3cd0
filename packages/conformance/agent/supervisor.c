/*
 * The supervisor: makes the first actors of a program, looks after those that die or hang, and
 * takes all of them away at the end. It is the process that the actors' orphans fall to.
 */
#include "kernel.h"

enum { LEAVING_LOOKS = 20000 };

/* ---- the first actors ---- */

static void begin_first_actor(u32 me, int fresh)
{
	if (CALL(close_range, FD_IN, ~0U, 0) < 0)
		for (u32 fd = FD_IN; fd < FD_END; fd++)
			CALL(close, fd);
	CALL(setpgid, 0, 0);
	if (fresh) {
		struct result unused;

		execute_image(CONTROL->image, 0, "first", me, &unused);
		CALL(exit_group, 120);
	}
	arch_enter((char *)STACKS_BASE + me * (STACK_BYTES + FAULT_STACK_BYTES) + STACK_BYTES, me);
}

static void make_first_actor(u32 actor, int fresh)
{
	struct slot *slot = &CONTROL->slots[actor];
	long pid = CALL(clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		begin_first_actor(actor, fresh);
	slot->pid = pid;
	slot->is_own = 1;
	slot->state = pid > 0 ? SLOT_ALIVE : SLOT_DEAD;
}

/* ---- deaths ---- */

/* Looks at every actor that was alive; orphans are taken away at once, as init does. */
static void look_around(void)
{
	struct control *control = CONTROL;

	for (u32 i = 0; i < MAX_ACTORS; i++)
		if (control->slots[i].state == SLOT_ALIVE)
			look_at(i);
	for (u32 i = 0; i < MAX_ACTORS; i++) {
		struct slot *slot = &control->slots[i];

		if (slot->state == SLOT_DEAD && !slot->is_own && slot->pid > 0)
			CALL(wait4, slot->pid, 0, 0x40000001 /* WNOHANG, __WALL */, 0);
	}
}

/* The actor whose turn it is is about to end, or has become another image. */
static void see_off(u32 actor)
{
	struct control *control = CONTROL;

	for (u32 look = 0; look < LEAVING_LOOKS && control->leaving == 1; look++) {
		char state = look_at(actor);

		if (state == 0 || state == 'Z' || state == 'X')
			break;
		CALL(sched_yield, 0);
	}
	control->leaving = 0;
	look_around();
}

/* Nobody has moved for a while. True if the owner of the turn is dead, and its operation is over. */
static int turn_is_orphaned(u32 turn)
{
	struct control *control = CONTROL;
	struct result *result = &RESULTS[turn];
	u32 owner = OPERATIONS[turn].actor;
	char state;

	if (owner == SUPERVISOR || control->slots[owner].state != SLOT_ALIVE)
		return 0;
	state = look_at(owner);
	if (state != 0 && state != 'Z' && state != 'X')
		return 0;
	result->state = result->state == UNDERWAY ? DIED : ABSENT;
	result->signal = control->slots[owner].status & 0x7f;
	look_around();
	return 1;
}

static void take_all_away(void)
{
	struct control *control = CONTROL;

	/* The init of a pid namespace reaches all in it and nobody else. */
	if (CALL(getpid, 0) == 1)
		CALL(kill, -1, SIGKILL);
	for (u32 i = 0; i < MAX_ACTORS; i++)
		if (control->slots[i].pid > 0 && control->slots[i].state == SLOT_ALIVE)
			CALL(kill, control->slots[i].pid, SIGKILL);
	for (;;) {
		long pid = CALL(wait4, -1, 0, 0x40000000 /* __WALL */, 0);

		if (pid < 0 && pid != -EINTR)
			return;
	}
}

/* ---- a program ---- */

/* Calls of System V shared memory, by gate. */
static int is_of_segments(const struct operation *operation)
{
#if defined(__aarch64__)
	static const u16 native[] = { 194, 195, 196, 197 };
#else
	static const u16 native[] = { 29, 30, 31, 67 };
#endif
	static const u16 compat[] = { 117, 395, 396, 397, 398 };

	if (operation->kind != OP_CALL)
		return 0;
	for (u32 i = 0; i < sizeof native / sizeof *native; i++)
		if (operation->gate == GATE_NATIVE && operation->number == native[i])
			return 1;
	for (u32 i = 0; i < sizeof compat / sizeof *compat; i++)
		if (operation->gate == GATE_I386 && operation->number == compat[i])
			return 1;
	return 0;
}

/* Nobody sees the machine's segments, nor those that an earlier program left; where that may be. */
static void leave_segments(u32 operations)
{
	for (u32 i = 0; i < operations; i++) {
		if (!is_of_segments(&OPERATIONS[i]))
			continue;
		CALL(unshare, 0x08000000 /* CLONE_NEWIPC */);
		return;
	}
}

static void set_up(const struct program *program, const struct batch *batch)
{
	struct control *control = CONTROL;
	const u8 *at = (const u8 *)(program + 1);

	memset(control->slots, 0, sizeof control->slots);
	control->turn = 0;
	control->operations = program->operations;
	control->leaving = 0;
	control->payload_bytes = 0;
	control->spin = batch->spin;
	memset(RESULTS, 0, program->operations * sizeof(struct result));
	memcpy(OPERATIONS, at, program->operations * sizeof(struct operation));
	at += program->operations * sizeof(struct operation);
	memcpy(RELOCATIONS, at, program->relocations * sizeof(struct relocation));
	at += program->relocations * sizeof(struct relocation);
	/* What an earlier program left behind its own data must not be seen. */
	memcpy(DATA, at, program->data_bytes);
	if (control->data_bytes > program->data_bytes)
		memset(DATA + program->data_bytes, 0, control->data_bytes - program->data_bytes);
	control->data_bytes = program->data_bytes;
	open_null();
	leave_segments(program->operations);
	for (u32 i = 0; i < program->actors; i++)
		make_first_actor(i, program->fresh);
}

/* Performs the supervisor's own operations, and gives the turn to whoever is next. */
static void take_turns(void)
{
	struct control *control = CONTROL;
	u32 turn;

	if (control->leaving != 0) {
		see_off(OPERATIONS[control->turn].actor);
		if (!pass_turn(SUPERVISOR))
			return;
	}
	do {
		turn = control->turn;
		if (turn >= control->operations || OPERATIONS[turn].actor != SUPERVISOR)
			return;
		perform(SUPERVISOR, &OPERATIONS[turn], &RESULTS[turn]);
	} while (pass_turn(SUPERVISOR));
}

u32 run_program(const struct program *program, const struct batch *batch)
{
	struct control *control = CONTROL;
	struct timespec tick = { batch->tick_ms / 1000, batch->tick_ms % 1000 * 1000000L };
	u32 end = END_COMPLETE, heard, waited = 0, last = 0;

	set_up(program, batch);
	/* The first turn is passed from before the first operation. */
	control->turn = -1U;
	heard = control->bell;
	if (pass_turn(SUPERVISOR))
		take_turns();
	while (control->turn < control->operations) {
		long n = CALL(futex, POINTER(&control->bell), 0 /* FUTEX_WAIT */, heard, POINTER(&tick));

		if (heard != control->bell) {
			heard = control->bell;
			take_turns();
			continue;
		}
		if (n != -ETIMEDOUT)
			continue;
		waited = control->turn == last ? waited + batch->tick_ms : 0;
		last = control->turn;
		if (waited > 0 && turn_is_orphaned(last)) {
			if (pass_turn(SUPERVISOR))
				take_turns();
		} else if (waited > batch->patience_ms) {
			RESULTS[last].state = HUNG;
			end = END_HUNG;
			break;
		}
	}
	take_all_away();
	return end;
}
