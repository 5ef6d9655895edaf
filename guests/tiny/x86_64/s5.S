/* SPDX-License-Identifier: Apache-2.0 */
/* Powers off: SLP_TYP of \_S5 (0) and SLP_EN in PM1a control (ACPI 6.4, 4.8.3.2.1). */
#include "guest.inc"

  guest_start
  mov $PORT_PM_CONTROL, %dx
  mov $(1 << 13), %ax
  out %ax, %dx
  jmp halt
  guest_end
