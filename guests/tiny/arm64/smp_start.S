/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the other processors by PSCI's CPU_ON (DEN 0022, 5.6) until one is not there. Each finds its
 * context in x0, says so and halts. Ends with the number of processors when all have come up, with
 * 200 + an error of PSCI, or with 201 where a processor is started twice. */
#include "guest.inc"

#define MAX_CPUS 16
#define INVALID_PARAMETERS 2
#define ALREADY_ON 4

.macro cpu_on
  load x0, PSCI_CPU_ON
  mov x1, x21
  adr x2, other
  add x3, x19, #FLAGS >> 12, lsl #12
  add x3, x3, x21, lsl #2
  hvc #0
.endm

  guest_start
  mov x21, #0 /* affinities of the first 16 count up */
  cpu_on
  mov w20, #201
  cmn w0, #ALREADY_ON
  b.ne wrong
  mov x21, #1
start:
  cpu_on
  cmn w0, #INVALID_PARAMETERS
  b.eq started
  mov w20, #200
  sub w20, w20, w0
  cbnz w0, wrong
  add x21, x21, #1
  cmp x21, #MAX_CPUS
  b.lo start

started:
  mov x22, #1
  add x23, x19, #FLAGS >> 12, lsl #12
wait:
  cmp x22, x21
  b.hs done
  ldr w0, [x23, x22, lsl #2]
  cbz w0, wait
  add x22, x22, #1
  b wait
done:
  end_with w21
  wrong_ends

other:
  mov w1, #1
  str w1, [x0]
  b halt
  guest_end
