# SPDX-License-Identifier: Apache-2.0
"""Counts KVM's exits with the kernel's histogram triggers (Linux, Documentation/trace/histogram.rst):
the kernel counts by itself, so that counting changes nothing that is counted."""

import os
import pathlib
import re

_TRACING = pathlib.Path("/sys/kernel/tracing")
_COMMON_EVENTS = {
    "kvm_userspace_exit": ("reason",),
    "kvm_mmio": ("gpa", "type"),
}
_X86_EVENTS = {**_COMMON_EVENTS, "kvm_exit": ("exit_reason",), "kvm_pio": ("port", "rw"),
               "kvm_msr": ("ecx", "write")}
_ARM64_EVENTS = {**_COMMON_EVENTS, "kvm_exit": ("ret", "esr_ec"),
                 # The kernel takes three keys; these tell registers apart well enough.
                 "kvm_sys_access": ("CRn", "CRm", "Op2")}

# AMD64 Architecture Programmer's Manual volume 2, appendix C: what appears in practice.
_SVM = {
    0x00: "CR0 read", 0x04: "CR4 read", 0x10: "CR0 write", 0x14: "CR4 write", 0x41: "#DB",
    0x4E: "#PF", 0x60: "INTR", 0x61: "NMI", 0x64: "VINTR", 0x65: "CR0 selective write",
    0x6E: "RDTSC", 0x72: "CPUID", 0x77: "PAUSE", 0x78: "HLT", 0x7B: "port I/O", 0x7C: "MSR",
    0x7F: "shutdown", 0x89: "WBINVD", 0x8D: "XSETBV", 0x400: "page fault",
}
# Intel SDM volume 3, appendix C.
_VMX = {
    0: "exception", 1: "INTR", 7: "interrupt window", 10: "CPUID", 12: "HLT", 28: "CR access",
    30: "port I/O", 31: "MSR read", 32: "MSR write", 40: "PAUSE", 48: "page fault",
    49: "page fault (MMIO)", 52: "preemption timer", 54: "WBINVD", 55: "XSETBV",
}
# Arm Architecture Reference Manual (DDI 0487), ESR_EL2.EC.
_ARM64 = {
    0x01: "WFI or WFE", 0x07: "floating point", 0x16: "HVC", 0x17: "SMC", 0x18: "system register",
    0x20: "instruction abort", 0x24: "data abort", 0x2F: "SError", 0x3C: "BRK",
}
_ARM64_TRAP = 2  # ARM_EXCEPTION_TRAP: only then there is an EC
_ARM64_RETURNS = {0: "INTR", 1: "SError", 3: "illegal state"}
# Linux, Documentation/virt/kvm/api.rst, section 5.
_USER = {
    2: "port I/O", 5: "HLT", 6: "MMIO", 8: "shutdown", 10: "interrupted", 17: "internal error",
    24: "system event", 26: "IOAPIC EOI", 29: "MSR read", 30: "MSR write",
}


# Linux, include/uapi/linux/vfio.h.
VFIO_IOMMU_MAP_DMA = 0x3B71


def parse_histogram(text: str) -> dict[tuple[int, ...], int]:
    """Keys to counts. Fails if the kernel ran out of entries: then the counts are wrong."""
    counts = {}
    for keys, hits in re.findall(r"^\{(.*?)\} hitcount:\s*(\d+)", text, re.MULTILINE):
        values = (int(value.strip().split()[0], 0) for value in re.findall(r":([^,}]*)", keys))
        counts[tuple(values)] = int(hits)
    dropped = re.search(r"^\s*Dropped:\s*(\d+)", text, re.MULTILINE)
    if dropped and int(dropped.group(1)):
        raise RuntimeError(f"the kernel's histogram dropped {dropped.group(1)} events")
    return counts


def _named(counts, names) -> dict[str, int]:
    named = {}
    for (number,), count in counts.items():
        name = names.get(number, f"{number:#x}")
        named[name] = named.get(name, 0) + count
    return dict(sorted(named.items(), key=lambda item: -item[1]))


def _largest(counts: dict) -> dict:
    return dict(sorted(counts.items(), key=lambda item: -item[1])[:24])


def _mmio_pages(counts) -> dict[str, int]:
    pages = {}
    for (address, kind), count in counts.items():
        if kind == 0:  # a read that user space must answer: counted again when it has
            continue
        name = f"{address & ~0xfff:#x} {'write' if kind == 2 else 'read'}"
        pages[name] = pages.get(name, 0) + count
    return pages


def _x86_details(histograms: dict, names: dict) -> dict:
    ports = {f"{port:#x} {'write' if write else 'read'}": count
             for (port, write), count in histograms["kvm_pio"].items()}
    msrs = {f"{msr:#x} {'write' if write else 'read'}": count
            for (msr, write), count in histograms["kvm_msr"].items()}
    return {"reasons": _named(histograms["kvm_exit"], names), "ports": _largest(ports),
            "msrs": _largest(msrs)}


def _arm64_details(histograms: dict) -> dict:
    reasons = {}
    for (returned, ec), count in histograms["kvm_exit"].items():
        name = (_ARM64.get(ec, f"EC {ec:#x}") if returned == _ARM64_TRAP
                else _ARM64_RETURNS.get(returned, f"{returned:#x}"))
        reasons[name] = reasons.get(name, 0) + count
    registers = {f"C{crn}_C{crm}_{op2}": count
                 for (crn, crm, op2), count in histograms["kvm_sys_access"].items()}
    return {"reasons": _largest(reasons), "registers": _largest(registers)}


def summarise(histograms: dict, processor: str) -> dict:
    """What a report needs of the counts. processor: as processor() has it."""
    details = (_arm64_details(histograms) if processor == "arm64"
               else _x86_details(histograms, _VMX if processor == "intel" else _SVM))
    return {
        "user_exits": sum(histograms["kvm_userspace_exit"].values()),
        "exits": sum(histograms["kvm_exit"].values()),
        "user_reasons": _named(histograms["kvm_userspace_exit"], _USER),
        "mmio_pages": _largest(_mmio_pages(histograms["kvm_mmio"])),
        **details,
    }


def processor() -> str:
    """Whose exits are counted: "arm64", "intel" or "amd"."""
    if os.uname().machine == "aarch64":
        return "arm64"
    return "intel" if os.path.exists("/sys/module/kvm_intel") else "amd"


def summary_events(processor: str) -> dict[str, tuple[str, ...]]:
    """What summarise() needs counted."""
    return _ARM64_EVENTS if processor == "arm64" else _X86_EVENTS


class Counter:
    """with Counter(events) as counter: ...; counter.histograms afterwards. events: KVM's by name,
    each with the fields that its histogram is keyed by."""

    def __init__(self, events: dict[str, tuple[str, ...]]):
        self._events = events
        self.histograms = {}

    @staticmethod
    def _trigger(event: str) -> pathlib.Path:
        return _TRACING / "events" / "kvm" / event / "trigger"

    def _text(self, event: str) -> str:
        return f"hist:keys={','.join(self._events[event])}:size=4096"

    def __enter__(self):
        for event in self._events:
            self._trigger(event).write_text(self._text(event), encoding="ascii")
        return self

    def read(self, event: str) -> dict[tuple[int, ...], int]:
        """What was counted of an event until now."""
        return parse_histogram(
            (self._trigger(event).parent / "hist").read_text(encoding="ascii"))

    def __exit__(self, *exception):
        try:
            for event in self._events:
                self.histograms[event] = self.read(event)
        finally:
            for event in self._events:
                self._trigger(event).write_text("!" + self._text(event), encoding="ascii")


def parse_sum(text: str, name: str) -> tuple[int, int]:
    """How often, and the sum of the value `name`, of a histogram with one key."""
    found = re.findall(rf"hitcount:\s*(\d+)\s+{name}:\s*(\d+)", text)
    return sum(int(count) for count, _ in found), sum(int(value) for _, value in found)


class IoctlTimes:
    """with IoctlTimes(number) as times: ...; times.totals(). Of all processes."""

    _EVENT = "lintel_bench_ioctl"

    def __init__(self, number: int):
        events, call = _TRACING / "events", "sys_enter_ioctl"
        self._triggers = (
            (events / "syscalls" / call / "trigger",
             f"hist:keys=common_pid:start=common_timestamp if cmd=={number:#x}"),
            (events / "syscalls" / "sys_exit_ioctl" / "trigger",
             "hist:keys=common_pid:ns=common_timestamp-$start"
             f":onmatch(syscalls.{call}).{self._EVENT}($ns)"),
            (events / "synthetic" / self._EVENT / "trigger", "hist:keys=common_type:vals=ns"),
        )

    def _define(self, prefix: str) -> None:
        # Not by open(): with O_TRUNC the kernel forgets all events.
        file = os.open(_TRACING / "synthetic_events", os.O_WRONLY)
        try:
            os.write(file, f"{prefix}{self._EVENT} u64 ns\n".encode("ascii"))
        finally:
            os.close(file)

    def __enter__(self):
        self._define("")
        for path, text in self._triggers:
            path.write_text(text, encoding="ascii")
        return self

    def totals(self) -> tuple[int, float]:
        """Calls and seconds until now."""
        path = self._triggers[-1][0].parent / "hist"
        count, nanoseconds = parse_sum(path.read_text(encoding="ascii"), "ns")
        return count, nanoseconds / 1e9

    def __exit__(self, *exception):
        for path, text in reversed(self._triggers):
            path.write_text(f"!{text}", encoding="ascii")
        self._define("!")
