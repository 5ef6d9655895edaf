# SPDX-License-Identifier: Apache-2.0
"""The monitors that the cases run with."""

import contextlib
import pathlib
import tomllib

import binding
import cases
import peer
import runner

_EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "configs"
_JOURNALS = pathlib.Path("/run/lintel")
_QEMU = {
    "x86": ("qemu-system-x86_64", "-machine", "q35,accel=kvm", "-cpu", "host"),
    "arm64": ("qemu-system-aarch64", "-machine", "virt,accel=kvm,gic-version=3,its=on",
              "-cpu", "host"),
}


def _load(file: pathlib.Path) -> dict:
    return tomllib.loads(file.read_text(encoding="utf-8"))


class Lintel(runner.Runner):
    """Takes the devices from their drivers itself, and must give them back."""

    def configuration(self, run):
        config = super().configuration(run)
        config.setdefault("pci", [{"device": address, "bind": "auto"}
                                  for address in run["devices"]])
        return config

    def command(self, run, places):
        if not run["example"]:
            return super().command(run, places)
        example = _EXAMPLES / run["example"]
        config = cases.substitute(self.configuration(run), places)
        # The file's words come last: which console is the preferred one is said by them.
        config["boot"]["cmdline"] += " " + _load(example)["boot"]["cmdline"]
        words = [word for section in ("boot", "cpu", "memory")
                 for key, value in config[section].items()
                 for word in ("--set", f"{section}.{key}={value}")]
        return [self.options.lintel, "run", "--log-level", run["log_level"], *words, example]

    @contextlib.contextmanager
    def host(self, run, problems):
        before = {address: run["had"] or binding.driver_of(address) for address in run["devices"]}
        yield
        if run["left"]:
            before = dict.fromkeys(before, run["left"])
        else:
            problems += [f"{journal} was left" for journal in _JOURNALS.glob("*/restore.json")]
            problems += [f"{address} was left with driver_override {override}" for address in before
                         if (override := binding.override_of(address))]
        for address, driver in before.items():
            if (now := binding.driver_of(address)) != driver:
                problems.append(f"{address} was left with driver {now}, it had {driver}")


class Qemu(runner.Runner):
    """The peer. It takes devices that are bound for it."""

    def command(self, run, places):
        config = cases.substitute(self.configuration(run), places)
        boot = config["boot"]
        devices = [word for address in run["devices"]
                   for word in ("-device", f"vfio-pci,host={address}")]
        program, *machine = _QEMU[self.options.arch]
        return [*peer.command(self.options.arch, program, self.options.guests / "qemu"), *machine,
                "-nodefaults", "-no-user-config", "-display", "none",
                "-no-reboot", "-serial", "stdio", "-smp", config["cpu"]["count"],
                "-m", config["memory"]["size"], "-kernel", boot["kernel"],
                "-initrd", boot["initrd"], "-append", boot["cmdline"], *devices]

    @contextlib.contextmanager
    def host(self, run, problems):
        with binding.to_vfio(run["devices"]):
            yield


RUNNERS = {"lintel": Lintel, "qemu": Qemu}
