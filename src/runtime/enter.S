/* Crossing between host and guest: five small routines, the only assembly of Wherry.
 *
 * Offsets into runtime::StackState (stack_state.h asserts them):
 *     0  guest_sp             where the guest stands while the host runs for it
 *     8  host_sp              where host functions run: the frame of the innermost wherry_enter
 *    16  interrupt_requested  set by another thread
 *    24  landing              pc, sp, bp, bx, r12, r13, r14, r15 of where an exception is handled
 *    88  landing_exception    the exception
 *    96  suspension           frame, r12, r13, r14, r15 of the guest that waits, and the binding and
 *                             slots of the host function that it waits in
 * and into contract::HostBinding: 8 function, 16 stack.
 *
 * Everything between the labels *_interruptible and *_end runs with nothing of the host's at stake:
 * a signal that ends the guest may unwind from there (traps.cc).
 */
#define TRAP_INTERRUPTED 33
#define TRAP_HOST 34
#define TRAP_UNCAUGHT_EXCEPTION 35
#define OUTCOME_SUSPEND 2
#define SUSPENDED 256

    .text

/* What an entry keeps on the host's stack: the registers and modes that C functions preserve, and what
 * the StackState in rdi said before. */
    .macro PUSH_HOST_FRAME
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    pushq 0(%rdi)
    pushq 8(%rdi)
    movq %rsp, 8(%rdi)
    movq %rdi, %rbx
    .endm

/* uint64_t wherry_enter(StackState* rdi, void* stack_top rsi, EnterFunction rdx, const void* code rcx,
 *                       void* context r8, uint64_t* slots r9)
 * Runs compiled code on the guest's stack. Returns 0, the TrapCode that ended it, or SUSPENDED. */
    .globl wherry_enter
    .type wherry_enter, @function
    .balign 16
wherry_enter:
    .cfi_startproc
    PUSH_HOST_FRAME
    movq %rsi, %rsp
    .globl wherry_enter_interruptible
wherry_enter_interruptible:
    cmpl $0, 16(%rbx)
    jne wherry_interrupted
    movq %rdx, %rax
    movq %r8, %rdi
    movq %rcx, %rsi
    movq %r9, %rdx
    call *%rax
    .globl wherry_enter_end
wherry_enter_end:
    movq 8(%rbx), %rsp
    xorl %eax, %eax
    jmp .Lleave

wherry_interrupted:
    movq %rbx, %rdi
wherry_interrupted_at:
    movl $TRAP_INTERRUPTED, %eax

/* Ends the innermost wherry_enter: rdi = StackState, rax = TrapCode. Jumped to, also by signal
 * handlers; whatever the guest's stack holds is abandoned. */
    .globl wherry_unwind
wherry_unwind:
    movq 8(%rdi), %rsp
    movq %rdi, %rbx
.Lleave:
    popq 8(%rbx)
    popq 0(%rbx)
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    addq $8, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    .cfi_def_cfa %rsp, 8
    ret
    .cfi_endproc
    .size wherry_enter, .-wherry_enter

/* void wherry_host_call(HostBinding* rdi, uint64_t* slots rsi)
 * Called by compiled code: runs the binding's function on the host's stack. */
    .globl wherry_host_call
    .type wherry_host_call, @function
    .balign 16
wherry_host_call:
    pushq %rbp
    movq %rsp, %rbp
    pushq %rbx
    movq 16(%rdi), %rbx
.Lcall_host:
    movq %rbp, 0(%rbx)
    movq 8(%rbx), %rsp
    call *8(%rdi)
    .globl wherry_host_call_interruptible
wherry_host_call_interruptible:
    leaq -8(%rbp), %rsp
    testq %rax, %rax
    jne .Lstopped
    cmpl $0, 16(%rbx)
    jne wherry_interrupted
    popq %rbx
    popq %rbp
    ret
    .globl wherry_host_call_end
wherry_host_call_end:
.Lstopped:
    movq %rbx, %rdi
    cmpq $OUTCOME_SUSPEND, %rax
    je .Lsuspend
    movl $TRAP_HOST, %eax
    jmp wherry_unwind
.Lsuspend:
    movq %rbp, 96(%rbx)
    movq %r12, 104(%rbx)
    movq %r13, 112(%rbx)
    movq %r14, 120(%rbx)
    movq %r15, 128(%rbx)
    movl $SUSPENDED, %eax
    jmp wherry_unwind
    .size wherry_host_call, .-wherry_host_call

/* uint64_t wherry_resume(StackState* rdi)
 * Goes on where the guest was suspended, by calling the same host function again with the same
 * slots. The guest's frames are as they were, and return to wherry_enter's call, which finds this
 * frame of the host's by the StackState. Answers as wherry_enter. */
    .globl wherry_resume
    .type wherry_resume, @function
    .balign 16
wherry_resume:
    .cfi_startproc
    PUSH_HOST_FRAME
    movq 104(%rbx), %r12
    movq 112(%rbx), %r13
    movq 120(%rbx), %r14
    movq 128(%rbx), %r15
    movq 136(%rbx), %rdi
    movq 144(%rbx), %rsi
    movq 96(%rbx), %rbp
    movq $0, 96(%rbx)
    jmp .Lcall_host
    .cfi_endproc
    .size wherry_resume, .-wherry_resume

/* void wherry_throw(HostBinding* rdi, uint64_t* slots rsi)
 * Called by compiled code to throw: runs the binding's function on the host's stack, which finds the
 * handler (0), finds none (1), or ends the guest (2). Does not return, but goes on in the handler,
 * with the exception in rax. The registers pushed are what the function's search starts from. */
    .globl wherry_throw
    .type wherry_throw, @function
    .balign 16
wherry_throw:
    pushq %rbp
    movq %rsp, %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq 16(%rdi), %rbx
    movq %rbp, 0(%rbx)
    movq 8(%rbx), %rsp
    call *8(%rdi)
    .globl wherry_throw_interruptible
wherry_throw_interruptible:
    movq %rbx, %rdi
    cmpq $1, %rax
    je .Luncaught
    ja .Lrefused
    cmpl $0, 16(%rdi)
    jne wherry_interrupted_at
    movq 24(%rdi), %rcx
    movq 32(%rdi), %rsp
    movq 40(%rdi), %rbp
    movq 48(%rdi), %rbx
    movq 56(%rdi), %r12
    movq 64(%rdi), %r13
    movq 72(%rdi), %r14
    movq 80(%rdi), %r15
    movq 88(%rdi), %rax
    movl $1, %edx
    jmp *%rcx
.Lrefused:
    movl $TRAP_HOST, %eax
    jmp wherry_unwind
.Luncaught:
    movl $TRAP_UNCAUGHT_EXCEPTION, %eax
    jmp wherry_unwind
    .globl wherry_throw_end
wherry_throw_end:
    .size wherry_throw, .-wherry_throw

    .section .note.GNU-stack, "", @progbits
