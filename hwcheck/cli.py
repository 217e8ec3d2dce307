"""The command line: parse options, call, print, exit."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn

import click

from hwcheck import __version__

if TYPE_CHECKING:
    from fractions import Fraction
    from pathlib import Path

    from rich.console import Console

    from hwcheck.errors import FileError
    from hwcheck.problems import Part, ProblemFile
    from hwcheck.submissions import Draft

RIGHT, BELOW, UNUSABLE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 130

NARROWEST = 60
"""Tables are never laid out narrower than this; a terminal that is breaks their lines."""

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

EXIT_CODES = """\b
Exit codes:
  0    all right, or at the pass mark
  1    graded, and below it
  2    wrong usage, or a file with errors
  3    an error of hwcheck itself
  130  interrupted"""


@click.group(context_settings=CONTEXT, epilog=EXIT_CODES)
@click.version_option(__version__, prog_name="hwcheck")
@click.option(
    "--color/--no-color", default=None, help="Colour, or none. Otherwise as NO_COLOR, FORCE_COLOR and the terminal say."
)
@click.pass_context
def cli(context: click.Context, color: bool | None) -> None:
    """Check homework in deep learning and signal processing.

    hwcheck computes the answer key from the problem itself, so it can say which mistake explains a wrong answer, and give
    the points that the rest earns.
    """
    context.color = _color(color)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _color(asked: bool | None) -> bool | None:
    """Whether to print in colour; None leaves it to the terminal."""
    if asked is not None:
        return asked
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return False if os.environ.get("TERM") == "dumb" else None


@cli.command()
@click.argument("problem")
@click.option(
    "--steps", is_flag=True, help="Show the working: each quantity, its formula, the numbers in it, its value."
)
@click.option(
    "--part", "only", metavar="ID", help="Only this part, such as q1.a, or all parts of a problem, such as q1."
)
@click.option(
    "--format", "form", type=click.Choice(["table", "yaml", "json", "markdown"]), default="table", show_default=True
)
@click.pass_context
def solve(context: click.Context, problem: str, steps: bool, only: str | None, form: str) -> None:
    """Print the answer key of PROBLEM.

    PROBLEM is a problem file, the id of one that comes with hwcheck, or - for standard input. With `--format yaml` the
    key is a submission: graded, it earns full marks.
    """
    file = _problem_file(problem)
    parts = _chosen(file, only)
    if steps and form in ("json", "yaml"):
        raise click.UsageError(f"--steps: the working is text; use --format table or markdown, not {form}")
    if form == "json":
        from hwcheck.reports import as_json

        _print_data(as_json.solution(file, [part.name for part in parts]))
    elif form == "yaml":
        from hwcheck.reports import as_yaml

        _print_data(as_yaml.solution(file, [part.name for part in parts]))
    elif form == "markdown":
        from hwcheck.reports import markdown

        _print_data(markdown.solution(file, parts, steps))
    else:
        from hwcheck.reports import table

        with _console(context) as console:
            table.solution(file, parts, steps, console)


def _chosen(file: ProblemFile, only: str | None) -> list[Part]:
    if only is None:
        return file.parts
    part = file.part(only)
    chosen = [part] if part is not None else [part for part in file.parts if part.problem and part.problem == only]
    if not chosen:
        from hwcheck.words import quoted, suggestion

        names = [part.name for part in file.parts if part.id == only] or [part.name for part in file.parts]
        raise click.UsageError(f"--part: there is no part {quoted(only)}{suggestion(only, names)}")
    return chosen


class PassMark(click.ParamType):  # type: ignore[type-arg]  # generic in some releases of click only
    """A share of the points: `80%` or `0.8`."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """The share as a fraction of 1."""
        from fractions import Fraction

        if isinstance(value, Fraction):
            return value
        try:
            text = str(value).strip()
            share = Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
        except (ValueError, ZeroDivisionError):
            self.fail(f"expected a share such as 80% or 0.8, found {value!r}", param, ctx)
        if not 0 <= share <= 1:
            self.fail(f"expected a share from 0% to 100%, found {value!r}; write 80% or 0.8", param, ctx)
        return share


@cli.command()
@click.argument("answers", nargs=-1, required=True)
@click.option(
    "--against",
    metavar="PROBLEM",
    help="The problem file, or the id of a shipped one. Otherwise the submission's `problem:` says.",
)
@click.option("--reveal", type=click.Choice(["nothing", "verdicts", "entries", "hints", "all"]),
              help="How much the report shows. Default: all on a terminal; hints elsewhere and where CI is set.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Write the report to FILE instead; - is standard output.",
)
@click.option(
    "--pass-mark", type=PassMark(), default="100%", show_default=True, help="The share of points for exit code 0."
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 also below the pass mark.")
@click.pass_context
def grade(
    context: click.Context,
    answers: tuple[str, ...],
    against: str | None,
    reveal: str | None,
    form: str,
    output: str | None,
    pass_mark: Fraction,
    exit_zero: bool,
) -> None:
    """Grade the submissions ANSWERS (- for standard input)."""
    if answers.count("-") > 1 or (against == "-" and "-" in answers):
        raise click.UsageError("standard input can be read once only")
    if os.environ.get("CI") and against is None:
        raise click.UsageError(
            "where CI is set, the problem file has to be named, so that a submission cannot choose it; add\n\n"
            f"    hwcheck grade {click.format_filename(answers[0])} --against PROBLEM"
        )
    output = None if output == "-" else output
    level = reveal or _default_level(output)
    pinned = _problem_file(against) if against is not None else None
    codes = [RIGHT]
    graded = []
    for path in answers:
        result = _grade_one(path, pinned, codes)
        if result is not None:
            graded.append(result)
    from hwcheck.reports import redact

    views = [(redact(report, level), file) for report, file in graded]
    for report, _ in graded:
        if report.faults:
            codes.append(UNUSABLE)
        if report.points < pass_mark * report.of and not exit_zero:
            codes.append(BELOW)
    if views or (form == "json" and len(answers) > 1):
        _write(context, views, form, output, several=len(answers) > 1)
    context.exit(max(codes))


def _default_level(output: str | None) -> str:
    if os.environ.get("CI") or output is not None or not _on_terminal():
        return "hints"
    return "all"


def _grade_one(path: str, pinned: ProblemFile | None, codes: list[int]) -> Any:
    """Grade one submission; what cannot be used is said, and noted in `codes`."""
    from hwcheck import grade as grading
    from hwcheck import submissions
    from hwcheck.errors import FileError

    shown = "standard input" if path == "-" else path
    try:
        draft = submissions.parse(_read(path), shown)
        file = pinned or _named_by(draft, path)
        submission = submissions.match(draft, file)
    except FileError as error:
        _report(error)
        codes.append(UNUSABLE)
        return None
    if pinned is not None and draft.problem and draft.problem != pinned.id:
        from hwcheck.words import quoted

        _say(f"{shown}: written for {quoted(draft.problem)}, graded against {quoted(pinned.id)}")
    try:
        report = grading.grade(file, submission)
    except Exception as error:  # an error of ours in one submission must not keep the others from their marks
        _say(f"{shown}: not graded")
        codes.append(_unexpected(error))
        return None
    for fault in report.faults:
        _say(str(fault))
    return report, file


def _named_by(draft: Draft, path: str) -> ProblemFile:
    """The problem file that a submission names: looked up by id, never opened by a path of its choice."""
    from pathlib import Path

    from hwcheck import problems
    from hwcheck.errors import Fault, ProblemError, SubmissionError
    from hwcheck.words import quoted, suggestion

    def refuse(message: str) -> NoReturn:
        node = draft.tree.get("problem")
        fault = Fault(draft.path, node.line if node else 0, node.column if node else 0, message)
        raise SubmissionError([*draft.faults, fault])

    name = draft.problem
    if not name and draft.tree.get("problem") is not None and draft.faults:
        raise SubmissionError([*draft.faults])
    shipped = sorted(file.stem for file in problems.shipped().glob("*.yaml"))
    if not name:
        refuse("`problem:` is missing; write the id of the problem file, or grade with `--against PROBLEM`")
    if not problems.FILE_ID.fullmatch(name):
        refuse(f"problem: expected an id such as {shipped[0]}, found {quoted(name)}")
    beside = Path() if path == "-" else Path(path).parent
    found = problems.find(name, beside)
    if found is None:
        refuse(
            f"problem: no problem file {quoted(name)} beside the answers or among those that come with hwcheck{suggestion(name, shipped)}"
        )
    try:
        return problems.load(found)
    except ProblemError as error:
        places = ", ".join(f"line {fault.line}" for fault in error.faults[:3])
        refuse(f"problem: the problem file {quoted(name)} has errors ({places}); tell whoever wrote it")
    except OSError as error:
        refuse(f"problem: the problem file {quoted(name)} cannot be read ({error.strerror})")


def _write(context: click.Context, views: list[Any], form: str, output: str | None, several: bool) -> None:
    from pathlib import Path

    if form == "table":
        from hwcheck.reports import table

        with _console(context, output) as console:
            for number, (view, file) in enumerate(views):
                if number:
                    console.print()
                table.grade(view, file, console, several)
        return
    if form == "json":
        from hwcheck.reports import as_json

        text = as_json.reports([view for view, _ in views], several)
    else:
        from hwcheck.reports import markdown

        text = "\n".join(markdown.grade(view, file, several) for view, file in views)
    if output is None:
        _print_data(text)
    else:
        _replace(Path(output), text)


@contextmanager
def _console(context: click.Context, output: str | None = None) -> Iterator[Console]:
    """A console whose text goes to standard output, or to a file, when the block ends without an error."""
    import io
    import re
    from pathlib import Path

    from rich.console import Console

    color = False if output is not None else context.find_root().color
    buffer = io.StringIO()
    terminal = _on_terminal() if color is None else color
    console = Console(
        file=buffer, highlight=False, markup=False, emoji=False, force_terminal=terminal, no_color=not terminal,
        color_system="standard" if terminal else None,
    )  # fmt: skip
    if output is not None and not os.environ.get("COLUMNS"):
        console.width = 80  # what stands in a file does not depend on who looks on
    console.width = max(console.width, NARROWEST)
    yield console
    text = re.sub("[ ]+$", "", buffer.getvalue(), flags=re.MULTILINE)
    if output is not None:
        _replace(Path(output), text)
    else:
        _print_text(text, color=terminal)


@cli.command()
@click.argument("kind", required=False)
@click.pass_context
def kinds(context: click.Context, kind: str | None) -> None:
    """List what can be asked; with KIND, its givens, quantities, formulas, slips, and an example."""
    from hwcheck import kinds as known
    from hwcheck.reports import manual

    if kind is not None and kind not in known.names():
        from hwcheck.words import quoted, suggestion

        raise click.UsageError(f"no kind {quoted(kind)}{suggestion(kind, known.names())}")
    with _console(context) as console:
        if kind is None:
            manual.overview([known.load(name) for name in known.names()], console)
        else:
            manual.page(known.load(kind), console)


# What is read.


def _read(path: str) -> bytes:
    """The bytes of a submission, or of standard input; at most as many as are accepted."""
    from pathlib import Path

    from hwcheck import yamltree
    from hwcheck.errors import Fault, SubmissionError

    if path == "-":
        if sys.stdin is None:
            raise SubmissionError([Fault("standard input", 0, 0, "it is closed")])
        if sys.stdin.isatty():
            _say("reading standard input, up to Ctrl-D")
        return sys.stdin.buffer.read(yamltree.MAX_BYTES + 1)
    if os.environ.get("CI") and _linked(Path(path)):
        message = "a symbolic link; where CI is set a submission has to be a file of its own, as a link could lead to a file of the course"
        raise SubmissionError([Fault(path, 0, 0, message)])
    try:
        return yamltree.read_bytes(Path(path))
    except OSError as error:
        raise SubmissionError([Fault(path or "''", 0, 0, _why(error, path))]) from None


def _linked(path: Path) -> bool:
    """Whether a file is a symbolic link, or stands in a folder below this one that is."""
    from pathlib import Path

    here = Path.cwd()
    whole = here / path
    return any(place.is_symlink() for place in (whole, *whole.parents) if place == whole or here in place.parents)


def _problem_file(name: str) -> ProblemFile:
    """The problem file at a path, or the shipped one of that id."""
    from pathlib import Path

    from hwcheck import problems
    from hwcheck.errors import Fault, ProblemError

    if name == "-":
        return problems.parse(_read("-"), "standard input", "problem")
    path = Path(name)
    shown = name
    if not path.exists() and problems.FILE_ID.fullmatch(name):
        found = problems.find(name)
        if found is not None:
            path, shown = found, found.name
    try:
        return problems.load(path, shown)
    except FileNotFoundError:
        from hwcheck.words import suggestion

        shipped = sorted(file.stem for file in problems.shipped().glob("*.yaml"))
        message = f"there is no such file, and no shipped problem of that id{suggestion(name, shipped)}"
        raise ProblemError([Fault(name, 0, 0, message)]) from None
    except OSError as error:
        raise ProblemError([Fault(name or "''", 0, 0, _why(error, name))]) from None


def _why(error: OSError, path: str) -> str:
    return f"cannot be read: {error.strerror}" if path else "the name of a file is expected"


# What is written: data to standard output, everything else to standard error.


def _on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _print_data(text: str) -> None:
    """Print what a machine reads: the same bytes whatever the locale."""
    with _closed_pipes_are_silent():
        click.echo(text.encode("utf-8", "backslashreplace"), nl=False)


def _print_text(text: str, color: bool) -> None:
    """Print what a person reads, in signs that the terminal knows."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        from hwcheck.reports.safe import ascii_only

        text = ascii_only(text)
    with _closed_pipes_are_silent():
        click.echo(text, nl=False, color=color)


@contextmanager
def _closed_pipes_are_silent() -> Iterator[None]:
    """Whoever reads our output may stop when it has enough; that changes neither what is said nor the exit code."""
    try:
        yield
    except BrokenPipeError:
        _discard_output()


def _discard_output() -> None:
    """Let nothing more be written, also not by the interpreter as it ends."""
    with suppress(OSError, AttributeError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(text: str) -> None:
    """Print a message, for people, to standard error."""
    from hwcheck.reports.safe import safe

    with suppress(OSError):
        click.echo("\n".join(map(safe, text.split("\n"))), err=True)


def _report(error: FileError) -> None:
    for fault in error.faults:
        _say(str(fault))


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all; what is no regular file (a pipe, a device) is written to, never replaced."""
    import tempfile
    from pathlib import Path

    data = text.encode("utf-8", "backslashreplace")
    try:
        path = path.resolve()  # a link stays a link
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                stream.write(data)
            return
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name[:100]}.", delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(data)
                file.close()
                temporary.chmod(mode)
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except BrokenPipeError:
        return
    except OSError as error:
        raise click.ClickException(f"--output: cannot write {click.format_filename(path)}: {error.strerror}") from None


def _umask() -> int:
    """Which rights a new file is not to have; it can be read only by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


# The way out.


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with one of the documented codes."""
    sys.exit(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    try:
        code = cli.main(arguments, prog_name="hwcheck", standalone_mode=False)
        if sys.stdout is not None:
            with _closed_pipes_are_silent():
                sys.stdout.flush()
    except SystemExit as error:
        # click ends this way after shell completion, and with code 1, which would read as a wrong answer, where the
        # reader of --help has enough.
        return _number(error.code) if "_HWCHECK_COMPLETE" in os.environ else RIGHT
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        return UNUSABLE
    except (click.Abort, KeyboardInterrupt):
        with suppress(OSError):
            click.echo("interrupted", err=True)
        return INTERRUPTED
    except Exception as error:
        return _unexpected(error)
    return _number(code)


def _number(code: object) -> int:
    return code if isinstance(code, int) else RIGHT


def _unexpected(error: Exception) -> int:
    """A file with errors, or a full disk, said in full; anything else is an error of our own, without a page of traceback."""
    import errno
    from pathlib import Path

    from hwcheck.errors import FileError

    if isinstance(error, FileError):
        _report(error)
        return UNUSABLE
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
        _discard_output()
        _say(f"hwcheck: cannot write: {error.strerror}")
        return UNUSABLE
    import traceback

    if os.environ.get("HWCHECK_DEBUG"):
        traceback.print_exc()
    where = traceback.extract_tb(error.__traceback__)[-1]
    _say(
        f"hwcheck: internal error: {type(error).__name__}: {str(error)[:400]} ({Path(where.filename).name}:{where.lineno}); "
        "please report it with the two files; HWCHECK_DEBUG=1 shows more"
    )
    return INTERNAL
