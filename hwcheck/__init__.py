"""A homework checker that computes the answer key from the problem itself."""

__version__ = "0.1.0"
