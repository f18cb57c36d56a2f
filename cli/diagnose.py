"""`diagnose`: a report that can be shown to somebody who helps."""

from __future__ import annotations

import click

from cli.printing import result
from cli.session import Session


@click.command(short_help="Print a report for whoever helps.")
@click.pass_obj
def diagnose(session: Session) -> None:
    """Print versions, places, processor, free space and models.

    The report names no person: your name is taken out of paths. It holds no photos and no file names of yours.
    """
    from engine import diagnosis

    for title, facts in diagnosis.sections(session.whisker):
        result(title)
        for name, fact in facts:
            result(diagnosis.line(name, fact))
