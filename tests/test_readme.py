"""The README tells the truth: its picture, its problem, its workflow, its kind."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import yaml

from hwcheck import problems

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
HWCHECK = [sys.executable, "-c", "from hwcheck.cli import main; main()"]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("CI", "FORCE_COLOR", "HWCHECK_DEBUG")}
    clean |= {"PYTHONPATH": str(ROOT), "COLUMNS": "80", "PYTHONIOENCODING": "utf-8", **environment}
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_picture_is_what_the_command_prints():
    command, _, picture = blocks("")[0].partition("\n")
    arguments = command.removeprefix("$ hwcheck ").split()
    done = run([*HWCHECK, *arguments, "--reveal", "all"], ROOT)
    assert done.returncode == 1
    assert done.stdout == picture


def test_the_problem_in_ten_lines_solves():
    text = blocks("yaml")[0]
    assert len(text.splitlines()) == 10
    file = problems.parse(text.encode(), "problem.yaml", "problem")
    assert [part.asked for part in file.parts] == ["output", "output", "output", "output[0, 1]"]


def test_the_example_submission_is_right():
    from hwcheck import grade, submissions

    draft = submissions.parse(blocks("yaml")[1].encode(), "answers.yaml")
    file = problems.load(problems.find(draft.problem))
    report = grade.grade(file, submissions.match(draft, file))
    assert [mark.verdict for mark in report.marks if mark.verdict not in ("blank", "manual")] == ["right"] * 3


def test_the_formulas_are_right():
    from hwcheck import grade, submissions

    file = problems.parse(blocks("yaml")[2].encode(), "layer.yaml", "layer")
    report = grade.grade(file, submissions.match(submissions.parse(blocks("yaml")[3].encode(), "answers.yaml"), file))
    assert [mark.verdict for mark in report.marks] == ["right"] * 5


@pytest.fixture
def workflow() -> dict:
    return yaml.safe_load(next(block for block in blocks("yaml") if "pull_request_target" in block))


def test_the_steps_of_the_grading_job_work_one_by_one(workflow, tmp_path):
    """As the job would: two checkouts side by side, CI set, the console script, nothing of the submission on the path."""
    (tmp_path / "course" / "problems").mkdir(parents=True)
    (tmp_path / "submission" / "answers").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "hwcheck"
    script.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c 'from hwcheck.cli import main; main()' \"$@\"\n")
    script.chmod(0o755)
    shutil.copy(ROOT / "problems" / "comp433-a3.yaml", tmp_path / "course" / "problems" / "hw1.yaml")
    answers = ROOT / "problems" / "answers"
    steps = {step.get("name", ""): step.get("run", "") for step in workflow["jobs"]["grade"]["steps"]}
    summary = tmp_path / "summary.md"
    environment = {
        "CI": "true",
        "GITHUB_STEP_SUMMARY": str(summary),
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        **workflow["jobs"]["grade"]["env"],
    }
    (tmp_path / "submission" / "hwcheck.py").write_text("raise SystemExit('code of the submission was run')\n")
    for name, codes in (("right", (0, 0)), ("mistakes", (0, 1))):
        shutil.copy(answers / f"comp433-a3.{name}.yaml", tmp_path / "submission" / "answers" / "hw1.yaml")
        for step, code in zip(("summary", "grade"), codes, strict=True):
            done = run(["bash", "-e", "-c", steps[step]], tmp_path, **environment)
            assert done.returncode == code, (name, step, done.stderr)
            assert "code of the submission" not in done.stderr
            assert "0.631152" not in done.stdout
    assert summary.read_text(encoding="utf-8").count("### CNNs, RNNs and attention by hand") == 2
    assert steps["install"] == "python -m pip install hwcheck"


def test_the_workflow_takes_itself_and_the_problems_from_the_course(workflow):
    assert "pull_request_target" in workflow[True]  # YAML 1.1 reads `on` as true
    assert workflow["permissions"] == {"contents": "read"}
    assert all(
        "--against course/" in step["run"]
        for step in workflow["jobs"]["grade"]["steps"]
        if "hwcheck grade" in step.get("run", "")
    )


def test_the_kind_in_the_readme_is_a_kind(tmp_path):
    """One file in the folder of kinds is all it takes."""
    package = tmp_path / "hwcheck"
    shutil.copytree(ROOT / "hwcheck", package, ignore=shutil.ignore_patterns("__pycache__"))
    body = blocks("python")[0].replace(
        "examples=(...)", 'examples=("""given: {amount: 2, water: 3}\nparts: {a: {ask: share}}""",)'
    )
    head = "from hwcheck.given import Givens, real\nfrom hwcheck.kinds import kind\nfrom hwcheck.working import Working\n\n\n"
    (package / "kinds" / "dilution.py").write_text(head + body, encoding="utf-8")
    problem = tmp_path / "hw.yaml"
    problem.write_text(textwrap.dedent("""\
        kind: dilution
        given: {amount: 2, water: 3}
        parts: {a: {ask: total}, b: {ask: share}}
        """))  # fmt: skip
    (tmp_path / "answers.yaml").write_text("problem: hw\nanswers: {a: 2, b: 1}\n")
    done = run([*HWCHECK, "grade", "answers.yaml", "--reveal", "hints"], tmp_path, PYTHONPATH=str(tmp_path))
    assert "You left out the water." in done.stdout, done.stderr
    assert "dilution" in run([*HWCHECK, "kinds"], tmp_path, PYTHONPATH=str(tmp_path)).stdout
