/* Prints the kernel's release and version, a line each. */
#include <stdio.h>
#include <sys/utsname.h>

int main(void)
{
	struct utsname kernel;

	if (uname(&kernel) != 0)
		return 1;
	printf("%s\n%s\n", kernel.release, kernel.version);
	return 0;
}
