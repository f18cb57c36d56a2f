"""`check`: what is wrong with a labelled folder?"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.given_path import GivenPath
from cli.printing import count, result, result_json, say
from cli.progress import Progress
from cli.session import Session

if TYPE_CHECKING:
    from engine.dataset.doctor import Finding, Report

SHOWN = 10
"""So many findings of a kind are named; `--json` has them all."""


@click.command(short_help="Look for what is wrong with a labelled folder.")
@click.argument("folder", metavar="FOLDER", type=GivenPath())
@click.option("--json", "as_json", is_flag=True, help="Each finding as a JSON object, one a line.")
@click.pass_obj
def check(session: Session, folder: Path, as_json: bool) -> int:
    """Look through a FOLDER of photos whose class is known, before a model is taught with it.

    Found are photos that cannot be opened, are named like another format, are there twice or nearly so, are too
    dark, blurred or small, or probably bear the wrong label, and classes that are too small. Nothing is changed.
    """
    from engine.dataset.doctor import examine
    from engine.dataset.doctor.embedding import backbone_features

    features = backbone_features(session.whisker.home)
    if features is None:
        say("This edition has no backbone: wrong labels are not looked for.")
    cancel = threading.Event()
    stages = _Stages()
    try:
        cache = session.whisker.home.features
        report = examine(folder, features, progress=stages.tell, cancel=cancel, cache=cache)
    finally:
        cancel.set()
        stages.clear()
    if as_json:
        for finding in report.findings:
            result_json(finding.as_json())
    else:
        for line in in_words(report):
            result(line)
    return 0


class _Stages:
    """A progress bar for each stage in turn."""

    def __init__(self) -> None:
        self._stage = ""
        self._done = 0
        self._bar: Progress | None = None

    def tell(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self.clear()
            self._stage, self._done = stage, 0
            self._bar = Progress(total, stage.lower())
        if self._bar is not None:
            self._bar.step(done - self._done)
        self._done = done

    def clear(self) -> None:
        if self._bar is not None:
            self._bar.clear()


def in_words(report: Report) -> list[str]:
    """The report for a person: a line that sums up, then the findings by kind, the worst first."""
    about = f"{count(report.pictures, 'photo')} of {count(len(report.classes), 'class', 'classes')}"
    if not report.findings:
        return [f"{about}: nothing to complain about."]
    lines = [f"{about}, {count(len(report.findings), 'finding')}"]
    by_kind: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_kind.setdefault(finding.kind.title, []).append(finding)
    for title, findings in by_kind.items():
        lines += ["", f"{title} ({len(findings):,})"]
        lines += [f"  {_line(finding, report.folder)}" for finding in findings[:SHOWN]]
        if len(findings) > SHOWN:
            lines.append(f"  and {len(findings) - SHOWN:,} more; --json has them all")
    return lines


def _line(finding: Finding, folder: Path) -> str:
    message = finding.message
    if finding.path != folder and finding.path.is_relative_to(folder) and message.startswith(finding.path.name):
        # Many cameras call their first picture the same: here nobody sees in which folder it lies.
        message = str(finding.path.relative_to(folder)) + message.removeprefix(finding.path.name)
    return f"{message} Suggested: {finding.fix}." if finding.fixable else message
