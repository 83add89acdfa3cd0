#include "probe.h"

void answer(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	fflush(stdout);
}

/* What a call returned: the number, or the name of the error. */
const char *result(long returned)
{
	static char text[4][32];
	static int next;
	char *into = text[next++ & 3];
	const char *name = strerrorname_np(errno);

	if (returned == -1 && name)
		return name;
	snprintf(into, 32, "%ld", returned);
	return into;
}
