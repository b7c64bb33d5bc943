/* The machine code of guest_support.c, as bytes of the compiler: it is linked into every artifact. */
    .section .rodata
    .balign 16
    .globl wherry_guest_support_begin
    .globl wherry_guest_support_end
wherry_guest_support_begin:
    .incbin WHERRY_GUEST_SUPPORT_OBJECT
wherry_guest_support_end:
    .section .note.GNU-stack, "", @progbits
