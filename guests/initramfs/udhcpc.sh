#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What udhcpc runs when it has a lease.
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ip addr replace "$ip/${mask:-24}" dev "$interface"
for gateway in $router; do
  ip route replace "$gateway" dev "$interface"
  ip route replace default via "$gateway" dev "$interface"
done
