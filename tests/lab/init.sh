#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# First program of the lab's host (busybox sh, in the initramfs): brings up what every command may
# expect of a host, then becomes the agent, which runs the commands.

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts /dev/hugepages
mount -t tmpfs -o mode=1777,size=90% shm /dev/shm
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=755,size=90% run /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tracefs tracefs /sys/kernel/tracing
mount -t debugfs debugfs /sys/kernel/debug
mount -t hugetlbfs hugetlbfs /dev/hugepages
mkdir -p /run/lock
ln -sfn /proc/self/fd /dev/fd
ln -sfn fd/0 /dev/stdin
ln -sfn fd/1 /dev/stdout
ln -sfn fd/2 /dev/stderr

modprobe -a virtio_pci virtio_console 9pnet_virtio 9p overlay

# Device nodes of modules that are not loaded yet: the first open loads the module.
while read -r module name number; do
  case $module in '#'*) continue ;; esac
  type=${number%%[0-9]*}
  number=${number#?}
  case $name in */*) mkdir -p "/dev/${name%/*}" ;; esac
  [ -e "/dev/$name" ] || mknod "/dev/$name" "$type" "${number%:*}" "${number#*:}"
done < "/lib/modules/$(uname -r)/modules.devname"

# There is no udev here: load the drivers of the devices that are present.
modprobe -qa $(cat /sys/bus/pci/devices/*/modalias) 2>/dev/null
if grep -qw svm /proc/cpuinfo; then
  modprobe kvm-amd
elif grep -qw vmx /proc/cpuinfo; then
  modprobe kvm-intel
fi
if [ -n "$(ls /sys/kernel/iommu_groups)" ]; then
  modprobe -a vfio_iommu_type1 vfio-pci
fi
for node in kvm net/tun vhost-net vhost-vsock vsock; do
  [ ! -e "/dev/$node" ] || chmod 0666 "/dev/$node"
done

hostname lab
ip link set lo up
# A network to nowhere (TEST-NET-1, RFC 5737): programs that forward a guest's traffic, passt for
# one, want an interface with a default route, as nearly every host has.
modprobe dummy numdummies=0
ip link add lan0 type dummy
ip addr add 192.0.2.2/24 dev lan0
ip link set lan0 up
ip route add default via 192.0.2.1 dev lan0
if grep -qw lab-output /sys/bus/virtio/drivers/9pnet_virtio/*/mount_tag 2>/dev/null; then
  mount -t 9p -o trans=virtio,version=9p2000.L,cache=mmap,msize=1048576,access=any \
    lab-output /output
fi
exec /agent
