/*
 * Advice on files: shared and private, beyond the end, sealed, of a descriptor that may not write.
 */
#include "call.h"

int main(void)
{
	static const int advices[] = { COLD, PAGEOUT, WILLNEED, DONTNEED, FREE, REMOVE, WIPEONFORK };
	char *mappings[4];
	int memory, pidfd, child, plain;
	char path[] = "plain-file";

	introduce();
	memory = (int)syscall(SYS_memfd_create, "memory", 2 /* MFD_ALLOW_SEALING */);
	if (ftruncate(memory, 3 * PAGE + 100) != 0)
		return 1;
	plain = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (plain < 0 || ftruncate(plain, 8 * PAGE) != 0)
		return 1;
	mappings[0] = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	mappings[1] = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, memory, 0);
	mappings[2] = mmap(NULL, 8 * PAGE, PROT_READ, MAP_SHARED, plain, 0);
	mappings[3] = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, plain, 2 * PAGE);
	mappings[0][0] = 1;
	mappings[1][PAGE] = 1;
	pidfd = pidfd_open_raw(getpid(), 0);
	for (unsigned int i = 0; i < LENGTH(advices); i++)
		for (int j = 0; j < 4; j++)
			advise_one(pidfd, mappings[j], (j == 3 ? 4 : 8) * PAGE, advices[i]);
	mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, pidfd, 0);
	mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, memory, 1);
	child = start_child(NULL, NULL);
	close(pidfd);
	pidfd = pidfd_open_raw(child, 0);
	for (unsigned int i = 0; i < 3; i++)
		for (int j = 0; j < 4; j++)
			advise_one(pidfd, mappings[j], (j == 3 ? 4 : 8) * PAGE, advices[i]);
	end_child(child);
	unlink(path);
	return 0;
}
