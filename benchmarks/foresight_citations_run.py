"""One measured run on citations; prints one line of JSON. ``python foresight_citations_run.py WHO TASK DATA OUT``.

Arrays in, arrays out: what each package needs of a graph is made outside the timed call, and told as ``built``.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np


def foreland_path(cited: np.ndarray, citing: np.ndarray, year: np.ndarray):
    from foreland.foresight.citations import citation_network
    from foreland.foresight.main_paths import global_path, key_route, traversal

    def call() -> np.ndarray:
        network = citation_network(cited, citing, year.size, year)
        found = traversal(network.tail, network.head, network.size)
        global_path(found)
        key_route(found, 10)
        return np.sort(found.log_weight)

    return call


def pybibx_path(cited: np.ndarray, citing: np.ndarray, year: np.ndarray):
    import pandas as pd
    from pybibx.base.pbx import pbx_probe

    # Its own function on given citations, without its readers of bibliographic files.
    probe = pbx_probe.__new__(pbx_probe)
    probe.data = pd.DataFrame({"year": year})
    edges = list(zip(citing.tolist(), cited.tolist(), strict=True))
    probe._local_citation_edges = lambda strict_year=True: edges

    def call() -> np.ndarray:
        return np.log(np.sort(probe.main_path_analysis("spc")["edge_weights"]["Traversal Weight"].to_numpy()))

    return call


def foreland_disruption(cited: np.ndarray, citing: np.ndarray, year: np.ndarray):
    from foreland.foresight.disruption import disruption

    return lambda: disruption(citing, cited, year, 5).cd


def cdindex_disruption(cited: np.ndarray, citing: np.ndarray, year: np.ndarray):
    import cdindex

    graph = cdindex.Graph()
    for n, when in enumerate(year.tolist()):
        graph.add_vertex(str(n), when)
    for a, b in zip(citing.tolist(), cited.tolist(), strict=True):
        graph.add_edge(str(a), str(b))

    def call() -> np.ndarray:
        found = [graph.cdindex(str(n), 5) for n in range(year.size)]
        return np.array([np.nan if value is None else value for value in found])

    return call


CALLS = {
    ("foreland", "path"): foreland_path,
    ("pybibx", "path"): pybibx_path,
    ("foreland", "disruption"): foreland_disruption,
    ("cdindex", "disruption"): cdindex_disruption,
}


def peak_mb() -> float:
    """Peak resident memory of this process. Not ru_maxrss, which starts from the peak of the parent process."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def main() -> None:
    who, task, data, out = sys.argv[1:5]
    arrays = np.load(data)
    began = time.process_time()
    call = CALLS[who, task](arrays["cited"], arrays["citing"], arrays["year"])
    built = time.process_time() - began
    began, wall = time.process_time(), time.perf_counter()
    result = call()
    told = {"cpu": time.process_time() - began, "wall": time.perf_counter() - wall, "built": built}
    np.save(out, result)
    print(json.dumps({**told, "process_cpu": time.process_time(), "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
