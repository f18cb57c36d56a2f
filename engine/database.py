"""One SQLite file, one writer at a time, a reader for each thread, and its failures in people's words.

Whole in one file, because who may use which connection, and when one is closed or begun anew, is a matter of one lock.
Beside it stand how a connection is set up, what can ail the file, and what it takes of the disk: database_*.py.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from engine.database_connection import Connection, connect, lay_out, remake
from engine.database_health import (
    CORRUPT,
    DAMAGED,
    ERROR,
    READ_ONLY,
    REASONS,
    UNWRITABLE,
    Suspicion,
    code_of,
    has_its_tables,
    is_sound,
    set_database_aside,
)
from engine.errors import HistoryError
from engine.migrations import lacking, migrate

# How long closing waits for threads that read.
CLOSE_S = 5.0


class Database:
    """An open database, brought up to date. Safe to use from many threads and beside other programs.

    A damaged file is set aside and a fresh one begun. One that cannot be written is read all the same, and written
    again once it can be.

    Args:
        path: The file; its folder is made if need be.

    Attributes:
        problems: Sentences about what had to be set aside, for a face to show.

    Raises:
        HistoryError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.problems: list[str] = []
        self.path = path
        self._suspicion = Suspicion(path)
        self._lock = threading.RLock()
        self._thread = threading.local()
        self._readers: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._closed = False
        self._quiet = threading.Condition()
        self._at_work = 0  # readers in the middle of something
        self._frozen = False
        self._generation = 0  # of connections: one for each time that the file turned from frozen to writable
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HistoryError(
                f"The folder of the history {path} cannot be made ({error.strerror}).", "Check its permissions."
            ) from error
        with self._in_words():
            try:
                self._writer = self._begin()
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                # ERROR: a step did not find what those before it had made.
                if code_of(error) in DAMAGED | {ERROR}:
                    self._start_again()
                    self._writer = self._begin()
                elif isinstance(error, sqlite3.Error) and code_of(error) in UNWRITABLE:
                    self._writer = self._begin_frozen(error)
                else:
                    raise

    @contextmanager
    def write(self, *, to_the_disk: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it holds, or, when the block raises, none.

        Args:
            to_the_disk: Wait until it would outlive a power cut (synchronous=FULL), not only a crash of the program.

        Raises:
            HistoryError: the database cannot be written.
        """
        with self._lock, self._in_words():
            self._check_open()
            if self._frozen:
                self._thaw()
            self._writer.execute(f"PRAGMA synchronous = {'FULL' if to_the_disk else 'NORMAL'}")
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            finally:
                # A full disk may have rolled back by itself already.
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """This thread's reader, which never waits for the writer.

        Raises:
            HistoryError: the database cannot be read.
        """
        with self._in_words(), self._spoilt_in_words():
            self._check_open()
            reader: Connection | None = getattr(self._thread, "reader", None)
            if reader is None or self._thread.generation != self._generation:
                with self._lock:
                    self._check_open()
                    reader = connect(self.path, frozen=self._frozen)
                    reader.execute("PRAGMA query_only = ON")
                    self._readers.add(reader)
                    self._thread.reader, self._thread.generation = reader, self._generation
            with self._counted():
                yield reader

    @contextmanager
    def alone(self) -> Iterator[sqlite3.Connection]:
        """The writer outside of any transaction, while nobody else of this program writes.

        Raises:
            HistoryError: the database cannot be written.
        """
        with self._lock, self._in_words():
            self._check_open()
            yield self._writer

    @contextmanager
    def beside(self) -> Iterator[sqlite3.Connection | None]:
        """A connection of its own, for which nobody waits; None while the database can only be read.

        Raises:
            HistoryError: the database cannot be written.
        """
        with self._in_words():
            self._check_open()
            if self._frozen:
                yield None
                return
            with closing(connect(self.path)) as connection:
                yield connection

    @contextmanager
    def erase(self) -> Iterator[sqlite3.Connection]:
        """A transaction whose removed rows are overwritten in the file; they are in its log until that is emptied.

        Raises:
            HistoryError: the database cannot be written.
        """
        with self._lock, self._in_words():
            self._check_open()
            if self._frozen:
                self._thaw()
            self._writer.execute("PRAGMA secure_delete = ON")
            try:
                with self.write(to_the_disk=True) as writer:
                    yield writer
            finally:
                self._writer.execute("PRAGMA secure_delete = OFF")

    def close(self) -> None:
        """Close every connection; what is asked afterwards raises HistoryError."""
        with self._lock:
            if self._closed:
                return
            with self._quiet:
                self._closed = True
                quiet = self._quiet.wait_for(lambda: not self._at_work, CLOSE_S)
            # Closed under a thread that reads, SQLite takes the whole program down: such a one closes its own.
            for reader in list(self._readers) if quiet else ():
                reader.close()
            # The last one out folds the write-ahead log back into the file.
            self._writer.close()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._quiet:
            self._check_open()
            self._at_work += 1
        try:
            yield
        finally:
            with self._quiet:
                self._at_work -= 1
                self._quiet.notify_all()

    def _begin(self) -> Connection:
        connection = connect(self.path)
        try:
            lay_out(connection)
            fresh = self._suspicion.is_fresh
            if self._suspicion.is_certain or (fresh and not is_sound(connection)):
                self._start_again(connection)
                return self._begin()
            migrate(connection)
            remake(connection)
        except sqlite3.Error:
            connection.close()
            raise
        if fresh:
            self._suspicion.allay()
        return connection

    def _begin_frozen(self, why: sqlite3.Error) -> Connection:
        """A connection that only reads, for a file, folder or disk that cannot be written."""
        log = self.path.with_name(f"{self.path.name}-wal")
        with suppress(OSError):
            # What a write-ahead log still holds could not be seen this way.
            if self.path.is_file() and not (log.exists() and log.stat().st_size):
                connection = connect(self.path, frozen=True)
                if not lacking(connection):
                    self._frozen = True
                    what, _ = REASONS[READ_ONLY]
                    self.problems.append(f"The history {self.path} {what}. Answers are given and not kept.")
                    return connection
                connection.close()
        raise why

    def _thaw(self) -> None:
        """See whether the file can be written by now. `_lock` must be held."""
        try:
            writer = self._begin()
        except sqlite3.Error as error:
            what, hint = REASONS[READ_ONLY]
            raise HistoryError(f"The history {self.path} {what}.", hint) from error
        self._writer.close()
        self._writer, self._frozen = writer, False
        # Each thread makes itself a new reader, which sees what is written from now on.
        self._generation += 1

    def _start_again(self, connection: Connection | None = None) -> None:
        if connection is not None:
            connection.close()
        try:
            aside = set_database_aside(self.path)
            self._suspicion.drop()
        except OSError as error:
            raise HistoryError(
                f"The history {self.path} is damaged and cannot be set aside ({error.strerror}).",
                "Move it away by hand and start Whisker again.",
            ) from error
        self.problems.append(f"The history was damaged and begins afresh; the old file is kept as {aside}.")

    def _has_its_tables(self) -> bool:
        with closing(connect(self.path, frozen=self._frozen)) as connection:
            return has_its_tables(connection)

    def _check_open(self) -> None:
        if self._closed:
            raise HistoryError("The history is closed.", "Start Whisker again.")

    @contextmanager
    def _spoilt_in_words(self) -> Iterator[None]:
        """Around what is read: values that make no sense any more, in a file whose structure is sound."""
        try:
            yield
        except (ValueError, OverflowError) as error:
            raise HistoryError(
                f"The history {self.path} holds something that its disk has spoilt.", "Clearing the history mends it."
            ) from error

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            code = code_of(error)
            if self._closed:
                raise HistoryError("The history is closed.", "Start Whisker again.") from error
            if code == ERROR and not self._has_its_tables():
                code = CORRUPT
            if code in DAMAGED:
                self._suspicion.add()
            if code not in REASONS:
                raise
            what, hint = REASONS[code]
            raise HistoryError(f"The history {self.path} {what}.", hint) from error
