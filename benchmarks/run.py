"""Foreland against its peers on the same SYNTHETIC data, in one run; writes benchmarks/README.md.

``python benchmarks/run.py`` (the target of ``make bench``); ``--quick`` leaves out the ten-year and the large case.
The tagger and text reuse are measured on the work reports in the shared folder, where there is one (text reuse on
SYNTHETIC documents made of their sentences, ``--full`` for 10,000 of them). Ends with ``speed.py``, which measures
what people wait for. Exits with 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

import chains_io
import chains_shocks
import foresight_citations

HERE = Path(__file__).parent
PEERS = {"ecomplexity": "0.5.3", "econcomplex": "1.0.1"}
CHAIN_PEERS = {"pymrio": "0.7.0"}
# One thread for everyone: CPU seconds then measure work, not threads waiting for each other.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

Result = dict[str, float]


def run(python: str | Path, script: str, *arguments: str) -> Result:
    """One measured run in a process of its own."""
    done = subprocess.run(
        [str(python), str(HERE / script), *arguments],
        env={**os.environ, **ONE_THREAD},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{script} {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def peers() -> Path:
    """The peers' own environment, made once; a peer that is new here is added."""
    home = HERE / ".peers"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
    wanted = [f"{name}=={version}" for name, version in {**PEERS, **CHAIN_PEERS}.items()]
    listed = subprocess.run([python, "-m", "pip", "freeze"], capture_output=True, text=True, check=True)
    if not {name.lower() for name in wanted} <= set(listed.stdout.lower().split()):
        subprocess.run([python, "-m", "pip", "install", "-q", *wanted, "pyarrow"], check=True)
    return python


def import_time() -> float:
    """Seconds that ``import foreland`` takes, best of five fresh processes."""
    code = "import time; t = time.perf_counter(); import foreland; print(time.perf_counter() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(5)]
    return min(float(r.stdout) for r in runs)


def differences(ours: str, theirs: str) -> dict[str, float]:
    """Largest absolute difference to ecomplexity where definitions coincide; COI is standardised as it does."""
    their = pq.read_table(theirs)
    order = pc.sort_indices(their, sort_keys=[("region", "ascending"), ("field", "ascending")])
    their = their.take(order)
    regions, fields, cells = (pq.read_table(f"{ours}.{name}.parquet") for name in ("regions", "fields", "cells"))
    R, F = regions.num_rows, fields.num_rows

    def theirs_of(name: str) -> np.ndarray:
        return their[name].to_numpy().reshape(R, F)

    def ours_of(name: str) -> np.ndarray:
        return cells[name].to_numpy().reshape(R, F).astype(float)

    eci, pci, coi = (t[n].to_numpy() for t, n in ((regions, "eci"), (fields, "pci"), (regions, "coi")))
    coi = (coi - coi.mean()) / coi.std()
    # ecomplexity orients by diversity, Foreland by fitness; the sign is a convention, and reported.
    sign = float(np.sign(np.corrcoef(eci, theirs_of("eci")[:, 0])[0, 1]))
    absent = ours_of("present") == 0
    pairs = {
        "RCA": (ours_of("rca"), theirs_of("rca")),
        "M": (ours_of("present"), theirs_of("mcp")),
        "ECI": (sign * eci, theirs_of("eci")[:, 0]),
        "PCI": (sign * pci, theirs_of("pci")[0]),
        "density": (ours_of("density"), theirs_of("density")),
        "COI": (sign * coi, theirs_of("coi")[:, 0]),
        "COG": (sign * ours_of("gain")[absent], theirs_of("cog")[absent]),
    }
    return {name: float(np.abs(a - b).max()) for name, (a, b) in pairs.items()}


def row(task: str, who: str, r: Result, base: Result | None = None) -> str:
    ratio = f"{r['cpu'] / base['cpu']:.0f}× / {r['peak_mb'] / base['peak_mb']:.1f}×" if base else "1"
    cells = f"{r['cpu']:.2f} | {r['wall']:.2f} | {r['process_cpu']:.2f} | {r['peak_mb']:,.0f} | {r['rows']:,.0f}"
    return f"| {task} | {who} | {cells} | {ratio} |"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--full", action="store_true", help="text reuse in 10,000 documents")
    options = parser.parse_args()
    quick, full = options.quick, options.full
    shared = Path(os.environ.get("FORELAND_SHARED", HERE.parents[1] / "shared"))
    other = peers()
    lines, bars = [], []

    def bar(text: str, met: bool, got: str) -> None:
        bars.append((text, met, got))
        print("ok  " if met else "MISS", text, "→", got, flush=True)

    with tempfile.TemporaryDirectory() as folder:

        def data(regions: int, fields: int, share: float, periods: int) -> str:
            path = f"{folder}/{regions}x{fields}x{periods}.parquet"
            arguments = [path, str(regions), str(fields), str(share), str(periods)]
            subprocess.run([sys.executable, str(HERE / "data.py"), *arguments], check=True)
            return path

        path = data(3000, 1000, 0.12, 1)
        mine = run(sys.executable, "ours.py", path)
        theirs = {name: run(other, "peer.py", name, path, f"{folder}/{name}.parquet") for name in PEERS}
        lines.append(row("3,000 × 1,000, 12 % fill", "**foreland**", mine))
        lines += [row("", f"{name} {PEERS[name]}", r, mine) for name, r in theirs.items()]
        fastest = min(theirs.values(), key=lambda r: r["cpu"])
        speed = fastest["cpu"] / mine["cpu"]
        memory = mine["peak_mb"] / fastest["peak_mb"]
        bar("3,000 × 1,000: at least 25 times less CPU than the faster peer", speed >= 25, f"{speed:.0f}×")
        bar("3,000 × 1,000: at most a third of its memory", memory <= 1 / 3, f"{memory:.2f}")
        exact = run(sys.executable, "ours.py", path, "--as-peers", "--save", f"{folder}/ours")
        lines.append(row("", "foreland, float64, peers' definitions", exact))
        apart = differences(f"{folder}/ours", f"{folder}/ecomplexity.parquet")
        worst = max(apart.values())
        bar("equal to ecomplexity to 1e-8 where definitions coincide", worst < 1e-8, f"{worst:.1e}")
        if not quick:
            path = data(3000, 1000, 0.12, 10)
            mine = run(sys.executable, "ours.py", path)
            theirs10 = run(other, "peer.py", "ecomplexity", path)
            lines.append(row("the same, ten years", "**foreland**", mine))
            lines.append(row("", f"ecomplexity {PEERS['ecomplexity']}", theirs10, mine))
            speed = theirs10["cpu"] / mine["cpu"]
            bar("ten years: at least 50 times less CPU than ecomplexity", speed >= 50, f"{speed:.0f}×")
            bar("ten years: less than 800 MB", mine["peak_mb"] < 800, f"{mine['peak_mb']:.0f} MB")
            mine = run(sys.executable, "ours.py", data(5000, 10000, 0.04, 1))
            lines.append(row("5,000 × 10,000, 4 % fill", "**foreland**", mine))
            bar("5,000 × 10,000: less than 45 CPU seconds", mine["cpu"] < 45, f"{mine['cpu']:.1f} s")
            bar("5,000 × 10,000: less than 2.5 GB", mine["peak_mb"] < 2560, f"{mine['peak_mb']:,.0f} MB")
        chains = chains_io.measure(run, other, folder, bar)
        china = shared / "data/cn_input_output/china_2018_153.csv.gz"
        chains += chains_shocks.measure(run, folder, bar, china if china.exists() else None)
        cited = foresight_citations.measure(run, folder, bar)
        seconds = import_time()
        bar("import foreland: less than 0.3 s", seconds < 0.3, f"{seconds:.3f} s")
    if not quick:
        loaded = run(sys.executable, "load.py", "10000000")
        got = f"{loaded['seconds']:.1f} s ({loaded['peak_mb']:,.0f} MB)"
        bar("10 million observation rows loaded from CSV: less than 30 s", loaded["seconds"] < 30, got)
        told = run(sys.executable, "chains_firms.py")
        got = f"{told['seconds']:.0f} s ({told['cpu']:.0f} CPU s, {told['peak_mb']:,.0f} MB)"
        size = f"systemic risk of {told['firms']:,} firms with {told['links']:,} links"
        bar(f"{size}: less than 300 s and 4 GB", told["seconds"] < 300 and told["peak_mb"] < 4096, got)
        got = f"{told['rank']:.3f}; {told['kept']:.0%} of the loss; {told['exact']:,} firms computed exactly"
        bar("pruned against exact, 64 other firms: rank correlation at least 0.95", told["rank"] >= 0.95, got)
        told = run(sys.executable, "foresight_records.py")
        got = f"{told['seconds']:.0f} s ({told['cpu']:.0f} CPU s, {told['peak_mb']:,.0f} MB)"
        size = f"{told['records']:,} papers ({told['mb'] / 1000:.1f} GB of JSON lines, {told['links']:,} links)"
        bar(f"{size}: less than 300 s and 2 GB", told["seconds"] < 300 and told["peak_mb"] < 2048, got)
    told = run(sys.executable, "foresight_bursts.py")
    got = f"{told['seconds']:.2f} s (three levels {told['three_levels']:.2f} s, plain Python {told['plain']:.0f} s)"
    bar(f"bursts of {told['series']:,} series over 25 years: less than 1 s", told["seconds"] < 1, got)
    got = f"{told['equal']:,} of {told['compared']:,}"
    bar("the same states as plain Python", told["equal"] == told["compared"], got)
    if not quick:
        told = run(sys.executable, "foresight_topics.py", str(shared))
        size = f"terms and topics of {told['documents']:,} abstracts"
        got = f"{told['seconds']:.0f} s ({told['term_seconds']:.0f} s for terms; {told['peak_mb']:,.0f} MB)"
        bar(f"{size}: less than 180 s and 4 GB", told["seconds"] < 180 and told["peak_mb"] < 4096, got)
        bar("planted topics: adjusted Rand index at least 0.95", told["planted"] >= 0.95, f"{told['planted']:.3f}")
    if not quick and (shared / "data/ai_robotics_papers").is_dir():
        told = run(sys.executable, "foresight_scorecard.py", str(shared))
        size = f"calls of rising terms in {told['documents']:,} papers, 3 and 5 years on, at every origin"
        got = f"{told['test_seconds']:.0f} CPU s (and {told['term_seconds']:.0f} for terms; {told['peak_mb']:,.0f} MB)"
        bar(f"{size}: less than 60 CPU s", told["test_seconds"] < 60, got)
        got = "equal" if told["as_then"] else "others"
        bar("terms up to a year: those that the papers up to it alone give", bool(told["as_then"]), got)
        surely = sum(one["low"] > one["base"] for one in told["scores"].values())
        bar("the calls beat chance beyond doubt at both horizons", surely == 2, f"at {surely} of 2")
    if (shared / "data").is_dir():
        tagged = run(sys.executable, "tagger.py", str(shared))
        speed = tagged["mb_per_s"]
        bar("tagging Chinese work reports on one core: at least 20 MB/s", speed >= 20, f"{speed:.0f} MB/s")
        told = run(sys.executable, "reading.py", str(shared))
        bar(
            "31 work reports read completely on one core: less than 3 s",
            told["seconds"] < 3,
            f"{told['seconds']:.2f} s",
        )
        bar("reading Chinese policy: at least 1 MB/s a core", told["mb_per_s"] >= 1, f"{told['mb_per_s']:.2f} MB/s")
        bar(
            "eight times the text in one document: at most 1.15 × 8 times as long",
            told["growth"] <= 1.15,
            f"{told['growth']:.2f}",
        )
        bar("two cores: at least 1.6 times as fast", told["two_cores"] >= 1.6, f"{told['two_cores']:.2f}×")
        reused = run(sys.executable, "reuse.py", str(shared), *(["10000"] if full else ["1000"]))
        size = f"text reuse in {reused['documents']:,} documents, {reused['characters'] / 1e6:.0f} million characters"
        limit = 300 if full else 30
        got = f"{reused['seconds']:.0f} s ({reused['peak_mb']:,.0f} MB, {reused['pairs']:,} pairs)"
        bar(f"{size}: less than {limit} s and 4 GB", reused["seconds"] < limit and reused["peak_mb"] < 4096, got)
        got = f"{reused['planted_found']} of {reused['planted']}"
        bar("of the copies planted in them: at least 95 %", reused["planted_found"] >= 0.95 * reused["planted"], got)
    if not quick:
        (HERE / "README.md").write_text(report(lines, bars, apart, (chains, cited)), encoding="utf-8")
    # What people wait for stands in a report of its own.
    waited = 0 if quick else subprocess.run([sys.executable, str(HERE / "speed.py")], check=False).returncode
    return 0 if all(met for _, met, _ in bars) and not waited else 1


def report(
    lines: list[str], bars: list[tuple[str, bool, str]], apart: dict[str, float], more: tuple[list[str], list[str]]
) -> str:
    machine = f"{os.cpu_count()} × {platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}"
    head = "| task | who | CPU s | wall s | CPU s of the process | peak MB | rows out | CPU / memory against foreland |"
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `python benchmarks/run.py` (`make bench`) in one run; do not edit. The data is **SYNTHETIC**:",
            "a nested economy drawn from a fixed seed (`data.py`). The peers run as published, in an environment of",
            "their own (`benchmarks/.peers`), with ecomplexity's log-supermodularity check switched off.",
            "The peers read the data as parquet into pandas, Foreland reads the same rows as an Arrow file; reading is",
            "outside the timed call.",
            "",
            "Task: a table keyed by strings (region, field, period, value) → RCA, M, ECI, PCI, proximity, density, COI",
            "and COG in long form, with every region × field cell (econcomplex returns only the cells it was given).",
            "Each line is one process: CPU and wall seconds of the call, CPU seconds of the whole process with imports",
            "and reading, and its peak resident memory, data included. One BLAS thread for everyone. Read ratios, not",
            "seconds.",
            "",
            f"Machine: {machine}.",
            "",
            head,
            "|---|---|--:|--:|--:|--:|--:|---|",
            *lines,
            "",
            "Largest absolute difference to ecomplexity on 3,000 × 1,000 (float64, its definitions: diagonal 1, gain",
            "without the loss term, PCI centred by ubiquity, COI standardised; sign of the axis aligned:",
            "ecomplexity orients by diversity, Foreland by fitness):",
            "",
            "| " + " | ".join(apart) + " |",
            "|" + "--:|" * len(apart),
            "| " + " | ".join(f"{value:.1e}" for value in apart.values()) + " |",
            "",
            "Chains: a table of 1,302 sectors, **SYNTHETIC** too (`chains_data.py`), from flows, final use and value",
            f"added. pymrio {CHAIN_PEERS['pymrio']} gets them as data frames; the first call is not timed,",
            "the best of the others counts. BoARIO runs in an environment of its own (`benchmarks/.peers/boario`).",
            "",
            "| task | who | CPU s | wall s | CPU s of the process | peak MB |",
            "|---|---|--:|--:|--:|--:|",
            *more[0],
            "",
            "Citations: **SYNTHETIC** (`foresight_citations.py`), as arrays; pyBibX gets them as pairs, cdindex as its",
            "graph, which is not timed. pyBibX is run on half the size where less than 17 GB of memory are free.",
            "",
            "| task | who | CPU s | wall s | CPU s of the process | peak MB |",
            "|---|---|--:|--:|--:|--:|",
            *more[1],
            "",
            "| bar | met | measured |",
            "|---|---|---|",
            *[f"| {text} | {'yes' if met else '**no**'} | {got} |" for text, met, got in bars],
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
