/* The gates and probes of arm64. It has no compat gate: a 64-bit task cannot enter as a 32-bit one. */
#if defined(__aarch64__)

	.text

	.globl _start
_start:
	mov x29, #0
	mov x0, sp
	bl agent_main
	brk #0

	/* long arch_call(long number, const u64 values[6]) */
	.globl arch_call
arch_call:
	mov x8, x0
	mov x9, x1
	ldp x0, x1, [x9]
	ldp x2, x3, [x9, #16]
	ldp x4, x5, [x9, #32]
	svc #0
	ret

	/* long arch_call32(long number, const u64 values[6]): -ENOSYS */
	.globl arch_call32
arch_call32:
	mov x0, #-38
	ret

	/*
	 * long arch_fork(long number, const u64 values[6], void *stack, u64 actor, u64 gate)
	 * A new task may share its maker's memory and stack: it touches nothing before it has its own.
	 */
	.globl arch_fork
arch_fork:
	stp x19, x20, [sp, #-16]!
	mov x19, x2
	mov x20, x3
	mov x8, x0
	mov x9, x1
	ldp x0, x1, [x9]
	ldp x2, x3, [x9, #16]
	ldp x4, x5, [x9, #32]
	svc #0
	cbz x0, 1f
	ldp x19, x20, [sp], #16
	ret
1:	mov sp, x19
	mov x29, #0
	mov x0, x20
	bl actor_born
	brk #0

	/* void arch_enter(void *stack, u64 actor) */
	.globl arch_enter
arch_enter:
	mov sp, x0
	mov x29, #0
	mov x0, x1
	bl actor_main
	brk #0

	/*
	 * The probes. x4 points to the answer, x2 counts down what is left. A fault comes back at
	 * probe_out with x0 saying what stopped it and x1 where.
	 */
	.globl probe_copy, probe_load, probe_store, probe_begin, probe_out
probe_copy:
	mov x5, x0
	mov x6, x1
	mov x4, x3
	mov x0, #0
	b 1f
probe_load:
	mov x5, x0
	mov x6, x1
	mov x4, x3
	mov x0, #0
	b 2f
probe_store:
	mov x5, x0
	mov x6, x1
	mov x7, x4
	mov x4, x3
	mov x0, #0
	b 3f
probe_begin:
1:	cbz x2, probe_out
	ldrb w7, [x6], #1
	strb w7, [x5], #1
	sub x2, x2, #1
	b 1b
2:	cbz x2, probe_out
	ldrb w7, [x5]
	add x5, x5, x6
	sub x2, x2, #1
	b 2b
3:	cbz x2, probe_out
	strb w7, [x5]
	add x5, x5, x6
	sub x2, x2, #1
	b 3b
probe_out:
	str x2, [x4]
	str x0, [x4, #8]
	str x1, [x4, #16]
	ret

	.globl arch_return_from_signal
arch_return_from_signal:
	mov x8, #139
	svc #0

#endif
	.section .note.GNU-stack, "", %progbits
