"""One SQLite file, one writer at a time, a reader for each thread, and its failures in people's words."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from engine.database_health import (
    CORRUPT,
    DAMAGED,
    ERROR,
    READ_ONLY,
    REASONS,
    UNWRITABLE,
    code_of,
    has_its_tables,
    is_sound,
)
from engine.durable import set_aside
from engine.errors import HistoryError
from engine.migrations import lacking, migrate

# How long to wait for another program that is writing.
BUSY_MS = 5_000
# How long closing waits for threads that read.
CLOSE_S = 5.0
# What the write-ahead log keeps of its size once it is folded back; a long write may have made it much larger.
LOG_BYTES = 16 << 20
# At this length whoever writes folds it back; where `fold_back` is called often enough it never comes to that.
LOG_PAGES = 8_000
# A database of an older Whisker is remade once, so that it can give space back bit by bit; larger ones when cleared.
REMADE_UP_TO = 64 << 20

# What the note beside a database says of its damage: met; met, and not found by looking at all of it; met again.
_MET, _SOUND, _CERTAIN = "met", "sound", "certain"
_INCREMENTAL = 2  # of PRAGMA auto_vacuum


class Connection(sqlite3.Connection):
    """A connection that a thread takes with it when it ends."""

    def __del__(self) -> None:
        # One that could not be opened has nothing to close.
        with suppress(sqlite3.ProgrammingError):
            self.close()


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
        self._suspect = path.with_name(f"{path.name}.suspect")
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
                    reader = self._connect(frozen=self._frozen)
                    reader.execute("PRAGMA query_only = ON")
                    self._readers.add(reader)
                    self._thread.reader, self._thread.generation = reader, self._generation
            with self._counted():
                yield reader

    def shrink(self) -> None:
        """Give the space of removed rows back to the disk, and with it the last trace of them.

        Raises:
            HistoryError: the database cannot be written.
        """
        with self._lock, self._in_words():
            self._check_open()
            self._writer.execute("VACUUM")
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def erase(self) -> Iterator[sqlite3.Connection]:
        """A transaction whose removed rows are overwritten in the file; `empty_log` removes them from the log as well.

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

    def empty_log(self) -> None:
        """Fold the write-ahead log back and leave nothing in it.

        While another program reads it stays, and is folded back by whoever closes last: nobody waits for that.

        Raises:
            HistoryError: the database cannot be written.
        """
        with self._lock, self._in_words():
            self._check_open()
            self._writer.execute("PRAGMA busy_timeout = 200")
            try:
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                self._writer.execute(f"PRAGMA busy_timeout = {BUSY_MS}")

    def fold_back(self) -> None:
        """Fold the write-ahead log back into the file, beside readers and writers, none of whom waits.

        Else whoever writes does it once in a while, and with it waits for the disk.

        Raises:
            HistoryError: the database cannot be written.
        """
        with self._in_words():
            self._check_open()
            if self._frozen:
                return
            connection = self._connect()
            try:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            finally:
                connection.close()

    def give_back(self, pages: int) -> bool:
        """Give up to so many free pages back to the disk, in a few milliseconds; whether there are more.

        Raises:
            HistoryError: the database cannot be written.
        """
        with self._lock, self._in_words():
            self._check_open()
            if self._pragma(self._writer, "auto_vacuum") != _INCREMENTAL:
                return False
            # Each step of the statement frees one page.
            self._writer.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()
            return self._pragma(self._writer, "freelist_count") > 0

    def used(self) -> int:
        """Bytes in use, without free pages and the write-ahead log.

        Raises:
            HistoryError: the database cannot be read.
        """
        with self.read() as reader:
            pages = self._pragma(reader, "page_count") - self._pragma(reader, "freelist_count")
            return pages * self._pragma(reader, "page_size")

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
        connection = self._connect()
        try:
            if self._pragma(connection, "page_count") == 0:
                # Before there is anything in it.
                connection.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                connection.execute("PRAGMA journal_mode = WAL")
            known = self._suspicion()
            if known == _CERTAIN or (known == _MET and not is_sound(connection)):
                self._start_again(connection)
                return self._begin()
            migrate(connection)
            self._remake(connection)
        except sqlite3.Error:
            connection.close()
            raise
        if known == _MET:
            # Damage was met, and yet all looks sound. Once more, and it is not believed any longer.
            self._suspect.write_text(_SOUND)
        return connection

    def _begin_frozen(self, why: sqlite3.Error) -> Connection:
        """A connection that only reads, for a file, folder or disk that cannot be written."""
        log = self.path.with_name(f"{self.path.name}-wal")
        with suppress(OSError):
            # What a write-ahead log still holds could not be seen this way.
            if self.path.is_file() and not (log.exists() and log.stat().st_size):
                connection = self._connect(frozen=True)
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

    def _connect(self, *, frozen: bool = False) -> Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?immutable=1" if frozen else self.path,
            uri=frozen,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=64,
            factory=Connection,
        )
        # A byte that the disk has spoilt must not hide all other rows.
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        return connection

    def _remake(self, connection: Connection) -> None:
        """Let a small database of an older Whisker give space back from now on; it costs one copy of it."""
        if self._pragma(connection, "auto_vacuum") == _INCREMENTAL:
            return
        connection.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")
        size = self._pragma(connection, "page_count") * self._pragma(connection, "page_size")
        if size <= REMADE_UP_TO:
            connection.execute("PRAGMA busy_timeout = 200")
            # Another program that reads, or a full disk: then the next start does it.
            with suppress(sqlite3.OperationalError):
                connection.execute("VACUUM")
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")

    @staticmethod
    def _pragma(connection: sqlite3.Connection, name: str) -> int:
        return int(connection.execute(f"PRAGMA {name}").fetchone()[0])

    def _start_again(self, connection: Connection | None = None) -> None:
        if connection is not None:
            connection.close()
        try:
            aside = set_aside(self.path)
            for tail in ("-wal", "-shm"):
                beside = self.path.with_name(self.path.name + tail)
                if beside.exists():
                    # Under the name SQLite looks for, so that a repair tool finds what was not folded in yet.
                    beside.rename(aside.with_name(aside.name + tail))
            self._suspect.unlink(missing_ok=True)
        except OSError as error:
            raise HistoryError(
                f"The history {self.path} is damaged and cannot be set aside ({error.strerror}).",
                "Move it away by hand and start Whisker again.",
            ) from error
        self.problems.append(f"The history was damaged and begins afresh; the old file is kept as {aside}.")

    def _suspicion(self) -> str:
        try:
            noted = self._suspect.read_text()
        except FileNotFoundError:
            return ""
        except (OSError, ValueError):
            return _MET
        return noted if noted in (_SOUND, _CERTAIN) else _MET

    def _has_its_tables(self) -> bool:
        with closing(self._connect(frozen=self._frozen)) as connection:
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
                # Noted beside the file: the next start looks at all of it, which takes too long to do each time.
                with suppress(OSError):
                    self._suspect.write_text(_CERTAIN if self._suspicion() == _SOUND else _MET)
            if code not in REASONS:
                raise
            what, hint = REASONS[code]
            raise HistoryError(f"The history {self.path} {what}.", hint) from error
