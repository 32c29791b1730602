"""Products of matrices on one thread: the same bits on any number of cores, and no waiting for busy ones."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

_PREFIXES, _SUFFIXES = ("scipy_openblas", "openblas"), ("64_", "_64", "")


@cache
def _threads() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """Functions that get and set the threads of the OpenBLAS that numpy has loaded; None where it has another one."""
    import numpy as np

    try:
        library = ctypes.CDLL(np._core._multiarray_umath.__file__)  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return None
    for prefix in _PREFIXES:
        for suffix in _SUFFIXES:
            try:
                get = getattr(library, f"{prefix}_get_num_threads{suffix}")
                change = getattr(library, f"{prefix}_set_num_threads{suffix}")
            except AttributeError:
                continue
            return get, change
    return None


@contextmanager
def one_thread() -> Iterator[bool]:
    """Let numpy multiply on one thread; gives whether that could be had.

    Sums that several threads share come out in another order on another number of cores, and topics must not. Elsewhere
    than with OpenBLAS (the wheels of numpy for Linux and Windows have it) set OMP_NUM_THREADS=1 for the same bits.
    """
    found = _threads()
    if found is None:
        yield False
        return
    get, change = found
    before = get()
    change(1)
    try:
        yield True
    finally:
        change(before)
