"""Problem files: what they may say, and every error of a file at once, at its place."""

from __future__ import annotations

import textwrap
from fractions import Fraction

import numpy as np
import pytest

from hwcheck import problems
from hwcheck.compare import DEFAULT, Tolerance
from hwcheck.errors import ProblemError
from hwcheck.problems import Part, ProblemFile


def load(text: str) -> ProblemFile:
    return problems.parse(textwrap.dedent(text).strip("\n").encode(), "p.yaml", "p")


def faults(text: str) -> list[str]:
    with pytest.raises(ProblemError) as caught:
        load(text)
    assert str(caught.value) == "\n".join(map(str, caught.value.faults))
    return [str(fault).removeprefix("p.yaml:").strip() for fault in caught.value.faults]


def marked(text: str, message: str) -> tuple[str, list[str]]:
    """A text without its marker ▸, and the only fault it should have, at the place of the marker."""
    before, _, after = text.partition("▸")
    return before + after, [f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: {message}"]


def part(text: str, name: str = "a") -> Part:
    found = load(text).part(name)
    assert found is not None
    return found


def right(asked: Part) -> object:
    return asked.right(asked.cells[0])


MLP = "kind: mlp\ngiven: {layers: [3, 4, 2]}\n"
RNN = "kind: rnn\ngiven: {x: [0.3, 0.4], W_x: 0.2, W_h: 0.3, W_y: 0.7, activation: identity, target: 0.4}\n"
NEWTON = "kind: newton_schulz\ngiven: {W: [[0.6, -0.2, 0.9], [0.1, 0.7, 0.3]], steps: 2}\n"
KINDS = "expected one of " + ", ".join(problems.kinds.names())


# What is read.


def test_a_file_may_be_one_problem():
    file = load(
        "id: net-1.b\ntitle: A   small net\n"
        + MLP
        + "parts: {a: {ask: params}, b: {ask: weights, title: ' the  weights '}}"
    )
    assert (file.id, file.title, file.path) == ("net-1.b", "A small net", "p.yaml")
    assert [(part.name, part.id, part.title, right(part)) for part in file.parts] == [
        ("a", "a", "", 26),
        ("b", "b", "the weights", 20),
    ]
    assert [problem.id for problem in file.problems] == [""]
    assert file.part("c") is None


def test_a_file_may_hold_several_problems():
    file = load("""
        title: Two nets
        defaults: {points: 2}
        problems:
          q1: {kind: mlp, title: first, given: {layers: [3, 4]}, parts: {a: {ask: params}, b-2: {ask: weights, points: 1/2}}}
          q_2: {kind: mlp, given: {layers: [3, 2]}, parts: {a: {ask: params}}}
        """)
    assert (file.id, file.title) == ("p", "Two nets")
    assert [(part.name, part.id, part.problem, part.points, part.line) for part in file.parts] == [
        ("q1.a", "a", "q1", 2, 4),
        ("q1.b-2", "b-2", "q1", Fraction(1, 2), 4),
        ("q_2.a", "a", "q_2", 2, 5),
    ]
    assert [problem.title for problem in file.problems] == ["first", ""]


def test_a_file_without_an_id_is_called_by_its_name():
    assert problems.parse((MLP + "parts: {a: {ask: params}}").encode(), "My Nets.yaml", "My Nets").id == "my-nets"


def test_the_digest_tells_files_apart():
    one, other = (load(MLP + f"parts: {{a: {{ask: {name}}}}}") for name in ("params", "weights"))
    assert len(one.digest) == 64
    assert one.digest != other.digest


def test_numbers_are_written_as_students_write_them():
    text = "kind: rnn\ngiven: {x: [1/2, 3e-1, −0.1], W_x: (1/2)^2, W_h: 2^-1, h0: 0.10, W_y: 1, activation: identity}\nparts: {a: {ask: h}}"
    found = part(text)
    values = [found.right(cell) for cell in found.cells]
    assert values == pytest.approx([0.175, 0.1625, 0.05625], rel=1e-12)
    assert [cell.at for cell in found.cells] == ["h.1", "h.2", "h.3"]
    assert found.family


@pytest.mark.parametrize(
    ("given", "expected"),
    [("{layers: [2, 5]}", 15), ("{layers: [2, 5], bias: false}", 10), ("{bias: false}", 20), ("{}", 26)],
)
def test_a_given_of_a_part_replaces_the_problems(given, expected):
    text = MLP + f"parts: {{a: {{ask: params, given: {given}}}, b: {{ask: params}}}}"
    assert right(part(text)) == expected
    assert right(part(text, "b")) == 26


def test_parts_with_equal_givens_share_their_runs():
    file = load(
        MLP
        + "parts: {a: {ask: params}, b: {ask: weights, given: {layers: [3, 4, 2]}}, c: {ask: params, given: {bias: false}}}"
    )
    a, b, c = file.parts
    assert a.setting is b.setting
    assert a.setting is not c.setting


ASKS = [
    ("iterate.1[1, 2]", 0.0),
    ("iterate.1.shape", (2, 3)),
    ("cheaper", "naive"),
    ("singular_values.1[0]", 0.0),
    ("iterate.1[0, :]", (3,)),
    ("iterate.1[0:1, 1:]", (1, 2)),
    ("iterate.1[1]", (3,)),
    ("iterate.2", (2, 3)),
]


@pytest.mark.parametrize(("ask", "like"), ASKS)
def test_a_part_may_ask_a_quantity_or_a_piece_of_it(ask, like):
    found = part(NEWTON + f"parts: {{a: {{ask: '{ask}'}}}}")
    value = right(found)
    assert found.asked == ask
    if isinstance(value, np.ndarray):
        assert value.shape == like
    else:
        assert type(value) is type(like)
        assert isinstance(value, float) or value == like


def test_brackets_count_from_zero():
    whole = right(part(NEWTON + "parts: {a: {ask: iterate.1}}"))
    assert right(part(NEWTON + "parts: {a: {ask: 'iterate.1[1, 2]'}}")) == whole[1, 2]
    assert right(part(NEWTON + "parts: {a: {ask: 'iterate.1[0:2, 1]'}}")).tolist() == whole[:, 1].tolist()


@pytest.mark.parametrize(
    ("written", "tolerance"),
    [
        ("{rel: 1e-3, abs: 0.1}", Tolerance(rel=Fraction(1, 1000), abs=Fraction(1, 10))),
        ("{rel: 1/3}", Tolerance(rel=Fraction(1, 3))),
        ("{abs: 0}", Tolerance(abs=Fraction(0))),
        ("{digits: 4}", Tolerance(digits=4)),
        ("{decimals: 0}", Tolerance(decimals=0)),
    ],
)
def test_a_tolerance_has_four_forms(written, tolerance):
    assert part(MLP + f"parts: {{a: {{ask: params, tolerance: {written}}}}}").tolerance == tolerance


def test_a_part_has_its_fields_else_those_of_the_defaults_else_the_usual_ones():
    defaults = "defaults: {points: 3, tolerance: {digits: 4}, follow_through: 0.5, imprecise: 0, convention: 1/4}\n"
    parts = "parts: {a: {ask: params}, b: {ask: params, points: 0, tolerance: {abs: 1}, credit: entries, unit: percent, prompt: How many?}}"
    a, b = load(defaults + MLP + parts).parts
    plain = part(MLP + parts)
    assert (a.points, a.tolerance, a.follow_through, a.imprecise, a.convention) == (
        3,
        Tolerance(digits=4),
        Fraction(1, 2),
        0,
        Fraction(1, 4),
    )
    assert (b.points, b.tolerance, b.credit, b.percent, b.prompt) == (
        0,
        Tolerance(abs=Fraction(1)),
        "entries",
        True,
        "How many?",
    )
    assert (plain.points, plain.tolerance, plain.follow_through, plain.imprecise, plain.convention) == (
        1,
        DEFAULT,
        1,
        Fraction(1, 2),
        0,
    )
    assert (plain.credit, plain.percent, plain.prompt) == ("whole", False, "")


@pytest.mark.parametrize(
    ("ask", "credit"),
    [("iterate.1", "entries"), ("iterate", "entries"), ("'iterate.1[0, 0]'", "whole"), ("cheaper", "whole")],
)
def test_arrays_and_families_earn_by_their_entries(ask, credit):
    assert part(NEWTON + f"parts: {{a: {{ask: {ask}}}}}").credit == credit


def test_a_family_of_numbers_earns_by_its_members():
    assert part(RNN + "parts: {a: {ask: h}}").credit == "entries"
    assert part(RNN + "parts: {a: {ask: h.1}}").credit == "whole"


def test_names_rename_givens_and_the_quantities_made_from_them():
    text = """
        kind: rnn
        names: {W_x: w_in, W_h: w_hh, lr: alpha, target: y_r}
        given: {x: [0.3, 0.4], w_in: 0.2, w_hh: 0.3, W_y: 0.7, activation: identity, y_r: 0.4, alpha: 0.1}
        parts: {a: {ask: grad_w_in}, b: {ask: new_w_hh}}
        """
    file = load(text)
    plain = load(
        "kind: rnn\ngiven: {x: [0.3, 0.4], W_x: 0.2, W_h: 0.3, W_y: 0.7, activation: identity, target: 0.4, lr: 0.1}\n"
        "parts: {a: {ask: grad_W_x}, b: {ask: new_W_h}}"
    )
    assert [right(part) for part in file.parts] == [right(part) for part in plain.parts]
    assert [part.asked for part in file.parts] == ["grad_w_in", "new_w_hh"]
    (problem,) = file.problems
    assert [problem.shown(name) for name in ("W_x", "grad_W_x", "new_lr", "h.2", "W_y")] == [
        "w_in",
        "grad_w_in",
        "new_alpha",
        "h.2",
        "W_y",
    ]
    assert problem.shown_formula("W_h - lr grad_W_h") == "w_hh - alpha grad_w_hh"


def test_a_given_may_be_the_value_of_another_part_wherever_it_stands():
    file = load("""
        problems:
          q1: {kind: mlp, given: {layers: [{from: q2.a}, 1]}, parts: {a: {ask: inputs}}}
          q2: {kind: mlp, given: {layers: [3, 4]}, parts: {a: {ask: params}}}
        """)
    asked = file.part("q1.a")
    assert right(asked) == 16
    assert asked.setting.links == {"q2.a"}


# What is refused.

FRAME = [
    pytest.param("", ["the file is empty"], id="nothing"),
    pytest.param("- a", ["1:1: expected `name: value` lines, found a list"], id="a list"),
    pytest.param("given: {layers: [3]}", [f"1:1: `kind:` is missing; {KINDS}"], id="no kind"),
    pytest.param("kind: mlpp\nparts: {a: {ask: x}}", ["1:7: kind: no kind 'mlpp'; did you mean 'mlp'?"], id="kind with nearest name"),
    pytest.param("kind: zzz\nparts: {a: {ask: x}}", [f"1:7: kind: no kind 'zzz'; {KINDS}"], id="kind unlike any other"),
    pytest.param("kind: mlp", ["1:1: `parts:` is missing: what is asked, such as `parts: {a: {ask: …}}`"], id="no parts"),
    pytest.param(MLP + "parts: [a]", ["3:8: parts: expected `id: {…}` lines, found a list of 1"], id="parts as a list"),
    pytest.param(MLP + "parts:", ["3:7: parts: expected `id: {…}` lines, found nothing"], id="no part at all"),
    pytest.param("problems: [1]", ["1:11: problems: expected `id: {…}` lines, found a list of 1"], id="problems as a list"),
    pytest.param("problems: {q1: 3}", ["1:16: problem 'q1': expected `name: value` lines, found '3'"], id="a problem as a number"),
    pytest.param("defaults: 3\n" + MLP + "parts: {a: {ask: params}}", ["1:11: defaults: expected `name: value` lines, found '3'"], id="defaults as a number"),
    pytest.param(
        "defaults: {point: 2}\n" + MLP + "parts: {a: {ask: params}}",
        ["1:12: defaults has no field 'point'; did you mean 'points'?"],
        id="unknown default",
    ),
    pytest.param(
        "id: A b\n" + MLP + "parts: {a: {ask: params}}",
        ["1:5: id: expected lower-case letters, digits, `-`, `_`, `.`, found 'A b'"],
        id="id of the file",
    ),
    pytest.param("given: [1\n" + MLP, ["1:8: a list that opens with [ is not closed with ]"], id="not YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FRAME)
def test_an_error_of_the_file_is_reported_at_its_place(text, expected):
    assert faults(text) == expected


FORMS = "expected `rel` and `abs`, or `digits`, or `decimals`"
PARTS = [
    pytest.param("{▸a.b: {ask: params}}", "parts: an id has letters, digits, `_` and `-`, found 'a.b'", id="id of a part"),
    pytest.param("{a: ▸params}", "part 'a': write `{ask: params}`", id="a quantity without ask"),
    pytest.param("{a: ▸[params]}", "part 'a': expected `name: value` lines, found a list of 1", id="a part as a list"),
    pytest.param("{▸a: {points: 2}}", "part 'a': `ask:` is missing; it names a quantity of kind mlp", id="no ask"),
    pytest.param("{a: {ask: params, ▸point: 2}}", "part 'a' has no field 'point'; did you mean 'points'?", id="unknown field"),
    pytest.param("{a: {ask: params}, ▸a: {ask: weights}}", "'a' is given twice; keep one", id="duplicate part"),
    pytest.param("{a: {ask: params, ▸ask: weights}}", "'ask' is given twice; keep one", id="duplicate field"),
    pytest.param("{a: {ask: ▸parms}}", "ask: no quantity 'parms'; did you mean 'params'?", id="quantity with nearest name"),
    pytest.param(
        "{a: {ask: ▸zzz}}",
        "ask: no quantity 'zzz'; expected one of inputs, outputs, params.1, params.2, weights, biases, params",
        id="quantity unlike any other",
    ),
    pytest.param("{a: {ask: ▸params.3}}", "ask: no quantity 'params.3'; did you mean 'params.2'?", id="a layer too many"),
    pytest.param("{a: {ask: ▸'params[0]'}}", "ask: 'params' has no entries; ask it whole", id="entry of a number"),
    pytest.param(
        "{a: {ask: ▸'params['}}",
        "ask: expected a quantity such as `h.2` or \"output[0, 1]\", found 'params['",
        id="half a bracket",
    ),
    pytest.param("{a: {ask: params, points: ▸-1}}", "points: expected points from 0, found -1", id="negative points"),
    pytest.param("{a: {ask: params, points: ▸[1]}}", "points: expected a number, found a list of 1", id="points as a list"),
    pytest.param(
        "{a: {ask: params, follow_through: ▸2}}", "follow_through: expected a share from 0 to 1, found 2", id="a share above 1"
    ),
    pytest.param("{a: {ask: params, credit: ▸some}}", "credit: found 'some'; expected one of entries, whole", id="unknown credit"),
    pytest.param("{a: {ask: params, title: ▸[1]}}", "expected a text, found a list of 1", id="title as a list"),
    pytest.param("{a: {ask: params, tolerance: ▸{}}}", f"tolerance: {FORMS}", id="tolerance without a form"),
    pytest.param("{a: {ask: params, tolerance: ▸{digits: 2, decimals: 1}}}", f"tolerance: {FORMS}", id="tolerance of two forms"),
    pytest.param("{a: {ask: params, tolerance: ▸{rel: 1, digits: 1}}}", f"tolerance: {FORMS}", id="tolerance of two other forms"),
    pytest.param(
        "{a: {ask: params, tolerance: {rel: ▸-1}}}", "tolerance: expected a number from 0, found -1", id="negative tolerance"
    ),
    pytest.param(
        "{a: {ask: params, tolerance: {rel: ▸x}}}",
        "tolerance: expected a number, found 'x' (unknown name 'x'; a number is expected here)",
        id="tolerance that is no number",
    ),
    pytest.param(
        "{a: {ask: params, tolerance: {digits: ▸0}}}", "tolerance: expected a whole number of at least 1, found 0", id="no digits"
    ),
    pytest.param("{a: {ask: params, tolerance: {digits: ▸16}}}", "tolerance: expected at most 15, found 16", id="too many digits"),
    pytest.param(
        "{a: {ask: params, tolerance: {decimals: ▸1.5}}}",
        "tolerance: expected a whole number of at least 0, found 1.5",
        id="a broken number of decimals",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "message"), PARTS)
def test_an_error_of_a_part_is_reported_at_its_place(parts, message):
    text, expected = marked(MLP + f"parts: {parts}", message)
    assert faults(text) == expected


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        ("iterate.1[2, 0]", "no entry 'iterate.1[2, 0]'; its indices run from 0 to 1 and 0 to 2"),
        ("iterate.1[0, 3]", "no entry 'iterate.1[0, 3]'; its indices run from 0 to 1 and 0 to 2"),
        ("iterate.1[-1, 0]", "no entry 'iterate.1[-1, 0]'; its indices run from 0 to 1 and 0 to 2"),
        ("iterate.1[0:3, 0]", "no entry 'iterate.1[0:3, 0]'; its indices run from 0 to 1 and 0 to 2"),
        ("iterate.1[1:1, 0]", "no entry 'iterate.1[1:1, 0]'; its indices run from 0 to 1 and 0 to 2"),
        ("iterate.1[0, 0, 0]", "no entry 'iterate.1[0, 0, 0]'; its indices run from 0 to 1 and 0 to 2"),
        ("singular_values.1[2]", "no entry 'singular_values.1[2]'; its indices run from 0 to 1"),
        ("iterate.3", "no quantity 'iterate.3'; there are iterate.1 to iterate.2, and iterate for all of them"),
        ("iterate[0]", "no quantity 'iterate[0]'; there are iterate.1 to iterate.2, and iterate for all of them"),
        ("iterate.1[a]", "expected a quantity such as `h.2` or \"output[0, 1]\", found 'iterate.1[a]'"),
    ],
)
def test_an_index_that_does_not_exist_is_refused_with_its_range(ask, expected):
    assert faults(NEWTON + f"parts: {{a: {{ask: '{ask}'}}}}") == [f"3:18: ask: {expected}"]


GIVENS = [
    pytest.param("mlp", "{layers: [3, 4], ▸bais: true}", "kind mlp has no given 'bais'; did you mean 'bias'?", id="unknown given"),
    pytest.param("mlp", "{layers: ▸3}", "layers: expected a list of sizes, found '3'", id="a number for a list"),
    pytest.param("mlp", "{layers: [3, ▸4.5, [6]]}", "layers: expected a whole number of at least 1, found 4.5", id="a broken size"),
    pytest.param("mlp", "{layers: [3, 4], bias: ▸maybe}", "bias: found 'maybe'; expected one of true, false", id="a word for a truth value"),
    pytest.param("rnn", "{x: ▸3, W_x: 1}", "x: expected an array (T × n) or an array (T), found a number", id="a number for an array"),
    pytest.param("rnn", "{x: [1], W_x: 1, lr: ▸[1, 2]}", "lr: expected a number above 0, found a list of 2", id="an array for a number"),
    pytest.param("rnn", "{x: ▸[[[1, 2]]], W_x: 1}", "x: expected an array (T × n) or an array (T), found an array of 1 × 1 × 2", id="wrong number of axes"),
    pytest.param("rnn", "{x: [1], W_x: ▸, h0: 1}", "W_x: expected a number, found nothing", id="nothing for a number"),
    pytest.param("rnn", "{x: [1], W_x: ▸{a: 1}}", "W_x: expected a number, found a mapping", id="a mapping for a number"),
    pytest.param("rnn", "{x: ▸[], W_x: 1}", "x: expected numbers, found an empty list", id="an empty list"),
    pytest.param("rnn", "{x: [1], W_x: ▸1/0}", "W_x: expected a number, found '1/0' (a division by zero)", id="no number"),
    pytest.param(
        "rnn", "{x: [1], W_x: 1, activation: ▸tanhh}", "activation: found 'tanhh'; did you mean 'tanh'?", id="option with nearest name"
    ),
    pytest.param("rnn", "{x: [1], W_x: 1, lr: ▸0}", "lr: expected a number above 0, found 0", id="out of its range"),
    pytest.param(
        "newton_schulz", "{d_out: 3, d_in: 4, steps: ▸101}", "steps: expected at most 100, found 101", id="too many steps"
    ),
    pytest.param(
        "rnn",
        "{x: [[1, 2], [3, 4]], W_x: ▸[[1, 2, 3]], W_h: 1}",
        "W_x: its axis n has length 3, but x has n = 2",
        id="a clash of axes names both culprits",
    ),
    pytest.param(
        "newton_schulz", "▸{W: [[1, 2, 3], [4, 5, 6]], d_out: 3}", "W is 2 × 3, and `d_out` is 3", id="a clash that the kind finds"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "message"), GIVENS)
def test_an_error_of_a_given_is_reported_at_its_place(kind, given, message):
    ask = {"mlp": "params", "rnn": "h.1", "newton_schulz": "cost.naive"}[kind]
    text, expected = marked(f"kind: {kind}\ngiven: {given}\nparts: {{a: {{ask: {ask}}}}}", f"given: {message}")
    assert faults(text) == expected


def test_an_error_of_a_given_that_parts_share_is_reported_once():
    parts = "parts: {a: {ask: params}, b: {ask: params, given: {bias: false}}}"
    text, expected = marked(
        f"kind: mlp\ngiven: {{layers: ▸3}}\n{parts}", "given: layers: expected a list of sizes, found '3'"
    )
    assert faults(text) == expected


def test_a_given_that_is_given_twice_is_refused():
    text, expected = marked(
        "kind: mlp\ngiven: {layers: [3, 4], ▸layers: [5]}\nparts: {a: {ask: params}}",
        "'layers' is given twice; keep one",
    )
    assert faults(text) == expected


@pytest.mark.parametrize(
    ("ask", "given", "expected"),
    [
        ("new_W_h", "{x: [1, 2], W_x: 1, W_h: 1, W_y: 1, target: 1}", "give `lr`: 'new_W_h' needs it"),
        ("loss", "{x: [1, 2], W_x: 1, W_h: 1, W_y: 1}", "give `target`: 'loss' needs it"),
        ("h.1", "{W_x: 1}", "give `x`: 'h.1' needs it"),
        (
            "h.3",
            "{x: [1, 2], W_x: 1, W_h: 1, W_y: 1}",
            "ask: no quantity 'h.3'; there are h.1 to h.2, and h for all of them",
        ),
    ],
)
def test_a_given_is_required_when_an_asked_quantity_needs_it(ask, given, expected):
    assert faults(f"kind: rnn\ngiven: {given}\nparts: {{a: {{ask: {ask}}}}}") == [f"3:18: {expected}"]


def test_a_given_that_is_missing_is_called_by_the_name_of_the_problem():
    text = "kind: rnn\nnames: {lr: alpha, W_h: w}\ngiven: {x: [1], W_x: 1, W_y: 1, target: 1}\nparts: {a: {ask: new_w}}"
    assert faults(text) == ["4:18: give `alpha`: 'new_w' needs it"]


def test_a_given_that_no_asked_quantity_needs_may_be_left_out():
    assert right(part("kind: rnn\ngiven: {x: [2], W_x: 3, activation: identity}\nparts: {a: {ask: h.1}}")) == 6.0


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("{W_x: ▸1a}", "names: expected a name of letters, digits and `_`, found '1a'"),
        ("{▸W_hh: w}", "names has no field 'W_hh'; did you mean 'W_h'?"),
        ("{lr: ▸W_h}", "names: 'W_h' is a given of its own"),
        ("▸[W_x]", "names: expected `name: value` lines, found a list of 1"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused(names, message):
    text, expected = marked(RNN.replace("\n", f"\nnames: {names}\n", 1) + "parts: {a: {ask: h}}", message)
    assert faults(text) == expected


def test_an_unknown_given_is_compared_with_the_names_of_the_problem():
    text = "kind: rnn\nnames: {lr: alpha}\ngiven: {x: [1], W_x: 1, alpah: 2}\nparts: {a: {ask: h.1}}"
    assert faults(text) == ["3:25: given: kind rnn has no given 'alpah'; did you mean 'alpha'?"]


def linked(*targets: str) -> str:
    lines = [
        f"  q{n}: {{kind: mlp, given: {{layers: [{{from: {target}}}, 1]}}, parts: {{a: {{ask: inputs}}}}}}"
        for n, target in enumerate(targets, 2)
    ]
    return "\n".join(
        [
            "problems:",
            "  q1: {kind: newton_schulz, given: {d_out: 2, d_in: 3}, parts: {a: {ask: cheaper}, b: {ask: speedup}}}",
            *lines,
        ]
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (linked("q1.z"), ["3:43: given: layers: from: no part 'q1.z'; did you mean 'q1.b'?"]),
        (linked("q1.a"), ["3:43: given: layers: from: part 'q1.a' has no value that can be used here"]),
        (linked("q1.b"), ["3:36: given: layers: expected a whole number of at least 1, found 0.666667"]),
        (
            MLP + "parts: {a: {ask: params, points: {from: b}}, b: {ask: params}}",
            ["3:34: points: expected a number, found a mapping"],
        ),
    ],
)
def test_a_value_of_another_part_that_cannot_be_used_is_refused(text, expected):
    assert faults(text) == expected


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (["q3.a", "q2.a"], "4:43: given: from: 'q2.a', 'q3.a' and 'q2.a' lead back to themselves"),
        (["q3.a", "q4.a", "q2.a"], "5:43: given: from: 'q2.a', 'q3.a', 'q4.a' and 'q2.a' lead back to themselves"),
    ],
)
def test_parts_that_take_their_values_from_each_other_are_refused(targets, expected):
    assert faults(linked(*targets)) == [expected]


def test_a_part_that_takes_its_value_from_itself_is_refused():
    (fault,) = faults(linked("q2.a"))
    assert fault.startswith("3:43: given: from: 'q2.a'")


def test_all_errors_of_a_file_are_reported_at_once_in_the_order_of_the_file():
    text = """
        id: nets
        defaults: {pionts: 2}
        problems:
          q1:
            kind: mlp
            given: {layers: [3, 0], bias: perhaps}
            parts: {a: {ask: params, points: -2}, b: {ask: parms}, b: {ask: params}}
          q2:
            kind: rrn
            parts: {a: {ask: h}}
          q3:
            kind: mlp
            given: {layers: [{from: q9.a}, 1]}
            parts: {a: {ask: params}, b c: {ask: params}}
          q4: {kind: mlp, given: {layers: [3, 4]}, parts: {a: {ask: weihgts}}}
        """
    assert faults(text) == [
        "2:12: defaults has no field 'pionts'; did you mean 'points'?",
        "6:25: given: layers: expected a whole number of at least 1, found 0",
        "6:35: given: bias: found 'perhaps'; expected one of true, false",
        "7:38: points: expected points from 0, found -2",
        "7:60: 'b' is given twice; keep one",
        "9:11: kind: no kind 'rrn'; did you mean 'rnn'?",
        "13:29: given: layers: from: no part 'q9.a'; did you mean 'q4.a'?",
        "14:31: parts: an id has letters, digits, `_` and `-`, found 'b c'",
        "15:61: ask: no quantity 'weihgts'; did you mean 'weights'?",
    ]


# Shipped files.


def test_shipped_files_are_found_by_their_id_after_those_beside(tmp_path):
    path = problems.find("rnn_update")
    assert path is not None
    assert problems.load(path).id == "rnn_update"
    (tmp_path / "rnn_update.yml").write_text(MLP + "parts: {a: {ask: params}}")
    assert problems.find("rnn_update", tmp_path) == tmp_path / "rnn_update.yml"
    assert problems.find("no-such-file", tmp_path) is None
    assert problems.load(tmp_path / "rnn_update.yml", "shown.yaml").path == "shown.yaml"
