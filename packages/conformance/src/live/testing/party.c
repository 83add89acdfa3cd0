/*
 * A process that is who it is told to be, and then does what it is told: a caller or a target.
 *
 *   party IN OUT [uid=N] [gid=N] [euid=N] [caps=HEX] [dumpable=N] [userns=1] [execs=1]
 *
 * It lays out memory first, as whoever started it: anonymous, locked, shared, of a file, with holes.
 */
#define _GNU_SOURCE
#define main caller_main
#include "../../../caller/caller.c"
#undef main

#include <linux/capability.h>
#include <sched.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#define PAGE 4096UL

static unsigned long option(int argc, char **argv, const char *name, unsigned long otherwise, int base)
{
	size_t length = strlen(name);
	for (int i = 3; i < argc; i++)
		if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=')
			return strtoul(argv[i] + length + 1, NULL, base);
	return otherwise;
}

static void set_capabilities(unsigned long long set)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct old[2], data[2];
	memset(data, 0, sizeof(data));
	if (syscall(SYS_capget, &header, old) != 0)
		_exit(3);
	for (int i = 0; i < 2; i++) {
		unsigned int half = (unsigned int)(set >> (32 * i)) & old[i].permitted;
		data[i].effective = half;
		data[i].permitted = half;
	}
	if (syscall(SYS_capset, &header, data) != 0)
		_exit(3);
}

/* Sixteen stretches of four pages: what each is, the driver knows by its number. */
static char *lay_out(void)
{
	char *base = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED)
		_exit(4);
	memset(base, 1, 16 * PAGE);
	mlock(base + 16 * PAGE, 4 * PAGE);
	mmap(base + 20 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memset(base + 20 * PAGE, 2, 2 * PAGE);
	munmap(base + 24 * PAGE, 4 * PAGE);
	int fd = open("/proc/self/exe", O_RDONLY);
	mmap(base + 28 * PAGE, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0);
	close(fd);
	mprotect(base + 32 * PAGE, 4 * PAGE, PROT_NONE);
	mprotect(base + 36 * PAGE, 4 * PAGE, PROT_READ);
	mmap(base + 40 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_LOCKED | MAP_FIXED, -1, 0);
	return base;
}

static void reply(const char *name, const char *bytes, long length)
{
	if (length < 0)
		length = -errno;
	printf("%s %ld\n", name, length);
	if (length > 0)
		fwrite(bytes, 1, (size_t)length, stdout);
	fflush(stdout);
}

static char contents[1 << 20];

/* What a reader of /proc asks. */
static int tell_file(const char *line)
{
	char path[512];
	long offset, length;
	struct stat st;
	if (sscanf(line, "text %500s", path) == 1) {
		int fd = open(path, O_RDONLY);
		long n, sum = fd < 0 ? -1 : 0;
		while (fd >= 0 && (n = read(fd, contents + sum, sizeof(contents) - (size_t)sum)) != 0) {
			if (n < 0) {
				sum = -1;
				break;
			}
			sum += n;
		}
		reply("text", contents, sum);
		if (fd >= 0)
			close(fd);
	} else if (sscanf(line, "link %500s", path) == 1) {
		reply("link", contents, readlink(path, contents, sizeof(contents)));
	} else if (sscanf(line, "owner %500s", path) == 1) {
		long n = stat(path, &st);
		if (n == 0)
			n = snprintf(contents, sizeof(contents), "%u %u %u", st.st_uid, st.st_gid, st.st_mode & 07777);
		reply("owner", contents, n);
	} else if (sscanf(line, "bytes %500s %ld %ld", path, &offset, &length) == 3) {
		int fd = open(path, O_RDONLY);
		reply("bytes", contents, fd < 0 ? -1 : pread(fd, contents, (size_t)length, offset));
		if (fd >= 0)
			close(fd);
	} else {
		return 2;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	/* An executed program finds the pipes open. */
	if (option(argc, argv, "stage", 1, 10) == 1 &&
	    (freopen(argv[1], "r", stdin) == NULL || freopen(argv[2], "w", stdout) == NULL))
		return 2;
	char *base = lay_out();
	unsigned long gid = option(argc, argv, "gid", 0, 10), uid = option(argc, argv, "uid", 0, 10);
	unsigned long euid = option(argc, argv, "euid", uid, 10);
	if (option(argc, argv, "stage", 1, 10) == 1) {
		prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
		if (gid != 0 && (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0))
			return 5;
		if ((uid != 0 || euid != 0) && setresuid(uid, euid, uid) != 0)
			return 5;
		if (option(argc, argv, "userns", 0, 10) == 1 && unshare(CLONE_NEWUSER) != 0)
			return 6;
		set_capabilities(option(argc, argv, "caps", ~0UL, 16));
		prctl(PR_SET_DUMPABLE, option(argc, argv, "dumpable", 1, 10), 0, 0, 0);
		if (option(argc, argv, "execs", 0, 10) == 1) {
			char *again[argc + 2];
			memcpy(again, argv, sizeof(char *) * (size_t)argc);
			again[argc] = "stage=2";
			again[argc + 1] = NULL;
			execv("/proc/self/exe", again);
			return 7;
		}
	}
	printf("ready %lx\n", (unsigned long)base);
	fflush(stdout);
	char line[600];
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (tell_file(line) != 0 && make_call(line, sizeof(line)) != 0)
			return 2;
		fflush(stdout);
	}
	return 0;
}
