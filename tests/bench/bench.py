#!/usr/bin/python3
"""The benchmark programme behind `./dev bench`: each figure beside its anchor, measured in the same run.

Runs against a served state with the demo at scale 100 (100,000 products). Environment (set by ./dev bench):
  OCOPMAP_TEST_URL        nginx in front              OCOPMAP_TEST_TILES_URL  the tile daemon
  OCOPMAP_TEST_API_URL    the API daemon              OCOPMAP_TEST_DATABASE   the owner's conninfo
  OCOPMAP_TEST_STATE      the state directory: *.pid files of the processes, cache/ of the tiles
Figures are medians of at least 7 interleaved runs. The load generator is kept on core 0, the servers on core 1.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time
import urllib.parse

import features
import growth
import importing
import officers
import scoring
import seeding
import tiles
from measure import DATABASE, RUNS, STATE, TILES_URL, URL, Client, Sql, children, figures, interleaved, median_ratio, pids, pin, report


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


def bench_seed():
    for pid in pids().values():
        pin(pid, "0,1")  # as an import: a whole job on the whole machine
    seeding.bench(report, RUNS, STATE, TILES_URL)
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


def bench_soak():
    for pid in pids().values():
        pin(pid, "0,1")
    soak = pathlib.Path(__file__).parents[1] / "e2e/soak.py"
    done = subprocess.run([sys.executable, soak], stdout=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, {0, 1}))
    print(done.stdout, end="")
    if done.returncode not in (0, 1):
        sys.exit("the soak did not come to its end")
    said = done.stdout.splitlines()[-1]
    stale, late = (int(count) for count in re.search(r"(\d+) stale; (\d+) later than", said).groups())
    report("soak_stale_tiles", stale, said, "0")
    report("soak_late_tiles", late, "those that showed an edit later than two seconds after it", "0")


def bench_slider():
    """Rounds of all months; the first asks for days that nobody has asked for."""
    for pid in pids().values():
        pin(pid, "0,1")  # the browser draws in software: no machine of a visitor's is that busy
    rounds = []
    for _ in range(3):
        done = subprocess.run(["node", pathlib.Path(__file__).parent / "slider.mjs"], stdout=subprocess.PIPE, text=True, check=True, preexec_fn=lambda: os.sched_setaffinity(0, {0, 1}))
        rounds.append(json.loads(done.stdout))
    for pid in pids().values():
        pin(pid, 1)
    report("slider_frames_per_s", statistics.median(len(one) / sum(one) * 1000 for one in rounds), f"{len(rounds[0])} months, each until the map shows it, Chromium with software drawing on the same cores, median of {len(rounds)} rounds", ">= 10")
    report("slider_month_p95_ms", statistics.median(sorted(one)[int(len(one) * 0.95)] for one in rounds), "the same", "-")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="write one flat object of all figures")
    parser.add_argument("--only", metavar="PART", help="tiles (or one of its parts: " + ", ".join(tiles.PARTS) + ", seed, record_tiles, slider, memory), api, features, import, officer, mixed, scoring, impact, audit; "
                        "only when they are named: soak (half an hour), growth (starts the tile daemon anew)")
    options = parser.parse_args()
    for pid in pids().values():
        pin(pid, 1)
    os.sched_setaffinity(0, {0})
    sql = Sql()
    of_tiles = {**{name: lambda part=part: part(sql) for name, part in tiles.PARTS.items()}, "seed": bench_seed,
                "record_tiles": lambda: officers.bench_record_tiles(sql, report, URL), "slider": bench_slider, "memory": bench_memory}
    parts = {**of_tiles, "api": lambda: bench_api(sql),
             "features": lambda: features.bench(Client(URL), sql, report, RUNS, os.environ["OCOPMAP_TEST_API_URL"], pids()["ocopmap-api"]),
             "officer": lambda: officers.bench_officer(sql, report, URL),
             "mixed": lambda: officers.bench_mixed(sql, report, URL),
             "scoring": lambda: scoring.bench_scoring(sql, report, URL),
             "impact": lambda: scoring.bench_impact(sql, report, os.environ["OCOPMAP_TEST_CLI"], os.environ["OCOPMAP_TEST_DATABASE"]), "audit": lambda: bench_audit(sql),
             "import": lambda: bench_import(sql), "soak": bench_soak, "growth": lambda: growth.bench(sql)}
    alone = ("soak", "growth")
    if options.only and options.only not in [*parts, "tiles"]:
        parser.error(f"--only is {options.only}, must be one of tiles, {', '.join(parts)}")
    for name, part in parts.items():
        if options.only == name or (options.only is None and name not in alone) or (options.only == "tiles" and name in of_tiles):
            print(f"{name}:", flush=True)
            part()
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
