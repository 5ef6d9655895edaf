/* SPDX-License-Identifier: Apache-2.0 */
#define TOGGLES 100000
#include "toggle.inc"
