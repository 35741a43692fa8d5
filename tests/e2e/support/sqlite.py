"""What SQLite itself says of a database file: `integrity_check`, or a lock held until standard input ends."""

import sqlite3
import sys

command, path = sys.argv[1:]
connection = sqlite3.connect(path, isolation_level=None, timeout=1)
if command == "check":
    for (line,) in connection.execute("PRAGMA integrity_check"):
        print(line)
elif command == "lock":
    # Both, since in the write-ahead mode an exclusive transaction still lets others read.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    print("locked", flush=True)
    sys.stdin.read()
    connection.execute("ROLLBACK")
else:
    sys.exit(f"unknown command {command}")
connection.close()
