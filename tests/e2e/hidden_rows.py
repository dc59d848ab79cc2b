#!/usr/bin/python3
"""What the public may not see leaves no trace on the map: no byte of it in a tile of any zoom, no count, no other ETag, no event.

Plants rows that are hidden, each with a mark and a place of its own far from all others: a producer who is not published with a certified product, a
product of a published producer that is not published, a retired zone, a retired sales point. Then edits and removes them. Meanwhile every public
tile of every layer at their places is what it was, byte by byte and tag by tag, and /events is silent. Environment as for the other tests (./dev test).
"""
import gzip
import http.client
import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
from math import asinh, floor, pi, radians, tan

URL = urllib.parse.urlsplit(os.environ["OCOPMAP_TEST_URL"])
TILES = urllib.parse.urlsplit(os.environ["OCOPMAP_TEST_TILES_URL"])
DATABASE = os.environ["OCOPMAP_TEST_DATABASE"]
MARK = "Dấu Ẩn Không Ai Thấy"
LAYERS = {"provinces": 4, "districts": 4, "communes": 4, "shoreline": 4, "rivers": 4, "zones": 7, "producers": 0, "products": 0, "sales_points": 0, "boundaries": 4, "places": 0, "all": 0}
PLACES = [(106.401, 10.101), (106.502, 10.052), (106.303, 10.203)]  # in Bến Tre, and one in the sea where nothing else is:
SEA = (106.95, 9.65)
connection = http.client.HTTPConnection(URL.hostname, URL.port, timeout=60)


def sql(statement):
    return subprocess.run(["psql", "-XAtqF", "|", "-v", "ON_ERROR_STOP=1", DATABASE, "-c", statement], check=True, capture_output=True, text=True).stdout.split("\n")[:-1]


def get(path):
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status not in (200, 204):
        sys.exit(f"{path} answered {answer.status}: {body[:300]!r}")
    # An ETag is number and size of a publication; compressed again the same publication is smaller.
    return answer.status, (answer.headers.get("ETag") or "").split("-")[0], gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body


def tile(z, lon, lat):
    width = 1 << z
    return z, floor((lon + 180) / 360 * width), floor((1 - asinh(tan(radians(lat))) / pi) / 2 * width)


def addresses():
    for layer, first in LAYERS.items():
        for z, x, y in sorted({tile(z, *place) for place in [*PLACES, SEA] for z in range(first, 15)}):
            yield f"/tiles/{layer}/{z}/{x}/{y}.mvt"
        yield f"/tiles/{layer}.json"
    for z, x, y in sorted({tile(z, *place) for place in [*PLACES, SEA] for z in range(0, 15)}):
        for layer in ("products", "producers", "zones", "sales_points"):
            if z >= LAYERS[layer]:
                yield f"/tiles/{layer}/{z}/{x}/{y}.mvt?filter=1%3D1"   # past the disk
                yield f"/tiles/{layer}/{z}/{x}/{y}.mvt?at=2025-09-01"
    for z, x, y in sorted({tile(z, *place) for place in PLACES for z in (8, 12)}):
        yield f"/tiles/ocop/{z}/{x}/{y}.png"


def look():
    return {path: get(path) for path in addresses()}


class Events:
    """An open event stream."""

    def __init__(self):
        stream = socket.create_connection((TILES.hostname, TILES.port))
        stream.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        stream.settimeout(30)
        self.lines = stream.makefile("rb")
        while b": listening" not in self.line():
            pass

    def line(self):
        line = self.lines.readline()
        if not line:
            sys.exit("the event stream ended")
        return line

    def until_now(self):
        """What was told of all that has been committed. A change of no layer, the last in the order of a reading, marks the end."""
        sql("INSERT INTO tile.change (layer, source, cover) VALUES ('~', 'a test', '{}'); NOTIFY ocopmap_tile")
        told = []
        while True:
            line = self.line()
            if line.startswith(b"data: "):
                told.append(json.loads(line[6:]))
                if told[-1]["layer"] == "~":
                    return told[:-1]


POINT = "ST_SetSRID(ST_MakePoint({}, {}), 4326)"
SQUARE = "ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint({}, {}), 4326), 0.002))"
PRODUCER = "(SELECT producer_key FROM ocop.producer WHERE name = '{}')".format(MARK)
OPEN_PRODUCER = "(SELECT producer_key FROM ocop.producer WHERE is_published ORDER BY producer_key LIMIT 1)"
PRODUCTS = f"(SELECT product_key FROM ocop.product WHERE name LIKE '{MARK}%')"
STEPS = [
    f"INSERT INTO ocop.producer (name, kind, registered_on, facility_geom, location_consent, is_published) VALUES ('{MARK}', 'company', '2025-01-01', {POINT.format(*PLACES[0])}, true, false)",
    f"INSERT INTO ocop.product (producer_key, name, registered_on, is_published) VALUES ({PRODUCER}, '{MARK} 1', '2025-01-01', true), ({OPEN_PRODUCER}, '{MARK} 2', '2025-01-01', false)",
    f"INSERT INTO ocop.certificate (product_key, star, issued_on, valid_to) SELECT product_key, 5, current_date - 10, current_date + 1000 FROM ocop.product WHERE product_key IN {PRODUCTS}",
    f"INSERT INTO geo.zone (code, name, crop, valid_from, geom, retired_at) VALUES ('HIDDEN', '{MARK}', 'coconut', '2025-01-01', {SQUARE.format(*PLACES[1])}, now())",
    f"INSERT INTO ocop.sales_point (name, kind, opened_on, geom, retired_at) VALUES ('{MARK}', 'shop', '2025-01-01', {POINT.format(*PLACES[2])}, now())",
]
EDITS = [
    f"UPDATE ocop.producer SET facility_geom = {POINT.format(*SEA)} WHERE name = '{MARK}'",
    f"UPDATE ocop.product SET registered_on = '2024-12-01' WHERE product_key IN {PRODUCTS}",
    f"UPDATE ocop.certificate SET revoked_on = current_date, revocation_reason = 'x' WHERE product_key IN {PRODUCTS}",
    f"UPDATE geo.zone SET geom = {SQUARE.format(*SEA)} WHERE name = '{MARK}'",
    f"UPDATE ocop.sales_point SET geom = {POINT.format(*SEA)} WHERE name = '{MARK}'",
]
REMOVAL = [f"DELETE FROM ocop.certificate WHERE product_key IN {PRODUCTS}", f"DELETE FROM ocop.product WHERE product_key IN {PRODUCTS}", f"DELETE FROM ocop.producer WHERE name = '{MARK}'",
           f"DELETE FROM geo.zone WHERE name = '{MARK}'", f"DELETE FROM ocop.sales_point WHERE name = '{MARK}'"]


def traces(before, events, when):
    found = [f"/events tells of hidden rows {when}: {told}" for told in events.until_now()]
    for path, answer in look().items():
        if MARK.encode() in answer[2]:
            found.append(f"{path} holds the mark {when}")
        if answer != before[path]:
            found.append(f"{path} differs {when}: {before[path][:2]} then, {answer[:2]} now")
    return found


def main():
    events = Events()
    look()  # published and on disk
    events.until_now()
    before = look()
    found = []
    for when, statements in (("after they were entered", STEPS), ("after they were edited", EDITS)):
        for statement in statements:
            sql(statement)
        found += traces(before, events, when)
    # The same rows, once the public may see them, are found by the same looks: otherwise finding nothing says nothing.
    sql(f"UPDATE ocop.producer SET is_published = true, facility_geom = {POINT.format(*PLACES[0])} WHERE name = '{MARK}'")
    sql(f"UPDATE geo.zone SET retired_at = NULL, geom = {SQUARE.format(*PLACES[1])} WHERE name = '{MARK}'")
    sql(f"UPDATE ocop.sales_point SET retired_at = NULL, geom = {POINT.format(*PLACES[2])} WHERE name = '{MARK}'")
    seen = set()
    deadline = time.monotonic() + 20
    while seen < {"producers", "products", "zones", "sales_points"} and time.monotonic() < deadline:
        for layer in {"producers", "products", "zones", "sales_points"} - seen:
            if any(MARK.encode() in get("/tiles/{}/{}/{}/{}.mvt".format(layer, *tile(14, *place)))[2] for place in PLACES):
                seen.add(layer)
    missing = {"producers", "products", "zones", "sales_points"} - seen
    for statement in REMOVAL:
        sql(statement)
    if missing:
        sys.exit(f"the rows were made public and {', '.join(sorted(missing))} do not show them: this test sees nothing")
    for trace in found:
        print(trace)
    print(f"{len(before)} addresses, {len(found)} traces")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
