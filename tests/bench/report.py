# SPDX-License-Identifier: Apache-2.0
"""Turns what was measured into a table with ratios, and judges the budgets."""

import dataclasses


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
    limit: float
    of_peer: bool  # the limit is a share of the best peer's
    text: str


BUDGETS = (
    Budget("user_exits", 500, False, "exits to user space, at most 500"),
    Budget("exits", 3000, False, "exits in all, at most 3,000"),
    Budget("init_seconds", 0.7, True, "exec to guest init, at most 0.7 of the fastest peer"),
    Budget("own_seconds", 0.25, True, "before the kernel's clock, at most 0.25 of the least peer"),
    Budget("nvme.user_exits_per_io", 0, False, "passed NVMe: exits to user space, none"),
    Budget("nic.user_exits_per_io", 0, False, "passed e1000e: exits to user space, none"),
    Budget("memory.rss_kib", 4096, False, "resident memory, at most 4 MiB"),
)


def value(results: dict, key: str):
    """None where it was not measured."""
    for part in key.split("."):
        if not isinstance(results, dict) or part not in results:
            return None
        results = results[part]
    return results


def best_peer(all_results: dict, row: Row, own: str = "lintel"):
    # What only Lintel has a cache for is compared with what the peers do always.
    key = row.key.removeprefix("cold.")
    values = [v for name, results in all_results.items()
              if name != own and (v := value(results, key)) is not None]
    if not values:
        return None
    return max(values) if row.more_is_better else min(values)


def ratio(all_results: dict, row: Row, own: str = "lintel"):
    """Ours divided by the best peer's; None where either is missing."""
    ours, peer = value(all_results.get(own, {}), row.key), best_peer(all_results, row, own)
    return ours / peer if ours is not None and peer else None


def _text(number, row: Row) -> str:
    if number is None:
        return "-"
    text = f"{number * row.scale:,.{row.digits}f}"
    return f"{text} {row.unit}" if row.unit else text


def table(all_results: dict, titles: dict[str, str]) -> list[list[str]]:
    names = list(all_results)
    lines = [["", *(titles[name] for name in names), "ratio to the best peer"]]
    for row in ROWS:
        values = [value(all_results[name], row.key) for name in names]
        if all(v is None for v in values):
            continue
        relative = ratio(all_results, row)
        lines.append([row.title, *(_text(v, row) for v in values),
                      "-" if relative is None else f"{relative:.2f}"])
    return lines


def budget_lines(all_results: dict) -> list[tuple[str, float, bool]]:
    """Budget, what was reached, whether that meets it; only what was measured."""
    rows = {row.key: row for row in ROWS}
    lines = []
    for budget in BUDGETS:
        row = rows[budget.key]
        reached = (ratio(all_results, row) if budget.of_peer
                   else value(all_results.get("lintel", {}), budget.key))
        if reached is not None:
            lines.append((budget.text, reached, reached <= budget.limit))
    return lines


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
