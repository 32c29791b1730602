"""One measured simulation of a loss of capacity; prints one line of JSON, seconds of the steps among it.

``python chains_shock_run.py foreland|boario TABLE OUT STEPS INVENTORY RESTORATION``: TABLE is an npz with ``flows``,
``final``, ``value_added`` and ``loss`` (share by sector, for 32 days from the third), OUT gets production by step and
sector relative to the baseline. Runs in either environment, so it imports nothing that the other's hasn't got.

BoARIO (GPL) is run as a program, with its model of Hallegatte (2014): orders by fixed shares, one region, steps of a
day, ψ 0.8, capacity at most 125 % within a year. Its arbitrary loss of capacity starts on the third day and lasts two
days more than its duration, which is 30.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

import numpy as np

warnings.simplefilter("ignore")

Arrays = dict[str, np.ndarray]


def peak_mb() -> float:
    """Peak resident memory of this process. Not ru_maxrss, which starts from the peak of the parent process."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def clock() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def foreland(table: Arrays, steps: int, inventory: int, restoration: int) -> tuple[np.ndarray, float, float]:
    from foreland.chains.ario import ArioParameters, Shock, simulate
    from foreland.chains.input_output import InputOutput

    output = table["flows"].sum(axis=1) + table["final"]
    system = InputOutput(table["flows"], output, table["final"][:, None], table["value_added"])
    parameters = ArioParameters(inventory_days=inventory, inventory_restoration_days=restoration)
    cpu, wall = clock()
    found = simulate(system, Shock(table["loss"], 32, start_days=2), parameters, steps)
    after = clock()
    return found.production / output, after[0] - cpu, after[1] - wall


def boario(table: Arrays, steps: int, inventory: int, restoration: int) -> tuple[np.ndarray, float, float]:
    import logging

    import pandas as pd
    import pymrio
    from boario import event
    from boario.extended_models import ARIOPsiModel
    from boario.simulation import Simulation

    logging.disable(logging.CRITICAL)
    names = [f"S{k:04d}" for k in range(len(table["final"]))]
    sectors = pd.MultiIndex.from_product([["R"], names], names=["region", "sector"])
    use = pd.MultiIndex.from_product([["R"], ["final"]], names=["region", "category"])
    system = pymrio.IOSystem(
        Z=pd.DataFrame(table["flows"], index=sectors, columns=sectors),
        Y=pd.DataFrame(table["final"][:, None], index=sectors, columns=use),
    )
    system.calc_all()
    model = ARIOPsiModel(
        system,
        order_type="noalt",
        alpha_base=1.0,
        alpha_max=1.25,
        alpha_tau=365,
        main_inv_dur=inventory,
        inventory_restoration_tau=restoration,
        psi_param=0.8,
        temporal_units_by_step=1,
        iotable_year_to_temporal_unit_factor=365,
    )
    simulation = Simulation(model, n_temporal_units_to_sim=steps)
    lost = pd.Series(table["loss"], index=sectors)
    simulation.add_event(
        event.from_series(lost[lost > 0], event_type="arbitrary", occurrence=1, duration=30, recovery_tau=1)
    )
    cpu, wall = clock()
    simulation.loop()
    after = clock()
    output = table["flows"].sum(axis=1) + table["final"]
    made: Any = simulation.production_realised.to_numpy()
    return made / (output / 365), after[0] - cpu, after[1] - wall


def main(who: str, table: str, out: str, steps: str, inventory: str, restoration: str) -> None:
    arrays = dict(np.load(table))
    measured = {"foreland": foreland, "boario": boario}[who]
    made, cpu, wall = measured(arrays, int(steps), int(inventory), int(restoration))
    np.save(out, made)
    result = {"cpu": cpu, "wall": wall, "process_cpu": time.process_time(), "peak_mb": peak_mb(), "steps": len(made)}
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
