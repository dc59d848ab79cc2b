#!/usr/bin/python3
"""Edits by any SQL client, readers at the same time, and no tile that is not the record's.

For a time (--seconds, 1,800 by default) ten random edits a second: points move, zones get other shapes, certificates are revoked, products come and go,
units and lines are renamed. Readers ask for tiles of the same ground all the while, so that tiles are made while their ground changes. After every few
seconds of that the editing rests, and what then lies on disk is compared with the truth: tiles from a second daemon without cache and without layers
in memory, which asks PostGIS each time. At the end every tile on disk is compared. Environment as for the other tests (./dev test).
"""
import argparse
import gzip
import http.client
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from math import asinh, floor, pi, radians, tan

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import mvt  # noqa: E402

HOME = pathlib.Path(__file__).resolve().parents[2]
URL = os.environ["OCOPMAP_TEST_URL"]
DATABASE = os.environ["OCOPMAP_TEST_DATABASE"]
STATE = pathlib.Path(os.environ["OCOPMAP_TEST_STATE"])
BUILD = pathlib.Path(os.environ["OCOPMAP_TEST_BUILD"])
BENTRE = (106.03, 9.79, 106.79, 10.34)
FIRST_ZOOM = {"communes": 4, "districts": 4, "rivers": 4, "shoreline": 4, "zones": 7, "producers": 0, "products": 0}
FRESH_S = 2.0    # after its commit an edit has been seen; half a second is promised, and this machine may be busy
PATIENCE_S = 20  # what shows it later than that is late; what does not by then never will
PER_SECOND = 10
EDITING_S = 5.0  # then what lies on disk is compared


def tile(z, lon, lat):
    width = 1 << z
    return z, floor((lon + 180) / 360 * width), floor((1 - asinh(tan(radians(lat))) / pi) / 2 * width)


class Client:
    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)

    def get(self, path):
        for _ in range(200):
            self.connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
            answer = self.connection.getresponse()
            body = answer.read()
            if answer.status != 503:
                break
            time.sleep(0.02)  # what it says it does under load
        if answer.status not in (200, 204):
            raise RuntimeError(f"{path} answered {answer.status}: {body[:300]!r}")
        return gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body


class Sql:
    """A psql session; one statement, one transaction."""

    def __init__(self):
        self.process = subprocess.Popen(["psql", "-XAtqF", "|", "-v", "ON_ERROR_STOP=1", DATABASE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, statement):
        self.process.stdin.write(statement + ";\n\\echo --end--\n")
        self.process.stdin.flush()
        rows = []
        for line in self.process.stdout:
            if line == "--end--\n":
                return rows
            rows.append(line.rstrip("\n").split("|"))
        raise RuntimeError("psql ended: " + statement)


class Truth:
    """A tile daemon that holds nothing: each tile comes from PostGIS, by a filter that every row meets and nobody has asked for."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="ocopmap-truth-")
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        conninfo = " ".join("user=ocopmap_tiles" if part.startswith("user=") else part for part in DATABASE.split())
        self.process = subprocess.Popen([BUILD / "tile_server/ocopmap-tiles", "--database", conninfo, "--port", str(port), "--cache", self.folder, "--store-mb", "0",
                                         "--data", HOME / "data", "--styles", BUILD / "share/styles", "--workers", "1"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        self.number = 0
        while True:
            try:
                self.client = Client(f"http://127.0.0.1:{port}")
                self.get("/tiles/communes/9/407/241.mvt")
                return
            except (OSError, RuntimeError, http.client.HTTPException):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the second tile daemon did not start") from None
                time.sleep(0.1)

    def get(self, path):
        self.number += 1
        return self.client.get(f"{path}{'&' if '?' in path else '?'}filter={self.number}%3D{self.number}")

    def stop(self):
        node = pathlib.Path(self.folder, "node").read_text().strip()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        Sql().run(f"DELETE FROM tile.node WHERE node = '{node}'")  # or changes would be kept for it
        shutil.rmtree(self.folder, ignore_errors=True)


class Edits:
    """Random ones, each told as the ground it touches: points of which tiles around are worth reading."""

    def __init__(self, rng):
        self.rng, self.sql = rng, Sql()
        keys = lambda query: [row[0] for row in self.sql.run(query)]
        self.producers = keys("SELECT producer_key FROM ocop.producer WHERE is_published AND facility_geom IS NOT NULL ORDER BY 1 LIMIT 500")
        self.products = keys("SELECT product_key FROM pub.product WHERE geom IS NOT NULL ORDER BY 1 LIMIT 500")
        self.certified = keys("SELECT product_key FROM pub.product WHERE star IS NOT NULL AND geom IS NOT NULL ORDER BY 1 LIMIT 500")
        self.zones = keys("SELECT zone_key FROM pub.zone ORDER BY 1 LIMIT 500")
        self.units = keys("SELECT unit_key FROM geo.admin_unit WHERE level = 'commune' AND valid_to IS NULL ORDER BY 1")
        self.lines = keys("SELECT line_key FROM geo.context_line ORDER BY 1")
        self.made = []
        self.kinds = [self.move, self.move, self.rename_product, self.reshape, self.reshape, self.stretch, self.rename_zone, self.revoke, self.rename_unit, self.rename_line, self.come, self.go]

    def place(self):
        return self.rng.uniform(BENTRE[0] + 0.05, BENTRE[2] - 0.05), self.rng.uniform(BENTRE[1] + 0.05, BENTRE[3] - 0.05)

    def one(self):
        """Makes one; where it shows."""
        return [(float(lon), float(lat)) for lon, lat in self.rng.choice(self.kinds)()]

    def where(self, table, key, value, geometry):
        return self.sql.run(f"SELECT ST_X(g), ST_Y(g) FROM (SELECT ST_PointOnSurface({geometry}) AS g FROM {table} WHERE {key} = {value}) p WHERE g IS NOT NULL")

    def move(self):
        key, (lon, lat) = self.rng.choice(self.producers), self.place()
        old = self.where("ocop.producer", "producer_key", key, "public_geom")
        self.sql.run(f"UPDATE ocop.producer SET facility_geom = ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326), location_consent = true WHERE producer_key = {key}")
        return old + self.where("ocop.producer", "producer_key", key, "public_geom")

    def rename_product(self):
        key = self.rng.choice(self.products)
        self.sql.run(f"UPDATE ocop.product SET name = 'Kẹo {self.rng.random()}' WHERE product_key = {key}")
        return self.where("pub.product", "product_key", key, "geom")

    def reshape(self):
        key, (lon, lat), radius = self.rng.choice(self.zones), self.place(), self.rng.uniform(0.0005, 0.01)
        old = self.where("geo.zone", "zone_key", key, "geom")
        self.sql.run(f"UPDATE geo.zone SET geom = ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326), {radius}, 4)) WHERE zone_key = {key}")
        return old + [(lon, lat)]

    def stretch(self):
        """Long and thin: most tiles of its box show nothing of it."""
        key, a, b = self.rng.choice(self.zones), self.place(), self.place()
        self.sql.run(f"UPDATE geo.zone SET geom = ST_Multi(ST_Buffer(ST_SetSRID(ST_MakeLine(ST_MakePoint({a[0]}, {a[1]}), ST_MakePoint({b[0]}, {b[1]})), 4326), 0.0004, 2)) WHERE zone_key = {key}")
        return [a, b, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)]

    def rename_zone(self):
        key = self.rng.choice(self.zones)
        self.sql.run(f"UPDATE geo.zone SET name = 'Vùng {self.rng.random()}' WHERE zone_key = {key}")
        return self.where("geo.zone", "zone_key", key, "geom")

    def revoke(self):
        key = self.rng.choice(self.certified)
        self.sql.run("UPDATE ocop.certificate SET revoked_on = CASE WHEN revoked_on IS NULL THEN current_date END, revocation_reason = 'thử' "
                     f"WHERE certificate_key = (SELECT max(certificate_key) FROM ocop.certificate WHERE product_key = {key} AND retired_at IS NULL)")
        return self.where("pub.product", "product_key", key, "geom")

    def rename_unit(self):
        key = self.rng.choice(self.units)
        self.sql.run(f"UPDATE geo.admin_unit SET short_name = 'Xã {self.rng.randrange(10 ** 6)}' WHERE unit_key = {key}")
        return self.where("geo.admin_unit", "unit_key", key, "geom")

    def rename_line(self):
        key = self.rng.choice(self.lines)
        self.sql.run(f"UPDATE geo.context_line SET name = 'Sông {self.rng.randrange(10 ** 6)}' WHERE line_key = {key}")
        return self.where("geo.context_line", "line_key", key, "geom")

    def come(self):
        producer = self.rng.choice(self.producers)
        self.made += [row[0] for row in self.sql.run(
            f"WITH p AS (INSERT INTO ocop.product (producer_key, name, registered_on) VALUES ({producer}, 'Mới {self.rng.random()}', '2025-01-01') RETURNING product_key), "
            "c AS (INSERT INTO ocop.certificate (product_key, star, issued_on, valid_to) SELECT product_key, 4, current_date - 10, current_date + 1000 FROM p) SELECT product_key FROM p")]
        return self.where("ocop.producer", "producer_key", producer, "public_geom")

    def go(self):
        if not self.made:
            return self.come()
        key = self.made.pop(self.rng.randrange(len(self.made)))
        old = self.where("pub.product", "product_key", key, "geom")
        self.sql.run(f"DELETE FROM ocop.product WHERE product_key = {key}")
        return old


class Readers:
    """Ask for tiles where edits were just made, and for any others."""

    def __init__(self, count, seed):
        self.hot, self.ended, self.read, self.failure = [], False, 0, None
        self.threads = [threading.Thread(target=self.work, args=(random.Random(seed + i),)) for i in range(count)]
        for thread in self.threads:
            thread.start()

    def work(self, rng):
        client = Client(URL)
        try:
            while not self.ended:
                lon, lat = rng.choice(self.hot) if self.hot and rng.random() < 0.7 else (rng.uniform(BENTRE[0], BENTRE[2]), rng.uniform(BENTRE[1], BENTRE[3]))
                layer = rng.choice(list(FIRST_ZOOM))
                client.get("/tiles/{}/{}/{}/{}.mvt".format(layer, *tile(rng.randint(FIRST_ZOOM[layer], 14), lon, lat)))
                self.read += 1
        except Exception as error:
            self.failure = error

    def stop(self):
        self.ended = True
        for thread in self.threads:
            thread.join()
        if self.failure:
            raise self.failure


def of_other_days(rng):
    """Tiles of the province as it was: they are remembered in memory, and what they count changes with edits of today."""
    out = []
    for day in ("2025-03-01", "2025-06-01", "2025-07-01"):
        for layer, (z, x, y) in ((layer, tile(z, 106.38, 10.12)) for layer in FIRST_ZOOM for z in (8, 9)):
            if not (layer in ("rivers", "shoreline") or z < FIRST_ZOOM[layer]):
                out.append(f"/tiles/{layer}/{z}/{x}/{y}.mvt?at={day}")
    return rng.sample(out, 10)


def on_disk():
    out = []
    for layer in FIRST_ZOOM:
        for file in (STATE / "cache/tiles" / layer).rglob("*.mvt*"):
            if file.suffix in (".mvt", ".gz", ".empty"):
                out.append("/" + str(file.relative_to(STATE / "cache")).removesuffix(".empty").removesuffix(".gz"))
    return out


def differs(served, true):
    """What makes two tiles differ for who looks at them; memory and PostGIS may round a vertex to either side."""
    if served == true:
        return None
    ours, theirs = ({(layer, key): (tags, kind, len(shape)) for layer, key, tags, kind, shape in mvt.features(tile)} for tile in (served, true))
    for feature in ours.keys() | theirs.keys():
        if ours.get(feature) != theirs.get(feature):
            return f"{feature}: {ours.get(feature)} served, {theirs.get(feature)} true"
    return None


def compare(truth, client, paths, since):
    """Those that show the last edit later than FRESH_S, with the reason, and how long they took: None for the stale ones, which never did."""
    out = []
    for path in paths:
        reason = None
        while (now := differs(client.get(path), truth.get(path))) and time.monotonic() < since + PATIENCE_S:
            reason = now
            time.sleep(0.02)
        if now or (reason and time.monotonic() > since + FRESH_S):
            out.append((path, reason or now, None if now else time.monotonic() - since))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("OCOPMAP_TEST_SEED", "6")))
    options = parser.parse_args()
    rng = random.Random(options.seed)
    truth, client, edits = Truth(), Client(URL), Edits(rng)
    readers = Readers(2, options.seed + 100)
    made = compared = behind = 0
    found = []
    try:
        end = time.monotonic() + options.seconds
        while time.monotonic() < end and not readers.failure:
            begun = time.monotonic()
            for i in range(int(EDITING_S * PER_SECOND)):
                pause = begun + i / PER_SECOND - time.monotonic()  # of the steady rate, not for anything to happen
                if pause > 0:
                    time.sleep(pause)
                else:
                    behind += 1
                readers.hot = (readers.hot + edits.one())[-60:]
                made += 1
            since = time.monotonic()
            paths = [f"/tiles/{layer}/{z}/{x}/{y}.mvt" for lon, lat in readers.hot[-20:] for layer in FIRST_ZOOM for z, x, y in [tile(rng.randint(FIRST_ZOOM[layer], 14), lon, lat)]]
            paths += of_other_days(rng) + rng.sample(lying := on_disk(), min(100, len(lying)))
            compared += len(paths)
            found += compare(truth, client, paths, since)
        readers.stop()
        since = time.monotonic()
        lying = on_disk()
        compared += len(lying)
        found += compare(truth, client, lying + of_other_days(rng), since)
    finally:
        readers.ended = True
        truth.stop()
    stale = [one for one in found if one[2] is None]
    for path, reason, seconds in found[:20]:
        print(f"stale: {path}: {reason}" if seconds is None else f"late, {seconds:.1f} s: {path}: {reason}")
    print(f"{made} edits in {options.seconds:.0f} s, {readers.read} tiles read meanwhile, {compared} compared with PostGIS, {len(lying)} of them all that lay on disk at the end; "
          f"{len(stale)} stale; {len(found) - len(stale)} later than {FRESH_S:.0f} s; {behind} edits later than {PER_SECOND} a second")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
