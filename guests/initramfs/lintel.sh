# SPDX-License-Identifier: Apache-2.0
# For /init and the checks: sourced, not run.

# arg NAME [DEFAULT]: prints the value of NAME=VALUE on the kernel command line.
arg() {
  local word
  for word in $(cat /proc/cmdline); do
    case $word in
      "$1"=*)
        echo "${word#*=}"
        return 0
        ;;
    esac
  done
  [ $# -gt 1 ] && echo "$2"
}

# fail DETAIL...: ends a check; the last line of its output is the detail of its RESULT line.
fail() {
  echo "$*"
  exit 1
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
  local left=$(($1 * 10))
  shift
  until "$@"; do
    left=$((left - 1))
    [ $left -gt 0 ] || return 1
    usleep 100000
  done
}

# find_disk: sets `disk` to what lintel.blk_device (/dev/vdb) names, once it is there: some kinds of
# disks are found in the background.
find_disk() {
  disk=$(arg lintel.blk_device /dev/vdb)
  wait_for 30 [ -b "$disk" ] || fail "no block device $disk"
}

# in_range VALUE LOW-HIGH
in_range() {
  [ "$1" -ge "${2%-*}" ] && [ "$1" -le "${2#*-}" ]
}

# has_carrier CARD
has_carrier() {
  [ "$(cat "/sys/class/net/$1/carrier" 2>/dev/null)" = 1 ]
}

# network_up: configures the first network card as lintel.net says:
#   lintel.net=ADDRESS/PREFIX,PEER or lintel.net=dhcp,PEER
network_up() {
  local settings
  settings=$(arg lintel.net) || fail "lintel.net is missing on the command line"
  address=${settings%%,*}
  peer=${settings#*,}
  card=
  for card in /sys/class/net/*; do
    [ -e "$card/device" ] && break
  done
  [ -e "$card/device" ] || fail "no network card"
  card=${card##*/}
  ip link set lo up
  ip link set "$card" up
  # A real card takes seconds to agree on a speed.
  wait_for 30 has_carrier "$card" || fail "no link on $card"
  if [ "$address" = dhcp ]; then
    udhcpc -n -q -t 10 -i "$card" -s /lib/udhcpc.sh >/tmp/dhcp 2>&1 || fail "DHCP: $(tail -n1 /tmp/dhcp)"
  elif ! ip -o addr show dev "$card" | grep -q "inet ${address%/*}/"; then
    ip addr add "$address" dev "$card" || fail "cannot set $address"
  fi
}

# pci_functions: prints "ADDRESS CLASS VENDOR:DEVICE driver" of each.
pci_functions() {
  local device driver
  for device in /sys/bus/pci/devices/*; do
    driver=$(readlink "$device/driver")
    echo "${device##*/} $(cat "$device/class") $(cut -c3- "$device/vendor"):$(cut -c3- "$device/device") ${driver##*/}"
  done
}

# pci_folder VENDOR:DEVICE: prints the folder in sysfs of the first function with these IDs.
pci_folder() {
  local device
  for device in /sys/bus/pci/devices/*; do
    if [ "$(cut -c3- "$device/vendor"):$(cut -c3- "$device/device")" = "$1" ]; then
      echo "$device"
      return 0
    fi
  done
  return 1
}

# probe_bar write|verify: a pattern in the BAR that lintel.bar=VENDOR:DEVICE,INDEX[,SIZE] names; with
# SIZE only in so many bytes, for a monitor may show a small BAR as a page.
probe_bar() {
  local ids index size folder start
  IFS=, read -r ids index size <<END
$(arg lintel.bar)
END
  folder=$(pci_folder "$ids") || fail "no device $ids"
  echo 1 >"$folder/enable"
  start=$(sed -n "$((index + 1))p" "$folder/resource" | cut -d' ' -f1)
  probe bar "$folder/resource$index" "$1" "$(arg lintel.seed 1)" "$start" $size
}
