"""Text from files, made safe to show. Nobody but hwcheck may move the cursor, colour a word, or talk to a job's runner."""

from __future__ import annotations

import re

from hwcheck.words import visible

_COMMAND = re.compile(r":(?=:)|#(?=#\[)")
_SIGNS = str.maketrans({
    "✓": "+", "↳": ">", "⇄": "=", "◐": "%", "≈": "~", "✗": "x", "✎": "*", "·": ".", "–": "-", "−": "-", "─": "-", "×": "x",
    "…": "~", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "½": "1/2", "²": "^2", "³": "^3", "°": " deg", "ᵀ": "^T",
})  # fmt: skip


def safe(text: str) -> str:
    """One line of text without signs that a terminal or a runner obeys.

    A runner takes `::name::` at the start of a line, and `##[name]` anywhere in one, for a command; a blank in it ends that.

    >>> safe("::add-mask::x ##[error]y")
    ': :add-mask: :x # #[error]y'
    """
    return _COMMAND.sub(lambda match: match.group() + " ", visible(text))


def ascii_only(text: str) -> str:
    """Text for an output that knows ASCII only: signs by look-alikes, other letters by their numbers.

    >>> ascii_only("✗ 2×3 é")
    'x 2x3 \\\\xe9'
    """
    return text.translate(_SIGNS).encode("ascii", "backslashreplace").decode()
