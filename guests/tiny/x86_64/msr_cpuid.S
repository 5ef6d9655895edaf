/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what the monitor decides about the CPU. Prints the hypervisor's signature (leaf 0x40000000)
 * and ends with 0, or with the number of what is wrong. */
#include "guest.inc"

#define MSR_APIC_BASE 0x1b
#define APIC_BASE_BSP (1 << 8)
#define APIC_BASE_ENABLED (1 << 11)

.macro print_register source
  mov \source, %eax
  mov $4, %ecx
  mov $PORT_DEBUG_CONSOLE, %dx
9:
  test %al, %al
  jz 8f
  out %al, %dx
8:
  shr $8, %eax
  loop 9b
.endm

  guest_start
  /* Leaf 1: the hypervisor bit. */
  mov $1, %ebp
  mov $1, %eax
  cpuid
  bt $31, %ecx
  jnc wrong

  mov $2, %ebp
  mov $0x40000000, %eax
  cpuid
  cmp $0x40000001, %eax
  jb wrong
  mov %ebx, %r8d
  mov %ecx, %r9d
  mov %edx, %r10d
  print_register %r8d
  print_register %r9d
  print_register %r10d
  print_byte $'\n'

  /* The boot processor, its APIC on. */
  mov $3, %ebp
  mov $MSR_APIC_BASE, %ecx
  rdmsr
  and $(APIC_BASE_BSP | APIC_BASE_ENABLED), %eax
  cmp $(APIC_BASE_BSP | APIC_BASE_ENABLED), %eax
  jne wrong

  /* Its APIC id is 0 in every leaf that has it. */
  mov $4, %ebp
  mov $1, %eax
  cpuid
  shr $24, %ebx
  jnz wrong
  mov $5, %ebp
  xor %eax, %eax
  cpuid
  cmp $0xb, %eax
  jb counter
  mov $0xb, %eax
  xor %ecx, %ecx
  cpuid
  test %edx, %edx
  jnz wrong

  /* The time stamp counter counts. */
counter:
  mov $6, %ebp
  rdtsc
  shl $32, %rdx
  or %rax, %rdx
  mov %rdx, %rbx
  rdtsc
  shl $32, %rdx
  or %rax, %rdx
  cmp %rbx, %rdx
  jb wrong
  end_with $0
wrong:
  end_with %ebp
  guest_end
