/* SPDX-License-Identifier: Apache-2.0 */
/* PSCI's SYSTEM_RESET (DEN 0022, 5.10). It does not return. */
#include "guest.inc"

  guest_start
  load x0, PSCI_SYSTEM_RESET
  hvc #0
  end_with #1
  guest_end
