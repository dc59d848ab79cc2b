#!/usr/bin/env python3
"""The connection is cut at 50 random bytes of uploads, through the front door, and at the end of each piece before its answer is heard; what
sends goes on as the page does (web/src/upload.js: HEAD, then the next piece). No byte may be lost, none doubled. OCOPMAP_TEST_SEED repeats a run."""
import base64
import hashlib
import http.client
import json
import os
import pathlib
import random
import socket
import struct
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent / "grading"))
from office import Person, sql  # noqa: E402

SEED = int(os.environ.get("OCOPMAP_TEST_SEED", "50"))
CUTS, PIECE = 50, 4 * 1024 * 1024
SIZES = (300_000, 4 * 1024 * 1024, 7_000_001, 9_000_000, 13_000_000)
rng = random.Random(SEED)
front = urllib.parse.urlsplit(os.environ["OCOPMAP_TEST_URL"])
assert front.scheme == "http", "raw sockets speak plain HTTP"
sender = Person("demo.r02")
always = {"Cookie": sender.cookie, "X-CSRF-Token": sender.csrf, "Tus-Resumable": "1.0.0"}


def ask(method, path, headers={}, body=None):
    line = http.client.HTTPConnection(front.hostname, front.port, timeout=60)
    try:
        line.request(method, path, body, {**always, **headers})
        answer = line.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        line.close()


def begin(content, name):
    status, headers, body = ask("POST", "/api/files/uploads", {"Upload-Length": str(len(content)), "Upload-Metadata": "filename " + base64.b64encode(name.encode()).decode()})
    assert status == 201, (status, body)
    return urllib.parse.urlsplit(headers["Location"]).path


def send_and_cut(path, offset, announced, body):
    """A piece of which `body` goes out; then the line is gone, its answer unheard: reset, or closed, as chance has it."""
    with socket.create_connection((front.hostname, front.port), timeout=60) as line:
        head = f"PATCH {path} HTTP/1.1\r\nHost: {front.netloc}\r\nUpload-Offset: {offset}\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: {announced}\r\n"
        line.sendall((head + "".join(f"{name}: {value}\r\n" for name, value in always.items()) + "\r\n").encode() + body)
        if rng.random() < .5:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def upload(content, name, cuts):
    path, used, heard, most = begin(content, name), 0, 0, 0
    unheard = {end for end in range(PIECE, len(content) + PIECE, PIECE)}  # ends of pieces whose answer nobody hears, once each
    left = sorted(cuts)
    location = None
    for _ in range(1000):
        status, headers, body = ask("HEAD", path)
        assert status == 200, (status, body)
        offset = int(headers["Upload-Offset"])
        # what was acknowledged stays; nothing is there that was not sent
        assert heard <= offset <= most, (name, heard, offset, most)
        heard = offset
        if offset == len(content):
            break
        piece = content[offset:offset + PIECE]
        cut = next((at for at in left if offset <= at < offset + len(piece)), None)
        if cut is not None:
            left.remove(cut)
            used += 1
            most = max(most, cut)
            send_and_cut(path, offset, len(piece), piece[:cut - offset])
        elif (end := min(e for e in unheard | {1 << 62} if e > offset)) - offset <= PIECE:
            unheard.remove(end)
            most = max(most, offset + len(piece))
            send_and_cut(path, offset, len(piece), piece)
        else:
            status, headers, body = ask("PATCH", path, {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}, piece)
            if status in (409, 423):  # the piece of before was still on its way: the page asks again, too
                most = max(most, offset + len(piece))
                continue
            assert status == 204, (status, body)
            heard = most = max(most, offset + len(piece))
            assert int(headers["Upload-Offset"]) == offset + len(piece)
            location = headers.get("Content-Location", location)
    else:
        sys.exit(f"{name}: not at its end after 1000 pieces")
    assert not left, (name, left)
    return used, path


used_before = json.loads(ask("GET", "/api/files")[2])["used_bytes"]
contents = [b"%PDF-1.7\n% " + str(SEED).encode() + rng.randbytes(8).hex().encode() + b"\n" + rng.randbytes(size - 40) + b"\n%%EOF\n" for size in SIZES]
places = rng.sample(range(sum(map(len, contents))), CUTS)
done = start = 0
for number, content in enumerate(contents):
    mine = [at - start for at in places if start <= at < start + len(content)]
    start += len(content)
    name = f"cắt-{number}.pdf"
    used, path = upload(content, name, mine)
    done += used
    sha256 = hashlib.sha256(content).hexdigest()
    told = json.loads(ask("GET", path)[2])["file"]
    assert (told["sha256"], told["bytes"]) == (sha256, len(content)), (name, told, sha256, len(content))
    status, headers, back = ask("GET", f"/api/files/{sha256}")
    assert status == 200 and back == content, (name, status, len(back), len(content))
    assert sql(f"SELECT bytes FROM files.file WHERE sha256 = '{sha256}'") == [[str(len(content))]]
assert done == CUTS, done
used_after = json.loads(ask("GET", "/api/files")[2])["used_bytes"]
assert used_after - used_before == sum(map(len, contents)), (used_before, used_after)
print(f"seed {SEED}: {len(contents)} files, {start} bytes, {done} cuts at random bytes and {sum(-(-len(c) // PIECE) for c in contents)} answers unheard; every SHA-256 and size as sent")
