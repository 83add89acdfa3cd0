/*
 * Does what a script cannot do by itself: raw calls, and questions that only an ioctl answers.
 *
 *   caller namespaces PID...   for each process, its user namespace and those above it:
 *                              "PID INODE OWNER INODE OWNER ...", or "PID error ERRNO"
 *   caller calls               reads calls from standard input, makes them, and answers:
 *                                open PID               -> "open FD" or "open -ERRNO"
 *                                advise FD ADVICE N     and N lines "BASE LENGTH" in hexadecimal
 *                                                       -> "advise BYTES" or "advise -ERRNO"
 *                                close FD               -> "close 0"
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* linux/nsfs.h; not every C library's headers have all of them. */
#define NSIO_GET_PARENT _IO(0xb7, 0x2)
#define NSIO_GET_OWNER_UID _IO(0xb7, 0x4)

/* The numbers of calls since 5.1 are the same on every architecture. */
#define NR_PIDFD_OPEN 434
#define NR_PROCESS_MADVISE 440

#define MOST_RANGES 2048


static void tell_namespaces(const char *pid)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%s/ns/user", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		printf("%s error %d\n", pid, errno);
		return;
	}
	printf("%s", pid);
	while (fd >= 0) {
		struct stat st;
		uid_t owner = (uid_t)-1;
		if (fstat(fd, &st) < 0)
			break;
		if (ioctl(fd, NSIO_GET_OWNER_UID, &owner) < 0)
			owner = (uid_t)-1;
		printf(" %lu %u", (unsigned long)st.st_ino, owner);
		int parent = ioctl(fd, NSIO_GET_PARENT);
		close(fd);
		fd = parent;
	}
	printf("\n");
}

static long answer(long result)
{
	return result < 0 ? -errno : result;
}

static struct iovec ranges[MOST_RANGES];

/* Handles one line; the ranges of a vector are read behind it. */
static int make_call(char *line, int size)
{
	unsigned long base, length, count;
	int number, advice;
	if (sscanf(line, "open %d", &number) == 1) {
		printf("open %ld\n", answer(syscall(NR_PIDFD_OPEN, number, 0)));
	} else if (sscanf(line, "close %d", &number) == 1) {
		printf("close %ld\n", answer(close(number)));
	} else if (sscanf(line, "advise %d %d %lu", &number, &advice, &count) == 3) {
		if (count > MOST_RANGES)
			return 2;
		for (unsigned long i = 0; i < count; i++) {
			if (fgets(line, size, stdin) == NULL)
				return 2;
			if (sscanf(line, "%lx %lx", &base, &length) != 2)
				return 2;
			ranges[i].iov_base = (void *)base;
			ranges[i].iov_len = length;
		}
		printf("advise %ld\n",
		       answer(syscall(NR_PROCESS_MADVISE, number, ranges, count, advice, 0)));
	} else {
		return 2;
	}
	return 0;
}

static int make_calls(void)
{
	char line[256];
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		int status = make_call(line, sizeof(line));
		if (status != 0)
			return status;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "namespaces") == 0) {
		for (int i = 2; i < argc; i++)
			tell_namespaces(argv[i]);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "calls") == 0)
		return make_calls();
	fprintf(stderr, "usage: caller namespaces PID... | caller calls\n");
	return 2;
}
