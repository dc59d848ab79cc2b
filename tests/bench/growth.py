"""How cost grows with the record: what one state takes, and the picture that several of them make.

  ./dev bench growth --demo --scale 10 --state DIR --json 10.json     (and so on)
  python3 tests/bench/growth.py 1.json 10.json 100.json 1000.json [country.json] > docs/img/growth.svg     the table goes to standard error
"""
import json
import math
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

PANELS = (("growth_store_mb", "layers in memory, MB"), ("growth_start_files_s", "start from files, s"), ("growth_start_record_s", "start from the record, s"),
          ("growth_cold_p50_ms", "cold tile p50, ms"), ("growth_cold_p99_ms", "cold tile p99, ms"), ("growth_hit_per_s", "cached tiles a second"))
COLUMNS = (("growth_products", "products"), ("growth_communes", "communes today"), ("growth_database_mb", "database, MB"), ("growth_store_rows", "versions of rows"), *PANELS,
           ("growth_daemon_mb", "tile daemon, MB"), ("seed_tiles_per_s", "seeding, tiles a second"))


def bench(sql):
    import seeding
    import tiles
    from measure import STATE, TILES_URL, Client, clear_cache, pids, pin, report, tiles_of, wait_for_files

    layers = json.loads(Client(TILES_URL).get("/tiles/all.json")[2])["vector_layers"]

    def restart(from_files):
        """The daemon anew, on the whole machine: seconds until it holds them all."""
        snapshots, patience = lambda: list(STATE.rglob("cache/store/*.snapshot")), time.monotonic() + 300
        while from_files and len(snapshots()) < len(layers):  # it writes them now and then
            if time.monotonic() > patience:
                sys.exit("the tile daemon does not come to write its layers to files")
            time.sleep(0.1)
        pid = pids()["ocopmap-tiles"]
        proc = pathlib.Path(f"/proc/{pid}")
        command = (proc / "cmdline").read_bytes().decode().split("\0")[:-1]
        os.kill(pid, signal.SIGTERM)
        while proc.exists() and "\tZ" not in (proc / "status").read_text():
            time.sleep(0.01)
        for file in () if from_files else snapshots():
            file.unlink()
        with open(STATE / "log/ocopmap-tiles.log", "ab") as log:
            started = time.perf_counter()
            process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=lambda: os.sched_setaffinity(0, {0, 1}))
        (STATE / "run/ocopmap-tiles.pid").write_text(str(process.pid))
        while True:
            try:
                held = tiles.of_store(Client(TILES_URL), "from_file")
                if len(held) == len(layers):
                    seconds = time.perf_counter() - started
                    if set(held.values()) != {float(from_files)}:
                        sys.exit(f"layers were read elsewhere than asked: {held}")
                    return seconds
            except OSError:
                pass  # it does not listen yet
            if process.poll() is not None or time.perf_counter() - started > 600:
                sys.exit("the tile daemon does not come to hold its layers; log/ocopmap-tiles.log says why")
            time.sleep(0.01)

    for pid in pids().values():
        pin(pid, "0,1")
    one = lambda statement: float(sql.run(statement)[0])
    report("growth_products", one("SELECT count(*) FROM ocop.product"), "", "-")
    report("growth_communes", one("SELECT count(*) FROM pub.commune"), "", "-")
    report("growth_database_mb", one("SELECT pg_database_size(current_database())") / 1e6, "", "-")
    report("growth_start_record_s", restart(False), f"from the start of the process until {len(layers)} layers are in memory, read from the record", "-")
    report("growth_start_files_s", restart(True), "the same from files", "-")
    client = Client(TILES_URL)
    report("growth_store_rows", sum(tiles.of_store(client, "rows").values()), "", "-")
    report("growth_store_mb", sum(tiles.of_store(client, "bytes").values()) / 1e6, "", "-")
    for pid in pids().values():
        pin(pid, 1)

    dice, held = random.Random(7), set()
    for i, row in enumerate(sql.run("SELECT ST_X(public_geom), ST_Y(public_geom) FROM ocop.producer WHERE public_geom IS NOT NULL ORDER BY md5(producer_key::text) LIMIT 420")):
        place = tuple(map(float, row.split("|")))
        held |= {tiles.path_of(layer, tiles_of(7 + i % 7, place * 2)[0]) for layer in ("products", "zones", "communes")}
    held = sorted(held)
    dice.shuffle(held)
    wait_for_files()
    clear_cache("products", "zones", "communes")
    cold = tiles.times_ms(Client(TILES_URL), held)  # the other has waited too long
    report("growth_cold_p50_ms", tiles.cut(cold, 0.5), f"{len(held)} tiles of products, zones and communes z7-z13, each on a row", "<= 1")
    report("growth_cold_p99_ms", tiles.cut(cold, 0.99), "the same", "<= 5")
    report("growth_daemon_mb", tiles.resident_kb(pids()["ocopmap-tiles"]) / 1024, "proportional set after that", "-")
    hits = tiles.only(tiles.load(tiles.PORT, held, 64, 5), "200", "204")
    report("growth_hit_per_s", hits["per_s"], "the same from disk, 64 connections", "-")
    for pid in pids().values():
        pin(pid, "0,1")
    seeding.bench(report, 1, STATE, TILES_URL)


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def plot(rows):
    """Small panels with logarithmic axes; a state with an invented country is a hollow mark."""
    width, height, left, top = 190, 130, 46, 26
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {3 * (width + left) + 20} {2 * (height + top + 24) + 10}" font-family="sans-serif" font-size="10" fill="#1d2a22">',
           '<rect width="100%" height="100%" fill="#fff"/>']
    low, high = (math.log10(pick(row["growth_products"] for row in rows)) for pick in (min, max))
    for i, (key, title) in enumerate(PANELS):
        x0, y0 = left + (i % 3) * (width + left), top + (i // 3) * (height + top + 24)
        values = [math.log10(max(row[key], 1e-3)) for row in rows]
        bottom, ceiling = math.floor(min(values)), max(math.ceil(max(values)), math.floor(min(values)) + 1)
        place = lambda row: (x0 + 8 + (math.log10(row["growth_products"]) - low) / (high - low) * (width - 24),
                             y0 + height - (math.log10(max(row[key], 1e-3)) - bottom) / (ceiling - bottom) * height)
        out.append(f'<text x="{x0}" y="{y0 - 8}" font-weight="bold">{title}</text>')
        for power in range(bottom, ceiling + 1):
            y = y0 + height - (power - bottom) / (ceiling - bottom) * height
            out.append(f'<path d="M{x0} {y:.1f}h{width}" stroke="#d5ddd8"/><text x="{x0 - 4}" y="{y + 3:.1f}" text-anchor="end">{number(10 ** power)}</text>')
        line = [row for row in rows if not row.get("country")]
        out.append(f'<path d="M{"L".join("{:.1f} {:.1f}".format(*place(row)) for row in line)}" fill="none" stroke="#1f6b45" stroke-width="1.5"/>')
        for row in rows:
            x, y = place(row)
            out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{"#fff" if row.get("country") else "#1f6b45"}" stroke="#1f6b45"/>')
            if not row.get("country"):
                out.append(f'<text x="{x:.1f}" y="{y0 + height + 13}" text-anchor="middle">{number(row["growth_products"])}</text>')
    out.append("</svg>")
    return "\n".join(out)


def main():
    rows = [json.loads(pathlib.Path(name).read_text()) for name in sys.argv[1:]]
    for row in rows:
        row["country"] = row["growth_communes"] > 1000
    print("|" + "|".join([" "] + [f" {number(row['growth_products'])}{', country' if row['country'] else ''} " for row in rows]) + "|", file=sys.stderr)
    print("|" + "---|" * (len(rows) + 1), file=sys.stderr)
    for key, title in COLUMNS[1:]:
        print("|" + "|".join([f" {title} "] + [f" {number(row[key])} " for row in rows]) + "|", file=sys.stderr)
    print(plot(rows))


if __name__ == "__main__":
    main()
