"""Set the dates of a session's readings back, as if they had been made on several days: nobody waits for weeks.

python3 frontend/e2e/dates.py SQLITE_FILE SESSION DAYS
"""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path


def date_back(database: Path, session: int, days: int) -> None:
    """Spread the readings over so many days, every other one: the first ones longest ago, the last ones today."""
    with closing(sqlite3.connect(database)) as db, db:
        ids = [row[0] for row in db.execute("SELECT id FROM readings WHERE session_id = ? ORDER BY id", (session,))]
        for number, reading in enumerate(ids):
            ago = 2 * (days - 1 - number * days // len(ids))
            change = "UPDATE readings SET created_at = datetime(created_at, ?) WHERE id = ?"
            db.execute(change, (f"-{ago} days", reading))


if __name__ == "__main__":
    date_back(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
