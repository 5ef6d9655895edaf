#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Proof that /dev/kvm runs guests here: one in real mode that writes "ok" to a port and halts.

Ioctls and structures: Linux, Documentation/virt/kvm/api.rst, and <linux/kvm.h> for x86.
"""

import fcntl
import mmap
import os
import struct

KVM_CREATE_VM = 0xAE01
KVM_GET_VCPU_MMAP_SIZE = 0xAE04
KVM_CREATE_VCPU = 0xAE41
KVM_SET_TSS_ADDR = 0xAE47
KVM_RUN = 0xAE80
KVM_SET_USER_MEMORY_REGION = 0x4020AE46
KVM_SET_REGS = 0x4090AE82
KVM_GET_SREGS = 0x8138AE83
KVM_SET_SREGS = 0x4138AE84
KVM_EXIT_IO, KVM_EXIT_HLT = 2, 5

CODE_AT = 0x1000
CODE = (b"\xba\xf8\x03"  # mov dx, 0x3f8
        b"\xb0o\xee"     # mov al, 'o'; out dx, al
        b"\xb0k\xee"     # mov al, 'k'; out dx, al
        b"\xf4")         # hlt


def main():
    kvm = os.open("/dev/kvm", os.O_RDWR)
    vm = fcntl.ioctl(kvm, KVM_CREATE_VM, 0)
    fcntl.ioctl(vm, KVM_SET_TSS_ADDR, 0x7FFFD000)
    memory = mmap.mmap(-1, 0x10000)
    memory[CODE_AT:CODE_AT + len(CODE)] = CODE
    address = mapping_address(memory)
    fcntl.ioctl(vm, KVM_SET_USER_MEMORY_REGION, struct.pack("IIQQQ", 0, 0, 0, len(memory), address))
    vcpu = fcntl.ioctl(vm, KVM_CREATE_VCPU, 0)
    run = mmap.mmap(vcpu, fcntl.ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0))

    sregs = bytearray(0x138)
    fcntl.ioctl(vcpu, KVM_GET_SREGS, sregs)
    struct.pack_into("QIH", sregs, 0, 0, 0xFFFF, 0)  # cs: base, limit, selector
    fcntl.ioctl(vcpu, KVM_SET_SREGS, bytes(sregs))
    regs = struct.pack("18Q", *([0] * 16), CODE_AT, 2)  # rip, rflags
    fcntl.ioctl(vcpu, KVM_SET_REGS, regs)

    written = b""
    while True:
        fcntl.ioctl(vcpu, KVM_RUN, 0)
        (reason,) = struct.unpack_from("I", run, 8)
        if reason == KVM_EXIT_HLT:
            break
        if reason != KVM_EXIT_IO:
            raise SystemExit(f"kvm_smoke: unexpected exit {reason}")
        (data_offset,) = struct.unpack_from("Q", run, 40)
        written += run[data_offset:data_offset + 1]
    print(written.decode())


def mapping_address(memory):
    import ctypes
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))


main()
