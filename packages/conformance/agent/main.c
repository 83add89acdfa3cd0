/*
 * The agent: takes batches of programs, runs each in processes of its own, and tells what came of
 * them. As a child process it speaks through its standard input and output; as the init of a
 * machine through a serial line and, where there is one, a mailbox disk.
 */
#include "kernel.h"

/* ---- what the compiler wants to have ---- */

void *memcpy(void *to, const void *from, unsigned long bytes)
{
#if defined(__x86_64__)
	void *start = to;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
	return start;
#else
	for (unsigned long i = 0; i < bytes; i++)
		((volatile u8 *)to)[i] = ((const u8 *)from)[i];
	return to;
#endif
}

void *memset(void *at, int byte, unsigned long bytes)
{
	for (unsigned long i = 0; i < bytes; i++)
		((volatile u8 *)at)[i] = byte;
	return at;
}

/* ---- frames ---- */

enum { BLOCK = 4096, IN_BYTES = 0x800000, OUT_BYTES = 0x1000000, FLUSH_BYTES = 0x40000 };
/* Over a disk few large parts: two batches of results must never come to more than its places. */
enum { DISK_FLUSH_BYTES = 0x800000 };
/* Places on the mailbox disk for what the agent says, 16 MiB each, used in turn. */
enum { OUT_BLOCK = 4096, OUT_BLOCKS = 4096, OUT_PLACES = 16 };

/* What the supervisor remembers between programs; it lies on its stack and in memory of its own. */
struct channel {
	u8 *in, *out;
	u64 used;
	int has_disk;
	u32 block;
};

static void end(void)
{
	if (CALL(getpid, 0) == 1)
		CALL(reboot, 0xfee1dead, 0x28121969, 0x01234567, 0);
	CALL(exit_group, 0);
}

static void read_exactly(u64 fd, void *into, u64 bytes)
{
	for (u64 done = 0; done < bytes;) {
		long n = CALL(read, fd, POINTER(into) + done, bytes - done);

		if (n <= 0 && n != -EINTR)
			end(); /* nobody steers any more */
		done += n > 0 ? n : 0;
	}
}

static void write_exactly(u64 fd, const void *from, u64 bytes)
{
	for (u64 done = 0; done < bytes;) {
		long n = CALL(write, fd, POINTER(from) + done, bytes - done);

		if (n <= 0 && n != -EINTR)
			end();
		done += n > 0 ? n : 0;
	}
}

static u64 whole_blocks(u64 bytes)
{
	return (bytes + BLOCK - 1) / BLOCK * BLOCK;
}

static void send(struct channel *channel, u32 kind, const void *bytes, u64 length)
{
	struct frame frame = { FRAME_MAGIC, kind, length, 0 };

	if (channel->has_disk && length > BLOCK && bytes == channel->out) {
		frame.block = channel->block;
		channel->block += OUT_BLOCKS;
		if (channel->block == OUT_BLOCK + OUT_PLACES * OUT_BLOCKS)
			channel->block = OUT_BLOCK;
		for (u64 done = 0, whole = whole_blocks(length); done < whole;) {
			long n = CALL(pwrite64, FD_DISK, POINTER(bytes) + done, whole - done,
				(u64)frame.block * BLOCK + done);

			if (n <= 0)
				end();
			done += n;
		}
		length = 0;
	}
	write_exactly(FD_OUT, &frame, sizeof frame);
	write_exactly(FD_OUT, bytes, length);
}

static void trouble(struct channel *channel, const char *what, long error)
{
	char line[256];
	struct text text = { line, 0, sizeof line };

	put(&text, what);
	if (error < 0) {
		put(&text, ": error ");
		put_number(&text, -error, 10);
	}
	send(channel, FRAME_TROUBLE, line, text.length);
	end();
}

static u32 receive(struct channel *channel)
{
	struct frame frame;

	read_exactly(FD_IN, &frame, sizeof frame);
	if (frame.magic != FRAME_MAGIC || frame.length > IN_BYTES)
		trouble(channel, "a frame that is none", 0);
	if (frame.block == 0)
		read_exactly(FD_IN, channel->in, frame.length);
	for (u64 done = 0, whole = whole_blocks(frame.length); frame.block != 0 && done < whole;) {
		long n = CALL(pread64, FD_DISK, POINTER(channel->in) + done, whole - done,
			(u64)frame.block * BLOCK + done);

		if (n <= 0)
			trouble(channel, "the mailbox disk cannot be read", n);
		done += n;
	}
	return frame.kind;
}

/* ---- batches ---- */

static void append(struct channel *channel, const void *bytes, u64 length)
{
	memcpy(channel->out + channel->used, bytes, length);
	channel->used += length;
}

static void flush(struct channel *channel)
{
	if (channel->used > 0)
		send(channel, FRAME_RESULTS, channel->out, channel->used);
	channel->used = 0;
}

static void tell_results(struct channel *channel, u32 end)
{
	const struct control *control = CONTROL;
	struct program_results told = { 0, end, control->operations, control->payload_bytes, { 0 } };
	u64 results = control->operations * sizeof(struct result);

	told.bytes = sizeof told + results + control->payload_bytes;
	for (u32 i = 0; i < MAX_ACTORS; i++)
		told.pids[i] = control->slots[i].pid;
	if (channel->used + told.bytes > OUT_BYTES)
		flush(channel);
	append(channel, &told, sizeof told);
	append(channel, RESULTS, results);
	append(channel, PAYLOAD, control->payload_bytes);
	if (channel->used > (channel->has_disk ? DISK_FLUSH_BYTES : FLUSH_BYTES))
		flush(channel);
}

static int is_sound(const struct program *program)
{
	u64 needed = sizeof *program + program->operations * sizeof(struct operation) +
		program->relocations * sizeof(struct relocation) + program->data_bytes;

	return program->operations <= MAX_OPERATIONS && program->relocations <= MAX_RELOCATIONS &&
		program->data_bytes <= DATA_BYTES && program->actors <= MAX_ACTORS &&
		program->bytes >= needed && program->bytes % 8 == 0;
}

static void run_batch(struct channel *channel)
{
	const struct batch *batch = (const struct batch *)channel->in;
	const u8 *at = channel->in + sizeof *batch;

	for (u32 i = 0; i < batch->programs; i++) {
		const struct program *program = (const struct program *)at;

		if (!is_sound(program))
			trouble(channel, "a program that cannot be", 0);
		if (batch->progress != 0)
			send(channel, FRAME_PROGRESS, &i, sizeof i);
		tell_results(channel, run_program(program, batch));
		at += program->bytes;
	}
	flush(channel);
}

/* ---- beginning ---- */

static void copy_text(char *to, const char *from)
{
	struct text text = { to, 0, PATH_BYTES };

	put(&text, from);
}

static void *own_memory(u64 bytes)
{
	u64 at = CALL(mmap, 0, bytes, 3, 0x22 /* MAP_PRIVATE|MAP_ANONYMOUS */, -1, 0);

	CALL(madvise, at, bytes, 10 /* MADV_DONTFORK: no actor has it */);
	return (void *)at;
}

static long map_shared(const char *path, u32 flags)
{
	long fd = CALL(openat, AT_FDCWD, POINTER(path), O_RDWR | O_CLOEXEC | flags, 0666);
	long at;

	if (fd < 0)
		return fd;
	if (flags != 0) {
		CALL(fchmod, fd, 0666); /* actors of any user find it again after an execve */
		CALL(ftruncate, fd, SHARED_BYTES);
	}
	at = CALL(mmap, SHARED_BASE, SHARED_BYTES, 3, 0x11 /* MAP_SHARED|MAP_FIXED */, fd, 0);
	CALL(close, fd);
	return at == SHARED_BASE ? 0 : at;
}

void execute_image(const char *path, const u64 *at, const char *as, u32 actor, struct result *result)
{
	char number[8];
	struct text text = { number, 0, sizeof number };
	const char *words[] = { path, as, number, CONTROL->shared, 0 };
	const char *nothing[] = { 0 };

	put_number(&text, actor, 10);
	result->value = at == 0 ? CALL(execve, POINTER(path), POINTER(words), POINTER(nothing))
		: CALL(execveat, at[0], POINTER(path), POINTER(words), POINTER(nothing), at[1]);
	result->state = DONE;
}

/* An actor's new image: finds the shared area again, and goes on as the actor that it was. */
static void become_actor(char **words, int is_first)
{
	u32 me = 0;

	for (const char *digit = words[2]; *digit != 0; digit++)
		me = me * 10 + *digit - '0';
	if (map_shared(words[3], 0) != 0)
		CALL(exit_group, 121);
	if (!is_first) {
		struct result *result = &RESULTS[CONTROL->turn];

		CONTROL->slots[me].pid = CALL(getpid, 0);
		result->value = 0;
		result->state = DONE;
		CONTROL->leaving = 2;
		leave_to(SUPERVISOR);
	}
	arch_enter((char *)STACKS_BASE + me * (STACK_BYTES + FAULT_STACK_BYTES) + STACK_BYTES, me);
}

/* Addresses are to be the same every time: without randomisation, under the usual stack limit. */
static int settle_addresses(char **words)
{
	enum { ADDR_NO_RANDOMIZE = 0x40000, STACK_LIMIT = 8 << 20, RLIMIT_STACK = 3 };
	u64 limit[2];
	const char *nothing[] = { 0 };

	if ((CALL(personality, 0xffffffff) & ADDR_NO_RANDOMIZE) != 0)
		return 1;
	if (CALL(personality, ADDR_NO_RANDOMIZE) < 0)
		return 0;
	CALL(prlimit64, 0, RLIMIT_STACK, 0, POINTER(limit));
	if (limit[0] != STACK_LIMIT && limit[1] >= STACK_LIMIT) {
		limit[0] = STACK_LIMIT;
		CALL(prlimit64, 0, RLIMIT_STACK, POINTER(limit), 0);
	}
	CALL(execve, POINTER(words[0]), POINTER(words), POINTER(nothing));
	return 0;
}

/*
 * A pid namespace of its own: numbers begin anew, orphans fall to the supervisor, and no signal
 * reaches anybody else. Needs root; the caller goes on without it where that is refused.
 */
static int isolate(void)
{
	long pid, status = 0;

	if (CALL(unshare, 0x20020000 /* CLONE_NEWPID|CLONE_NEWNS */) < 0)
		return 0;
	pid = CALL(clone, SIGCHLD, 0, 0, 0, 0);
	if (pid != 0) {
		/* The outer process only waits. */
		for (int fd = 0; fd < 3; fd++)
			CALL(close, fd);
		while (CALL(wait4, pid, POINTER(&status), 0, 0) == -EINTR)
			;
		CALL(exit_group, status >> 8 & 0xff);
	}
	CALL(prctl, 1 /* PR_SET_PDEATHSIG */, SIGKILL);
	CALL(mount, POINTER("none"), POINTER("/"), 0, 0x44000 /* MS_REC|MS_PRIVATE */, 0);
	return CALL(mount, POINTER("proc"), POINTER("/proc"), POINTER("proc"), 0, 0) == 0;
}

/* Descriptors 0 to 2 of whoever comes after: one open file, of which nobody has changed the flags. */
void open_null(void)
{
	long null = CALL(openat, AT_FDCWD, POINTER("/dev/null"), O_RDWR);

	for (int fd = 0; fd < 3; fd++)
		if (null != fd)
			CALL(dup3, null, fd, 0);
	if (null > 2)
		CALL(close, null);
}

static void take_descriptors(long in, long out)
{
	CALL(dup3, in, FD_IN, O_CLOEXEC);
	CALL(dup3, out, FD_OUT, O_CLOEXEC);
	open_null();
	if (in > 2)
		CALL(close, in);
}

/* The machine's init: mounts what observing needs, and makes the second serial line a plain one. */
static long open_machine(void)
{
	u8 line[36] = { [8] = 0xb2, [9] = 0x18 /* CS8|CREAD|CLOCAL, 115200 */, [17 + 6] = 1 /* VMIN */ };
	long serial;

	CALL(mount, POINTER("proc"), POINTER("/proc"), POINTER("proc"), 0, 0);
	CALL(mount, POINTER("sysfs"), POINTER("/sys"), POINTER("sysfs"), 0, 0);
	CALL(mount, POINTER("devtmpfs"), POINTER("/dev"), POINTER("devtmpfs"), 0, 0);
	CALL(mount, POINTER("tmpfs"), POINTER("/work"), POINTER("tmpfs"), 0, POINTER("mode=1777"));
	serial = CALL(openat, AT_FDCWD, POINTER("/dev/ttyS1"), O_RDWR | O_NOCTTY);
	CALL(ioctl, serial, 0x5402 /* TCSETS */, POINTER(line));
	return serial;
}

/* What a disk turns out to be: the mailbox, or room for swap, which is then taken. */
static int take_disk(const char *path, const u8 *page, long fd)
{
	if (CALL(pread64, fd, POINTER(page), BLOCK, 0) != BLOCK)
		return 0;
	if (starts_with((const char *)page + BLOCK - 10, "SWAPSPACE2"))
		return CALL(swapon, POINTER(path), 0) == 0;
	if (!starts_with((const char *)page, "KADVISE-MAILBOX"))
		return 0;
	CALL(dup3, fd, FD_DISK, O_CLOEXEC);
	return 1;
}

/* Looks for as many disks as there should be; they appear a while after the start. */
static u32 open_disks(u32 wanted, const u8 *page)
{
	static const char *const disks[] = { "/dev/nvme0n1", "/dev/nvme1n1", "/dev/vda", "/dev/vdb",
		"/dev/sda", "/dev/sdb" };
	enum { DISKS = sizeof disks / sizeof *disks };
	struct timespec while_ = { 0, 20000000 };
	u32 taken = 0, found = 0;

	for (u32 look = 0; look < 250 && found < wanted; look++) {
		for (u32 i = 0; i < DISKS; i++) {
			long fd = (taken >> i & 1) != 0 ? -1 :
				CALL(openat, AT_FDCWD, POINTER(disks[i]), O_RDWR | O_DIRECT);

			if (fd < 0)
				continue;
			if (take_disk(disks[i], page, fd)) {
				taken |= 1U << i;
				found++;
			}
			CALL(close, fd);
		}
		if (found < wanted)
			CALL(nanosleep, POINTER(&while_), 0);
	}
	return found;
}

struct facts {
	int randomized, isolated;
	u64 page_bytes, start_stack;
};

static void put_fact(struct text *text, const char *name, u64 number)
{
	put(text, name);
	put(text, "=");
	put_number(text, number, 10);
	put(text, "\n");
}

static void say_hello(struct channel *channel, const struct facts *facts)
{
	char uname[6][65];
	struct text text = { (char *)channel->out, 0, OUT_BYTES };

	CALL(uname, POINTER(uname));
	put_fact(&text, "protocol", PROTOCOL_VERSION);
	put(&text, "machine=" ARCH_NAME "\nrelease=");
	put(&text, uname[2]);
	put(&text, "\nversion=");
	put(&text, uname[3]);
	put(&text, "\n");
	put_fact(&text, "gateI386", HAS_GATE_I386);
	put_fact(&text, "pageBytes", facts->page_bytes);
	put_fact(&text, "startStack", facts->start_stack);
	put_fact(&text, "randomized", facts->randomized);
	put_fact(&text, "isolated", facts->isolated);
	put_fact(&text, "supervisor", CALL(getpid, 0));
	send(channel, FRAME_HELLO, channel->out, text.length);
}

/* One processor for all: a turn is then a switch of context and no message between processors. */
static void take_processor(const char *which)
{
	u64 allowed[16] = { 0 }, one[16] = { 0 };
	u32 skip = 0, last = 0, found = 0;

	for (; *which >= '0' && *which <= '9'; which++)
		skip = skip * 10 + *which - '0';
	if (CALL(sched_getaffinity, 0, sizeof allowed, POINTER(allowed)) <= 0)
		return;
	for (u32 cpu = 0; cpu < 64 * 16; cpu++)
		if ((allowed[cpu / 64] >> cpu % 64 & 1) != 0 && found++ <= skip)
			last = cpu;
	one[last / 64] = 1UL << last % 64;
	CALL(sched_setaffinity, 0, sizeof one, POINTER(one));
}

static u64 auxiliary(const u64 *at, u64 which)
{
	while (*at++ != 0) /* the environment */
		;
	for (; at[0] != 0; at += 2)
		if (at[0] == which)
			return at[1];
	return 0;
}

/* As deep as the supervisor's stack ever is, so that all actors begin with as many pages of it. */
enum { DEEPEST = 4 * 4096 };

static __attribute__((noinline)) void reach_down(void)
{
	__attribute__((unused)) volatile u8 room[DEEPEST];

	for (u32 i = 0; i < DEEPEST; i += 4096)
		room[i] = 0;
}

static void serve(const struct channel *with, const struct facts *facts)
{
	struct channel channel = *with;

	catch_faults();
	reach_down();
	say_hello(&channel, facts);
	for (;;) {
		if (receive(&channel) != FRAME_BATCH)
			trouble(&channel, "a frame of an unknown kind", 0);
		run_batch(&channel);
	}
}

/*
 * agent serve SHARED CPU [isolated]   a child process: frames on descriptors 0 and 1
 * init [DISKS]                        the first process of a machine
 * agent actor|first NUMBER SHARED     what an actor executes
 */
void agent_main(u64 *stack)
{
	u64 count = stack[0];
	char **words = (char **)(stack + 1);
	int is_init = CALL(getpid, 0) == 1;
	const char *shared = is_init ? "/work/shared" : words[2];
	struct channel channel = { 0, 0, 0, 0, OUT_BLOCK };
	struct facts facts = { 0 };
	long error;

	if (!is_init && count >= 4 && starts_with(words[1], "actor"))
		become_actor(words, 0);
	if (!is_init && count >= 4 && starts_with(words[1], "first"))
		become_actor(words, 1);
	if (!is_init && (count < 4 || !starts_with(words[1], "serve")))
		CALL(exit_group, 2);
	facts.randomized = !settle_addresses(words);
	facts.page_bytes = auxiliary(stack + 1 + count + 1, 6 /* AT_PAGESZ */);
	facts.start_stack = (u64)stack;
	facts.isolated = is_init || (count >= 5 && isolate());
	if (is_init) {
		long serial = open_machine();

		take_descriptors(serial, serial);
	} else {
		take_processor(words[3]);
		take_descriptors(0, 1);
	}
	CALL(setsid, 0);
	CALL(prctl, 36 /* PR_SET_CHILD_SUBREAPER */, 1);
	channel.in = own_memory(IN_BYTES);
	channel.out = own_memory(OUT_BYTES);
	error = map_shared(shared, O_CREAT | O_TRUNC);
	if (error < 0)
		trouble(&channel, "the shared area cannot be mapped", error);
	CONTROL->supervisor = CALL(getpid, 0);
	copy_text(CONTROL->image, words[0]);
	copy_text(CONTROL->shared, shared);
	if (is_init && count >= 2) {
		channel.has_disk = 1;
		if (open_disks(words[1][0] - '0', channel.in) != (u32)(words[1][0] - '0'))
			trouble(&channel, "a disk is missing", 0);
	}
	serve(&channel, &facts);
}
