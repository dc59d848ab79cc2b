#!/usr/bin/python3
"""The audit chain calculated a second time, from docs/reference/audit.md alone: BLAKE2b-256 by hashlib, rows as text by psql.

Arguments: the conninfo. Prints "N entries hold" or the first seq that does not.
"""
import csv
import datetime
import hashlib
import io
import struct
import subprocess
import sys

COLUMNS = """seq,entry_key,xid,at,login,role,account_key,grant_key,request,address,action,object,row_key,version,rows,
             before_hash,after_hash,reason,previous_hash,hash"""
EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)


def field(value):
    return struct.pack(">i", -1) if value is None else struct.pack(">i", len(value)) + value


def integer(form):
    return lambda text: struct.pack(form, int(text))


def moment(text):
    return struct.pack(">q", (datetime.datetime.fromisoformat(text) - EPOCH) // datetime.timedelta(microseconds=1))


def bytes_of(text):
    return bytes.fromhex(text.removeprefix("\\x"))


FORMS = {"entry_key": integer(">q"), "xid": integer(">Q"), "at": moment, "account_key": integer(">q"), "grant_key": integer(">q"),
         "version": integer(">i"), "rows": integer(">q"), "before_hash": bytes_of, "after_hash": bytes_of}

text = subprocess.run(["psql", "-XAtq", sys.argv[1], "-c", "SET timezone = 'UTC'", "-c",
                       f"COPY (SELECT {COLUMNS} FROM audit.entry WHERE seq IS NOT NULL ORDER BY seq) TO STDOUT (FORMAT csv, HEADER, NULL '<null>')"],
                      check=True, capture_output=True, text=True).stdout
previous = bytes(32)
count = 0
for row in csv.DictReader(io.StringIO(text)):
    count += 1
    content = b"".join(field(None if value == "<null>" else FORMS.get(name, str.encode)(value))
                       for name, value in row.items() if name not in ("seq", "previous_hash", "hash"))
    digest = hashlib.blake2b(previous + struct.pack(">q", int(row["seq"])) + content, digest_size=32).digest()
    if int(row["seq"]) != count or bytes_of(row["previous_hash"]) != previous or bytes_of(row["hash"]) != digest:
        sys.exit(f"seq {row['seq']} does not hold")
    previous = digest
print(f"{count} entries hold")
