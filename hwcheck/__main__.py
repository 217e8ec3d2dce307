"""`python -m hwcheck`."""

from hwcheck.cli import main

main()
