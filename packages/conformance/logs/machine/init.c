/*
 * The first program of a guest: records what /recordings lists and sends /out over the second serial
 * line, each file as "FILE name bytes" and its content.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static char *nothing[] = { NULL };

/* Runs a command; its output, or what it says on the terminal, goes to a file if one is named. */
static void run(const char *path, char **command, const char *file, int stream)
{
	pid_t pid = fork();

	if (pid == 0) {
		int out = file == NULL ? -1 : open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);

		if (out >= 0) {
			dup2(out, stream);
			close(out);
		}
		execve(path, command, nothing);
		_exit(127);
	}
	while (waitpid(-1, NULL, 0) != pid)
		;
}

/* One line: the log's name, the program, strace's options. */
static void record(char *line)
{
	static char log[300], program[300];
	char *command[32] = { "strace" };
	char *name = strtok(line, " \t\n"), *called = strtok(NULL, " \t\n"), *option;
	int count = 1, onTerminal = 0;

	if (name == NULL || name[0] == '#' || called == NULL)
		return;
	snprintf(log, sizeof(log), "/out/%s.strace", name);
	snprintf(program, sizeof(program), "./%s", called);
	while ((option = strtok(NULL, " \t\n")) != NULL) {
		if (strcmp(option, "2>") == 0)
			onTerminal = 1;
		else
			command[count++] = option;
	}
	if (!onTerminal) {
		command[count++] = "-o";
		command[count++] = log;
	}
	command[count] = program;
	run("/usr/bin/strace", command, onTerminal ? log : NULL, 2);
}

static void send(int line, const char *name)
{
	static char bytes[65536], path[300];
	struct stat stat;
	ssize_t length;
	int file;

	snprintf(path, sizeof(path), "/out/%s", name);
	file = open(path, O_RDONLY);
	if (file < 0 || fstat(file, &stat) != 0)
		return;
	dprintf(line, "FILE %s %ld\n", name, (long)stat.st_size);
	while ((length = read(file, bytes, sizeof(bytes))) > 0)
		for (ssize_t sent = 0; sent < length;)
			sent += write(line, bytes + sent, length - sent);
	close(file);
}

int main(void)
{
	char *settings[] = { "/settings", NULL }, *uname[] = { "/uname", NULL }, line[400];
	struct termios raw;
	struct dirent *entry;
	FILE *recordings;
	DIR *out;
	int serial;

	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	chdir("/programs");
	run(settings[0], settings, "/out/settings.json", 1);
	run(uname[0], uname, "/out/kernel.txt", 1);
	recordings = fopen("/recordings", "r");
	while (recordings != NULL && fgets(line, sizeof(line), recordings) != NULL)
		record(line);

	serial = open("/dev/ttyS1", O_WRONLY);
	tcgetattr(serial, &raw);
	cfmakeraw(&raw);
	tcsetattr(serial, TCSANOW, &raw);
	out = opendir("/out");
	while (out != NULL && (entry = readdir(out)) != NULL)
		if (entry->d_name[0] != '.')
			send(serial, entry->d_name);
	dprintf(serial, "END\n");
	tcdrain(serial);
	reboot(RB_POWER_OFF);
	return 0;
}
