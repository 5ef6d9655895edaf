/* SPDX-License-Identifier: Apache-2.0 */
/* Takes three interrupts of the virtual timer through the GICv3, waiting in between. Ends with their
 * number. */
#include "guest.inc"

#define TIMER 27 /* PPI 11 (Base System Architecture 1.0, 3.6) */
/* The redistributor's second frame (IHI 0069, 12.10). */
#define PRIVATE_INTERRUPTS (GIC_REDISTRIBUTOR + 0x10000)
#define WAKER 0x14
#define GROUP 0x80
#define ENABLE 0x100

  guest_start
  load x21, GIC_DISTRIBUTOR
  mov w0, #(1 << 4 | 1 << 1) /* GICD_CTLR: affinity routing, group 1 */
  str w0, [x21]
  load x21, GIC_REDISTRIBUTOR
  str wzr, [x21, #WAKER]
  load x21, PRIVATE_INTERRUPTS
  mov w0, #-1
  str w0, [x21, #GROUP]
  mov w0, #(1 << TIMER)
  str w0, [x21, #ENABLE]
  mov x0, #1
  msr S3_0_C12_C12_5, x0 /* ICC_SRE_EL1 */
  isb
  mov x0, #0xff
  msr S3_0_C4_C6_0, x0 /* ICC_PMR_EL1 */
  mov x0, #1
  msr S3_0_C12_C12_7, x0 /* ICC_IGRPEN1_EL1 */
  isb

  mov w22, #0
next:
  mov x0, #1000
  msr cntv_tval_el0, x0
  mov x0, #1
  msr cntv_ctl_el0, x0
  isb
  wfi /* wakes for what is pending, masked or not */
  msr daifclr, #2
  isb
  msr daifset, #2
  cmp w22, #3
  b.lo next
  end_with w22

on_interrupt:
  mrs x0, S3_0_C12_C12_0 /* ICC_IAR1_EL1 */
  cmp w0, #TIMER
  b.ne unexpected
  msr cntv_ctl_el0, xzr
  isb
  msr S3_0_C12_C12_1, x0 /* ICC_EOIR1_EL1 */
  add w22, w22, #1
  eret
  guest_end 1
