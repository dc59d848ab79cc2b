"""Which tiles an edit removes, against the truth: those whose bytes differ when all are made anew. None may be missed. Of a point also: those it
stands in, before and after. The mean of thousands of points does not move by a tile unit when one of them does, so bytes of low zooms stay."""
import http.client
import random
import sys
import time
import urllib.parse

from measure import STATE, TILES_URL, Client, report, tiles_of

ROUNDS = 3


class Edit:
    """A kind of change of one layer: what happens, undone after it was looked at."""

    def __init__(self, layer, first_zoom, text, do, undo, place=None):
        """place: SQL of the longitude and latitude where it stands."""
        self.layer, self.text, self.do, self.undo, self.place = layer, text, do, undo, place
        self.paths = [f"/tiles/{layer}/{z}/{x}/{y}.mvt" for z in range(first_zoom, 15) for _, x, y in tiles_of(z)]


def edits(sql, rng):
    lon, lat = lambda: rng.uniform(106.15, 106.65), lambda: rng.uniform(9.95, 10.25)
    row = lambda query: sql.run(query)[0].split("|")
    zone = row("SELECT zone_key, ST_AsText(geom), name FROM geo.zone WHERE retired_at IS NULL ORDER BY zone_key LIMIT 1")
    set_zone = lambda geometry: f"UPDATE geo.zone SET geom = {geometry}, name = 'Vùng {rng.random()}' WHERE zone_key = {zone[0]}"
    zone_back = lambda: sql.run(f"UPDATE geo.zone SET geom = ST_GeomFromText('{zone[1]}', 4326), name = '{zone[2]}' WHERE zone_key = {zone[0]}")
    thin = lambda: f"ST_Multi(ST_Buffer(ST_SetSRID(ST_MakeLine(ST_MakePoint({lon()}, {lat()}), ST_MakePoint({lon()}, {lat()})), 4326), 0.0004, 2))"
    round_ = lambda: f"ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint({lon()}, {lat()}), 4326), {rng.uniform(0.002, 0.01)}, 4))"
    river = row("SELECT line_key, ST_AsText(geom), name FROM geo.context_line WHERE kind = 'river' ORDER BY line_key LIMIT 1")
    unit = row("SELECT unit_key, short_name, ST_AsText(geom) FROM geo.admin_unit WHERE level = 'commune' AND valid_to IS NULL ORDER BY unit_key LIMIT 1")
    producer = row("SELECT producer_key, ST_AsText(facility_geom), location_consent FROM ocop.producer WHERE is_published AND facility_geom IS NOT NULL ORDER BY 1 LIMIT 1")
    certificate = row("SELECT c.certificate_key FROM ocop.certificate c JOIN pub.product p USING (product_key) WHERE c.in_force @> pub.business_date() AND p.geom IS NOT NULL ORDER BY 1 LIMIT 1")[0]
    revoke = lambda value: sql.run(f"UPDATE ocop.certificate SET revoked_on = {value}, revocation_reason = 'bench' WHERE certificate_key = {certificate}")
    return {
        "point_published": Edit("producers", 0, "a producer who is published", lambda: sql.run(f"UPDATE ocop.producer SET is_published = false WHERE producer_key = {producer[0]}"),
                                lambda: sql.run(f"UPDATE ocop.producer SET is_published = true WHERE producer_key = {producer[0]}")),
        "point_moved": Edit("producers", 0, "a producer who moves some kilometres",
                            lambda: sql.run(f"UPDATE ocop.producer SET facility_geom = ST_SetSRID(ST_MakePoint({lon()}, {lat()}), 4326), location_consent = true WHERE producer_key = {producer[0]}"),
                            lambda: sql.run(f"UPDATE ocop.producer SET facility_geom = ST_GeomFromText('{producer[1]}', 4326), location_consent = '{producer[2]}' WHERE producer_key = {producer[0]}"),
                            f"SELECT ST_X(geom), ST_Y(geom) FROM pub.producer WHERE producer_key = {producer[0]}"),
        "certificate": Edit("products", 0, "a certificate that ends, on the tiles of products", lambda: revoke("pub.business_date()"), lambda: revoke("NULL")),
        "figure": Edit("communes", 4, "the same on the tiles of communes", lambda: revoke("pub.business_date()"), lambda: revoke("NULL")),
        "zone": Edit("zones", 7, "a zone of another shape and name", lambda: sql.run(set_zone(round_())), zone_back),
        "thin_zone": Edit("zones", 7, "a zone that is long and thin", lambda: sql.run(set_zone(thin())), zone_back),
        "river": Edit("rivers", 4, "a river renamed", lambda: sql.run(f"UPDATE geo.context_line SET name = 'Sông {rng.random()}' WHERE line_key = {river[0]}"),
                      lambda: sql.run(f"UPDATE geo.context_line SET name = '{river[2]}' WHERE line_key = {river[0]}")),
        "unit": Edit("communes", 4, "a commune renamed", lambda: sql.run(f"UPDATE geo.admin_unit SET short_name = 'Xã {rng.random()}' WHERE unit_key = {unit[0]}"),
                     lambda: sql.run(f"UPDATE geo.admin_unit SET short_name = '{unit[1]}' WHERE unit_key = {unit[0]}")),
        "outline": Edit("communes", 4, "the outline of a commune",
                        lambda: sql.run(f"UPDATE geo.admin_unit SET geom = ST_Multi(ST_Difference(geom, ST_Buffer(ST_PointOnSurface(geom), 0.004))) WHERE unit_key = {unit[0]}"),
                        lambda: sql.run(f"UPDATE geo.admin_unit SET geom = ST_GeomFromText('{unit[2]}', 4326) WHERE unit_key = {unit[0]}")),
    }


class Tiles:
    def __init__(self):
        self.client, self.number = Client(TILES_URL), time.time_ns() % 10 ** 9

    def get(self, path):
        status, body = self.client.get_opened(path)
        if status not in (200, 204):
            sys.exit(f"{path} answered {status}: {body[:300]}")
        return body

    def get_anew(self, path):
        self.number += 1
        return self.get(f"{path}?filter={self.number}%3D{self.number}")


def wait_until_applied(sql, outlines=None):
    """All that is committed has been read: a change of no layer is told last. outlines: when the edit began after which they are generalised anew."""
    parts = urllib.parse.urlsplit(TILES_URL)
    stream = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    stream.request("GET", "/events")
    answer = stream.getresponse()
    answer.readline()

    def fence():
        sql.run("INSERT INTO tile.change (layer, source, cover) VALUES ('~', 'bench', '{}')")
        sql.run("NOTIFY ocopmap_tile")
        while b'"~"' not in answer.readline():
            pass

    fence()
    if outlines:
        deadline = time.monotonic() + 60
        while sql.run("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ocopmap-tiles levels' AND state = 'active'") != ["0"] or \
                sql.run(f"SELECT max(built_at) > '{outlines}' FROM tile.level_frame") != ["t"]:
            if time.monotonic() > deadline:
                sys.exit("the generalised outlines were not built")
            time.sleep(0.05)
        fence()
    stream.close()


def bench_precision(sql):
    rng, tiles = random.Random(14), Tiles()

    def stands_in(edit):
        lon, lat = map(float, sql.run(edit.place)[0].split("|"))
        return {f"/tiles/{edit.layer}/{z}/{x}/{y}.mvt" for zoom in range(15) for z, x, y in tiles_of(zoom, (lon, lat, lon, lat))}

    on_disk = lambda path: any((STATE / "cache" / (path[1:] + suffix)).exists() for suffix in ("", ".gz", ".empty"))
    for key, edit in edits(sql, rng).items():
        removed_all = hits = differing = of_place = 0
        for _ in range(ROUNDS):
            for path in edit.paths:
                tiles.get(path)
            before = {path: tiles.get_anew(path) for path in edit.paths}
            now = sql.run("SELECT clock_timestamp()")[0] if key == "outline" else None
            places = stands_in(edit) if edit.place else set()
            edit.do()
            wait_until_applied(sql, now)
            places |= stands_in(edit) if edit.place else set()
            removed = {path for path in edit.paths if not on_disk(path)}
            differ = {path for path in edit.paths if tiles.get_anew(path) != before[path]}
            missed = differ - removed
            if missed:
                sys.exit(f"{edit.text}: {len(missed)} tiles differ and are still there: {sorted(missed)[:5]}")
            removed_all, hits, differing = removed_all + len(removed), hits + len(removed & differ), differing + len(differ)
            of_place += len(removed & places)
            now = sql.run("SELECT clock_timestamp()")[0] if key == "outline" else None
            edit.undo()
            wait_until_applied(sql, now)
        report(f"precision_{key}", hits / max(removed_all, 1), f"{edit.text}: {differing} tiles differ, {removed_all} were removed, none missed", ">= 0.9")
        if edit.place:
            report(f"precision_{key}_place", of_place / max(removed_all, 1), "the same: of the removed ones, those in which the point stands before or after", ">= 0.9")
