cc=${1:-cc}; out=${2:-/tmp/agent}
$cc -std=gnu11 -O2 -Wall -Wextra -ffreestanding -fno-builtin -fno-stack-protector -fno-pie -fno-asynchronous-unwind-tables -nostdlib -static -no-pie -Wl,-T,agent.ld -Wl,--build-id=none -Wl,-z,max-page-size=65536 -o $out *.c *.S
