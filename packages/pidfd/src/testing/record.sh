#!/usr/bin/env bash
# Records into life.tsv what life.c asks: of the kernel that runs here, as root; then of each kernel image
# that is given, under QEMU.
#
#   src/testing/record.sh ~/.cache/kadvise/kernels/*/vmlinuz
#
# Needs gcc with a static C library; for images cpio and qemu-system-x86_64.
set -euo pipefail
here=$(dirname "$0")
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/dev"
gcc -std=gnu17 -O1 -Wall -Wextra -Wno-unused-result -static -o "$work/root/init" "$here/life.c"
"$work/root/init" > "$work/life.tsv"
mknod "$work/root/dev/console" c 5 1
(cd "$work/root" && find . | cpio --quiet -o -H newc) > "$work/initramfs"
for image in "$@"; do
	timeout 300 qemu-system-x86_64 -accel tcg,thread=single -smp 1 -cpu max,la57=off,cx16=off -m 512 \
		-display none -monitor none -no-reboot -serial stdio \
		-kernel "$image" -initrd "$work/initramfs" -append "console=ttyS0 quiet panic=-1" < /dev/null |
		tr -d '\r' | grep -P '^[a-z][^\t]*\t' >> "$work/life.tsv"
done
cp "$work/life.tsv" "$here/life.tsv"
