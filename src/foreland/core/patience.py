"""How long a cluster is called that does not answer."""

from __future__ import annotations

import threading

from pyspark.sql.connect.client.retries import DefaultPolicy

RETRIES = 5
"""How often a call is made again where no cluster answers: about 20 seconds in all, not the ten minutes of Spark."""


class Patience(DefaultPolicy):
    """Calls again for about 20 seconds, and only where somebody waits for the answer.

    Spark's client lets go of results in threads of its own, which the end of the process waits for.

    Parameters
    ----------
    asking
        Holds ``waits``, true in the threads of questions and loads.
    """

    def __init__(self, asking: threading.local) -> None:
        super().__init__(max_retries=RETRIES)
        self._asking = asking

    def can_retry(self, exception: BaseException) -> bool:
        return getattr(self._asking, "waits", False) and bool(super().can_retry(exception))
