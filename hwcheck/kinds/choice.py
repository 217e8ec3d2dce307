"""A question with options to choose from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import ascii_uppercase

from hwcheck.errors import Undefined
from hwcheck.given import GivenError, Givens, Reader, kind_of, option, special
from hwcheck.kinds import kind
from hwcheck.values import Choice as Chosen
from hwcheck.words import quoted, suggestion
from hwcheck.working import Working
from hwcheck.yamltree import Mapping as MappingNode
from hwcheck.yamltree import Node, Scalar, Sequence


def _text(node: Node) -> str:
    if not isinstance(node, Scalar) or node.blank:
        raise GivenError(node, f"expected a text, found {kind_of(node)}")
    return " ".join(node.text.split())


def _options(_reader: Reader, node: Node) -> Mapping[str, str]:
    if isinstance(node, MappingNode):
        found = {name.text.strip(): _text(value) for name, value in node}
        for name, _ in node:
            if not name.text.strip() or re.search(r"[,;&+]", name.text):
                raise GivenError(name, f"expected a letter or a word without commas, found {quoted(name.text)}")
    elif isinstance(node, Sequence):
        if len(node.items) > len(ascii_uppercase):
            raise GivenError(node, f"expected at most {len(ascii_uppercase)} options, found {len(node.items)}")
        found = {ascii_uppercase[i]: _text(item) for i, item in enumerate(node.items)}
    else:
        raise GivenError(node, f"expected `letter: text` lines or a list of texts, found {kind_of(node)}")
    if len(found) < 2:
        raise GivenError(node, f"expected at least two options, found {len(found)}")
    _tell_apart(node, found)
    return found


def _tell_apart(node: Node, options: Mapping[str, str]) -> None:
    """No answer may stand for two options: case does not count, and a text may be written for its letter."""
    letters: dict[str, str] = {}
    for letter in options:
        if letter.casefold() in letters:
            both = f"{quoted(letters[letter.casefold()])} and {quoted(letter)}"
            raise GivenError(node, f"{both} are one letter, for case does not count")
        letters[letter.casefold()] = letter
    texts: dict[str, str] = {}
    for letter, text in options.items():
        folded = text.casefold()
        if folded in texts:
            raise GivenError(node, f"options {texts[folded]} and {letter} have the same text {quoted(text)}")
        texts[folded] = letter
        if letters.get(folded, letter) != letter:
            raise GivenError(
                node,
                f"the text {quoted(text)} of option {letter} is the letter of another; use other letters, `p: {text}`",
            )


def _correct(_reader: Reader, node: Node) -> tuple[str, ...]:
    if not isinstance(node, Sequence):
        return (_text(node),)
    if not node.items:
        raise GivenError(node, "expected at least one option that is right, found none")
    return tuple(_text(item) for item in node.items)


class Choice(Givens):
    """What is given: the options, and which of them are right."""

    options: Mapping[str, str] = special(
        _options, expects="`letter: text` lines, or a list of texts", doc="what can be chosen; a list gets the letters A, B, …"
    )  # fmt: skip
    correct: tuple[str, ...] = special(
        _correct, expects="a letter, a text, or a list of them", doc="what is right: the letter or the text, or several in a list"
    )  # fmt: skip
    scoring: str = option("all", "each", doc="points for the whole choice, or for each option (a wrong one takes away)")


@kind(
    source="the author of the problem",
    quantities={"choice": "the letters of what is right"},
    examples=(
        """
        given:
          options: {a: gated units, b: gradient clipping, c: residual connections, d: a larger learning rate}
          correct: [a, c]
          scoring: each
        parts: {a: {ask: choice}}
        """,
        """
        given: {options: [full, valid, same], correct: valid}
        parts: {a: {ask: choice}}
        """,
    ),
)
def choice(given: Choice, work: Working) -> None:
    """A choice among options, answered by letter in either case, with or without brackets, or by the text itself.

    Several are written with commas, `A, C`. With `scoring: each` every right option earns its share and every wrong one
    takes a share away, down to nothing.
    """
    work("choice", Chosen(_keys(given), given.options, each=given.scoring == "each"))


def _keys(given: Choice) -> list[str]:
    by_word = {text.casefold(): key for key, text in given.options.items()}
    by_word |= {key.casefold(): key for key in given.options}
    keys = []
    for word in given.correct:
        if word.casefold() not in by_word:
            words = [*given.options, *given.options.values()]
            raise Undefined(f"correct: {quoted(word)} is none of the options{suggestion(word, words)}")
        keys.append(by_word[word.casefold()])
    return keys
