/* Settings below /proc and /sys. What a question changes it puts back. */
#include "probe.h"

/* The number that a setting holds; -1 where the kernel has no such setting. */
int read_setting(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return -1;
	read(fd, text, sizeof text - 1);
	close(fd);
	return atoi(text);
}

void write_setting(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return;
	write(fd, text, strlen(text));
	close(fd);
}

void write_number(const char *path, int number)
{
	char text[16];

	snprintf(text, sizeof text, "%d", number);
	write_setting(path, text);
}
