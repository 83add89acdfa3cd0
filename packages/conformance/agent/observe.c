/* What is seen of an actor from outside: its files below /proc, and whether it still lives. */
#include "kernel.h"

u8 *payload_room(u64 *bytes)
{
	u64 room = PAYLOAD_BYTES - CONTROL->payload_bytes;

	if (*bytes > room)
		*bytes = room;
	return PAYLOAD + CONTROL->payload_bytes;
}

void take_payload(struct result *result, u64 bytes)
{
	result->payload = CONTROL->payload_bytes;
	result->payload_bytes = bytes;
	CONTROL->payload_bytes += (bytes + 7) & ~7UL;
}

/* The path at an offset of the data block; % in it stands for the number of an actor. */
static void path_of(char *path, u64 room, u64 offset, u32 actor)
{
	struct text text = { path, 0, room };
	char one[2] = { 0, 0 };

	for (const u8 *at = DATA + offset; *at != 0; at++) {
		one[0] = *at;
		if (*at != '%')
			put(&text, one);
		else if (actor < MAX_ACTORS)
			put_number(&text, CONTROL->slots[actor].pid, 10);
		else
			put(&text, "self");
	}
}

static long read_whole(const char *path, u64 offset, u8 *into, u64 room)
{
	long fd = CALL(openat, AT_FDCWD, POINTER(path), O_RDONLY | O_CLOEXEC);
	long n = 0;
	u64 done = 0;

	if (fd < 0)
		return fd;
	while (done < room) {
		n = CALL(pread64, fd, POINTER(into + done), room - done, offset + done);
		if (n <= 0)
			break;
		done += n;
	}
	CALL(close, fd);
	return n < 0 ? n : (long)done;
}

void read_file(const struct operation *operation, const u64 *value, struct result *result)
{
	char path[256];
	u64 room = value[2];
	u8 *into = payload_room(&room);
	long n;

	path_of(path, sizeof path, value[0], operation->other);
	n = read_whole(path, value[1], into, room);
	result->value = n;
	take_payload(result, n < 0 ? 0 : n);
	result->state = DONE;
}

void write_file(const struct operation *operation, const u64 *value, struct result *result)
{
	char path[256];
	long fd;

	path_of(path, sizeof path, value[0], operation->other);
	fd = CALL(openat, AT_FDCWD, POINTER(path), O_WRONLY | O_CLOEXEC);
	result->value = fd < 0 ? fd : CALL(write, fd, POINTER(DATA + value[1]), value[2]);
	if (fd >= 0)
		CALL(close, fd);
	result->state = DONE;
}

static long read_proc(u32 pid, const char *file, char *into, u64 room)
{
	char path[64];
	struct text text = { path, 0, sizeof path };
	long n;

	put(&text, "/proc/");
	put_number(&text, pid, 10);
	put(&text, file);
	n = read_whole(path, 0, (u8 *)into, room - 1);
	into[n < 0 ? 0 : n] = 0;
	return n;
}

/* An actor's state as /proc tells it, 0 once nothing is left of it. Notes that it is dead. */
char look_at(u32 actor)
{
	struct slot *slot = &CONTROL->slots[actor];
	char stat[1024];
	long n = slot->pid > 0 ? read_proc(slot->pid, "/stat", stat, sizeof stat) : -ESRCH;
	char *last = 0, *end = stat;
	char state;

	if (n <= 0) {
		slot->state = SLOT_DEAD;
		return 0;
	}
	for (char *at = stat; *at != 0; at++) {
		if (*at == ')')
			last = at; /* the name before it may hold anything */
		if (*at == ' ')
			end = at;
	}
	state = last == 0 ? '?' : last[2];
	if (state != 'Z' && state != 'X')
		return state;
	slot->state = SLOT_DEAD;
	slot->status = 0;
	for (end++; *end >= '0' && *end <= '9'; end++)
		slot->status = slot->status * 10 + *end - '0';
	return state;
}

/* Whether a signal waits that the actor has not yet taken: SigPnd or ShdPnd are not all zeros. */
static int has_pending(u32 actor)
{
	char status[4096];

	if (read_proc(CONTROL->slots[actor].pid, "/status", status, sizeof status) <= 0)
		return 0;
	for (const char *at = status; *at != 0; at++) {
		if (!starts_with(at, "\nSigPnd:\t") && !starts_with(at, "\nShdPnd:\t"))
			continue;
		for (at += 9; *at == '0'; at++)
			;
		if (*at != '\n')
			return 1;
		at--;
	}
	return 0;
}

/* Who is still in an uninterruptible sleep after so many looks sleeps for a child of vfork. */
enum { LOOKS = 20000, LOOKS_ASLEEP = 200 };

/*
 * Waits until what was sent to an actor has reached it: it is a zombie, stopped, or asleep with
 * nothing pending; or nothing is left of it. One that is being taken away (X) is gone in a moment.
 */
static char await_rest(u32 actor)
{
	char state = 0;

	for (u32 look = 0; look < LOOKS; look++) {
		state = look_at(actor);
		if (state == 0 || state == 'Z' || state == 'T' || state == 't')
			break;
		if (state == 'S' && !has_pending(actor))
			break;
		if (state == 'D' && look > LOOKS_ASLEEP && !has_pending(actor))
			break;
		CALL(sched_yield, 0);
	}
	return state;
}

/*
 * Who has died stays a zombie while a thread of its own still ends, and stays its parent's child
 * while one of the parent's does: only when these came to rest it is known whose it is.
 */
static void await_others(u32 actor)
{
	for (u32 i = 0; i < MAX_ACTORS; i++)
		if (i != actor && CONTROL->slots[i].state == SLOT_ALIVE)
			await_rest(i);
}

/* The value is an actor's state when it has come to rest, 0 once nothing is left of it. */
void settle(u32 actor, struct result *result)
{
	char state = await_rest(actor);

	if (state == 'Z') {
		await_others(actor);
		state = look_at(actor);
	}
	/* An orphan that is dead falls to the supervisor, which takes it away at once, as init does. */
	if (state == 'Z' && !CONTROL->slots[actor].is_own &&
		CALL(wait4, CONTROL->slots[actor].pid, 0, 0x40000001 /* WNOHANG, __WALL */, 0) > 0)
		state = 0;
	result->value = state;
	result->state = DONE;
}
