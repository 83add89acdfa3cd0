/* The gates and probes of x86-64. */
#if defined(__x86_64__)

	.text

	/* At entry the stack holds argc, argv, envp and the auxiliary vector. */
	.globl _start
_start:
	xor %ebp, %ebp
	mov %rsp, %rdi
	and $-16, %rsp
	call agent_main
	ud2

	/* long arch_call(long number, const u64 values[6]) */
	.globl arch_call
arch_call:
	mov %rdi, %rax
	mov %rsi, %rcx
	mov 0(%rcx), %rdi
	mov 8(%rcx), %rsi
	mov 16(%rcx), %rdx
	mov 24(%rcx), %r10
	mov 32(%rcx), %r8
	mov 40(%rcx), %r9
	syscall
	ret

	/* long arch_call32(long number, const u64 values[6]): rax is told whole, as the gate leaves it */
	.globl arch_call32
arch_call32:
	push %rbx
	push %rbp
	mov %rdi, %rax
	mov %rsi, %r8
	mov 0(%r8), %rbx
	mov 8(%r8), %rcx
	mov 16(%r8), %rdx
	mov 24(%r8), %rsi
	mov 32(%r8), %rdi
	mov 40(%r8), %rbp
	int $0x80
	pop %rbp
	pop %rbx
	ret

	/*
	 * long arch_fork(long number, const u64 values[6], void *stack, u64 actor, u64 gate)
	 * A new task may share its maker's memory and stack: it touches nothing before it has its own.
	 */
	.globl arch_fork
arch_fork:
	push %rbx
	push %rbp
	push %r12
	push %r13
	mov %rdx, %r12
	mov %rcx, %r13
	mov %rdi, %rax
	test %r8d, %r8d
	mov %rsi, %r8
	jnz 1f
	mov 0(%r8), %rdi
	mov 8(%r8), %rsi
	mov 16(%r8), %rdx
	mov 24(%r8), %r10
	mov 40(%r8), %r9
	mov 32(%r8), %r8
	syscall
	jmp 2f
1:	mov 0(%r8), %rbx
	mov 8(%r8), %rcx
	mov 16(%r8), %rdx
	mov 24(%r8), %rsi
	mov 32(%r8), %rdi
	mov 40(%r8), %rbp
	int $0x80
2:	test %rax, %rax
	jz 3f
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret
3:	mov %r12, %rsp
	xor %ebp, %ebp
	mov %r13, %rdi
	call actor_born
	ud2

	/* void arch_enter(void *stack, u64 actor) */
	.globl arch_enter
arch_enter:
	mov %rdi, %rsp
	xor %ebp, %ebp
	mov %rsi, %rdi
	call actor_main
	ud2

	/*
	 * The probes. r8 points to the answer, rcx counts down what is left. A fault comes back at
	 * probe_out with rax saying what stopped it and rdx where.
	 */
	.globl probe_copy, probe_load, probe_store, probe_begin, probe_out
probe_copy:
	mov %rcx, %r8
	mov %rdx, %rcx
	xor %eax, %eax
	jmp 1f
probe_load:
	mov %rcx, %r8
	mov %rdx, %rcx
	xor %eax, %eax
	jmp 2f
probe_store:
	mov %r8, %r9
	mov %rcx, %r8
	mov %rdx, %rcx
	xor %eax, %eax
	jmp 3f
probe_begin:
1:	rep movsb
	jmp probe_out
2:	test %rcx, %rcx
	jz probe_out
	movb (%rdi), %r9b
	add %rsi, %rdi
	dec %rcx
	jmp 2b
3:	test %rcx, %rcx
	jz probe_out
	movb %r9b, (%rdi)
	add %rsi, %rdi
	dec %rcx
	jmp 3b
probe_out:
	mov %rcx, 0(%r8)
	mov %rax, 8(%r8)
	mov %rdx, 16(%r8)
	ret

	/* The kernel wants to be told how to leave a handler. */
	.globl arch_return_from_signal
arch_return_from_signal:
	mov $15, %eax
	syscall

#endif
	.section .note.GNU-stack, "", %progbits
