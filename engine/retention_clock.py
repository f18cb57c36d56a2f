"""The time by which it is decided what is too old to keep: the clock's, unless that has just leapt ahead.

A clock that is wrong by years (an empty battery, a date mistyped) would have the whole history forgotten at the next
start. So a leap is only believed once the clock has gone on from there for a while; until then the time before it
counts, and if the clock is set right meanwhile, the leap never was.
"""

from __future__ import annotations

from engine.database import Database

DAY_US = 86_400_000_000
LEAP_US = 45 * DAY_US
"""Nobody is astonished if Whisker was not started for so long."""
PROOF_US = 7 * DAY_US
"""So long a clock must have gone on after a leap before it is believed."""
NOTED_US = DAY_US // 24
"""How exactly the last start is noted; less often written is better."""


def believed(database: Database, now: int) -> int:
    """The time to reckon with, and a note of it for the next time.

    Args:
        now: What the clock says, microseconds since 1970.

    Raises:
        HistoryError: the database cannot be written.
    """
    with database.read() as reader:
        noted = reader.execute("SELECT seen, leapt FROM retention_clock").fetchone()
        newest = reader.execute("SELECT at FROM predictions ORDER BY id DESC LIMIT 1").fetchone()
    seen, leapt = noted or (newest[0] if newest else now, None)
    time: int
    after: tuple[int, int | None]
    if now - seen <= LEAP_US or (leapt is not None and now - leapt >= PROOF_US):
        time, after = now, (now, None)
    elif leapt is None or now < leapt:
        time, after = seen, (seen, now)
    else:
        time, after = seen, (seen, leapt)
    if noted is None or after[1] != leapt or abs(after[0] - seen) >= NOTED_US:
        with database.write() as writer:
            writer.execute("INSERT OR REPLACE INTO retention_clock (one, seen, leapt) VALUES (1, ?, ?)", after)
    return time
