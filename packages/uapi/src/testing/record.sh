#!/usr/bin/env bash
# Writes what the user headers of this machine say to headers.json: every number of the families below,
# system-call numbers by ABI, struct iovec as either word size lays it out, the C library's errno sentences.
#
#   src/testing/record.sh
#
# Needs gcc (also for -m32, which need not link) and Linux' user headers. Run it again after an update of
# those; the tests say which names of the tables are newer than the recorded headers.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
families='MADV|PROT|MAP|MREMAP|MLOCK|MCL|MS|CLONE|CAP|_LINUX_CAPABILITY|P|PR|SECBIT|RLIMIT|O|F|FD|MFD|PIDFD|UIO|AT|PKEY|MPOL|UFFD|SI'
includes='#define _GNU_SOURCE
#include <asm/mman.h>
#include <asm/signal.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/memfd.h>
#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <linux/pidfd.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <linux/uio.h>
#include <linux/userfaultfd.h>
#include <linux/version.h>
#include <linux/wait.h>'

numbers() { # HEADERS REGEX: "NAME": VALUE of every macro that is a number
	printf '%s\n' "$1" > "$work/in.c"
	names=$(gcc -E -dM "$work/in.c" | grep -P "^#define ($2) +[^ ]" |
		awk '{print $2}' | sort)
	{
		printf '%s\nint printf(const char *, ...);\nint main(void) {\n' "$1"
		for name in $names; do
			# A macro that is a type or takes braces is no number: the compiler is asked one by one.
			if printf '%s\nlong long number = (long long)(%s);\n' "$1" "$name" |
				gcc -w -fsyntax-only -xc - 2> "$work/errors"; then
				printf 'printf("\\"%s\\": %%lld,\\n", (long long)(%s));\n' "$name" "$name"
			fi
		done
		printf 'return 0; }\n'
	} > "$work/show.c"
	gcc -w -o "$work/show" "$work/show.c"
	"$work/show" | sed '$ s/,$//'
}

layout() { # OPTION: size, offsets and field sizes of struct iovec
	printf '#include <linux/uio.h>\nint layout[] = { sizeof(struct iovec), %s, %s, %s };' \
		'__builtin_offsetof(struct iovec, iov_base)' '__builtin_offsetof(struct iovec, iov_len)' \
		'sizeof(((struct iovec *)0)->iov_len)' |
		gcc "$1" -I"/usr/include/$(gcc -print-multiarch)" -S -o - -xc - | awk '$1 == ".long" { print $2 } $1 == ".zero" { print 0 }' | paste -sd,
}

sentences() {
	names=$(printf '#include <errno.h>\n' | gcc -E -dM -xc - | grep -oP '^#define \KE[A-Z0-9]+(?= )' | sort)
	{
		printf '#include <errno.h>\n#include <stdio.h>\n#include <string.h>\nint main(void) {\n'
		for name in $names; do
			printf 'printf("\\"%s\\": [%%d, \\"%%s\\"],\\n", %s, strerror(%s));\n' "$name" "$name" "$name"
		done
		printf 'return 0; }\n'
	} > "$work/errno.c"
	gcc -w -o "$work/errno" "$work/errno.c"
	"$work/errno" | sed '$ s/,$//'
}

# What arch/arm64/include/uapi/asm/unistd.h asks of the generic table.
arm64='#define __ARCH_WANT_RENAMEAT
#define __ARCH_WANT_NEW_STAT
#define __ARCH_WANT_SET_GET_RLIMIT
#define __ARCH_WANT_SYS_CLONE3
#define __ARCH_WANT_MEMFD_SECRET
#include <asm-generic/unistd.h>'

here=$(dirname "$0")
{
	printf '{ "headers": "%s",\n' "$(gcc -E -dM -include linux/version.h -xc /dev/null |
		awk '$2 ~ /^LINUX_VERSION_(MAJOR|PATCHLEVEL|SUBLEVEL)$/ { print $2, $3 }' | sort |
		awk '{ printf "%s%s", (NR > 1 ? "." : ""), $2 }')"
	printf '"numbers": {'; numbers "$includes" "($families)_\w+|SIG[A-Z0-9]+|W[A-Z]+|__W(NOTHREAD|ALL|CLONE)"; printf '},\n'
	printf '"errno": {'; sentences; printf '},\n'
	printf '"iovec": { "64": [%s], "compat": [%s] },\n' "$(layout -m64)" "$(layout -m32)"
	printf '"x86-64": {'; numbers '#include <asm/unistd_64.h>' '__NR_\w+' ; printf '},\n'
	printf '"i386": {'; numbers '#include <asm/unistd_32.h>' '__NR_\w+'; printf '},\n'
	printf '"arm64": {'; numbers "$arm64" '__NR_\w+'; printf '} }\n'
} | sed 's/"__NR_/"/' > "$work/headers.json"
cp "$work/headers.json" "$here/headers.json"
