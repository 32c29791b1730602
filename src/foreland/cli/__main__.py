"""``python -m foreland.cli``."""

from foreland.cli import main

main()
