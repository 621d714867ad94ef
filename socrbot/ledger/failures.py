"""Turns the database's own errors into sentences: what happened, where, and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from socrbot.errors import LedgerError

_SQLITE = {
    sqlite3.SQLITE_BUSY: "is in use by another program for too long. Try again; if it stays so, stop that program.",
    sqlite3.SQLITE_LOCKED: "is in use by another program for too long. Try again; if it stays so, stop that program.",
    sqlite3.SQLITE_FULL: "cannot be written: the disk is full. Make room, then start again; nothing kept is lost.",
    sqlite3.SQLITE_READONLY: "may not be written by this user. Give the user the right to write it and its folder.",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened. Look whether its folder exists and whether this user may write there.",
    sqlite3.SQLITE_PERM: "may not be opened by this user. Give the user the right to read and write it.",
    sqlite3.SQLITE_NOTADB: "is no database. Move the file away, or name the right one.",
    sqlite3.SQLITE_CORRUPT: "is damaged. Keep a copy of it, and put the last backup in its place.",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error. Look at the disk first of all.",
}

_POSTGRES = {
    "55P03": "is in use by another program for too long. Try again; if it stays so, stop that program.",
    "40P01": "was asked for two changes at once that block each other. Try again.",
    "40001": "was changed by somebody else at the same moment. Try again.",
    "53100": "cannot be written: the server's disk is full. Make room, then start again.",
    "25006": "may only be read. Name a server that can be written.",
    "28P01": "does not accept the password. Look at SOCRBOT_DATABASE_URL.",
    "28000": "does not accept this user. Look at SOCRBOT_DATABASE_URL.",
    "3D000": "does not exist on that server. Create the database first.",
    "42501": "may not be used like this by this user. Give the user the rights to the database.",
}


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Raises LedgerError with a sentence about `place` where the database fails inside."""
    try:
        yield
    except SQLAlchemyError as error:
        raise LedgerError(sentence(place, error.orig if isinstance(error, DBAPIError) else error)) from error
    except sqlite3.Error as error:
        raise LedgerError(sentence(place, error)) from error


def sentence(place: str, error: BaseException | None) -> str:
    """What went wrong with the ledger at `place`, in one or two sentences."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        known = _SQLITE.get(code & 0xFF) if isinstance(code, int) else None
    else:
        known = _POSTGRES.get(getattr(error, "sqlstate", None) or "")
    if known is not None:
        return f"The ledger {place} {known}"
    if type(error).__name__ == "OperationalError" and not isinstance(error, sqlite3.Error):
        return f"The ledger {place} cannot be reached. Look whether the database server runs ({_first_line(error)})."
    return f"The ledger {place} refused what was asked of it: {_first_line(error)}"


def _first_line(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
