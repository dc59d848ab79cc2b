#!/usr/bin/python3
"""The benchmark programme behind `./dev bench`: each figure beside its anchor, measured in the same run.

Runs against a served state with the demo at scale 100 (100,000 products). Environment (set by ./dev bench):
  OCOPMAP_TEST_URL        nginx in front              OCOPMAP_TEST_TILES_URL  the tile daemon
  OCOPMAP_TEST_API_URL    the API daemon              OCOPMAP_TEST_DATABASE   the owner's conninfo
  OCOPMAP_TEST_STATE      the state directory: *.pid files of the processes, cache/ of the tiles
Figures are medians of at least 7 interleaved runs. The load generator is kept on core 0, the servers on core 1.
"""
import argparse
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

import features
import importing
import officers
import scoring

RUNS = 7
URL = os.environ["OCOPMAP_TEST_URL"]
TILES_URL = os.environ["OCOPMAP_TEST_TILES_URL"]
DATABASE = os.environ["OCOPMAP_TEST_DATABASE"]
STATE = pathlib.Path(os.environ["OCOPMAP_TEST_STATE"])
BENTRE = (106.03, 9.79, 106.79, 10.34)  # lon/lat box of the demo

figures = {}
table = []


def report(key, value, anchor_text, bound):
    figures[key] = round(value, 3)
    table.append((key, f"{value:.3f}", anchor_text, bound))
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
    from math import asinh, floor, pi, radians, tan
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


def wrk(url, headers, seconds=1):
    command = ["taskset", "-c", "0", "wrk", "-t1", "-c16", f"-d{seconds}s"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    out = subprocess.run([*command, url], capture_output=True, text=True).stdout
    if "Non-2xx" in out and "If-None-Match" not in headers:
        sys.exit(f"wrk saw errors at {url}:\n{out}")
    return next(float(line.split(":")[1]) for line in out.splitlines() if line.startswith("Requests/sec"))


def interleaved(*measures):
    """RUNS rounds of each in turn; the list of results of each."""
    results = [[] for _ in measures]
    for _ in range(RUNS):
        for measure, result in zip(measures, results):
            result.append(measure())
    return results


def median_ratio(ours, anchor):
    return statistics.median(a / b for a, b in zip(ours, anchor))


class PlainNginx:
    """The anchor: nginx serving the same bytes with the same headers as plain files, and MapServer by FastCGI."""

    def __init__(self, port):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ocopmap-anchor-"))
        self.folder.chmod(0o755)
        self.port = port

    def start(self, headers, fastcgi=None):
        skip = {"date", "server", "content-length", "connection", "etag", "content-encoding", "content-type", "last-modified", "accept-ranges"}
        lines = "".join(f"add_header {name} \"{value}\";\n" for name, value in headers.items() if name not in skip)
        location = f"location /map {{ fastcgi_pass unix:{fastcgi}; include /etc/nginx/fastcgi_params; }}" if fastcgi else ""
        (self.folder / "nginx.conf").write_text(f"""
worker_processes {os.cpu_count()}; pcre_jit on; pid {self.folder}/pid; error_log {self.folder}/error.log; daemon on;
{'user root;' if os.geteuid() == 0 else ''}
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  types {{ application/vnd.mapbox-vector-tile mvt; image/png png; }}
  client_body_temp_path {self.folder}/b; proxy_temp_path {self.folder}/p; fastcgi_temp_path {self.folder}/f; uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
  server {{ listen 127.0.0.1:{self.port}; root {self.folder}/files; gzip_static on; if_modified_since off;
    location / {{ {lines} }}
    {location}
  }}
}}""")
        subprocess.run(["nginx", "-c", self.folder / "nginx.conf", "-p", self.folder], check=True, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not (self.folder / "pid").exists() or not (self.folder / "pid").read_text().strip():
            if time.monotonic() > deadline:
                sys.exit("the anchor nginx did not start")
            time.sleep(0.02)
        self.pid = int((self.folder / "pid").read_text())
        pin(self.pid, 1)

    def stop(self):
        try:
            os.kill(self.pid, signal.SIGTERM)
        except (AttributeError, ProcessLookupError):
            pass
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def bench_hits():
    tile = "/tiles/communes/9/407/241.mvt"
    client = Client(URL)
    candidates = [f"/tiles/communes/{z}/{x}/{y}.mvt" for z, x, y in tiles_of(9)]
    best = b""
    for path in candidates:
        status, headers, body = client.get(path, {"Accept-Encoding": "gzip"})
        if status == 200 and len(body) > len(best):
            best, tile = body, path
    client.get(tile, {"Accept-Encoding": "gzip"})
    status, headers, body = client.get(tile, {"Accept-Encoding": "gzip"})
    plain = client.get(tile)[2]
    anchor = PlainNginx(free_port())
    try:
        file = anchor.folder / "files" / tile.lstrip("/")
        file.parent.mkdir(parents=True)
        file.write_bytes(plain)
        (file.parent / (file.name + ".gz")).write_bytes(body)
        stamp = 1700000000
        os.utime(file, (stamp, stamp)); os.utime(file.parent / (file.name + ".gz"), (stamp, stamp))
        for path in anchor.folder.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        anchor.start(headers)
        there = f"http://127.0.0.1:{anchor.port}{tile}"
        other = Client(there).get(tile, {"Accept-Encoding": "gzip"})
        if other[2] != body:
            sys.exit("the anchor does not serve the same bytes")
        gzip = {"Accept-Encoding": "gzip"}
        ours, theirs = interleaved(lambda: wrk(URL + tile, gzip), lambda: wrk(there, gzip))
        report("tile_hit_vs_nginx_ratio", median_ratio(ours, theirs), f"{statistics.median(ours):.0f}/s against {statistics.median(theirs):.0f}/s, {len(body)} bytes", ">= 0.9")
        ours, theirs = interleaved(lambda: wrk(URL + tile, {**gzip, "If-None-Match": headers["etag"]}),
                                   lambda: wrk(there, {**gzip, "If-None-Match": other[1]["etag"]}))
        report("tile_304_vs_nginx_ratio", median_ratio(ours, theirs), f"{statistics.median(ours):.0f}/s against {statistics.median(theirs):.0f}/s", ">= 0.75")
    finally:
        anchor.stop()


def clear_cache(*names):
    for name in names:
        for folder in STATE.rglob(f"cache/**/{name}"):
            if folder.is_dir():
                shutil.rmtree(folder, ignore_errors=True)


def bench_cold(sql):
    client = Client(TILES_URL)
    tiles = [t for z in (7, 8, 9) for t in tiles_of(z)]

    def ours():
        clear_cache("communes")
        started = time.perf_counter()
        for z, x, y in tiles:
            status = client.get(f"/tiles/communes/{z}/{x}/{y}.mvt")[0]
            if status not in (200, 204):
                sys.exit(f"communes/{z}/{x}/{y} answered {status}")
        return time.perf_counter() - started

    def theirs():
        started = time.perf_counter()
        for z, x, y in tiles:
            sql.run(f"""SELECT length(ST_AsMVT(t, 'communes')) FROM (
                SELECT unit_key, code, name, type,
                       ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope({z},{x},{y}), 4096, 64, true) AS g
                FROM geo.admin_unit
                WHERE level = 'commune' AND valid_from <= current_date AND coalesce(valid_to, 'infinity') > current_date
                  AND geom && ST_Transform(ST_TileEnvelope({z},{x},{y}), 4326)) t""")
        return time.perf_counter() - started

    def times_ms(paths):
        out = []
        for path in paths:
            started = time.perf_counter()
            status = client.get(path)[0]
            out.append((time.perf_counter() - started) * 1000)
            if status not in (200, 204):
                sys.exit(f"{path} answered {status}")
        return out

    # Layers that are held in memory: tiles of every zoom, and the same with a filter nobody has asked before.
    held = [(layer, t) for z in range(7, 14) for t in tiles_of(z)[:60] for layer in ("products", "zones")]
    for layer in ("products", "zones"):
        clear_cache(layer)
    cold = times_ms(f"/tiles/{layer}/{z}/{x}/{y}.mvt" for layer, (z, x, y) in held)
    filtered = times_ms(f"/tiles/products/{z}/{x}/{y}.mvt?filter=star%20%3E%3D%204%20AND%20producer_key%20%3E%20{i}"
                        for i, (layer, (z, x, y)) in enumerate(held) if layer == "products")
    metrics = client.get("/tiles/metrics")[2].decode()
    stored = lambda name: [float(value) for value in re.findall(rf"^ocopmap_store_{name}{{.*}} (.*)$", metrics, re.M)]
    cut = lambda values, share: sorted(values)[int(len(values) * share)]
    report("cold_mvt_p50_ms", cut(cold, 0.5), f"{len(cold)} tiles of products and zones z7-z13, once", "<= 1")
    report("cold_mvt_p99_ms", cut(cold, 0.99), "the same", "<= 5")
    report("filtered_mvt_p99_ms", cut(filtered, 0.99), f"{len(filtered)} tiles of products, each with a filter of its own; median {cut(filtered, 0.5):.2f}", "<= 10")
    report("store_load_s", max(stored("load_seconds"), default=0), f"the slowest of {len(stored('load_seconds'))} layers, read at the same time", "<= 10")
    report("store_mb", sum(stored("bytes")) / 1e6, f"{sum(stored('rows')):.0f} rows", "<= 512")

    mine, anchor = interleaved(ours, theirs)
    count = len(tiles)
    report("cold_vs_asmvt_low_ratio", median_ratio(anchor, mine),
           f"{statistics.median(mine) / count * 1000:.2f} ms against {statistics.median(anchor) / count * 1000:.2f} ms a tile, {count} tiles z7-z9", ">= 5")


MAPFILE = """MAP
  NAME "anchor"  SIZE 256 256  EXTENT -20037508 -20037508 20037508 20037508
  PROJECTION "init=epsg:3857" END
  IMAGETYPE "png8"
  OUTPUTFORMAT NAME "png8" DRIVER "AGG/PNG8" MIMETYPE "image/png" IMAGEMODE RGB EXTENSION "png" FORMATOPTION "QUANTIZE_FORCE=on" FORMATOPTION "QUANTIZE_COLORS=256" END
  FONTSET "{folder}/fonts.txt"
  WEB METADATA "wms_title" "a" "wms_srs" "EPSG:3857" "wms_enable_request" "*" "wms_onlineresource" "http://127.0.0.1/map" END END
  LAYER NAME "communes" TYPE POLYGON STATUS ON CONNECTIONTYPE POSTGIS CONNECTION "{conninfo}" PROCESSING "CLOSE_CONNECTION=DEFER"
    DATA "geom_3857 FROM (SELECT unit_key, short_name, geom_3857, (unit_key % 5) AS c FROM geo.admin_unit WHERE level = 'commune' AND valid_to IS NULL) s USING UNIQUE unit_key USING SRID=3857"
    PROJECTION "init=epsg:3857" END
    METADATA "wms_title" "communes" END
    LABELITEM "short_name" CLASSITEM "c"
    {classes}
  END
  LAYER NAME "zones" TYPE POLYGON STATUS ON CONNECTIONTYPE POSTGIS CONNECTION "{conninfo}" PROCESSING "CLOSE_CONNECTION=DEFER"
    DATA "geom_3857 FROM (SELECT zone_key, geom_3857 FROM geo.zone) s USING UNIQUE zone_key USING SRID=3857"
    PROJECTION "init=epsg:3857" END
    METADATA "wms_title" "zones" END
    CLASS STYLE COLOR 143 191 138 OUTLINECOLOR 79 154 110 WIDTH 1 END END
  END
END
"""


def bench_raster():
    if not shutil.which("mapserv") and not pathlib.Path("/usr/lib/cgi-bin/mapserv").exists():
        sys.exit("mapserv is missing: apt-get install cgi-mapserver spawn-fcgi")
    mapserv = shutil.which("mapserv") or "/usr/lib/cgi-bin/mapserv"
    anchor = PlainNginx(free_port())
    process = None
    try:
        classes = "\n".join(
            f'CLASS EXPRESSION "{i}" STYLE COLOR {c} OUTLINECOLOR 85 99 90 WIDTH 0.7 END '
            'LABEL TYPE TRUETYPE FONT "noto" SIZE 9 COLOR 29 42 34 OUTLINECOLOR 255 255 255 OUTLINEWIDTH 2 ENCODING "UTF-8" PARTIALS FALSE END END'
            for i, c in enumerate(("241 238 220", "201 221 176", "143 191 138", "79 154 110", "31 107 69")))
        (anchor.folder / "fonts.txt").write_text("noto /usr/share/fonts/truetype/noto/NotoSans-Regular.ttf\n")
        mapfile = anchor.folder / "anchor.map"
        mapfile.write_text(MAPFILE.format(folder=anchor.folder, conninfo=DATABASE, classes=classes))
        config = anchor.folder / "mapserver.conf"
        config.write_text(f'CONFIG\n ENV\n  MS_MAP_PATTERN "."\n END\n MAPS\n  A "{mapfile}"\n END\nEND\n')
        socket_path = anchor.folder / "fcgi.sock"
        process = subprocess.Popen(["taskset", "-c", "1", "spawn-fcgi", "-n", "-s", socket_path, "-M", "0777", "--", mapserv],
                                   start_new_session=True, stdout=subprocess.DEVNULL, env={**os.environ, "MAPSERVER_CONFIG_FILE": str(config), "MS_MAPFILE": str(mapfile)})
        (anchor.folder / "files").mkdir()
        anchor.start({}, fastcgi=socket_path)
        other, client = Client(f"http://127.0.0.1:{anchor.port}"), Client(TILES_URL)
        tiles = [t for z in (10, 11) for t in tiles_of(z)]
        edge = 20037508.342789244

        def theirs():
            started = time.perf_counter()
            for z, x, y in tiles:
                size = 2 * edge / (1 << z)
                west, north = -edge + x * size, edge - y * size
                query = (f"/map?map=A&SERVICE=WMS&VERSION=1.1.1&REQUEST=GetMap&LAYERS=communes,zones&STYLES=&SRS=EPSG:3857&FORMAT=image/png"
                         f"&WIDTH=256&HEIGHT=256&BBOX={west},{north - size},{west + size},{north}")
                status, headers, body = other.get(query)
                if status != 200 or not body.startswith(b"\x89PNG"):
                    sys.exit(f"MapServer answered {status}: {body[:300]}")
            return len(tiles) / (time.perf_counter() - started)

        def ours():
            clear_cache("ocop")
            started = time.perf_counter()
            for z, x, y in tiles:
                status = client.get(f"/tiles/ocop/{z}/{x}/{y}.png")[0]
                if status not in (200, 204):
                    sys.exit(f"ocop/{z}/{x}/{y}.png answered {status}")
            return len(tiles) / (time.perf_counter() - started)

        mine, anchor_rate = interleaved(ours, theirs)
        report("raster_vs_mapserver_ratio", median_ratio(mine, anchor_rate),
               f"{statistics.median(mine):.0f} against {statistics.median(anchor_rate):.0f} tiles/s, z10-z11", ">= 1")
    finally:
        if process:
            os.killpg(process.pid, signal.SIGTERM)  # mapserv is a child of it
        anchor.stop()


def milliseconds(client, path, wanted=200):
    started = time.perf_counter()
    status, _, body = client.get(path)
    if status != wanted:
        sys.exit(f"{path} answered {status}: {body[:300]}")
    return (time.perf_counter() - started) * 1000


def bench_api(sql):
    client = Client(URL)
    words = ["keo dua", "kẹo dừa", "buoi", "bưởi da xanh", "sau rieng", "mat hoa dua", "tom kho", "dau dua", "nuoc cot", "banh trang",
             "dừa sáp", "chôm chôm", "xoai", "mut dua", "rượu", "tra", "kho qua", "mat ong", "keo dua sua", "hop tac xa"]
    queries = [f"/api/products?limit=20&q={urllib.parse.quote(word + extra)}" for word in words for extra in ("", " 1", " ben tre")]
    for query in queries:
        milliseconds(client, query)
    rounds = [sorted(milliseconds(client, query) for query in queries) for _ in range(RUNS)]
    p95 = statistics.median(times[int(len(times) * 0.95)] for times in rounds)
    report("search_p95_ms", p95, f"{sql.run('SELECT count(*) FROM ocop.product')[0]} products, {len(queries)} queries", "<= 25")

    frames = [f"/api/statistics/units?frame={frame}&measure=products" for frame in ("district-old", "commune-old", "commune-new", "province")]
    # each round another date, so that no answer is a remembered one
    rounds = [sum(milliseconds(client, f"{frame}&at=2026-{month:02}-{day:02}") for frame in frames) for month, day in ((1, 3), (2, 5), (3, 7), (4, 9), (5, 11), (6, 13), (7, 15))]
    report("statistics_ms", statistics.median(rounds), "four frames, one after the other", "<= 50")


def bench_edits(sql, edits=100):
    """Time from the return of COMMIT to the first answer that shows the edit, through nginx."""
    client = Client(URL)
    zone_key, lon, lat = sql.run("SELECT zone_key, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM geo.zone ORDER BY zone_key LIMIT 1")[0].split("|")
    z, x, y = tiles_of(12, (float(lon), float(lat), float(lon), float(lat)))[0]
    path = f"/tiles/zones/{z}/{x}/{y}.mvt"
    name = sql.run(f"SELECT name FROM geo.zone WHERE zone_key = {zone_key}")[0]
    times = []
    for i in range(edits):
        client.get(path)
        mark = f"edit {i} {time.time_ns()}"
        sql.run(f"UPDATE geo.zone SET name = '{mark}' WHERE zone_key = {zone_key}")
        started = time.perf_counter()
        while mark.encode() not in client.get(path)[2]:
            if time.perf_counter() - started > 10:
                sys.exit(f"an edit was not seen at {path} after 10 s")
            time.sleep(0.002)
        times.append((time.perf_counter() - started) * 1000)
    quoted = name.replace("'", "''")
    sql.run(f"UPDATE geo.zone SET name = '{quoted}' WHERE zone_key = {zone_key}")
    times.sort()
    report("edit_to_tile_p50_ms", times[len(times) // 2], f"{edits} edits by psql", "<= 300")
    report("edit_to_tile_p99_ms", times[int(len(times) * 0.99) - 1], f"{edits} edits by psql", "<= 500")


def bench_audit(sql):
    """What the record of who did what costs an edit, and how long following its chain takes on one core."""
    def update(watched):
        sql.run("BEGIN")
        if not watched:
            sql.run("ALTER TABLE ocop.product DISABLE TRIGGER audit_update")
        started = time.perf_counter()
        sql.run("UPDATE ocop.product SET description = description || ' ' WHERE product_key IN (SELECT product_key FROM ocop.product ORDER BY product_key LIMIT 10000)")
        seconds = time.perf_counter() - started
        sql.run("ROLLBACK")
        return seconds

    watched, plain = interleaved(lambda: update(True), lambda: update(False))
    report("audit_overhead_ratio", median_ratio(watched, plain),
           f"{statistics.median(watched):.2f} s against {statistics.median(plain):.2f} s, 10,000 products changed", "<= 1.5")

    command = os.environ["OCOPMAP_TEST_CLI"]
    name = "bench_audit"
    conninfo = re.sub(r"dbname=\S+", f"dbname={name}", DATABASE)
    sql.run(f"CREATE DATABASE {name}")
    try:
        ours = {**os.environ, "OCOPMAP_DATABASE": conninfo}
        run = lambda *arguments: subprocess.run([command, *arguments], env=ours, check=True, capture_output=True, text=True).stdout
        run("migrate")
        subprocess.run(["psql", "-XAtq", conninfo, "-c", """
            INSERT INTO audit.entry (login, role, account_key, grant_key, request, address, action, object, row_key, version, before_hash, after_hash, reason)
            SELECT 'ocopmap_api', 'ocopmap_r04', g % 500, g % 900, 'request-' || g, '192.0.2.1', 'update', 'ocop.product', g % 100000, g % 9,
                   sha256(int8send(g)), sha256(int8send(g + 1)), 'sửa tên sản phẩm' FROM generate_series(1, 1000000) g"""], check=True)
        started = time.perf_counter()
        run("audit", "seal")
        report("audit_seal_per_s", 1000000 / (time.perf_counter() - started), "1,000,000 entries", "-")
        subprocess.run(["psql", "-XAtq", conninfo, "-c", "VACUUM ANALYZE audit.entry"], check=True)

        def verify():  # the command here is kept on the database's core
            started = time.perf_counter()
            out = subprocess.run(["taskset", "-c", "1", command, "verify", "audit"], env=ours, check=True, capture_output=True, text=True).stdout
            if "1000000 entries" not in out:
                sys.exit("verify audit said: " + out)
            return time.perf_counter() - started

        def count():  # the anchor: the server reads the same columns itself
            started = time.perf_counter()
            subprocess.run(["psql", "-XAtq", conninfo, "-c", "SELECT count(e::text) FROM (SELECT * FROM audit.entry WHERE seq IS NOT NULL ORDER BY seq) e"], check=True, capture_output=True)
            return time.perf_counter() - started

        mine, anchor = interleaved(verify, count)
        report("audit_verify_s", statistics.median(mine), f"1,000,000 entries on one core; {statistics.median(anchor):.2f} s to read them as text inside the server", "<= 5")
    finally:
        sql.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def bench_import(sql):
    for pid in pids().values():
        pin(pid, "0,1")  # a whole job on the whole machine, as the promise says it
    importing.measure(sql, report, URL, pids())
    for pid in pids().values():
        pin(pid, 1)


def bench_memory():
    for name, pid in sorted(pids().items()):
        kilobytes = 0
        for one in [pid, *children(pid)]:
            try:
                status = pathlib.Path(f"/proc/{one}/smaps_rollup").read_text()
            except OSError:
                continue
            kilobytes += next(int(line.split()[1]) for line in status.splitlines() if line.startswith("Pss:"))
        if name == "postmaster":
            continue  # the server again, by its own pid file
        report(f"rss_mb_{name.replace('-', '_')}", kilobytes / 1024, "proportional set, with children", "-")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="write one flat object of all figures")
    parser.add_argument("--only", metavar="PART", help="hits, cold, raster, api, features, edits, import, officer, mixed, scoring, impact, audit or memory")
    options = parser.parse_args()
    for pid in pids().values():
        pin(pid, 1)
    os.sched_setaffinity(0, {0})
    sql = Sql()
    parts = {"hits": bench_hits, "cold": lambda: bench_cold(sql), "raster": bench_raster, "api": lambda: bench_api(sql),
             "features": lambda: features.bench(Client(URL), sql, report, RUNS, os.environ["OCOPMAP_TEST_API_URL"], pids()["ocopmap-api"]),
             "edits": lambda: bench_edits(sql), "officer": lambda: officers.bench_officer(sql, report, URL),
             "mixed": lambda: officers.bench_mixed(sql, report, URL),
             "scoring": lambda: scoring.bench_scoring(sql, report, URL),
             "impact": lambda: scoring.bench_impact(sql, report, os.environ["OCOPMAP_TEST_CLI"], os.environ["OCOPMAP_TEST_DATABASE"]), "audit": lambda: bench_audit(sql), "memory": bench_memory,
             "import": lambda: bench_import(sql)}
    if options.only and options.only not in parts:
        parser.error(f"--only is {options.only}, must be one of {', '.join(parts)}")
    for name, part in parts.items():
        if options.only in (None, name):
            print(f"{name}:", flush=True)
            part()
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
