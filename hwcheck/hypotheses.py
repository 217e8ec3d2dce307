"""Which run of the working explains what a student answered?

Everything here compares answers with runs: the right one, those of people who round, those that carry the student's own
earlier values, and those in which a named mistake was made. What a mark makes of it is decided in `grade`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from hwcheck import compare, expressions
from hwcheck.answers import Answer, Number, carried
from hwcheck.compare import Agreement, Level
from hwcheck.errors import Missing
from hwcheck.expressions import ExpressionError
from hwcheck.formulas import Vocabulary, agrees, evaluated, fitting
from hwcheck.given import Givens
from hwcheck.problems import Part
from hwcheck.relations import ROOT, relation
from hwcheck.settings import ROUNDINGS, Cell, Hypothesis, Setting, bound_names
from hwcheck.values import Drawn, Value, at_draws, magnitude, most, same
from hwcheck.working import DrawnStep, Run, Step, run

Verdict = Literal["right", "follows", "convention", "wrong", "imprecise", "manual"]

MAX_CARRYING_RUNS = 24
MAX_CAUSES = 2
MAX_SOURCES = 8
MAX_TIES = 3


@dataclass(frozen=True, eq=False)
class Item:
    """One cell of one part, with the answer that was read for it."""

    part: Part
    cell: Cell
    right: Value
    answer: Answer
    words: Vocabulary | None = None

    @property
    def name(self) -> str:
        """The quantity that is asked."""
        return self.cell.ask.name

    @property
    def shown(self) -> str:
        """How it is called in a sentence: the part, and the cell where the part has several."""
        return f"{self.part.name} ({self.cell.at})" if self.cell.at else self.part.name

    @cached_property
    def carried(self) -> Value | None:
        """What later steps go on with, where the answer fits."""
        if not self.cell.ask.whole or self.functional:
            return None
        if self.answer.formula is None:
            return carried(self.answer, self.right)
        found = self.tried[0]
        values = tuple(
            None if value is None else fitting(value, right)
            for value, right in zip(found, at_draws(self.right, len(found)), strict=True)
        )
        drawn = Drawn(values)
        return drawn if drawn.enough else None

    @property
    def functional(self) -> bool:
        """Whether a function of an index is asked."""
        return self.words is not None and bool(self.words.index)

    @cached_property
    def tried(self) -> tuple[list[Any], str]:
        """What a formula is worth at every draw, with right values for the quantities it names; and why at some it has none."""
        return self.evaluated(self.part.setting.right.steps)

    def evaluated(self, steps: Mapping[str, Step]) -> tuple[list[Any], str]:
        """What a formula is worth at every draw, with the values of a run for the quantities it names."""
        assert self.answer.formula is not None
        assert self.words is not None
        asked = steps.get(self.name, self.part.setting.right.steps[self.name])
        return evaluated(self.answer.formula, self.words, steps, asked, len(self.words.base))

    @property
    def undecided(self) -> bool:
        """Whether a formula has a value at too few draws to be judged."""
        if self.answer.formula is None:
            return False
        defined = sum(value is not None for value in self.tried[0])
        return defined < most(len(self.tried[0]))

    @cached_property
    def zero(self) -> float:
        """The scale against which a zero is judged: the largest slip, else the largest given."""
        setting = self.part.setting
        step = setting.right.steps[self.name]
        slips = [_slipped(self, step, label) for label in step.slips]
        scale = magnitude(slips)
        return scale if scale > setting.noise else setting.magnitude

    def agree(self, value: Value | None) -> Agreement:
        """How the answer agrees with a value of this quantity."""
        if value is None:
            return Agreement(())
        if self.answer.formula is not None:
            return self._agree_formula(value, self.tried[0])
        if isinstance(value, Drawn):
            return Agreement(())
        answer = self.answer
        if self.part.form == "set" and isinstance(value, np.ndarray):
            answer, value = _in_order(answer), np.sort(value)
        nothing = not isinstance(value, int) and magnitude([value]) <= self.part.setting.noise
        zero = self.zero if nothing else 0.0
        return compare.agree(answer, value, self.part.tolerance, zero=zero, strict_axes=self.part.strict_axes)

    @property
    def misshapen(self) -> bool:
        """Whether a formula has no value at any draw because its arrays do not fit together."""
        found, why = self.tried
        return all(one is None for one in found) and ("does not exist" in why or "entry by entry" in why)

    def _agree_formula(self, value: Value, found: list[Any]) -> Agreement:
        """How a formula agrees at all draws; an entry that differs at one of them is wrong."""
        steps_at = self._steps_at
        scale = self.part.setting.magnitude
        levels: list[bool] | None = None
        for one, right, step in zip(found, at_draws(value, len(found)), steps_at, strict=False):
            if one is None or right is None:
                continue
            now = agrees(one, right, step, scale)
            if levels is None:
                levels = now
            elif len(now) != len(levels):  # an array whose size depends on symbols is judged as a whole
                levels = [all(levels) and bool(levels) and all(now) and bool(now)]
            else:
                levels = [a and b for a, b in zip(levels, now, strict=True)]
            if not any(levels):
                break
        return Agreement(tuple(Level.RIGHT if ok else Level.WRONG for ok in levels or ()))

    @cached_property
    def _steps_at(self) -> tuple[Step | None, ...]:
        assert self.words is not None
        step = self.part.setting.right.steps[self.name]
        return step.draws if isinstance(step, DrawnStep) else (step,) * len(self.words.base)

    @property
    def unrounded(self) -> bool:
        """Whether a formula becomes right if it is rounded down to a whole number."""
        if self.answer.formula is None or not isinstance(self.right, Drawn) or not isinstance(self.right.like, int):
            return False
        found = self.tried[0]
        floors = [None if one is None or isinstance(one, np.ndarray | tuple) else math.floor(one) for one in found]
        return self._agree_formula(self.right, floors).right

    def agrees_in(self, steps: Mapping[str, Step]) -> bool:
        """Whether a formula is right in a run, with that run's values for the quantities it names."""
        value = self.against(steps)
        if value is None or self.answer.formula is None:
            return False
        return self._agree_formula(value, self.evaluated(steps)[0]).right

    def agrees(self, value: Value) -> bool:
        """Whether the answer agrees with a value of this quantity in all entries."""
        return self.agree(value).right

    def against(self, steps: Mapping[str, Step]) -> Value | None:
        """What a run computed for this item."""
        step = steps.get(self.name)
        return None if step is None else self.cell.ask.pick(step.computed, step.origin)

    def is_value(self, value: Value | None) -> bool:
        """Whether the answer is that value: reals to three digits, everything else exactly."""
        if value is None:
            return False
        if isinstance(value, float) and self.answer.formula is None:
            number = self.answer.entries[0] if self.answer.shape == () and self.answer.entries else None
            return number is not None and compare.to_three_digits(number, value)
        return self.agree(value).right


def _in_order(answer: Answer) -> Answer:
    """The entries of an answer in rising order, for a set."""
    known = [entry for entry in answer.entries if entry is not None]
    entries = (*sorted(known, key=lambda entry: entry.value), *(None,) * (len(answer.entries) - len(known)))
    return answer._replace(entries=entries)


class Finding(NamedTuple):
    """What explains an answer.

    Attributes:
        verdict: as far as runs decide it.
        causes: labels of the mistakes that explain it, each alone ("either … or …").
        at: the unasked step where the mistake was made.
        how: what kind of hypothesis it is.
        after: the wrong answer that it follows from.
        earns: whether following earns points (not where it is trivial).
    """

    verdict: Verdict
    causes: tuple[str, ...] = ()
    at: str = ""
    how: str = ""
    after: str = ""
    earns: bool = True


@dataclass
class Search:
    """All items of one setting against all runs of it.

    `pool` holds wrong answers to other parts of the same problem that stand for unasked names here, with the part that
    gave them; `own_givens` the givens with the student's own values where another part's is used, and `linked` that part.
    """

    setting: Setting
    items: list[Item]
    pool: Mapping[str, tuple[Value, str]] = field(default_factory=dict)
    own_givens: Givens | None = None
    linked: str = ""
    found: dict[Item, Finding] = field(default_factory=dict)
    runs: int = 0
    trusted: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.items.sort(key=lambda item: self.setting.order[item.name])
        self.givens = self.own_givens or self.setting.givens

    def go(self) -> dict[Item, Finding]:
        """Every item that some run explains; what is missing is simply wrong."""
        for item in self.items:
            finding = self._right(item)
            if finding is not None:
                self.found[item] = finding
        if self._open() or self.pool or self.trusted or self.own_givens is not None:
            self._follow()
        if self._open():
            self._conventions()
        if self._open():
            self._causes()
        for item in self._open():
            step = self.wrong_steps.get(item.name)
            label = relation(item.answer, self._reference(item), item.agrees)
            if not label and item.answer.formula is not None:
                label = relation(item.answer, item.right, item.agrees)
            if label == ROOT and "sqrt" not in self.setting.right.steps[item.name].formula:
                label = ""
            if not label and item.unrounded:
                label = "did not round down to a whole number"
            if label and not (step is not None and self._is_slip(item, step)):
                self.found[item] = Finding("wrong", (label,), how="relation")
        return self.found

    def _open(self) -> list[Item]:
        return [item for item in self.items if item not in self.found]

    # Right.

    def _right(self, item: Item) -> Finding | None:
        step = self.setting.right.steps[item.name]
        if item.undecided:
            return None if item.misshapen else Finding("manual")
        if item.agree(item.right).right:
            return _guarded(item, step) or Finding("right")
        if isinstance(item.right, int | tuple | str) or item.answer.formula is not None:
            return None
        if self._is_slip(item, step):
            return None
        if any(item.agree(item.against(done.steps)).right for done in self.setting.rounded):
            return Finding("right")
        return None

    def _is_slip(self, item: Item, step: Step) -> bool:
        values = (_slipped(item, step, label) for label in step.slips)
        return any(value is not None and not same(value, item.right) and item.is_value(value) for value in values)

    # Follows.

    @cached_property
    def _own(self) -> dict[str, Value]:
        """Every answer that fits, by name; the first where a name is answered twice."""
        own: dict[str, Value] = {}
        for item in self.items:
            if item.carried is not None:
                own.setdefault(item.name, item.carried)
        return own

    def _wrong(self) -> dict[str, Value]:
        """The answers that are not right, and what comes in from other parts."""
        wrong = {name: value for name, (value, _) in self.pool.items() if name not in self._own}
        for item in self.items:
            finding = self.found.get(item)
            if item.carried is not None and (finding is None or finding.verdict != "right"):
                wrong.setdefault(item.name, item.carried)
        return wrong

    def _follow(self) -> None:
        self._right_given_right_ones()
        wrong = self._wrong()
        if not wrong and self.own_givens is None:
            return
        runs: list[Callable[[], Mapping[str, Step]]] = [
            lambda: self.wrong_steps,
            lambda: self.carrying({**self._own, **wrong}, self.givens),
            *(lambda r=r: run(self.setting.kind.function, self.givens, carry={**self._own, **wrong}, rounding=r).steps for r in ROUNDINGS),
        ]  # fmt: skip
        for later, make in enumerate(runs):
            undecided = [item for item in self._open() if self.linked or self._wrong_before(item)]
            if later >= 2:  # rounding on the way changes reals only
                undecided = [item for item in undecided if not isinstance(item.right, int | tuple | str | Drawn)]
            if not undecided:
                return
            steps = make()
            for item in undecided:
                value = item.against(steps)
                if value is None or same(value, item.right):
                    continue
                if not item.agree(value).right and not item.agrees_in(steps):
                    continue
                step = steps[item.name]
                if later >= 2 and self._is_slip(item, step):
                    continue
                guarded = _guarded(item, step) if later < 2 else None
                if guarded is not None:
                    self.found[item] = guarded
                    continue
                earns = not self._trivial(item, step, steps)
                self.found[item] = Finding("follows", after=self._source(item, value), earns=earns)

    def _right_given_right_ones(self) -> None:
        """Answers that are right given the answers before them, all of which are right: again while that finds more."""
        more = True
        while more:
            wrong = self._wrong()
            own_right = {**self.trusted, **{name: value for name, value in self._own.items() if name not in wrong}}
            steps = self.carrying(own_right, self.setting.givens) if own_right and self._open() else {}
            more = False
            for item in self._open():
                if item.agree(item.against(steps)).right and not self._is_slip(
                    item, self.setting.right.steps[item.name]
                ):
                    self.found[item] = Finding("right")
                    more = True

    @cached_property
    def wrong_steps(self) -> Mapping[str, Step]:
        """The run that carries the wrong answers only."""
        return self.carrying(self._wrong(), self.givens)

    def _wrong_before(self, item: Item) -> list[str]:
        """The names of wrong answers before an item, the nearest first."""
        place = self.setting.order[item.name]
        before = [name for name in self._wrong() if self.setting.order.get(name, place) < place]
        return sorted(before, key=lambda name: -self.setting.order[name])

    def _source(self, item: Item, value: Value) -> str:
        """The nearest wrong answer that an item really depends on, as a sentence calls it."""
        wrong = self._wrong()
        for name in self._wrong_before(item)[:MAX_SOURCES]:
            mended = self.carrying({**wrong, name: self.setting.right.steps[name].computed}, self.givens)
            found = item.against(mended)
            if found is None or not same(found, value):
                return self._shown(name)
        return self.linked or next(map(self._shown, self._wrong_before(item)), "")

    def _shown(self, name: str) -> str:
        """The answer that was given under a name, as a sentence calls it."""
        own = next((item.shown for item in self.items if item.name == name and item.carried is not None), "")
        return own or self.pool[name][1]

    def carrying(
        self, carry: Mapping[str, Value], givens: Givens, made: Iterable[Hypothesis] = (), *, few: bool = False
    ) -> Mapping[str, Step]:
        """The steps of a run that carries values; where it ends early, the rest from runs without the last wrong one.

        With symbols, `few` runs at the first draws only.
        """
        if few:
            givens = givens.few
        made = tuple(made)
        left = dict(carry)
        done = self.setting.run(made, left, givens)
        steps = dict(done.steps)
        for _ in range(3):
            if not _cut(done, self.setting, steps):
                break
            used = [name for name in done.steps if name in left]
            if used:
                del left[used[-1]]
            elif givens not in (self.setting.givens, self.setting.givens.few):
                givens = self.setting.givens.few if few else self.setting.givens
            else:
                break
            done = self.setting.run(made, left, givens)
            for name, step in done.steps.items():
                steps.setdefault(name, step)
        return steps

    def _trivial(self, item: Item, step: Step, steps: Mapping[str, Step]) -> bool:
        """Whether following takes nothing: a mistake no longer shows, or the value is one that needs no computing."""
        right_step = self.setting.right.steps[item.name]
        for name in self._own_work(item):
            usual, now = self.setting.right.steps[name], steps.get(name)
            shared = [label for label in usual.slips if now is not None and label in now.slips]
            if now is not None and any(self._no_longer_shows(item, usual, now, label) for label in shared):
                return True
        right_steps = self.setting.right.steps
        if _is_constant(step) and not _is_constant(right_step):
            return True
        return _effortless(step, steps, self.givens) and not _effortless(right_step, right_steps, self.setting.givens)

    def _own_work(self, item: Item) -> list[str]:
        """The steps that lead to an item and are not asked themselves, and the item's own."""
        asked = {other.name for other in self.items} - {item.name}
        own: list[str] = []
        for name in self.setting.right.steps:
            own = [] if name in asked else [*own, name]
            if name == item.name:
                return own
        return []

    def _no_longer_shows(self, item: Item, usual: Step, now: Step, label: str) -> bool:
        """Whether a slip that changes the right answer changes nothing on the values that were carried."""
        slipped, carried_slip = usual.slip_value(label), now.slip_value(label)
        if (
            slipped is None
            or carried_slip is None
            or same(slipped, usual.computed)
            or not same(carried_slip, now.computed)
        ):
            return False
        if usual.name == item.name:
            return True
        changed = item.against(self.setting.under(Hypothesis("slip", label, usual.name)).steps)
        return changed is not None and not same(changed, item.right)

    # Conventions.

    def _conventions(self) -> None:
        """Answers that are right under another convention; the one that explains the longest beginning counts."""
        best: list[Item] = []
        cause: Hypothesis | None = None
        for hypothesis in self.setting.hypotheses:
            if hypothesis.how != "convention":
                continue
            steps = self.setting.under(hypothesis).steps
            explained = self._beginning(self._open(), steps)
            if sum(not self._unharmed(item, steps) for item in self.items) >= len(explained):
                continue
            if len(explained) > len(best) and self._credible(explained, steps):
                best, cause = explained, hypothesis
        if cause is not None:
            whole = self.setting.run((cause,), {}, self.setting.givens).steps
            for item in best:
                if not item.is_value(item.against(whole)):
                    continue
                self.found[item] = Finding("convention", (cause.label,), how="convention")

    def _beginning(self, items: list[Item], steps: Mapping[str, Step]) -> list[Item]:
        """The items a run explains, up to the first one that it contradicts; what it leaves right says nothing."""
        explained = []
        for item in items:
            value = item.against(steps)
            if value is None or same(value, item.right):
                continue
            if not item.is_value(value):
                break
            explained.append(item)
        return explained

    # Causes.

    def _causes(self) -> None:
        """Mistakes at asked steps first, then mistakes made elsewhere; the fewest causes win."""
        at_steps = self._slips_at_asked_steps()
        if len({finding.causes for finding in at_steps.values()}) > 1:
            at_steps = self._one_for_all(at_steps)
        left = [item for item in self._open() if item not in at_steps]
        made: tuple[Hypothesis, ...] = ()
        while left and len(made) < MAX_CAUSES:
            ties, steps = self._elsewhere(left[0], made)
            if not ties:
                left = left[1:]
                continue
            cause = ties[0]
            made = (*made, cause)
            self._explain(ties, steps)
            if cause.how in ("misread", "habit") and all(item.is_value(item.against(steps)) for item in at_steps):
                for item in at_steps:
                    self.found[item] = Finding("wrong", _labels(ties), how=cause.how)
                at_steps = {}
            left = [item for item in self._open() if item not in at_steps]
        for item, finding in at_steps.items():
            self.found.setdefault(item, finding)

    def _one_for_all(self, at_steps: dict[Item, Finding]) -> dict[Item, Finding]:
        """One mistake that explains what several would: a misread given, or the same slip everywhere."""
        for hypothesis in self.setting.hypotheses:
            steps = self.setting.under(hypothesis).steps if hypothesis.how in ("misread", "habit") else {}
            if all(self._explained_by(item, steps) for item in at_steps) and all(
                self._unharmed(item, steps) for item in self.items
            ):
                whole = self.setting.run((hypothesis,), {}, self.setting.givens).steps
                if all(self._explained_by(item, whole) for item in at_steps):
                    return {item: Finding("wrong", (hypothesis.label,), how=hypothesis.how) for item in at_steps}
        return at_steps

    def _slips_at_asked_steps(self) -> dict[Item, Finding]:
        """Slips of the very quantity that is asked, on the values that were carried, else on right ones."""
        matched: dict[Item, list[str]] = {}
        alone: dict[Item, bool] = {}
        for item in self._open():
            labels: list[str] = []
            enough = False
            for steps in (self.wrong_steps, self.setting.right.steps):
                step = steps.get(item.name)
                for label in step.slips if step is not None and not labels else ():
                    value = _slipped(item, step, label)
                    if value is not None and not same(value, item.right) and item.is_value(value):
                        labels.append(label)
                        enough = enough or self._beyond_chance(item, value)
            if labels:
                matched[item], alone[item] = labels, enough
        findings = {}
        for item, labels in matched.items():
            habitual = [
                label for label in labels if len({other.name for other, also in matched.items() if label in also}) > 1
            ]
            believed = habitual or (labels if alone[item] else [])
            if 0 < len(believed) <= MAX_TIES:
                findings[item] = Finding("wrong", tuple(believed), how="slip")
        return findings

    def _elsewhere(self, item: Item, made: tuple[Hypothesis, ...]) -> tuple[list[Hypothesis], Mapping[str, Step]]:
        """The mistakes, made elsewhere, that explain an item and the most after it; ties of one rank."""
        best: list[tuple[Hypothesis, Mapping[str, Step]]] = []
        most = 0
        for hypothesis, steps in self._candidates(item, made):
            explained = [i for i in self._open() if self._explained_by(i, steps)]
            if item not in explained or not self._credible(explained, steps):
                continue
            against = sum(not self._unharmed(other, steps) for other in self.items)
            if against >= len(explained):
                continue
            score = len(explained) - against
            if score > most:
                best, most = [], score
            if score == most and hypothesis.label not in {h.label for h, _ in best}:
                best.append((hypothesis, steps))
        if not best or len(best) > MAX_TIES:
            return [], {}
        best.sort(key=lambda one: _RANK[one[0].how])
        if self.givens.few is not self.givens:  # what holds at the first draws may not hold at all of them
            wrong = self._wrong()
            whole = [(one, self.carrying(wrong, self.givens, (*made, one))) for one, _ in best]
            best = [(one, steps) for one, steps in whole if self._explained_by(item, steps)]
            if not best:
                return [], {}
        return [hypothesis for hypothesis, _ in best], best[0][1]

    def _explained_by(self, item: Item, steps: Mapping[str, Step]) -> bool:
        value = item.against(steps)
        if value is None or same(value, item.right):
            return False
        return item.agree(value).right or item.agrees_in(steps)

    def _candidates(self, item: Item, made: tuple[Hypothesis, ...]) -> Iterable[tuple[Hypothesis, Mapping[str, Step]]]:
        """Hypotheses under which this item comes out as answered, with the run that also carries what is wrong."""
        place = self.setting.order[item.name]
        wrong = self._wrong()
        carried_before = (
            any(self.setting.order.get(name, place) < place for name in wrong) or self.own_givens is not None
        )
        before = set(self._own_work(item)) if carried_before else set()
        for hypothesis in self.setting.before(item.name):
            if hypothesis.how == "convention" or hypothesis in made:
                continue
            if hypothesis.how == "slip" and (hypothesis.name == item.name or hypothesis.name in wrong):
                continue
            stored = item.against(self.setting.under(hypothesis).steps)
            if not carried_before and not made:
                run_steps = self.setting.under(hypothesis).steps
                if stored is None or same(stored, item.right):
                    continue
                if not item.is_value(stored) and not item.agrees_in(run_steps):
                    continue
            elif (
                (stored is not None and same(stored, item.right))
                or (hypothesis.how == "slip" and hypothesis.name not in before)
                or self.runs >= MAX_CARRYING_RUNS
            ):
                continue
            self.runs += 1
            steps = self.carrying(wrong, self.givens, (*made, hypothesis), few=True)
            if not item.is_value(item.against(steps)) and not item.agrees_in(steps):
                continue
            yield hypothesis, steps

    def _unharmed(self, item: Item, steps: Mapping[str, Step]) -> bool:
        """Whether an answer that is right, or follows, is also what the mistake would have led to."""
        finding = self.found.get(item)
        if finding is None or finding.verdict not in ("right", "follows"):
            return True
        return item.agree(item.against(steps)).right or item.agrees_in(steps)

    def _explain(self, ties: list[Hypothesis], steps: Mapping[str, Step]) -> None:
        cause = ties[0]
        first = ""
        for item in self.items:
            if item in self.found or not self._explained_by(item, steps):
                continue
            if cause.how == "slip" and first:
                self.found[item] = Finding("follows", after=first)
            else:
                at = cause.name if cause.how == "slip" else ""
                self.found[item] = Finding("wrong", _labels(ties), at=at, how=cause.how)
                first = item.shown

    def _reference(self, item: Item) -> Value:
        value = item.against(self.wrong_steps)
        return item.right if value is None else value

    # Is it more than chance?

    def _credible(self, explained: list[Item], steps: Mapping[str, Step]) -> bool:
        if len({item.name for item in explained}) >= 2:
            return True
        return any(self._beyond_chance(item, item.against(steps)) for item in explained)

    def _beyond_chance(self, item: Item, value: Value | None) -> bool:
        """Whether one answer alone is enough to name a cause by."""
        if value is None or isinstance(value, str):
            return False
        if item.answer.formula is not None:
            return True
        if isinstance(value, float | Drawn):
            return item.is_value(value)
        if isinstance(value, int):
            return self._rare(
                item,
                int(item.right) if isinstance(item.right, int) else value,
                lambda v: v if isinstance(v, int) else None,
            )
        levels = item.agree(item.right).levels
        differing = [place for place, level in enumerate(levels) if level != Level.RIGHT]
        if not levels or len(differing) >= 2:
            return True
        place = differing[0]
        if isinstance(value, tuple) and isinstance(item.right, tuple):
            return self._rare(
                item,
                item.right[place],
                lambda v: v[place] if isinstance(v, tuple) and place < len(v) else None,
            )
        number = item.answer.entries[place]
        return (
            number is not None
            and isinstance(value, np.ndarray)
            and compare.to_three_digits(number, float(value.flat[place]))
        )

    def _rare(self, item: Item, right: int, number: Callable[[Value], int | None]) -> bool:
        """Whether fewer than 2 % of the whole numbers within ±20 % of the right one would be explained."""
        low, high = right - abs(right) // 5, right + abs(right) // 5
        explained: set[int] = set()
        for value in self._all_values(item):
            found = number(value)
            if found is not None and found != right and low <= found <= high:
                explained.add(found)
        return len(explained) == 0 or 50 * len(explained) < high - low + 1

    def _all_values(self, item: Item) -> Iterable[Value]:
        for hypothesis in self.setting.before(item.name):
            value = item.against(self.setting.under(hypothesis).steps)
            if value is not None:
                yield value


def _slipped(item: Item, step: Step | None, label: str) -> Value | None:
    """What an item would be if that slip were made at its step."""
    value = None if step is None else step.slip_value(label)
    return None if value is None or step is None else item.cell.ask.pick(value, step.origin)


_RANK = {"slip": 0, "convention": 1, "misread": 2, "habit": 3}


def _labels(ties: list[Hypothesis]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hypothesis.label for hypothesis in ties))


def _cut(done: Run, setting: Setting, steps: Mapping[str, Step]) -> bool:
    """Whether a run ended before names that the right run reaches."""
    return (
        done.ended is not None
        and not isinstance(done.ended, Missing)
        and any(n not in steps for n in setting.right.steps)
    )


def _guarded(item: Item, step: Step) -> Finding | None:
    """A tolerance must not swallow a slip: what an answer near both the right value and a slip's is."""
    numbers = [number for number in item.answer.entries if number is not None]
    computed = item.cell.ask.pick(step.computed, step.origin)
    if (
        not isinstance(computed, float | np.ndarray)
        or not item.part.tolerance.default
        or len(numbers) != np.size(computed)
    ):
        return None
    right = _decimals(computed)
    near: list[tuple[Fraction, str]] = []
    for label in step.slips:
        value = _slipped(item, step, label)
        if value is None or same(value, computed) or not item.agree(value).right:
            continue
        other = _decimals(value)
        if max(abs(a - b) for a, b in zip(other, right, strict=True)) <= item.part.setting.noise:
            continue  # both are zero but for rounding
        is_right, is_slip = (all(map(compare.rounds_to, numbers, exact)) for exact in (right, other))
        if is_slip and not is_right:
            return Finding("wrong", (label,), how="slip")
        if is_slip or (not is_right and _apart(numbers, other) < _apart(numbers, right)):
            near.append((_apart(numbers, other), label))
    return Finding("imprecise", (min(near)[1],), how="slip") if near else None


def _decimals(value: Value) -> list[Fraction]:
    return [compare.decimal(x) for x in np.ravel(np.asarray(value)).tolist()]


def _apart(numbers: list[Number], exact: list[Fraction]) -> Fraction:
    return sum((abs(number.value - x) for number, x in zip(numbers, exact, strict=True)), Fraction(0))


def _effortless(step: Step, steps: Mapping[str, Step], givens: Givens) -> bool:
    """Whether a value needs no computing: 0, 1, the same number everywhere, or one that its formula names."""
    if isinstance(step, DrawnStep):
        tried = [draw for draw, at in enumerate(step.draws) if at is not None][:3]
        return all(
            _effortless(
                at,
                {name: other for name, s in steps.items() if (other := _at(s, draw)) is not None},
                givens.draws[draw],
            )
            for draw in tried
            if (at := step.draws[draw]) is not None
        )
    value = step.computed
    if _is_constant(step):
        return True
    if not step.formula or isinstance(value, str | tuple):
        return False
    try:
        used = {name.key for name in expressions.names_in(expressions.parse(step.formula))}
    except ExpressionError:
        return False
    known = bound_names(step, steps, givens)
    return any(isinstance(known.get(name), int | float | np.ndarray) and _equal(value, known[name]) for name in used)


def _is_constant(step: Step) -> bool:
    """Whether a value is 0, 1, or the same number everywhere."""
    value = step.computed
    lone = value.item() if isinstance(value, np.ndarray) and value.size == 1 else value
    if isinstance(lone, int | float):
        return min(abs(lone), abs(lone - 1)) < 1e-12
    return isinstance(value, np.ndarray) and value.size > 1 and bool((value == value.flat[0]).all())


def _at(step: Step, draw: int) -> Step | None:
    return step.draws[draw] if isinstance(step, DrawnStep) else step


def _equal(value: Value, other: Value) -> bool:
    if isinstance(value, int | float) and isinstance(other, int | float):
        a, b = Fraction(value), Fraction(other)
        return abs(a - b) <= Fraction(1, 10**12) * max(abs(a), abs(b))
    return same(value, other)
