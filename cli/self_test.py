"""`self-test`: does this installation work? What a packaged build runs to prove itself."""

from __future__ import annotations

import click

from cli.printing import result
from cli.session import Session


@click.command("self-test", short_help="Check that this installation works.")
@click.pass_obj
def self_test(session: Session) -> int:
    """Check that this installation works: each part does its job once, in a throw-away home.

    Your own settings, history and models are left alone.
    """
    from engine.self_test import Ended, run

    failed = steps = 0
    for news in run(session.server_over):
        if isinstance(news, Ended):
            failed += not news.well
            steps = news.steps
            result(f"{'ok    ' if news.well else 'FAILED'}  {news.name}: {news.outcome}  ({news.seconds:.1f} s)")
    result(f"{failed} of {steps} checks failed." if failed else "All is well.")
    return 1 if failed else 0
