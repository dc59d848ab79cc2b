"""Tiles: cached against plain files, cold against PostGIS, MapServer and renderd, edits, overload, listeners, sizes.

The load comes from bench_load (load.cpp) on core 0; everything that serves is on core 1.
"""
import base64
import datetime
import json
import os
import pathlib
import random
import re
import resource
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import covers
import pictures
from measure import (BENTRE, RUNS, STATE, TILES_URL, URL, Client, Sql, children, clear_cache, cpu_seconds, free_port, interleaved, median_ratio, pids, pin,
                     remove_at_end, report, tiles_of, wait_for_files)

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import mvt  # noqa: E402

PORT, TILES_PORT = (urllib.parse.urlsplit(url).port for url in (URL, TILES_URL))
BENCH_LOAD = pathlib.Path(os.environ["OCOPMAP_TEST_BUILD"]) / "tests/bench/bench_load"
TOWN = (106.35, 10.22, 106.40, 10.26)  # where the zooms past the vector tiles are looked at
SERVERS = ("ocopmap-tiles", "nginx", "postgres")
CONNECTIONS = 4  # of cold tiles against PostGIS
median = statistics.median


def load(port, requests, connections=64, seconds=1.0, rate=0, once=False, headers=("Accept-Encoding: gzip",), awake=False, warm_up=0):
    """One run of bench_load over a list of paths (or of paths with the tag of what the client has): what it reports."""
    with tempfile.NamedTemporaryFile("w", suffix=".list") as file:
        file.write("".join(("\t".join(request) if isinstance(request, tuple) else request) + "\n" for request in requests))
        file.flush()
        # A generator that never sleeps lets all others on its core go first.
        command = ["taskset", "-c", "0", *(["chrt", "-i", "0"] if awake else []), BENCH_LOAD, "--port", str(port), "--list", file.name, "--connections", str(connections),
                   "--seconds", str(seconds), "--rate", str(rate), "--warm-up", str(warm_up)]
        for header in headers:
            command += ["--header", header]
        out = subprocess.run(command + (["--once"] if once else []) + (["--awake"] if awake else []), capture_output=True, text=True)
    if out.returncode:
        sys.exit(out.stderr)
    return json.loads(out.stdout)


def only(result, *allowed):
    """The result, when nothing else was answered."""
    if not set(result["status"]) <= set(allowed) or result["lost"] or result["unanswered"]:
        sys.exit(f"expected {', '.join(allowed)}, got {result}")
    return result


def path_of(layer, tile, suffix="mvt"):
    return f"/tiles/{layer}/{tile[0]}/{tile[1]}/{tile[2]}.{suffix}"


def zipf(paths, count=20000):
    """So many requests, the n-th path 1/n as often as the first: low zooms are asked most."""
    return random.Random(20).choices(paths, [1 / rank for rank in range(1, len(paths) + 1)], k=count)


def cached_paths():
    """Tiles of z5 to z16, made and on disk; none that are empty, which plain files have no answer for."""
    wanted = [(layer, t, "mvt") for layer in ("communes", "zones", "products", "all") for z in range(7 if layer == "zones" else 5, 15)
              for t in tiles_of(z) if z < 13 or random.Random(str(t)).random() < 0.5]
    wanted += [("ocop", t, "png") for z in range(5, 17) for t in tiles_of(z, BENTRE if z < 12 else TOWN)]
    random.Random(5).shuffle(wanted)
    wanted.sort(key=lambda one: one[1][0])
    paths = [path_of(*one) for one in wanted]
    only(load(PORT, paths, connections=8, seconds=600, once=True), "200", "204")
    return [path for path in paths if any((STATE / "cache" / (path[1:] + suffix)).exists() for suffix in ("", ".gz"))]


def wait_for_recompression():
    """Until stored tiles are as small as they get: two looks at the counters, three seconds apart, are alike and nothing waits."""
    client, before, deadline = Client(TILES_URL), None, time.monotonic() + 600
    while time.monotonic() < deadline:
        now = re.findall(r"^ocopmap_tile_recompress\w+ (\d+)$", client.get("/tiles/metrics")[2].decode(), re.M)
        if now == before and now[-1] == "0":
            return
        before = now
        time.sleep(3)
    sys.exit(f"stored tiles are still being compressed: {before}")


class PlainNginx:
    """The anchor: nginx serving the stored tiles with the same headers as plain files, and MapServer by FastCGI. They are the same files: copies, made one after
    another, lie closer together in the kernel's memory, which is worth 4 %."""

    def __init__(self, port):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ocopmap-anchor-"))
        self.folder.chmod(0o755)
        self.port = port

    def start(self, headers, fastcgi=None):
        skip = {"date", "server", "content-length", "connection", "etag", "content-encoding", "content-type", "accept-ranges"}
        lines = "".join(f"add_header {name} \"{value}\";\n" for name, value in headers.items() if name not in skip)
        location = f"location /map {{ fastcgi_pass unix:{fastcgi}; include /etc/nginx/fastcgi_params; }}" if fastcgi else ""
        (self.folder / "nginx.conf").write_text(f"""
load_module /usr/share/nginx/modules/ngx_http_brotli_static_module.so;
worker_processes {os.cpu_count()}; pcre_jit on; pid {self.folder}/pid; error_log {self.folder}/error.log; daemon on;
{'user root;' if os.geteuid() == 0 else ''}
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; server_tokens off;
  types {{ application/vnd.mapbox-vector-tile mvt; image/png png; }}
  client_body_temp_path {self.folder}/b; proxy_temp_path {self.folder}/p; fastcgi_temp_path {self.folder}/f; uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
  server {{ listen 127.0.0.1:{self.port}; root {STATE}/cache; gzip_static on; brotli_static on; if_modified_since off;
    location / {{ add_header Last-Modified ""; {lines} }}
    {location}
  }}
}}""")
        subprocess.run(["chrt", "-b", "0", "nginx", "-c", self.folder / "nginx.conf", "-p", self.folder], check=True, stderr=subprocess.DEVNULL)
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
        remove_at_end(self.folder)


def bench_hits(sql):
    paths = cached_paths()
    wait_for_recompression()
    client = Client(URL)
    anchor = PlainNginx(free_port())
    accept = {"Accept-Encoding": "gzip"}
    try:
        anchor.start(client.get(paths[0], accept)[1])
        other, tags = Client(f"http://127.0.0.1:{anchor.port}"), {}
        for path in paths:
            ours, theirs = client.get(path, accept), other.get(path, accept)
            strip = lambda answer: (answer[0], {k: v for k, v in answer[1].items() if k not in ("date", "server")}, answer[2])
            if strip(ours) != strip(theirs):
                sys.exit(f"the anchor answers {path} otherwise: {ours[:2]} {theirs[:2]}")
            tags[path] = ours[1]["etag"]
        asked = zipf(paths)
        what = f"{len(asked)} requests of {len(paths)} tiles z5-z16"

        def ours(connections):
            before = cpu_seconds(*SERVERS)
            run = only(load(PORT, asked, connections), "200")
            return {**run, "cpu_ms_per_1000": (cpu_seconds(*SERVERS) - before) * 1e6 / run["status"]["200"]["count"]}

        for connections in (1, 8, 64, 256):
            mine, theirs = interleaved(lambda: ours(connections), lambda: only(load(anchor.port, asked, connections), "200"))
            rates = [[run["per_s"] for run in runs] for runs in (mine, theirs)]
            text = f"{median(rates[0]):.0f}/s against {median(rates[1]):.0f}/s, {what}, {connections} connections"
            key = "tile_hit_vs_nginx_ratio" + ("" if connections == 64 else f"_{connections}")
            report(key, median_ratio(*rates), text, ">= 0.9")
            for name in ("p50_ms", "p99_ms"):
                report(f"tile_hit_{name}_{connections}", median(run["status"]["200"][name] for run in mine), f"{median(run['status']['200'][name] for run in theirs):.2f} of the anchor", "-")
            report(f"tile_hit_cpu_ms_per_1000_{connections}", median(run["cpu_ms_per_1000"] for run in mine), "processor time of all servers", "-")
            report(f"tile_hit_nginx_mb_{connections}", resident_kb(pids()["nginx"]) / 1024, "proportional set after it", "-")
        mine, theirs = interleaved(*(lambda port=port: only(load(port, [(path, tags[path]) for path in asked]), "304")["per_s"] for port in (PORT, anchor.port)))
        report("tile_304_vs_nginx_ratio", median_ratio(mine, theirs), f"{median(mine):.0f}/s against {median(theirs):.0f}/s, the same", ">= 0.75")
    finally:
        anchor.stop()


# What Martin and pg_tileserv send for a table in EPSG:4326: ST_AsMVT over ST_AsMVTGeom of the transformed rows.
AS_MVT = {
    "communes": ("unit_key, code, name, short_name, type, valid_from, valid_to, geometry_state", "geo.admin_unit",
                 "level = 'commune' AND valid_from <= pub.business_date() AND coalesce(valid_to, 'infinity') > pub.business_date()"),
    "districts": ("unit_key, code, name, short_name, type, valid_from, valid_to, geometry_state", "geo.admin_unit",
                  "level = 'district' AND valid_from <= '2025-06-30' AND coalesce(valid_to, 'infinity') > '2025-06-30'"),
    "zones": ("zone_key, code, name, crop, area_ha, valid_from, valid_to, is_demo", "geo.zone",
              "valid_from <= pub.business_date() AND coalesce(valid_to, 'infinity') > pub.business_date() AND retired_at IS NULL"),
}


def as_mvt(layer, z, x, y):
    columns, table, condition = AS_MVT[layer]
    return (f"SELECT encode(ST_AsMVT(t, '{layer}', 4096, 'g'), 'base64') FROM (SELECT {columns}, ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope({z},{x},{y}), 4096, 64, true) AS g "
            f"FROM {table} WHERE {condition} AND geom && ST_Transform(ST_TileEnvelope({z},{x},{y}, margin => 64.0 / 4096), 4326)) t WHERE g IS NOT NULL")


def rows_of(feature):
    """What a feature stands for: small zones are merged and counted."""
    tags = dict(feature[2])
    return next(iter(mvt.varints(tags["feature_count"][1:]))) if "feature_count" in tags else 1


def times_ms(client, paths):
    """Of each, asked alone."""
    out = []
    for path in paths:
        started = time.perf_counter()
        status = client.get(path)[0]
        out.append((time.perf_counter() - started) * 1000)
        if status not in (200, 204):
            sys.exit(f"{path} answered {status}")
    return out


def of_store(client, name):
    """A metric of the layers in memory, by layer."""
    metrics = client.get("/tiles/metrics")[2].decode()
    return {layer: float(value) for layer, value in re.findall(rf'^ocopmap_store_{name}{{layer="(.*)"}} (.*)$', metrics, re.M)}


def cut(values, share):
    return sorted(values)[int(len(values) * share)]


def bench_cold(sql):
    client = Client(TILES_URL)
    # Layers that are held in memory: tiles of every zoom, and the same with a filter nobody has asked before.
    held = [(layer, t) for z in range(7, 14) for t in tiles_of(z)[:60] for layer in ("products", "zones")]
    number = iter(range(1, 1 << 30))
    wait_for_files()

    def cold():
        clear_cache("products", "zones")
        return times_ms(client, (path_of(layer, t) for layer, t in held))

    def filtered():
        return times_ms(client, (f"{path_of(layer, t)}?filter=star%20%3E%3D%204%20AND%20producer_key%20%3E%20{next(number)}" for layer, t in held if layer == "products"))

    before = cpu_seconds("ocopmap-tiles")
    times, times_filtered = interleaved(cold, filtered)
    spent = cpu_seconds("ocopmap-tiles") - before
    of_rounds = lambda rounds, share: median(cut(one, share) for one in rounds)
    report("cold_mvt_p50_ms", of_rounds(times, 0.5), f"{len(held)} tiles of products and zones z7-z13, median of {RUNS} rounds", "<= 1")
    report("cold_mvt_p99_ms", of_rounds(times, 0.99), "the same", "<= 5")
    report("filtered_mvt_p99_ms", of_rounds(times_filtered, 0.99),
           f"{len(times_filtered[0])} tiles of products, each with a filter of its own; median {of_rounds(times_filtered, 0.5):.2f}", "<= 10")
    made = sum(len(one) for one in times + times_filtered)
    report("cold_mvt_cpu_ms_per_1000", spent * 1e6 / made, f"processor time of the daemon, {made} tiles made, with what it compresses again meanwhile", "-")
    seconds, rows = of_store(client, "load_seconds"), of_store(client, "rows")
    report("store_load_s", max(seconds.values(), default=0), f"the slowest of {len(seconds)} layers, read at the same time", "<= 10")
    report("store_mb", sum(of_store(client, "bytes").values()) / 1e6, f"{sum(rows.values()):.0f} rows", "<= 512")

    paths = [path_of(layer, t) for layer, t in held]
    for connections in (1, 8, 64, 256):
        def crowded():
            clear_cache("products", "zones")
            return only(load(TILES_PORT, paths, connections, seconds=600, once=True), "200", "204")
        runs = [crowded() for _ in range(RUNS)]
        of_runs = lambda name: median(run["status"]["200"][name] for run in runs)
        report(f"cold_mvt_per_s_{connections}", median(len(paths) / run["seconds"] for run in runs),
               f"the same tiles by {connections} at a time; p50 {of_runs('p50_ms'):.2f}, p99 {of_runs('p99_ms'):.1f} ms", "-")

    sessions = [Sql() for _ in range(CONNECTIONS)]
    for session in sessions:
        session.run("SET jit = off")
    for key, zooms, bound in (("low", range(5, 9), ">= 50"), ("z12", (12,), ">= 5")):
        tiles = [(layer, t) for layer in AS_MVT for z in zooms for t in tiles_of(z) if layer != "zones" or z >= 7]  # zones begin there
        paths = [path_of(layer, t) for layer, t in tiles]

        elsewhere = [path_of(layer, t) for layer in AS_MVT for t in tiles_of(10)[:12]]

        def ours():
            clear_cache(*AS_MVT)
            only(load(TILES_PORT, elsewhere, connections=CONNECTIONS, seconds=600, once=True), "200", "204")  # what a thread drew last is none of these
            return only(load(TILES_PORT, paths, connections=CONNECTIONS, seconds=600, once=True), "200", "204")["seconds"]

        def theirs():  # as many at a time: neither waits for who asks
            waiting = iter(tiles)  # a next() at a time, by the interpreter's lock

            def ask(session):
                for layer, t in waiting:
                    session.run(as_mvt(layer, *t))

            threads = [threading.Thread(target=ask, args=(session,)) for session in sessions]
            started = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return time.perf_counter() - started

        mine = sum(rows_of(feature) for path in paths for feature in mvt.features(client.get(path)[2]))
        anchor = sum(len(mvt.features(base64.b64decode("".join(sql.run(as_mvt(layer, *t)))))) for layer, t in tiles)
        ours_s, theirs_s = interleaved(ours, theirs)
        report(f"cold_vs_asmvt_{key}_ratio", median_ratio(theirs_s, ours_s),
               f"{median(ours_s) / len(tiles) * 1000:.2f} ms against {median(theirs_s) / len(tiles) * 1000:.2f} ms a tile, {len(tiles)} tiles of {', '.join(AS_MVT)}, {CONNECTIONS} at a time on one core", bound)
        report(f"cold_vs_asmvt_{key}_features", mine / max(anchor, 1), f"features in our tiles for each of the anchor's {anchor}", "1")


def bench_edits(sql, edits=102):
    """Time from the return of COMMIT to the first answer that shows the edit, through nginx: a zone's name, a product's name, and a certificate that a
    product's tile shows through another table."""
    client = Client(URL)
    zone, lon, lat = sql.run("SELECT zone_key, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM geo.zone ORDER BY zone_key LIMIT 1")[0].split("|")
    zone_path = path_of("zones", tiles_of(12, (float(lon), float(lat)) * 2)[0])
    product, lon, lat = sql.run("SELECT product_key, ST_X(geom), ST_Y(geom) FROM pub.product WHERE star = 4 AND geom IS NOT NULL ORDER BY 1 LIMIT 1")[0].split("|")
    product_path = path_of("products", tiles_of(14, (float(lon), float(lat)) * 2)[0])
    named = lambda table, key, value: (f"UPDATE {table} SET name = '{{}}' WHERE {key} = {value}", sql.run(f"SELECT name FROM {table} WHERE {key} = {value}")[0])
    rename_zone, zone_name = named("geo.zone", "zone_key", zone)
    rename_product, product_name = named("ocop.product", "product_key", product)
    certificate, valid_to = sql.run(f"SELECT certificate_key, valid_to FROM ocop.certificate WHERE product_key = {product} AND in_force @> pub.business_date()")[0].split("|")
    times = []
    for i in range(edits):
        mark = f"edit {i} {time.time_ns()}"
        path, statement = ((zone_path, rename_zone.format(mark)), (product_path, rename_product.format(mark)),
                           (product_path, f"UPDATE ocop.certificate SET valid_to = '{2100 + i}-01-01' WHERE certificate_key = {certificate}"))[i % 3]
        if i % 3 == 2:
            mark = f"{2100 + i}-01-01"
        client.get_opened(path)
        sql.run(statement)
        started = time.perf_counter()
        while mark.encode() not in client.get_opened(path)[1]:
            if time.perf_counter() - started > 10:
                sys.exit(f"an edit was not seen at {path} after 10 s: {statement}")
            time.sleep(0.002)
        times.append((time.perf_counter() - started) * 1000)
    sql.run(rename_zone.format(zone_name.replace("'", "''")))
    sql.run(rename_product.format(product_name.replace("'", "''")))
    sql.run(f"UPDATE ocop.certificate SET valid_to = '{valid_to}' WHERE certificate_key = {certificate}")
    times.sort()
    report("edit_to_tile_p50_ms", times[len(times) // 2], f"{edits} edits by psql: zones, products, certificates", "<= 150")
    report("edit_to_tile_p99_ms", times[int(len(times) * 0.99) - 1], "the same", "<= 500")


def bench_overload(sql):
    """Ten times as many cold tiles as can be made, whether or not answers come; at both rates visitors look at cached ones. Tiles of all layers of
    any place and any day of the last two years, as many visitors whose sliders move ask for them; and light ones of a single layer, beside which
    refusing the other nine is dear."""
    number = iter(range(1, 1 << 30))
    ground = [t for z in range(9, 14) for t in tiles_of(z)]
    # Never on disk, and in memory as good as never: places and days together, and filters that all rows meet.
    anywhere = [f"{path_of('all', t)}?at={datetime.date(2025, 1, 1) + datetime.timedelta(n)}" for t in ground for n in range(690)]
    random.Random(10).shuffle(anywhere)
    kinds = {"": lambda i, n: anywhere[n % len(anywhere)],
             "light_": lambda i, n: f"{path_of(('products', 'zones', 'communes')[i % 3], ground[i % len(ground)])}?filter={n}%3D{n}"}
    seconds, warm_up = 6, 1
    cached = [path for path in (path_of("communes", t) for z in (9, 10, 11, 12) for t in tiles_of(z))]
    only(load(PORT, cached, once=True, seconds=60), "200", "204")

    def visitor(with_load):
        """p99 of cached tiles at a steady 200 a second, and what the load reports."""
        with tempfile.NamedTemporaryFile("w", suffix=".list") as file:
            file.write("\n".join(cached) + "\n")
            file.flush()
            process = subprocess.Popen(["taskset", "-c", "0", BENCH_LOAD, "--port", str(PORT), "--list", file.name, "--connections", "16", "--seconds", str(seconds), "--rate", "200", "--warm-up", str(warm_up),
                                        "--header", "Accept-Encoding: gzip"], stdout=subprocess.PIPE, text=True)
            result = with_load()
            out = json.loads(process.communicate()[0])
        return only(out, "200", "204")["status"]["200"], result

    made = lambda result: sum(result["status"].get(status, {}).get("per_s", 0) for status in ("200", "204"))
    for kind, path in kinds.items():
        cold = lambda count: [path(i, n) for i, n in zip(range(count), number)]
        peaks, goods, refusals, calm, busy = [], [], [], [], []
        for _ in range(RUNS):
            requests = cold(5000 * (seconds + warm_up))
            peak = made(only(visitor(lambda: load(PORT, requests, connections=32, seconds=seconds, awake=True, warm_up=warm_up))[1], "200", "204"))
            rate = 10 * peak
            requests = cold(int(rate * (seconds + warm_up)) + 1)
            answered, result = visitor(lambda: load(PORT, requests, connections=1500, seconds=seconds, rate=rate, awake=True, warm_up=warm_up))
            calm.append(visitor(lambda: time.sleep(seconds))[0]["p99_ms"])
            busy.append(answered["p99_ms"])
            if not set(result["status"]) <= {"200", "204", "503"} or result["lost"] or result["unanswered"]:
                sys.exit(f"under load: {result}")
            refused = result["status"].get("503", {"count": 0, "with_retry_after": 0, "p99_ms": 0})
            if refused["with_retry_after"] != refused["count"]:
                sys.exit(f"503 without Retry-After: {result}")
            peaks.append(peak), goods.append(made(result) / peak), refusals.append(refused)
        report(f"overload_{kind}goodput_ratio", median(goods), f"of {median(peaks):.0f} tiles/s, at {10 * median(peaks):.0f}/s offered for {seconds} s", "-" if kind else ">= 0.9")
        report(f"overload_{kind}503_p99_ms", median(r["p99_ms"] for r in refusals),
               f"from the moment a request was due, {median(r['count'] for r in refusals):.0f} refused, all with Retry-After", "-" if kind else "<= 100")
        report(f"overload_{kind}cached_p99_ms", median(busy), "200 cached tiles/s meanwhile", "-")
        report(f"overload_{kind}cached_alone_p99_ms", median(calm), "the same without the load", "-")


def resident_kb(pid):
    return sum(int(line.split()[1]) for one in [pid, *children(pid)] for line in pathlib.Path(f"/proc/{one}/smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))


def bench_listeners(sql, wanted=10000):
    """Open event streams through nginx; what they cost, and how soon all hear of an edit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    daemon = re.search(r"Max open files +\d+ +(\d+)", pathlib.Path(f"/proc/{pids()['ocopmap-tiles']}/limits").read_text())
    room = (int(daemon[1]) - 512) * 3 // 4 - 10  # a descriptor each, a quarter is kept for requests
    if room < wanted:
        print(f"  the limit of {daemon[1]} descriptors has room for {room} listeners, not {wanted}")
        wanted = room
    of = {"tiles": pids()["ocopmap-tiles"], "nginx": pids()["nginx"]}
    threads = lambda: len(list(pathlib.Path(f"/proc/{of['tiles']}/task").iterdir()))
    before, threads_before = {name: resident_kb(pid) for name, pid in of.items()}, threads()
    client = Client(URL)
    path = path_of("zones", tiles_of(11)[0])

    def cached_p99():
        return cut(times_ms(client, [path] * 1000), 0.99)

    cached_p99()
    alone = cached_p99()
    selector, heard = selectors.DefaultSelector(), {}
    for i in range(wanted):
        stream = socket.create_connection(("127.0.0.1", PORT))
        stream.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        stream.setblocking(False)
        selector.register(stream, selectors.EVENT_READ)
        heard[stream] = b""

    def listen(until, patience=30):
        deadline = time.monotonic() + patience
        missing = {stream for stream in heard if until not in heard[stream]}
        while missing:
            if time.monotonic() > deadline:
                sys.exit(f"{len(missing)} of {wanted} listeners did not hear {until}; one heard {heard[next(iter(missing))][:300]}")
            for key, _ in selector.select(1):
                try:
                    data = key.fileobj.recv(65536)
                except BlockingIOError:
                    continue
                if not data:
                    sys.exit(f"a listener was cut: {heard[key.fileobj][:300]}")
                heard[key.fileobj] += data
                if until in heard[key.fileobj]:
                    missing.discard(key.fileobj)

    listen(b": listening")
    for name, pid in of.items():
        report(f"listener_kb_{name}", (resident_kb(pid) - before[name]) / wanted, f"proportional set of each of {wanted} open event streams through nginx", "-")
    report("listeners", wanted, "open event streams at once", "10000")
    report("listener_threads", threads() - threads_before, "threads of the tile daemon that they cost", "0")
    report("listener_tile_p99_ms", cached_p99(), f"a cached tile while they listen; {alone:.2f} before", "-")
    times = []
    for i in range(RUNS):
        for stream in heard:
            heard[stream] = b""
        key = sql.run("UPDATE geo.zone SET name = name || ' ' WHERE zone_key = (SELECT min(zone_key) FROM geo.zone) RETURNING zone_key")[0]
        started = time.perf_counter()
        listen(b"event: change")
        times.append((time.perf_counter() - started) * 1000)
    sql.run(f"UPDATE geo.zone SET name = rtrim(name) WHERE zone_key = {key}")
    report("listener_all_heard_ms", median(times), f"from the commit until the last of {wanted} has heard of it", "-")
    for stream in heard:
        stream.close()


def bench_sizes(sql):
    """Every tile of the province that is stored on disk, as gzip sends it."""
    layers = ("provinces", "districts", "communes", "shoreline", "rivers", "zones", "producers", "products", "sales_points", "boundaries", "context", "places", "all")
    client = Client(TILES_URL)
    sizes = []
    for layer in layers:
        first = json.loads(client.get(f"/tiles/{layer}.json")[2])["minzoom"]
        paths = [path_of(layer, t) for z in range(first, 15) for t in tiles_of(z)]
        only(load(TILES_PORT, paths, connections=4, seconds=3600, once=True), "200", "204")
        for path in paths:
            file = STATE / "cache" / (path[1:] + ".gz")
            plain = STATE / "cache" / path[1:]
            if file.exists() or plain.exists():
                sizes.append(((file if file.exists() else plain).stat().st_size / 1024, path))
    sizes.sort()
    report("tile_max_kb", sizes[-1][0], f"{sizes[-1][1]}, the largest of {len(sizes)} tiles z0-z14 of all layers and combinations, gzip", "<= 200")
    report("tile_p95_kb", sizes[int(len(sizes) * 0.95)][0], "the same", "<= 50")

    client, others = Client(URL), []
    for one in json.loads(client.get("/ogc/tileMatrixSets?f=json")[2])["tileMatrixSets"]:
        if one["id"] == "WebMercatorQuad":
            continue
        for level in json.loads(client.get(f"/ogc/tiles/{one['id']}?f=json")[2])["tileMatrixSetLimits"]:
            places = [(row, column) for row in range(level["minTileRow"], level["maxTileRow"] + 1) for column in range(level["minTileCol"], level["maxTileCol"] + 1)]
            for row, column in random.Random(len(others)).sample(places, min(len(places), 100)):
                path = f"/ogc/tiles/{one['id']}/{level['tileMatrix']}/{row}/{column}?f=mvt"
                status, _, body = client.get(path, {"Accept-Encoding": "gzip"})
                if status not in (200, 204):
                    sys.exit(f"{path} answered {status}")
                others.append((len(body) / 1024, path))
    report("tile_max_other_sets_kb", *max(others), "<= 200")


PARTS = {"hits": bench_hits, "cold": bench_cold, "mapserver": lambda sql: pictures.bench_mapserver(sql, PlainNginx), "renderd": pictures.bench_renderd, "pictures": pictures.bench_forms, "edits": bench_edits, "precision": covers.bench_precision, "overload": bench_overload,
         "listeners": bench_listeners, "sizes": bench_sizes}
