/* SPDX-License-Identifier: Apache-2.0 */
#define TOGGLES 2000
#include "toggle.inc"
