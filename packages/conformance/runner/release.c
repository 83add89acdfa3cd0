/* Releases: which one this system is, and whether a range holds one. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include "pack.h"

enum { ANY_POINT = -1, LAST_POINT = 0x7fffffff };

/* Reads `6.12` or `6.12.107`; what follows is passed over. False for anything else. */
int read_release(const char *text, struct release *release)
{
	int numbers;

	release->point = ANY_POINT;
	numbers = sscanf(text, "%d.%d.%d", &release->major, &release->minor, &release->point);
	/* A line without a point means its newest release. */
	if (numbers == 2)
		release->point = LAST_POINT;
	return numbers >= 2 && release->point >= 0;
}

int compare_releases(const struct release *a, const struct release *b)
{
	if (a->major != b->major)
		return a->major < b->major ? -1 : 1;
	if (a->minor != b->minor)
		return a->minor < b->minor ? -1 : 1;
	return a->point < b->point ? -1 : a->point > b->point;
}

/* Whether `5.10.24-6.12 7.2.12` holds a release: 6.12 as an end is all of 6.12. */
int in_ranges(const struct release *release, const char *ranges)
{
	char copy[512];

	snprintf(copy, sizeof copy, "%s", ranges);
	for (char *range = strtok(copy, " "); range != NULL; range = strtok(NULL, " ")) {
		char *to = strchr(range, '-');
		struct release first, last;

		read_release(range, &first);
		if (first.point == LAST_POINT)
			first.point = 0;
		read_release(to == NULL ? range : to + 1, &last);
		if (compare_releases(release, &first) >= 0 && compare_releases(release, &last) <= 0)
			return 1;
	}
	return 0;
}

/* From uname -r; Debian's says 5.10.0-32, and its uname -v which release that is. */
int own_release(struct release *release)
{
	struct utsname names;
	const char *debian;

	if (uname(&names) < 0)
		return 0;
	debian = strstr(names.version, "Debian ");
	if (debian != NULL && read_release(debian + strlen("Debian "), release))
		return 1;
	return read_release(names.release, release);
}
