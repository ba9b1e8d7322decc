"""Matching from 10,000 to 1,000,000 announcements (named peers: bench.matching_peers).

    PAAT_BENCH_SIZES=10000,20000,100000,1000000 python -m bench matching

Announcements are fictional and all different (matching.prior); each size runs in a process of its
own, so that its peak memory is its own. Processor seconds are user and system; LIMITS are what a
run may cost at most. The figure of docs/ is drawn by `python -m bench.matching FILE.svg`.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from math import inf, log10
from pathlib import Path

from bench._announcements import TRUTH, rows
from bench._measure import OVER, verdict

SIZES = (10_000, 20_000, 100_000)
LIMITS: Mapping[int, tuple[float, float]] = {
    20_000: (3, 0.8), 100_000: (12, 0.8), 1_000_000: (150, 5),
}  # fmt: skip
"""Processor seconds and GB of a run of that size."""
CANDIDATES = 7  # a record, whatever the size
ROOT = Path(__file__).parents[1]
FIELDS = (
    "id", "source", "title", "description", "organiser", "venue", "address", "commune", "postcode",
    "insee", "dep", "date_start", "date_end", "url", "ticket", "lat", "lon",
)  # fmt: skip


def main() -> Iterator[str]:
    """One line per size."""
    told = os.environ.get("PAAT_BENCH_SIZES")
    sizes = tuple(map(int, told.split(","))) if told else SIZES
    yield f"load at the start: {os.getloadavg()[0]:.1f}"
    yield (
        "who,size,cpu_seconds,records_per_cpu_second,candidates_per_record,peak_gb,f1,series_f1,"
        "limits"
    )
    for size in sizes:
        figures = _alone("bench.matching", "one", str(size))
        if "cpu_seconds" not in figures:
            yield f"paat,{size},not measured: exit {figures['failed']:.0f},{OVER}"
            continue
        yield f"paat,{_line(figures)},{verdict(_within(figures))}"


def _alone(*arguments: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", *arguments], capture_output=True, text=True, check=False,
        timeout=3600, cwd=ROOT,
    )  # fmt: skip
    return dict(json.loads(done.stdout)) if done.returncode == 0 else {"failed": done.returncode}


def _within(figures: Mapping[str, float]) -> bool:
    """Whether a run costs what it may."""
    seconds, gigabytes = LIMITS.get(int(figures["size"]), (inf, inf))
    return (
        figures["cpu_seconds"] <= seconds
        and figures["peak_gb"] <= gigabytes
        and figures["candidates_per_record"] <= CANDIDATES
    )


def _line(figures: Mapping[str, object]) -> str:
    return ",".join(str(value) for value in figures.values())


def one_size(size: int) -> dict[str, float]:
    """One full run on `size` announcements, in this process."""
    from matching.measures import pair_score
    from matching.rows import kept
    from matching.tables import match_rows

    table = kept(rows(size), (*FIELDS, *TRUTH))
    start = time.process_time()
    found = match_rows(table, {name: name for name in FIELDS}, with_pairs=False)
    deque(found.reasons, maxlen=0)  # composed as they are read
    spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    event, series = (table.columns[name] for name in ("event", "series"))
    return {
        "size": size,
        "cpu_seconds": round(spent, 2),
        "records_per_cpu_second": round(size / spent),
        "candidates_per_record": round(found.candidates / size, 2),
        "peak_gb": round(peak, 2),
        "f1": round(pair_score(found.cluster, event).f1, 4),
        "series_f1": round(pair_score(found.series, series).f1, 4),
    }


# --- the figure of the docs ------------------------------------------------------------------


def figure(points: Mapping[str, Sequence[tuple[int, float]]]) -> str:
    """An SVG of processor seconds by number of announcements, both by powers of ten."""

    def x(size: float) -> float:
        return 70 + (log10(size) - 4) * 250

    def y(seconds: float) -> float:
        return 300 - log10(max(seconds, 0.1)) * 90 - 60

    ticks = "".join(
        f'<text x="{x(10**k):.0f}" y="340" text-anchor="middle">{10**k:,}</text>'.replace(",", " ")
        for k in (4, 5, 6)
    ) + "".join(
        f'<text x="60" y="{y(10**k) + 4:.0f}" text-anchor="end">{10**k}</text>'
        f'<path d="M70 {y(10**k):.0f}H570" stroke="#bbb" fill="none"/>'
        for k in (0, 1, 2)
    )
    lines = []
    for (name, found), colour in zip(
        points.items(), ("#1d5563", "#b4460f", "#7a4b00"), strict=False
    ):
        path = " ".join(f"{x(n):.1f},{y(s):.1f}" for n, s in found)
        dots = "".join(
            f'<circle cx="{x(n):.1f}" cy="{y(s):.1f}" r="4" fill="{colour}"/>' for n, s in found
        )
        last = found[-1]
        lines.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}'
            f'<text x="{x(last[0]) + 8:.0f}" y="{y(last[1]) - 8:.0f}" fill="{colour}">{name}</text>'
        )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 380" font-family="sans-serif" '
        'font-size="13" role="img"><title>Secondes de calcul selon le nombre d’annonces</title>'
        '<rect width="680" height="380" fill="#fff"/>'
        f'{ticks}{"".join(lines)}<text x="320" y="368" text-anchor="middle">annonces</text>'
        '<text x="70" y="24">secondes de calcul</text></svg>\n'
    )


def draw(lines: str) -> str:
    """The figure of the lines that `main` gives."""
    points: dict[str, list[tuple[int, float]]] = {}
    for line in csv.reader(lines.splitlines()):
        if len(line) > 3 and line[0].isalpha() and line[1].isdigit() and line[2][:1].isdigit():
            points.setdefault(line[0], []).append((int(line[1]), float(line[2])))
    return figure(points)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["one", size]:
            print(json.dumps(one_size(int(size))))
        case [path]:
            Path(path).write_text(draw(sys.stdin.read()), "utf-8")
        case _:
            sys.exit(__doc__)
