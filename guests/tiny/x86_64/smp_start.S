/* SPDX-License-Identifier: Apache-2.0 */
/* Starts all other processors by INIT and SIPI through the x2APIC. Each counts itself in real mode
 * and halts. Ends with the number of processors, when as many as CPUID leaf 0xB promises have come
 * up; with 200 when some do not come; with 201 without x2APIC. */
#include "guest.inc"

#include "smp.inc"

#define COUNTER 0x11000

  guest_start
  x2apic_on
  copy_trampoline
  movl $0, COUNTER

  /* The level above threads counts the processors of the package. */
  mov $0xb, %eax
  mov $1, %ecx
  cpuid
  movzwl %bx, %r8d
  cmp $1, %r8d
  jbe done

  start_others

  rdtsc
  shl $32, %rdx
  or %rax, %rdx
  mov $60000000000, %r9
  add %rdx, %r9
wait:
  pause
  mov COUNTER, %ebx
  inc %ebx
  cmp %r8d, %ebx
  jae done
  rdtsc
  shl $32, %rdx
  or %rax, %rdx
  cmp %r9, %rdx
  jb wait
  end_with $200
done:
  end_with %r8d
no_x2apic:
  end_with $201
  guest_end

  .code16
trampoline:
  cli
  mov $(COUNTER >> 4), %ax
  mov %ax, %ds
  lock incl 0
1:
  hlt
  jmp 1b
trampoline_end:
