"""Small tools for sentences: quoting text safely, listing, and the nearest name."""

from __future__ import annotations

from collections.abc import Iterable

MAX_LISTED = 40
"""How many options a message lists."""


def visible(text: str) -> str:
    """The text with control and direction characters made visible, so that no terminal or log obeys them.

    >>> visible("a\\x1b[31m")
    'a\\\\x1b[31m'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def quoted(text: str, limit: int = 40) -> str:
    """The text in single quotes, on one line, cut to `limit` characters.

    >>> quoted("valid")
    "'valid'"
    """
    shown = visible(text[: limit + 1])
    return f"'{shown[:limit]}…'" if len(text) > limit else f"'{shown}'"


def joined(words: Iterable[str], last: str = "and") -> str:
    """A list as a sentence has it.

    >>> joined(["a", "b", "c"], last="or")
    'a, b or c'
    """
    *head, tail = [*words] or [""]
    return f"{', '.join(head)} {last} {tail}" if head else tail


def nearest(name: str, options: Iterable[str]) -> str | None:
    """The option that `name` was probably meant to be, or None."""
    import difflib  # noqa: PLC0415  only errors need it, and it costs start-up time

    options = list(options)
    folded = {option.casefold().replace("-", "_"): option for option in reversed(options)}
    close = difflib.get_close_matches(name.casefold().replace("-", "_"), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def suggestion(name: str, options: Iterable[str]) -> str:
    """What would have worked, as the end of a sentence: the nearest option, else all of a short list."""
    options = list(options)
    near = nearest(name, options)
    if near:
        return f"; did you mean {quoted(near)}?"
    if not options:
        return ""
    if len(options) > MAX_LISTED:
        options = [*options[:MAX_LISTED], "…"]
    return f"; expected {'one of ' if len(options) > 1 else ''}{', '.join(options)}"


def count(number: int, noun: str, many: str = "") -> str:
    """A number with its noun: '1 part', '2 parts'."""
    return f"{number} {noun if number == 1 else many or noun + 's'}"
