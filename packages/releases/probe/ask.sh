#!/usr/bin/env bash
# Asks kernels how they behave. Without arguments the kernel that runs here, as root; each argument is a
# kernel image, which boots under QEMU. Prints each one's answers, a line for a question.
#
#   probe/ask.sh
#   probe/ask.sh ~/.cache/kadvise/kernels/*/vmlinuz
#
# Needs gcc with a static C library; for images cpio and qemu-system-x86_64.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mkdir "$work/root"
gcc -std=gnu17 -O1 -Wall -Wextra -Wno-unused-result -static -o "$work/root/init" "$(dirname "$0")"/*.c

if [ $# -eq 0 ]; then
	chmod 755 "$work" "$work/root"
	"$work/root/init"
	exit
fi
mkdir "$work/root/dev"
mknod "$work/root/dev/console" c 5 1
(cd "$work/root" && find . | cpio --quiet -o -H newc) > "$work/initramfs"
for image in "$@"; do
	timeout 300 qemu-system-x86_64 -accel tcg,thread=single -smp 1 -cpu max,la57=off,cx16=off -m 1024 \
		-display none -monitor none -no-reboot -serial stdio \
		-kernel "$image" -initrd "$work/initramfs" -append "console=ttyS0 quiet panic=-1" < /dev/null |
		tr -d '\r' | grep -P '^[a-z0-9_/-]+\t'
done
