"""The command line: exit codes, messages word for word, which stream they go to, and what hostile files can do."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from hwcheck import cli, problems, yamltree
from hwcheck import grade as cli_grade

ROOT = Path(__file__).parent.parent
ANSWERS = problems.shipped() / "answers"
RIGHT = str(ANSWERS / "rnn_update.right.yaml")
MISTAKES = str(ANSWERS / "rnn_update.mistakes.yaml")
"""earns 4.5 of 6 points, by hand in the comments of tests/test_grading.py"""


class Done(NamedTuple):
    code: object
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch, tmp_path):
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "HWCHECK_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(capsys, monkeypatch) -> Run:
    def call(*arguments: str, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        with pytest.raises(SystemExit) as end:
            cli.main([*arguments])
        return Done(end.value.code, *capsys.readouterr())

    return call


def process(arguments: list[str], folder: Path, **options) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from hwcheck.cli import main; main()", *arguments]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONUTF8"))}
    environment = {**clean, "PYTHONPATH": str(ROOT), **options.pop("environment", {})}
    return subprocess.Popen(command, cwd=folder, env=environment, **options)


# Exit codes.


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["kinds"], 0),
        (["kinds", "conv2d"], 0),
        (["solve", "rnn_update"], 0),
        (["grade", RIGHT], 0),
        (["grade", MISTAKES], 1),
        (["grade", MISTAKES, "--exit-zero"], 0),
        (["grade", MISTAKES, "--pass-mark", "75%"], 0),
        (["grade", MISTAKES, "--pass-mark", "0.75"], 0),
        (["grade", MISTAKES, "--pass-mark", "75.01%"], 1),
        (["grade", MISTAKES, RIGHT], 1),
        (["grade", RIGHT, "missing.yaml"], 2),
        (["grade", MISTAKES, "missing.yaml", "--exit-zero"], 2),
        ([], 2),
        (["marks"], 2),
        (["grade"], 2),
        (["grade", RIGHT, "--reveal", "everything"], 2),
        (["solve", "missing"], 2),
    ],
    ids=lambda value: " ".join(Path(word).name for word in value) if isinstance(value, list) else str(value),
)
def test_exit_codes_are_the_documented_ones(run, arguments, code):
    done = run(*arguments)
    assert done.code == code
    assert "Traceback" not in done.out + done.err


def test_an_error_of_our_own_is_3_and_one_line(run, monkeypatch):
    def broken(*_):
        raise RuntimeError("a\x1b[31mb ::error::c")

    monkeypatch.setattr("hwcheck.problems.load", broken)
    done = run("solve", "rnn_update")
    assert (done.code, done.out) == (3, "")
    assert re.fullmatch(
        r"hwcheck: internal error: RuntimeError: a\\x1b\[31mb : :error: :c \(test_cli\.py:\d+\); "
        r"please report it with the two files; HWCHECK_DEBUG=1 shows more\n",
        done.err,
    )


def test_an_error_of_our_own_in_one_submission_keeps_no_other_from_its_marks(run, monkeypatch):
    whole = cli_grade.grade

    def broken(file, submission):
        if submission.path == MISTAKES:
            raise RuntimeError("only here")
        return whole(file, submission)

    monkeypatch.setattr(cli_grade, "grade", broken)
    done = run("grade", MISTAKES, RIGHT, "--format", "json")
    assert done.code == 3
    assert [report["student"] for report in json.loads(done.out)] == [RIGHT]
    assert done.err.startswith(f"{MISTAKES}: not graded\nhwcheck: internal error: RuntimeError: only here")


@pytest.mark.parametrize("number", ["1e400", "9" * 400, "-1e400"])
def test_a_number_beyond_all_measure_is_wrong_like_any_other(run, number):
    answers = f"answers: {{a: {number}x2, b: [[{number}, 1, 1], [1, 1, 1], [1, 1, 1]], e: {number}}}"
    done = run("grade", "-", "--against", "conv2d", "--format", "json", stdin=answers.encode())
    assert (done.code, done.err) == (1, "")
    assert [mark["verdict"] for mark in json.loads(done.out)["marks"]][:2] == ["wrong", "wrong"]


def test_the_traceback_is_there_for_who_asks(run, monkeypatch):
    monkeypatch.setenv("HWCHECK_DEBUG", "1")
    monkeypatch.setattr("hwcheck.problems.load", lambda *_: 1 / 0)
    assert "Traceback" in run("solve", "rnn_update").err


def test_ctrl_c_is_130(capsys, monkeypatch):
    class Interrupted(io.BytesIO):
        def read(self, *_):
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Interrupted()))
    with pytest.raises(SystemExit) as end:
        cli.main(["grade", "-"])
    assert end.value.code == 130
    out, err = capsys.readouterr()
    assert (out, err.strip()) == ("", "interrupted")


# Messages.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["kinds", "conv2"], "no kind 'conv2'; did you mean 'conv2d'?"),
        (["solve", "rnn_update", "--part", "f"], "--part: there is no part 'f'; expected one of a, b, c, d, e"),
        (["solve", "comp433-a3", "--part", "a"], "--part: there is no part 'a'; expected one of q1.a, q3.a, q4.a, q5-definition.a, q5.a, q6-formulas.a"),
        (["solve", "rnn_update", "--steps", "--format", "json"], "--steps: the working is text; use --format table or markdown, not json"),
        (["grade", "-", "-"], "standard input can be read once only"),
        (["grade", "-", "--against", "-"], "standard input can be read once only"),
        (["grade", RIGHT, "--pass-mark", "80"], "Invalid value for '--pass-mark': expected a share from 0% to 100%, found '80'; write 80% or 0.8"),
        (["grade", RIGHT, "--pass-mark", "most"], "Invalid value for '--pass-mark': expected a share such as 80% or 0.8, found 'most'"),
        (["grade", RIGHT, "--pass-mark", "nan"], "Invalid value for '--pass-mark': expected a share such as 80% or 0.8, found 'nan'"),
    ],
)  # fmt: skip
def test_wrong_usage_is_named_on_standard_error(run, arguments, message):
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"Usage: hwcheck {arguments[0]} [OPTIONS]")
    assert done.err.endswith(f"\nError: {message}\n")


SHIPPED = ", ".join(sorted(path.stem for path in problems.shipped().glob("*.yaml")))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", f"nowhere: there is no such file, and no shipped problem of that id; expected one of {SHIPPED}"),
        (
            "rnn_updat",
            "rnn_updat: there is no such file, and no shipped problem of that id; did you mean 'rnn_update'?",
        ),
        (".", ".: cannot be read: Is a directory"),
        ("", "'': the name of a file is expected"),
    ],
)
def test_a_problem_that_is_not_there_is_named(run, name, message):
    if "comp433" in message:
        found = ", ".join(sorted(path.stem for path in problems.shipped().glob("*.yaml")))
        message = message.replace(SHIPPED, found)
    assert run("solve", name) == Done(2, "", message + "\n")


UNUSABLE = [
    ("empty", b"", ": the file is empty; expected `problem: …` and `answers: {…}`"),
    ("a list", b"- a\n", ":1:1: expected `name: value` lines, found a list"),
    ("no problem", b"answers: {a: 1}\n", ": `problem:` is missing; write the id of the problem file, or grade with `--against PROBLEM`"),
    ("a list for the problem", b"problem: [a]\nanswers: {a: 1}\n", ":1:10: problem: expected a name, found a list of 1"),
    ("a path upwards", b"problem: ../../etc/passwd\n", ":1:10: problem: expected an id such as comp433-a3, found '../../etc/passwd'"),
    ("a whole path", b"problem: /etc/passwd\n", ":1:10: problem: expected an id such as comp433-a3, found '/etc/passwd'"),
    ("no such id", b"problem: conv2\n", ":1:10: problem: no problem file 'conv2' beside the answers or among those that come with hwcheck; did you mean 'conv2d'?"),
    ("deep", b"problem: conv2d\nanswers:\n  a: " + b"[" * 25_000, ":3:24: nested more than 20 deep"),
    ("large", b"a" * 10_000_000, ": the file is larger than 2 MB; a file of answers has a few kilobytes"),
    ("Latin-1", b"problem: conv2d\nanswers:\n  a: caf\xe9\n", ":3:9: 0xE9 is not UTF-8 text; save the file with the encoding UTF-8"),
    ("NUL", b"problem: conv2d\nanswers:\n  a: x\0y\n", ":3:7: the character U+0000 cannot stand in a YAML file; remove it"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "message"), [row[1:] for row in UNUSABLE], ids=[row[0] for row in UNUSABLE])
def test_a_file_that_cannot_be_used_says_where_and_why(run, data, message):
    Path("a.yaml").write_bytes(data)
    assert run("grade", "a.yaml") == Done(2, "", f"a.yaml{message}\n")
    assert run("grade", "-", stdin=data) == Done(2, "", f"standard input{message}\n")


def test_a_file_that_may_not_be_read_is_named(run, monkeypatch):
    def forbidden(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(yamltree, "read_bytes", forbidden)
    assert run("grade", "a.yaml") == Done(2, "", "a.yaml: cannot be read: Permission denied\n")
    assert run("solve", "rnn_update") == Done(2, "", "rnn_update: cannot be read: Permission denied\n")


def test_missing_files_and_folders_are_named(run):
    assert run("grade", "no.yaml") == Done(2, "", "no.yaml: cannot be read: No such file or directory\n")
    assert run("grade", ".") == Done(2, "", ".: cannot be read: Is a directory\n")
    assert run("grade", "") == Done(2, "", "'': the name of a file is expected\n")


def test_a_closed_standard_input_is_named(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SystemExit) as end:
        cli.main(["grade", "-"])
    assert Done(end.value.code, *capsys.readouterr()) == Done(2, "", "standard input: it is closed\n")


def test_an_answer_to_no_part_is_said_and_the_rest_is_graded(run):
    Path("a.yaml").write_text("problem: rnn_update\nanswers: {z: 1, b: 0.528, b: 0.5}\n")
    done = run("grade", "a.yaml")
    assert done.code == 2
    assert done.err.splitlines() == [
        "a.yaml:2:27: 'b' is given twice; keep one",
        "a.yaml:2:11: answers: there is no part 'z'; expected one of a, b, c, d, e",
    ]
    assert done.out.endswith("\n1 of 6 points (16.6 %)\n")


def test_nothing_of_a_broken_problem_file_is_quoted(run):
    Path("exam.yaml").write_text("kind: conv2d\ngiven: {secret: 42}\nparts: {a: {ask: hidden_name}}\n")
    Path("a.yaml").write_text("problem: exam\nanswers: {a: 1}\n")
    done = run("grade", "a.yaml")
    assert done.code == 2
    assert done.out == ""
    assert re.fullmatch(
        r"a\.yaml:1:10: problem: the problem file 'exam' has errors \(line 2(, line 3)?\); tell whoever wrote it\n",
        done.err,
    )
    assert "secret" in run("solve", "exam.yaml").err, "its author is told"


def test_another_problem_than_the_pinned_one_is_said_and_not_obeyed(run):
    done = run("grade", RIGHT, "--against", "conv2d")
    assert done.err == f"{RIGHT}: written for 'rnn_update', graded against 'conv2d'\n"
    assert done.out.startswith("One filter over a 4×5 picture · conv2d")


def test_a_problem_file_beside_the_answers_is_found(run):
    Path("hw").mkdir()
    Path("hw/own.yaml").write_text("kind: mlp\ngiven: {layers: [3, 2]}\nparts: {a: {ask: params}}\n")
    Path("hw/a.yaml").write_text("problem: own\nanswers: {a: 8}\n")  # 3·2 weights and 2 biases
    assert run("grade", "hw/a.yaml").code == 0


# Standard input, several files, a single part.


def test_either_file_may_come_from_standard_input(run):
    problem = (problems.shipped() / "rnn_update.yaml").read_bytes()
    assert run("grade", "-", stdin=Path(RIGHT).read_bytes()).code == 0
    assert run("grade", RIGHT, "--against", "-", stdin=problem).code == 0
    assert run("solve", "-", stdin=problem).out.count("0.111392") == 1


def test_several_files_are_told_apart(run):
    table = run("grade", MISTAKES, RIGHT)
    assert [line for line in table.out.splitlines() if line in (MISTAKES, RIGHT)] == [MISTAKES, RIGHT]
    data = json.loads(run("grade", MISTAKES, RIGHT, "--format", "json").out)
    assert [(report["student"], report["points"]) for report in data] == [(MISTAKES, 4.5), (RIGHT, 6)]
    headings = [
        line
        for line in run("grade", MISTAKES, RIGHT, "--format", "markdown").out.splitlines()
        if line.startswith("### ")
    ]
    assert len(headings) == 2
    assert all("rnn&#95;update." in heading.split(" · ")[0] for heading in headings)


def test_several_files_make_a_list_however_many_can_be_read(run):
    assert len(json.loads(run("grade", RIGHT, "missing.yaml", "--format", "json").out)) == 1
    assert json.loads(run("grade", "no.yaml", "missing.yaml", "--format", "json").out) == []
    assert run("grade", "missing.yaml", "--format", "json").out == ""


def test_a_part_or_all_parts_of_a_problem_are_chosen(run):
    assert (
        run("solve", "comp433-a3", "--part", "q6.h1", "--format", "yaml").out
        == "problem: comp433-a3\nanswers:\n  q6:\n    h1: 0.16\n"
    )
    data = json.loads(run("solve", "comp433-a3", "--part", "q4", "--format", "json").out)
    assert [part["part"] for part in data["parts"]] == ["q4.a"]


@pytest.mark.parametrize("name", sorted(path.stem for path in problems.shipped().glob("*.yaml")))
def test_a_key_written_as_a_submission_earns_full_marks(run, name):
    Path("key.yaml").write_text(run("solve", name, "--format", "yaml").out, encoding="utf-8")
    assert run("grade", "key.yaml").code == 0


# Where CI is set.


def test_where_ci_is_set_the_problem_has_to_be_named(run, monkeypatch):
    monkeypatch.setenv("CI", "true")
    done = run("grade", "a.yaml")
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(
        "\nError: where CI is set, the problem file has to be named, so that a submission cannot choose it; add\n\n"
        "    hwcheck grade a.yaml --against PROBLEM\n"
    )
    assert run("grade", RIGHT, "--against", "rnn_update").code == 0


LINKED = "a symbolic link; where CI is set a submission has to be a file of its own, as a link could lead to a file of the course\n"


def test_where_ci_is_set_a_submission_is_no_link(run, monkeypatch):
    Path("real").mkdir()
    Path("real/a.yaml").write_bytes(Path(RIGHT).read_bytes())
    Path("link.yaml").symlink_to("real/a.yaml")
    Path("nowhere.yaml").symlink_to("missing.yaml")
    Path("folder").symlink_to("real")
    assert run("grade", "link.yaml").code == run("grade", "folder/a.yaml").code == 0
    monkeypatch.setenv("CI", "1")
    for path in ("link.yaml", "folder/a.yaml", "nowhere.yaml", str(Path.cwd() / "link.yaml")):
        assert run("grade", path, "--against", "rnn_update") == Done(2, "", f"{path}: {LINKED}")
    assert run("grade", "real/a.yaml", "--against", "rnn_update").code == 0


@pytest.mark.parametrize(
    ("ci", "terminal", "output", "key"),
    [("", True, [], True), ("", False, [], False), ("1", True, [], False), ("", True, ["-o", "report.txt"], False)],
)
def test_the_key_is_shown_on_a_terminal_only(run, monkeypatch, ci, terminal, output, key):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(cli, "_on_terminal", lambda: terminal)
    done = run("--no-color", "grade", MISTAKES, "--against", "rnn_update", *output)
    text = Path("report.txt").read_text(encoding="utf-8") if output else done.out
    assert ("0.631152" in text) == key
    assert "4.5 of 6 points" in text


# What is written, and where.


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_output_goes_to_the_file_and_nowhere_else(run, form):
    printed = run("grade", MISTAKES, "--format", form, "--output", "-").out
    assert run("grade", MISTAKES, "--format", form, "--output", "report") == Done(1, "", "")
    assert Path("report").read_bytes().decode() == printed
    assert [path.name for path in Path().iterdir()] == ["report"]


@pytest.mark.skipif(os.name != "posix", reason="rights and links")
def test_output_leaves_links_and_rights_as_they_are(run):
    Path("target").write_text("before")
    Path("target").chmod(0o640)
    Path("link").symlink_to("target")
    run("grade", RIGHT, "-o", "link")
    assert Path("link").is_symlink()
    assert "6 of 6 points" in Path("target").read_text(encoding="utf-8")
    assert stat.S_IMODE(Path("target").stat().st_mode) == 0o640
    mask = os.umask(0o022)
    try:
        run("grade", RIGHT, "-o", "new")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(Path("new").stat().st_mode) == 0o644


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name")
def test_output_never_replaces_what_is_no_regular_file(run):
    os.mkfifo("pipe")
    received = []
    reader = threading.Thread(target=lambda: received.append(Path("pipe").read_bytes()), daemon=True)
    reader.start()
    assert run("grade", RIGHT, "-o", "pipe").code == 0
    assert stat.S_ISFIFO(Path("pipe").stat().st_mode)
    reader.join(10)
    assert "6 of 6 points" in received[0].decode()


def test_output_that_cannot_be_written_is_2_and_leaves_the_old_file(run, monkeypatch):
    assert run("grade", RIGHT, "-o", "no/report") == Done(
        2, "", f"Error: --output: cannot write {Path.cwd() / 'no' / 'report'}: No such file or directory\n"
    )
    Path("report").write_text("before")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert run("grade", RIGHT, "-o", "report") == Done(
        2, "", f"Error: --output: cannot write {Path.cwd() / 'report'}: No space left on device\n"
    )
    assert Path("report").read_text() == "before"
    assert [path.name for path in Path().iterdir()] == ["report"]


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="a device that is always full")
def test_a_full_disk_behind_standard_output_is_2(tmp_path):
    with Path("/dev/full").open("wb") as full:
        done = process(["solve", "rnn_update"], tmp_path, stdout=full, stderr=subprocess.PIPE)
        assert done.communicate()[1] == b"hwcheck: cannot write: No space left on device\n"
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["solve", "comp433-a3"], 0),
        (["--help"], 0),
        (["kinds", "cnn"], 0),
        (["grade", RIGHT], 0),
        (["grade", MISTAKES], 1),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_closed_pipe_is_silent_and_changes_no_verdict(tmp_path, arguments, code):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        done = process(arguments, tmp_path, stdout=closed, stderr=subprocess.PIPE)
        assert done.communicate()[1] == b""
    assert done.returncode == code


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_knows_few_signs_gets_those_it_knows(tmp_path, encoding):
    environment = {"PYTHONIOENCODING": encoding}
    done = process(["grade", MISTAKES], tmp_path, stdout=subprocess.PIPE, environment=environment)
    out = done.communicate()[0]
    assert done.returncode == 1
    assert b" e      new_W_h    x wrong     0.57216         0 / 1\n" in out
    machine = process(
        ["grade", MISTAKES, "--format", "markdown"], tmp_path, stdout=subprocess.PIPE, environment=environment
    )
    assert "✗ wrong" in machine.communicate()[0].decode("utf-8")


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_the_same_input_gives_the_same_bytes(tmp_path, form):
    files = [str(ANSWERS / "comp433-a3.mistakes.yaml"), MISTAKES]
    seen = set()
    for seed in ("0", "1", "4711"):
        command = ["grade", *files, "--format", form, "--reveal", "all"]
        seen.add(
            process(command, tmp_path, stdout=subprocess.PIPE, environment={"PYTHONHASHSEED": seed}).communicate()[0]
        )
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("options", "environment", "colour"),
    [
        ([], {}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
        ([], {"FORCE_COLOR": ""}, False),
        (["--color"], {"NO_COLOR": "1"}, True),
        (["--no-color"], {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour_is_decided_in_the_usual_order(run, monkeypatch, options, environment, colour):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in run(*options, "grade", MISTAKES).out) == colour
    assert "\x1b" not in run(*options, "grade", MISTAKES, "--format", "json").out
    assert "\x1b" not in run(*options, "grade", MISTAKES, "--format", "markdown").out


def test_a_dumb_terminal_gets_no_colour(run, monkeypatch):
    monkeypatch.setattr(cli, "_on_terminal", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in run("solve", "rnn_update").out
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[" in run("solve", "rnn_update").out


@pytest.mark.parametrize("columns", ["0", "5", "-1", "none"])
def test_a_strange_width_loses_nothing(run, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    assert "0.631152" in run("solve", "rnn_update").out


# What a hostile submission can make the terminal, or a job's runner, do.

HOSTILE = """\
student: "[red]\\e[31mAda ::error::x ##[error]y \\u202Eabc"
answers:
  a: "[/b] ::add-mask::secret ##[error]z"
  b: "\\e[2J::error::boo \\u202E 5 |x| <b> `c` $d$"
  c: NaN
  d: {x: {y: [1, {z: 2}]}}
  e: |
    ::error::line
    ##[group]x
  "::error::part": 3
  "##[error]part": 4
"""


@pytest.mark.parametrize("level", ["nothing", "verdicts", "entries", "hints", "all"])
@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_no_text_of_a_submission_is_obeyed(run, form, level):
    Path("a.yaml").write_text(HOSTILE)
    done = run("grade", "a.yaml", "--against", "rnn_update", "--format", form, "--reveal", level)
    assert done.code == 2
    everything = done.out + done.err
    assert not re.search("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u200b\\u202a-\\u202e\\u2066-\\u2069]", everything)
    assert not re.search(r"^\s*::", everything, re.MULTILINE)
    assert "##[" not in everything
    if form == "json":
        assert json.loads(done.out)["student"] == "[red]\x1b[31mAda ::error::x ##[error]y \u202eabc"
    if form == "markdown":
        assert not re.search(r"<b>|`|\$|::", done.out)
        rows = [line for line in done.out.splitlines() if line.startswith("|")]
        assert {line.count("|") for line in rows} <= {7}
    if form == "table" and level != "nothing":
        assert "[/b]" in done.out


def test_a_long_answer_does_not_drown_the_report(run):
    Path("a.yaml").write_text("answers:\n  a: " + "9" * 100_000 + "\n  b: " + "1+" * 50_000 + "1\n")
    done = run("grade", "a.yaml", "--against", "rnn_update")
    assert done.code == 1
    assert len(done.out.splitlines()) < 40


def test_windows_line_ends_make_no_difference(run):
    Path("a.yaml").write_bytes(Path(MISTAKES).read_bytes().replace(b"\n", b"\r\n"))
    assert run("grade", "a.yaml").out == run("grade", MISTAKES).out
