# SPDX-License-Identifier: Apache-2.0
"""Counts KVM's exits with the kernel's histogram triggers (Linux, Documentation/trace/histogram.rst):
the kernel counts by itself, so that counting changes nothing that is counted."""

import pathlib
import re

_TRACING = pathlib.Path("/sys/kernel/tracing")
# Each event with the fields that its histogram is keyed by.
_EVENTS = {
    "kvm_exit": ("exit_reason",),
    "kvm_userspace_exit": ("reason",),
    "kvm_pio": ("port", "rw"),
    "kvm_mmio": ("gpa", "type"),
    "kvm_msr": ("ecx", "write"),
}

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
# Linux, Documentation/virt/kvm/api.rst, section 5.
_USER = {
    2: "port I/O", 5: "HLT", 6: "MMIO", 8: "shutdown", 10: "interrupted", 17: "internal error",
    24: "system event", 26: "IOAPIC EOI", 29: "MSR read", 30: "MSR write",
}


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


def summarise(histograms: dict, intel: bool) -> dict:
    """What a report needs of the counts."""
    ports = {}
    for (port, write), count in histograms["kvm_pio"].items():
        ports[f"{port:#x} {'write' if write else 'read'}"] = count
    pages = {}
    for (address, kind), count in histograms["kvm_mmio"].items():
        if kind == 0:  # a read that user space must answer: counted again when it has
            continue
        name = f"{address & ~0xfff:#x} {'write' if kind == 2 else 'read'}"
        pages[name] = pages.get(name, 0) + count
    msrs = {f"{msr:#x} {'write' if write else 'read'}": count
            for (msr, write), count in histograms["kvm_msr"].items()}
    largest = lambda counts: dict(sorted(counts.items(), key=lambda item: -item[1])[:24])
    return {
        "user_exits": sum(histograms["kvm_userspace_exit"].values()),
        "exits": sum(histograms["kvm_exit"].values()),
        "user_reasons": _named(histograms["kvm_userspace_exit"], _USER),
        "reasons": _named(histograms["kvm_exit"], _VMX if intel else _SVM),
        "ports": largest(ports),
        "mmio_pages": largest(pages),
        "msrs": largest(msrs),
    }


class Counter:
    """with Counter() as counter: ...; counter.histograms afterwards."""

    def __init__(self):
        self.histograms = {}

    @staticmethod
    def _trigger(event: str) -> pathlib.Path:
        return _TRACING / "events" / "kvm" / event / "trigger"

    @staticmethod
    def _text(event: str) -> str:
        return f"hist:keys={','.join(_EVENTS[event])}:size=4096"

    def __enter__(self):
        for event in _EVENTS:
            self._trigger(event).write_text(self._text(event), encoding="ascii")
        return self

    def totals(self) -> dict[str, int]:
        """What was counted of each event until now."""
        return {event: sum(self._read(event).values()) for event in _EVENTS}

    def _read(self, event: str) -> dict[tuple[int, ...], int]:
        return parse_histogram(
            (self._trigger(event).parent / "hist").read_text(encoding="ascii"))

    def __exit__(self, *exception):
        try:
            for event in _EVENTS:
                self.histograms[event] = self._read(event)
        finally:
            for event in _EVENTS:
                self._trigger(event).write_text("!" + self._text(event), encoding="ascii")
