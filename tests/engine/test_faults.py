from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from engine.faults import report
from engine.redaction import Redactor


def _raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        if cause is None:
            raise error
        try:
            raise cause
        except type(cause) as first:
            raise error from first
    except BaseException as caught:
        return caught


def test_that_the_report_says_where_and_what_and_names_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "annegret")
    said = report(_raised(ValueError("/home/annegret/Mia.jpg is no 'good'"), KeyError("Mia")), Redactor())
    first, *lines = said.splitlines()
    assert first.startswith("Whisker ")
    assert "Python 3." in first
    assert "test_faults.py" in said
    assert "in _raised: raise error from first" in said
    assert lines[1] == "KeyError: <text>"
    assert lines[-1] == "ValueError: <file> is no <text>"
    for word in ("annegret", "Mia", str(Path.home()) + "/"):
        assert word not in said


def test_that_a_recursion_without_end_makes_a_report_one_can_read() -> None:
    def again(depth: int) -> int:
        return again(depth + 1) + 1

    try:
        again(0)
    except RecursionError as error:
        said = report(error, Redactor())
    assert len(said.splitlines()) < 80
    assert "calls left out" in said


def test_that_exceptions_that_are_each_others_cause_are_no_endless_report() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert report(one, Redactor()).count("ValueError") == 2
