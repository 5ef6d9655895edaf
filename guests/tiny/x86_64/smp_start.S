/* SPDX-License-Identifier: Apache-2.0 */
/* Starts all other processors by INIT and SIPI through the x2APIC. Each counts itself in real mode
 * and halts. Ends with the number of processors, when as many as CPUID leaf 0xB promises have come
 * up; with 200 when some do not come; with 201 without x2APIC. */
#include "guest.inc"

#define TRAMPOLINE 0x10000
#define COUNTER 0x11000
#define MSR_APIC_BASE 0x1b
#define MSR_X2APIC_SPURIOUS 0x80f
#define MSR_X2APIC_ICR 0x830
#define X2APIC_ENABLE (3 << 10)
/* To all but self, assert, edge (Intel SDM 3A, 10.6.1). */
#define ICR_INIT 0xc4500
#define ICR_STARTUP (0xc4600 | TRAMPOLINE >> 12)

.macro send command
  mov $MSR_X2APIC_ICR, %ecx
  mov $\command, %eax
  xor %edx, %edx
  wrmsr
.endm

  guest_start
  mov $1, %eax
  cpuid
  bt $21, %ecx
  jnc no_x2apic
  mov $MSR_APIC_BASE, %ecx
  rdmsr
  or $X2APIC_ENABLE, %eax
  wrmsr
  mov $MSR_X2APIC_SPURIOUS, %ecx
  mov $0x1ff, %eax
  xor %edx, %edx
  wrmsr

  lea trampoline(%rip), %rsi
  mov $TRAMPOLINE, %edi
  mov $(trampoline_end - trampoline), %ecx
  rep movsb
  movl $0, COUNTER

  /* The level above threads counts the processors of the package. */
  mov $0xb, %eax
  mov $1, %ecx
  cpuid
  movzwl %bx, %r8d
  cmp $1, %r8d
  jbe done

  send ICR_INIT
  mov $1000000, %ecx /* about 10 ms are asked for; INIT takes no time in a virtual machine */
1:
  pause
  loop 1b
  send ICR_STARTUP
  send ICR_STARTUP

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
