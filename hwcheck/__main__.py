"""`python -m hwcheck`."""

from hwcheck.cli import main

if __name__ == "__main__":
    main()
