"""Many rows at once: 200,000 plots as one GeoPackage through /api/imports, while an officer of a commune saves a product every 100 ms."""
import http.client
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import officers

PLOTS = 200_000
ROW = 500  # plots in a row of the grid
STEP = 22 / 111_000  # degrees from one plot to the next


def write_plots(folder, count=PLOTS, seed=1):
    """Squares of 18 to 23 m on a grid of 22 m: most stand apart, each fifth lies on its neighbours; every 1,000th stands twice."""
    chance = random.Random(seed)
    lines = pathlib.Path(folder, "plots.geojsons")
    with lines.open("w") as out:
        for i in range(count):
            at = i - 1 if i % 1000 == 999 else i
            side = (18 + 5 * random.Random(at).random()) / 111_000
            west, south = 106.30 + at % ROW * STEP, 10.05 + at // ROW * STEP
            ring = [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]
            out.write(json.dumps({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
                                  "properties": {"external_id": f"bench-{i}", "plot_code": f"B{i}", "planting_year": 1990 + i % 30,
                                                 "tree_count": 10 + chance.randrange(60), "salinity_risk_class": chance.choice(["none", "low", "medium", "high"]),
                                                 "survey_date": "2026-05-12"}}) + "\n")
    target = pathlib.Path(folder, "plots.gpkg")
    subprocess.run(["ogr2ogr", "-f", "GPKG", str(target), str(lines), "-nln", "plots", "-a_srs", "EPSG:4326"], check=True)
    lines.unlink()
    return target


class Client:
    """Somebody signed in, over one connection."""

    def __init__(self, url, person):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)
        self.headers = person.headers

    def ask(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body.encode() if isinstance(body, str) else body, {**self.headers, **(headers or {})})
        answer = self.connection.getresponse()
        data = answer.read()
        return answer, json.loads(data) if data else None


def measure(sql, report, url, pids):
    with tempfile.TemporaryDirectory() as folder:
        content = write_plots(folder).read_bytes()
    province = sql.run("SELECT unit_key FROM geo.admin_unit WHERE level = 'province' AND valid_to IS NULL ORDER BY 1 LIMIT 1")[0]
    planner, officer = (Client(url, person) for person in officers.make_people(sql, [("R15", province, None), ("R04", officers.communes(sql)[0][0], None)]))
    row = officer.ask("GET", "/api/records/products?limit=1")[1]["items"][0]
    target = f"/api/records/products/{row['product_key']}"
    process = pathlib.Path("/proc", str(pids["ocopmap-api"]))
    saves, done = [], threading.Event()

    def save():
        version = officer.ask("GET", target)[0].headers["ETag"]
        price = 10_000
        while not done.is_set():
            price += 1
            begun = time.perf_counter()
            answer, said = officer.ask("PATCH", target, json.dumps({"retail_price_vnd": price}),
                                       {"Content-Type": "application/merge-patch+json", "If-Match": version})
            saves.append(1000 * (time.perf_counter() - begun))
            if answer.status != 200:
                sys.exit(f"the officer's save was answered {answer.status}: {said}")
            version = answer.headers["ETag"]
            done.wait(0.1)

    (process / "clear_refs").write_text("5")  # the peak counts from here
    thread = threading.Thread(target=save)
    begun = time.perf_counter()
    answer, job = planner.ask("POST", "/api/imports?entity=plots&file=plots.gpkg", content, {"Content-Type": "application/geopackage+sqlite3"})
    if answer.status != 202:
        sys.exit(f"the import was answered {answer.status}: {job}")
    sent = time.perf_counter() - begun
    thread.start()
    while job["state"] in ("queued", "running"):
        time.sleep(0.5)
        job = planner.ask("GET", f"/api/imports/{job['id']}")[1]
    whole = time.perf_counter() - begun
    done.set()
    thread.join()
    if job["state"] != "done" or job["rows_taken"] != PLOTS:
        sys.exit(f"the import ended so: {job}")
    peak = next(int(line.split()[1]) for line in (process / "status").read_text().splitlines() if line.startswith("VmHWM:")) / 1024
    loaded = os.getloadavg()[0]
    report("import_200k_s", whole - job["overlap_s"], f"{len(content) >> 20} MB GeoPackage, {sent:.1f} s to send; load {loaded:.1f}", "<= 180")
    report("import_overlap_s", job["overlap_s"], f"pairs: {job['overlaps']['same']} same, {job['overlaps']['dispute']} in dispute, {job['overlaps']['sliver']} slivers", "<= 60")
    report("import_rss_mb", peak, "highest of the API daemon", "-")
    report("officer_save_during_import_p95_ms", statistics.quantiles(saves, n=20)[18], f"{len(saves)} saves, median {statistics.median(saves):.0f}", "<= 300")
    sql.run("DELETE FROM geo.plot WHERE external_id LIKE 'bench-%'")


if __name__ == "__main__":
    print(write_plots(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else PLOTS))
