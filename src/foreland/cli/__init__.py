"""The command line: ``foreland ask capability.specialisation --region CN-ZJ``."""

from __future__ import annotations


def main() -> None:
    """Entry point of the ``foreland`` command."""
    import sys

    from foreland.cli.run import run

    sys.exit(run(sys.argv[1:]))
