"""What a person has to mark: proofs, essays, drawings."""

from __future__ import annotations

from hwcheck.given import GivenError, Givens, Reader, kind_of, special
from hwcheck.kinds import kind
from hwcheck.working import Working
from hwcheck.yamltree import Node, Scalar


def _text(_reader: Reader, node: Node) -> str:
    if not isinstance(node, Scalar) or node.blank:
        raise GivenError(node, f"expected a text, found {kind_of(node)}")
    return node.text.strip()


class Manual(Givens):
    """What is given: how the work is to be marked."""

    rubric: str = special(_text, expects="a text", doc="what earns the points, for the person who marks")


@kind(
    source="the author of the problem",
    by_hand=True,
    quantities={"work": "what was handed in; its points are kept apart until a person has marked it"},
    examples=(
        """
        given: {rubric: "2 points for the induction step, 1 for the start at n = 0"}
        parts: {a: {ask: work, points: 3}}
        """,
        """
        given:
          rubric: |
            States that the response to a shifted input is the shifted response.
            Gives a reason, not only an example.
        parts: {a: {ask: work, points: 2}}
        """,
    ),
)
def manual(given: Manual, work: Working) -> None:
    """A question without a computed answer: the rubric is kept for the person who marks it."""
    work("work", given.rubric)
