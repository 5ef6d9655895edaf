# SPDX-License-Identifier: Apache-2.0
"""Runs cases with Lintel and judges them. Another monitor is a subclass with another `command`."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import cases
import process
import toml_text

_HERE = pathlib.Path(__file__).resolve().parent
_TAIL = 40  # lines shown of a failed run's console and log
_STEP_TIMEOUT = 120
# Its own code, a panic, a reset, the time limit: vmm/config/exit_codes.h.
_GUEST_STATUSES = [*range(120), 120, 121, 124]
_SIZES = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def _size(text: str) -> int:
    return int(text[:-1]) * _SIZES[text[-1]]


class Runner:
    """Runs cases, each in a scratch folder of its own."""

    def __init__(self, options, places: dict):
        """options: arch, guests, lintel, scratch. places: more of what {words} in a case stand for."""
        self.options = options
        self._places = places
        self._env = os.environ | {"XDG_CACHE_HOME": str(options.scratch / "cache")}

    def command(self, run: dict, places: dict) -> list:
        """What starts the monitor, without the words before it."""
        config = cases.substitute(self.configuration(run), places)
        places["self"].write_text(toml_text.dumps(config), encoding="utf-8")
        return [self.options.lintel, "run", "--log-level", run["log_level"], places["self"]]

    def configuration(self, run: dict) -> dict:
        """The monitor's TOML, with {words}."""
        return cases.configuration(run, self.options.arch, self.options.guests)

    @contextlib.contextmanager
    def host(self, run: dict, problems: list):
        """What the host is made to be while the monitor runs; adds what was wrong with it then."""
        del run, problems
        yield

    def run(self, case: dict) -> list[str]:
        """Returns the problems; none is a pass."""
        with tempfile.TemporaryDirectory(dir=self.options.scratch) as folder:
            places = {"scratch": folder, "lintel": self.options.lintel, "here": _HERE,
                      "guests": self.options.guests,
                      "self": pathlib.Path(folder) / "vm.toml"} | self._places
            case = cases.substitute(case, places)
            for name, size in case["files"].items():
                with open(os.path.join(folder, name), "wb") as file:
                    file.truncate(_size(size))
            services = []
            try:
                for command in case["setup"]:
                    subprocess.run(command, check=True, timeout=_STEP_TIMEOUT)
                for command in case["services"]:
                    services.append(_start_service(command))
                return self._run_all(case, places)
            except (subprocess.SubprocessError, OSError) as error:
                return [f"preparation: {error}"]
            finally:
                for service in services:
                    service.kill()
                    service.wait()

    def _run_all(self, case: dict, places: dict) -> list[str]:
        for number, run in enumerate(cases.runs_of(case), 1):
            result, problems = self._run_once(run, places)
            if problems:
                _show(result)
                prefix = f"run {number}: " if len(case["runs"]) > 1 else ""
                return [prefix + problem for problem in problems]
        return []

    def _run_once(self, run: dict, places: dict):
        problems = []
        with self.host(run, problems):
            command = [*run["wrap"], *self.command(run, places)]
            watched = process.Watched(list(map(str, command)), run["steps"],
                                      terminal=run["terminal"], env=self._env)
            result = watched.run(run["timeout"], self._act)
            (places["self"].parent / "console").write_text(result.console, encoding="utf-8")
            for command in run["after"]:
                done = subprocess.run(command, check=False, timeout=_STEP_TIMEOUT, env=self._env)
                if done.returncode != 0:
                    problems.append(f"{command} ended with {done.returncode}")
        return result, problems + result.problems + _judge(run, result)

    def _act(self, step: dict, watched: process.Watched):
        """One step: `type`s text, sends a `signal`, or runs a command (`run`)."""
        if "type" in step:
            watched.type_text(step["type"])
        if "signal" in step:
            os.kill(watched.pid, signal.Signals["SIG" + step["signal"]])
        if "run" not in step:
            return None
        done = subprocess.run(step["run"], capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=_STEP_TIMEOUT, env=self._env)
        wanted = step.get("status", 0)
        if done.returncode != wanted:
            return (f"{step['run'][0]} ended with {done.returncode}, not {wanted}: "
                    f"{done.stdout}{done.stderr}")
        if not re.search(step.get("output", ""), done.stdout + done.stderr):
            return f"{step['output']!r} is not in {done.stdout + done.stderr!r}"
        return None


def _start_service(command) -> subprocess.Popen:
    """Starts a helper program, which says a line when it is ready."""
    # pylint: disable=consider-using-with  (the caller ends it)
    service = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    if not service.stdout.readline():
        service.kill()
        service.wait()
        raise OSError(f"{command[0]} ended with {service.returncode}")
    return service


def _judge(run: dict, result: process.Result) -> list[str]:
    expect = run["expect"]
    problems = []
    wanted = expect.get("status", 0)
    statuses = _GUEST_STATUSES if wanted == "guest" else wanted
    if result.status not in (statuses if isinstance(statuses, list) else [statuses]):
        problems.append(f"status {result.status}, not {wanted}")
    # Every check that the guest was asked for must have passed, unless the row knows better.
    console = expect.get("console")
    if console is None and "flat" not in run and not expect.get("log"):
        console = [f"RESULT {re.escape(name)} pass" for name in run["test"]]
    problems += _missing("console", result.console, console or [])
    problems += _missing("log", result.log, expect.get("log", []))
    for where, text in (("console", result.console), ("log", result.log)):
        for pattern in expect.get("no_" + where, []):
            if found := re.search(pattern, text):
                problems.append(f"{found[0]!r} on the {where}")
    if limit := expect.get("max_own_kib"):
        # The row has the guest's RAM prefaulted: what is above it is the monitor's own.
        own = result.max_rss_kib - _size(run["memory"]) // 1024
        if own > limit:
            problems.append(f"{own} KiB besides the guest's RAM, more than {limit}")
    return problems


def _missing(where: str, text: str, patterns) -> list[str]:
    """The patterns must come in their order."""
    position = 0
    for pattern in patterns:
        found = re.compile(pattern).search(text, position)
        if not found:
            return [f"no {pattern!r} on the {where}" + (" any more" if position else "")]
        position = found.end()
    return []


def _show(result: process.Result) -> None:
    for name, text in (("console", result.console), ("log", result.log)):
        lines = text.replace("\r", "").splitlines()
        print(f"--- {name}, {len(lines)} lines" + (", the last" if len(lines) > _TAIL else ""))
        for line in lines[-_TAIL:]:
            print("  | " + line)


def select(table: list[dict], groups, patterns) -> list[dict]:
    """The cases of the groups whose names have one of the patterns; None stands for all."""
    return [case for case in table
            if (not groups or case["group"] in groups)
            and (not patterns or any(re.search(p, case["name"]) for p in patterns))]


def run_all(runner: Runner, selected: list[dict]) -> int:
    """Prints a line for each; returns the exit status."""
    scratch = runner.options.scratch
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    failed = []
    for case in selected:
        start = time.monotonic()
        problems = runner.run(case)
        verdict = "FAILED" if problems else "ok"
        print(f"{verdict:6} {case['name']} ({time.monotonic() - start:.1f} s)", flush=True)
        for problem in problems:
            print(f"       {problem}", flush=True)
        failed += [case["name"]] if problems else []
    shutil.rmtree(scratch)
    print(f"{len(selected) - len(failed)} of {len(selected)} cases passed"
          + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0
