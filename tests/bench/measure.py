"""What every part of the benchmarks uses: the served system, figures, runs in turn, processes on cores."""
import atexit
import gzip
import http.client
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from math import asinh, floor, pi, radians, tan

RUNS = 7
URL = os.environ["OCOPMAP_TEST_URL"]
TILES_URL = os.environ["OCOPMAP_TEST_TILES_URL"]
DATABASE = os.environ["OCOPMAP_TEST_DATABASE"]
STATE = pathlib.Path(os.environ["OCOPMAP_TEST_STATE"])
BENTRE = (106.03, 9.79, 106.79, 10.34)  # lon/lat box of the demo

figures = {}


def report(key, value, anchor_text, bound):
    figures[key] = round(value, 3)
    print(f"  {key:32} {value:10.3f}   {anchor_text}   (bound {bound})", flush=True)


class Client:
    """One keep-alive connection."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)

    def get(self, path, headers=None):
        self.connection.request("GET", path, headers=headers or {})
        response = self.connection.getresponse()
        return response.status, dict((k.lower(), v) for k, v in response.getheaders()), response.read()

    def get_opened(self, path):
        """As browsers ask, from the stored file where there is one; what comes by gzip is opened."""
        status, headers, body = self.get(path, {"Accept-Encoding": "gzip"})
        return status, gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body


class Sql:
    """One psql session: a statement in, its rows out."""

    def __init__(self):
        self.process = subprocess.Popen(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", DATABASE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, statement):
        self.process.stdin.write(statement.rstrip(";") + ";\n\\echo --end--\n")
        self.process.stdin.flush()
        rows = []
        for line in self.process.stdout:
            if line.rstrip("\n") == "--end--":
                return rows
            rows.append(line.rstrip("\n"))
        sys.exit("psql ended: " + statement[:200])


def tiles_of(zoom, box=BENTRE):
    width = 1 << zoom
    column = lambda lon: floor((lon + 180) / 360 * width)
    row = lambda lat: floor((1 - asinh(tan(radians(lat))) / pi) / 2 * width)
    return [(zoom, x, y) for x in range(column(box[0]), column(box[2]) + 1) for y in range(row(box[3]), row(box[1]) + 1)]


def pids():
    found = {}
    for file in STATE.rglob("*.pid"):
        text = file.read_text().split()
        if text and text[0].isdigit() and pathlib.Path("/proc", text[0]).exists():
            found[file.stem] = int(text[0])
    return found


def children(pid):
    listing = subprocess.run(["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True).stdout.split()
    return [int(p) for p in listing]


def pin(pid, core):
    for one in [pid, *children(pid)]:
        subprocess.run(["taskset", "-a", "-p", "-c", str(core), str(one)], capture_output=True)


def interleaved(*measures):
    """RUNS rounds of each in turn; the list of results of each."""
    results = [[] for _ in measures]
    for _ in range(RUNS):
        for measure, result in zip(measures, results):
            result.append(measure())
    return results


def median_ratio(ours, anchor):
    return statistics.median(a / b for a, b in zip(ours, anchor))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


CLEARED = STATE / "cleared"


def remove_at_end(folder):
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


remove_at_end(CLEARED)


def wait_for_files():
    """ext4 looks long for a place for a file where many have been removed in the last minutes: what is made then takes ten times as long and more."""
    least_us, patience_s = 50, 400
    begun = time.monotonic()
    while True:
        with tempfile.TemporaryDirectory(dir=STATE) as folder:
            started = time.perf_counter()
            for i in range(20):
                (pathlib.Path(folder) / str(i)).touch()
            each_us = (time.perf_counter() - started) / 20 * 1e6
        if each_us < least_us:
            return
        if time.monotonic() - begun > patience_s:
            print(f"  files are made slowly here: {each_us:.0f} us each", flush=True)
            return
        time.sleep(10)


def clear_cache(*names):
    """Moves the tiles away, to be removed at the end."""
    CLEARED.mkdir(exist_ok=True)
    for name in names:
        for folder in STATE.rglob(f"cache/**/{name}"):
            if folder.is_dir():
                folder.rename(tempfile.mkdtemp(dir=CLEARED) + "/tiles")


def cpu_seconds(*names):
    """Of those processes of the state and their children, since they began."""
    total = 0
    for name, pid in pids().items():
        for one in [pid, *children(pid)] if name in names else []:
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")
