"""The command line: ``foreland ask capability.specialisation --region CN-ZJ``."""

from __future__ import annotations


def main() -> None:
    """Entry point of the ``foreland`` command."""
    import gc
    import sys

    # Importing makes many objects that all stay; searching them for garbage again and again takes a fifth of the
    # time of an answer. Long commands still collect, only less often.
    gc.set_threshold(200_000, 20, 100)
    from foreland.cli.run import leave, run

    leave(run(sys.argv[1:]))
