/*
 * A 32-bit caller: the gate int $0x80 takes vectors of 32-bit elements. Bases are widened with zeros,
 * lengths are signed 32-bit numbers, and every integer is 32 bits wide.
 */
#include "call.h"

struct compat_range {
	uint32_t base, length;
};

#define LOW ((char *)0x60000000)

static long call32(long number, long a, long b, long c, long d, long e)
{
	long result;
	register long fifth __asm__("rdi") = e;

	__asm__ volatile("int $0x80"
			 : "=a"(result), "+r"(fifth)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d)
			 : "memory", "cc", "r8", "r9", "r10", "r11");
	return (int)result;
}

static void advise32(long pidfd, const struct compat_range *vector, long vlen, long advice, long flags)
{
	call32(NR_PROCESS_MADVISE, pidfd, (long)(uintptr_t)vector, vlen, advice, flags);
}

int main(void)
{
	char *area = mmap(LOW, 16 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	struct compat_range *vector = (struct compat_range *)at(area, 12);
	const uint32_t base = (uint32_t)(uintptr_t)LOW;
	static const struct compat_range single[] = {
		{ 0x60000000, PAGE }, { 0x80000000, PAGE }, { 0xfffff000, 2 * PAGE }, { 0x60000000, 0x80000000 },
		{ 0x60000000, 0xffffffff }, { 0x60000000, 0x7fffffff }, { 0x60000001, PAGE }, { 0x60000001, 0 },
	};
	int pidfd;

	introduce();
	/* Nothing from there up to beyond the farthest address that 32 bits reach. */
	mmap(at(LOW, 16), 1UL << 32, PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	munmap(at(LOW, 16), 1UL << 32);
	pidfd = pidfd_open_raw(getpid(), 0);
	for (int i = 0; i < 3; i++)
		vector[i] = (struct compat_range){ base + i * 4 * PAGE, 2 * PAGE };
	advise32(pidfd, vector, 3, COLD, 0);
	advise32(pidfd, vector, 3, PAGEOUT, 0);
	advise32(pidfd, vector, 3, DONTNEED, 0);
	advise32(pidfd, vector, 0, COLD, 0);
	advise32(pidfd, vector, 1025, COLD, 0);
	advise32(pidfd, vector, 3, COLD, 1);
	advise32(pidfd, vector, 3, COLD, 0x80000000);
	advise32(pidfd, vector, 3, -1, 0);
	advise32(-1, vector, 3, COLD, 0);
	advise32(pidfd, (void *)8, 3, COLD, 0);
	for (unsigned int i = 0; i < LENGTH(single); i++) {
		vector[0] = single[i];
		advise32(pidfd, vector, 1, COLD, 0);
	}
	/* An element with a bad length is told before one with a bad address, and neither before the flags. */
	vector[0] = (struct compat_range){ 0x80000000, PAGE };
	vector[1] = (struct compat_range){ base, 0x80000000 };
	advise32(pidfd, vector, 2, COLD, 0);
	/* madvise itself: a length is as large as it looks. */
	call32(219, base, 0xffffffff, DONTNEED, 0, 0);
	call32(219, base, PAGE, DONTNEED, 0, 0);
	call32(219, 0xfffff000, 2 * PAGE, DONTNEED, 0, 0);
	call32(91, base + 2 * PAGE, PAGE, 0, 0, 0);
	vector[0] = (struct compat_range){ base, 4 * PAGE };
	advise32(pidfd, vector, 1, COLD, 0);
	return 0;
}
