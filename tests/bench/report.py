# SPDX-License-Identifier: Apache-2.0
"""Turns what was measured into a table with ratios, and judges the budgets."""

import dataclasses
import math
import statistics


@dataclasses.dataclass(frozen=True)
class Row:
    key: str  # path in a monitor's results, dots between
    title: str
    unit: str = ""
    scale: float = 1.0
    digits: int = 0
    more_is_better: bool = False


def _passed_rows(key: str, title: str, unit: str) -> tuple[Row, ...]:
    return (
        Row(f"{key}.ready_seconds", f"{title}: exec to where the guest uses it", "ms", 1000),
        Row(f"{key}.user_exits_per_io", f"{title}: exits to user space per {unit}", digits=4),
        Row(f"{key}.exits_per_io", f"{title}: exits in all per {unit}", digits=3),
        Row(f"{key}.wakeups_per_io", f"{title}: wake-ups of the monitor per {unit}", digits=4),
        Row(f"{key}.map_calls", f"{title}: ioctls that map RAM for DMA"),
        Row(f"{key}.map_seconds", f"{title}: time in them", "ms", 1000),
    )


ROWS = (
    Row("user_exits", "exits to user space"),
    Row("exits", "exits in all"),
    Row("init_seconds", "exec to guest init", "ms", 1000),
    Row("cold.init_seconds", "the same, nothing cached", "ms", 1000),
    Row("own_seconds", "of it before the kernel's clock", "ms", 1000),
    Row("cold.own_seconds", "the same, nothing cached", "ms", 1000),
    Row("memory.rss_kib", "resident memory besides guest RAM", "KiB"),
    Row("memory.private_kib", "of it private", "KiB"),
    Row("memory.threads", "threads"),
    Row("sizes.program_kib", "program, stripped", "KiB"),
    Row("sizes.unstripped_kib", "program, not stripped", "KiB"),
    Row("sizes.with_libraries_kib", "program with its libraries", "KiB"),
    Row("blk.random_read_iops", "blk: random 4 KiB reads, 1 at a time", "/s", more_is_better=True),
    Row("blk.random_read_iops_32", "blk: random 4 KiB reads, 32 at a time", "/s",
        more_is_better=True),
    Row("blk.sequential_read_mib", "blk: sequential reads, 1 MiB", "MiB/s", more_is_better=True),
    Row("blk.sequential_write_mib", "blk: sequential writes, 1 MiB", "MiB/s", more_is_better=True),
    Row("nvme.random_read_iops", "passed NVMe: random 4 KiB reads, 1 at a time", "/s",
        more_is_better=True),
    Row("nvme.random_read_iops_32", "passed NVMe: random 4 KiB reads, 32 at a time", "/s",
        more_is_better=True),
    Row("nvme.sequential_read_mib", "passed NVMe: sequential reads, 1 MiB", "MiB/s",
        more_is_better=True),
    Row("nvme.sequential_write_mib", "passed NVMe: sequential writes, 1 MiB", "MiB/s",
        more_is_better=True),
    *_passed_rows("nvme", "passed NVMe", "request"),
    Row("nic.echo_mib", "passed e1000e: TCP there and back", "MiB/s", more_is_better=True),
    *_passed_rows("nic", "passed e1000e", "packet"),
    Row("net.receive_mib", "net: TCP to the guest", "MiB/s", more_is_better=True),
    Row("net.send_mib", "net: TCP from the guest", "MiB/s", more_is_better=True),
    Row("net.round_trip_us", "net: TCP round trip, 1 byte", "us"),
)


@dataclasses.dataclass(frozen=True)
class Budget:
    key: str
    limit: float  # the most, or of what is better the more of it there is, the least
    of_peer: bool  # the limit is a share of the best peer's
    text: str


BUDGETS = (
    Budget("user_exits", 500, False, "exits to user space, at most 500"),
    Budget("exits", 3000, False, "exits in all, at most 3,000"),
    Budget("init_seconds", 0.7, True, "exec to guest init, at most 0.7 of the fastest peer"),
    Budget("own_seconds", 0.25, True, "before the kernel's clock, at most 0.25 of the least peer"),
    *(Budget(row.key, 1.0, True, f"{row.title}, not below the peer") for row in ROWS
      if row.more_is_better and row.key.startswith(("nvme.", "nic."))),
    Budget("nvme.user_exits_per_io", 0, False, "passed NVMe: exits to user space, none"),
    Budget("nic.user_exits_per_io", 0, False, "passed e1000e: exits to user space, none"),
    # Before and after the guest says a line on its console.
    Budget("nvme.wakeups_per_io", 0.001, False, "passed NVMe: wake-ups, at most 1 in 1,000 requests"),
    Budget("nic.wakeups_per_io", 0.001, False, "passed e1000e: wake-ups, at most 1 in 1,000 packets"),
    Budget("memory.rss_kib", 4096, False, "resident memory, at most 4 MiB"),
)


def value(results: dict, key: str):
    """None where it was not measured."""
    for part in key.split("."):
        if not isinstance(results, dict) or part not in results:
            return None
        results = results[part]
    return results


def _best_peer(all_results: dict, row: Row, own: str) -> tuple[str, float] | None:
    """Its name and value."""
    # What only Lintel has a cache for is compared with what the peers do always.
    key = row.key.removeprefix("cold.")
    values = [(v, name) for name, results in all_results.items()
              if name != own and (v := value(results, key)) is not None]
    if not values:
        return None
    best = max(values) if row.more_is_better else min(values)
    return best[1], best[0]


@dataclasses.dataclass(frozen=True)
class Ratio:
    value: float
    error: float = 0.0  # the standard error of the value, where rounds of several boots were measured


def _of_rounds(boots: list[list[tuple[float, float]]]) -> Ratio:
    """Of ours to the peer's in each round, so that a machine whose speed changes is no advantage to
    either; the mean of the boots, whose rounds share the boot's luck."""
    logarithms = [statistics.mean(math.log(ours / peers) for ours, peers in boot) for boot in boots]
    mean = math.exp(statistics.mean(logarithms))
    if len(logarithms) < 2:
        return Ratio(mean)
    return Ratio(mean, mean * statistics.stdev(logarithms) / math.sqrt(len(logarithms)))


def ratio(all_results: dict, row: Row, own: str = "lintel") -> Ratio | None:
    """Ours divided by the best peer's; None where either is missing."""
    ours, peer = value(all_results.get(own, {}), row.key), _best_peer(all_results, row, own)
    if ours is None or peer is None or not peer[1]:
        return None
    group, _, name = row.key.rpartition(".")
    boots = [value(all_results[monitor], f"{group}.rounds") for monitor in (own, peer[0])]
    if all(boots) and name in boots[0][0][0]:
        return _of_rounds([[(ours[name], peers[name]) for ours, peers in zip(*boot, strict=True)]
                           for boot in zip(*boots, strict=True)])
    return Ratio(ours / peer[1])


def _text(number, row: Row) -> str:
    if number is None:
        return "-"
    text = f"{number * row.scale:,.{row.digits}f}"
    return f"{text} {row.unit}" if row.unit else text


def _ratio_text(relative: Ratio | None) -> str:
    if relative is None:
        return "-"
    return f"{relative.value:.2f}" + (f" ± {relative.error:.2f}" if relative.error else "")


def table(all_results: dict, titles: dict[str, str]) -> list[list[str]]:
    names = list(all_results)
    lines = [["", *(titles[name] for name in names), "ratio to the best peer"]]
    for row in ROWS:
        values = [value(all_results[name], row.key) for name in names]
        if all(v is None for v in values):
            continue
        lines.append([row.title, *(_text(v, row) for v in values),
                      _ratio_text(ratio(all_results, row))])
    return lines


def budget_lines(all_results: dict) -> list[tuple[str, float, bool]]:
    """Budget, what was reached, whether that meets it; only what was measured."""
    rows = {row.key: row for row in ROWS}
    lines = []
    for budget in BUDGETS:
        row = rows[budget.key]
        if budget.of_peer:
            reached = ratio(all_results, row)
        else:
            own = value(all_results.get("lintel", {}), budget.key)
            reached = None if own is None else Ratio(own)
        if reached is not None:
            lines.append((budget.text, reached.value, _meets(reached, budget.limit, row)))
    return lines


def _meets(reached: Ratio, limit: float, row: Row) -> bool:
    # What the boots cannot tell from the limit has not missed it.
    if row.more_is_better:
        return reached.value + 2 * reached.error >= limit
    return reached.value <= limit


def as_text(lines: list[list[str]]) -> str:
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(line, widths)))
                     for line in lines)


def as_markdown(lines: list[list[str]]) -> str:
    rule = ["---", *("---:" for _ in lines[0][1:])]
    return "\n".join("| " + " | ".join(line) + " |" for line in [lines[0], rule, *lines[1:]])


def reasons_markdown(all_results: dict, titles: dict[str, str], key: str, count: int = 10) -> str:
    """Where a monitor's exits come from, largest first; nothing of one that was not counted."""
    lines = []
    for name, results in all_results.items():
        if key not in results:
            continue
        counts = sorted(results[key].items(), key=lambda item: -item[1])[:count]
        lines.append(f"- {titles[name]}: " + ", ".join(f"{what} {n:,}" for what, n in counts))
    return "\n".join(lines)
