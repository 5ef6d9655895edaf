#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Proof that /dev/kvm runs guests here: one that writes "ok", a byte at a time, and ends.

On x86 it runs in real mode, writes to a port and halts; on arm64 it writes to an address without
memory and calls PSCI's SYSTEM_OFF (Arm DEN 0022, 5.10). Ioctls and structures: Linux,
Documentation/virt/kvm/api.rst, and each architecture's <linux/kvm.h>.
"""

import ctypes
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
KVM_SET_ONE_REG = 0x4010AEAC
KVM_ARM_VCPU_INIT = 0x4020AEAE
KVM_ARM_PREFERRED_TARGET = 0x8020AEAF
KVM_EXIT_IO, KVM_EXIT_HLT, KVM_EXIT_MMIO, KVM_EXIT_SYSTEM_EVENT = 2, 5, 6, 24
KVM_SYSTEM_EVENT_SHUTDOWN = 1
KVM_ARM_VCPU_PSCI_0_2 = 1 << 2
KVM_REG_ARM64_PC = 0x6030000000100040  # a core register of 64 bits, 256 bytes into kvm_regs

CODE_AT = 0x1000
CODE_X86_64 = (b"\xba\xf8\x03"  # mov dx, 0x3f8
               b"\xb0o\xee"     # mov al, 'o'; out dx, al
               b"\xb0k\xee"     # mov al, 'k'; out dx, al
               b"\xf4")         # hlt
CODE_AARCH64 = struct.pack(
    "<8I",
    0xD2A20001,              # mov x1, #0x10000000
    0x52800DE0, 0x39000020,  # mov w0, #'o'; strb w0, [x1]
    0x52800D60, 0x39000020,  # mov w0, #'k'; strb w0, [x1]
    0x52800100, 0x72B08000,  # mov w0, #0x84000008, in two steps
    0xD4000002)              # hvc #0


def start_x86_64(vm, vcpu):
    sregs = bytearray(0x138)
    fcntl.ioctl(vcpu, KVM_GET_SREGS, sregs)
    struct.pack_into("QIH", sregs, 0, 0, 0xFFFF, 0)  # cs: base, limit, selector
    fcntl.ioctl(vcpu, KVM_SET_SREGS, bytes(sregs))
    fcntl.ioctl(vcpu, KVM_SET_REGS, struct.pack("18Q", *([0] * 16), CODE_AT, 2))  # rip, rflags


def start_aarch64(vm, vcpu):
    init = bytearray(32)
    fcntl.ioctl(vm, KVM_ARM_PREFERRED_TARGET, init)
    struct.pack_into("I", init, 4, KVM_ARM_VCPU_PSCI_0_2)
    fcntl.ioctl(vcpu, KVM_ARM_VCPU_INIT, bytes(init))
    pc = ctypes.c_uint64(CODE_AT)
    fcntl.ioctl(vcpu, KVM_SET_ONE_REG, struct.pack("QQ", KVM_REG_ARM64_PC, ctypes.addressof(pc)))


def run(vcpu, state):
    """Returns what the guest wrote until its end."""
    written = b""
    while True:
        fcntl.ioctl(vcpu, KVM_RUN, 0)
        (reason,) = struct.unpack_from("I", state, 8)
        if reason == KVM_EXIT_HLT:
            return written
        if reason == KVM_EXIT_SYSTEM_EVENT:
            (event,) = struct.unpack_from("I", state, 32)
            if event == KVM_SYSTEM_EVENT_SHUTDOWN:
                return written
            raise SystemExit(f"kvm_smoke: unexpected event {event}")
        if reason == KVM_EXIT_IO:
            (at,) = struct.unpack_from("Q", state, 40)
        elif reason == KVM_EXIT_MMIO:
            at = 40
        else:
            raise SystemExit(f"kvm_smoke: unexpected exit {reason}")
        written += state[at:at + 1]


def main():
    kvm = os.open("/dev/kvm", os.O_RDWR)
    vm = fcntl.ioctl(kvm, KVM_CREATE_VM, 0)
    is_x86 = os.uname().machine == "x86_64"
    if is_x86:
        fcntl.ioctl(vm, KVM_SET_TSS_ADDR, 0x7FFFD000)
    memory = mmap.mmap(-1, 0x10000)
    code = CODE_X86_64 if is_x86 else CODE_AARCH64
    memory[CODE_AT:CODE_AT + len(code)] = code
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    fcntl.ioctl(vm, KVM_SET_USER_MEMORY_REGION, struct.pack("IIQQQ", 0, 0, 0, len(memory), address))
    vcpu = fcntl.ioctl(vm, KVM_CREATE_VCPU, 0)
    state = mmap.mmap(vcpu, fcntl.ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0))
    (start_x86_64 if is_x86 else start_aarch64)(vm, vcpu)
    print(run(vcpu, state).decode())


main()
