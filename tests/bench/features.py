"""OGC API - Features: pages of every size, pages at any depth, filters, and exports that stream."""
import http.client
import json
import statistics
import time
import urllib.parse

SIZES = (10, 100, 1_000, 10_000)
FILTERS = {"comparison": "star>=4 AND certificate_state='valid'", "accents": "ACCENTI(CASEI(name)) LIKE '%dua%'",
           "spatial": "S_INTERSECTS(geom,POLYGON((106.3 10.1,106.5 10.1,106.4 10.3,106.3 10.1)))", "arithmetic": "year(registered_on)*12+month(registered_on)>24300", "array": "A_OVERLAPS(class_codes,('I.3.c','I.5.b'))"}


def resident_kb(pid, key="VmRSS"):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(key + ":"))


def milliseconds(client, path):
    began = time.perf_counter()
    status, _, body = client.get(path)
    took = (time.perf_counter() - began) * 1000
    assert status == 200, (status, path, body[:300])
    return took, body


def median_ms(client, path, runs):
    milliseconds(client, path)
    return statistics.median(milliseconds(client, path)[0] for _ in range(runs))


def pages(client, report, runs):
    for size in SIZES:
        report(f"features_{size}_ms", median_ms(client, f"/ogc/collections/products/items?limit={size}", runs), f"a page of {size} products", "<= 10" if size == 1_000 else "none")


def depth(client, sql, report, runs):
    """What the database takes for one page of 100, at the list's beginning and near its end: keyset pages cost the same anywhere."""
    rows = int(sql.run("SELECT count(*) FROM pub.product_list")[0])
    sql.run("SET plan_cache_mode = force_custom_plan; SET jit = off; SET enable_sort = off; SET enable_bitmapscan = off")  # as api/ogc/collections.cpp does
    for name, share in (("first", 0.0), ("middle", 0.5), ("last", 0.99)):
        key = sql.run(f"SELECT product_key FROM pub.product_list ORDER BY product_key OFFSET {int(rows * share)} LIMIT 1")[0]
        plan = (f"EXPLAIN (ANALYZE, FORMAT JSON) SELECT t.product_key, ST_AsGeoJSON(t.geom, 7, 0), t.name, t.star FROM pub.product_list t WHERE t.product_key > {key} "
                "ORDER BY t.product_key LIMIT 101")
        times = []
        for _ in range(runs):
            times.append(json.loads("\n".join(sql.run(plan)))[0]["Execution Time"])
        report(f"features_depth_{name}_db_ms", statistics.median(times), f"database time of a page of 100, {name} of {rows} rows", "<= 1")
        report(f"features_depth_{name}_ms", median_ms(client, f"/ogc/collections/products/items?limit=100&after={key}", runs), "the same page by HTTP", "none")


def filters(client, report, runs):
    for name, text in FILTERS.items():
        collection = "producers" if name == "array" else "products"
        path = f"/ogc/collections/{collection}/items?limit=100&filter=" + urllib.parse.quote(text)
        report(f"features_filter_{name}_ms", median_ms(client, path, runs), "a page of 100 and its exact numberMatched: " + text, "none")


def export(url, pid, sql, report):
    """A stream of at least 1,000,000 features: the whole list, as often as it takes, on one daemon."""
    parts = urllib.parse.urlsplit(url)
    before, features, bytes_, peak, began = resident_kb(pid), 0, 0, 0, time.perf_counter()
    while features < 1_000_000:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=300)
        connection.request("GET", "/ogc/collections/products/items?f=geojson")
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        while chunk := answer.read(1 << 20):
            bytes_ += len(chunk)
            features += chunk.count(b'"type":"Feature",')
            peak = max(peak, resident_kb(pid))
        connection.close()
    took = time.perf_counter() - began
    report("features_export_growth_mib", (peak - before) / 1024, f"resident memory of the daemon while {features} features ({bytes_ >> 20} MB) stream", "< 64")
    report("features_export_per_s", features / took, "features a second, one client", "none")


def bench(client, sql, report, runs, api_url, api_pid):
    pages(client, report, runs)
    depth(client, sql, report, runs)
    filters(client, report, runs)
    export(api_url, api_pid, sql, report)
