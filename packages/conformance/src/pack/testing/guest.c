/*
 * The first program of an emulated machine: runs the runner once for each word that the kernel was
 * given behind `--`, with what it prints on the second serial line, and switches the machine off.
 * A word is a release whose answers are expected, or `own`.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void run(char *word)
{
	char *const own[] = { "/runner", "--answers", NULL };
	char *const other[] = { "/runner", "--release", word, NULL };
	char *const environment[] = { NULL };
	int status, pid = fork();

	if (pid == 0) {
		execve("/runner", strcmp(word, "own") == 0 ? own : other, environment);
		_exit(127);
	}
	while (waitpid(-1, &status, 0) != pid)
		;
	printf("== end %s %d\n", word, WEXITSTATUS(status));
}

int main(int count, char **words)
{
	struct termios line;
	int fd;

	mkdir("/proc", 0755);
	mkdir("/tmp", 01777);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY);
	if (fd < 0 || tcgetattr(fd, &line) < 0)
		reboot(RB_POWER_OFF);
	cfmakeraw(&line);
	cfsetspeed(&line, B115200);
	tcsetattr(fd, TCSANOW, &line);
	dup2(fd, 1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < count; i++)
		run(words[i]);
	tcdrain(1);
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
