#!/usr/bin/python3
"""No personal value of data/demo/planted.csv is in any public answer, tile, export or page, nor told to a role that may not know it.

Walks everything a visitor can reach: all GET operations of the OpenAPI document without security, every collection in every
form, tiles of every layer where the planted rows lie, and all pages that links lead to. A public operation this walk does
not know how to ask fails it. Environment as for the other tests (./dev test).
"""
import csv
import gzip
import html.parser
import http.client
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import unicodedata
import urllib.parse
import zipfile
from math import asinh, floor, pi, radians, tan

HOME = pathlib.Path(__file__).resolve().parents[2]
URL = urllib.parse.urlsplit(os.environ["OCOPMAP_TEST_URL"])
DATABASE = os.environ["OCOPMAP_TEST_DATABASE"]
PLANTED = list(csv.DictReader(open(HOME / "data/demo/planted.csv", encoding="utf-8")))
IDENTITY = re.compile(rb"(?<![\d.])(?:0990\d{8}|09[89]000\d{4})(?!\d)")  # the demo's identity and insurance numbers; nobody's
PASSWORD = "ba cây dừa xanh"  # of the demo's accounts
MOST_PAGES = 600

# What the public operations of the API want; an operation that is not here and wants something fails the walk.
PATH_VALUES = {
    "entity": lambda: [item["id"] for item in fetch_json("/api/schemas")["items"]],
    "serial": lambda: [urllib.parse.quote(serial, safe="") for serial in sql("SELECT certificate_serial FROM ocop.certificate WHERE certificate_serial IS NOT NULL ORDER BY 1 LIMIT 20")],
    ("/api/rubrics/{id}", "id"): lambda: [rubric["id"] for rubric in fetch_json("/api/rubrics")],
    ("/api/rubrics/{id}/sets/{set}", "id"): lambda: [rubric["id"] for rubric in fetch_json("/api/rubrics")],
    ("/api/rubrics/{id}/sets/{set}", "set"): lambda: [1, 7, 26],
    ("/api/content/{id}", "id"): lambda: [item["id"] for item in fetch_json("/api/content?limit=100")["items"]],
    ("/api/feedback/{code}", "code"): lambda: [feedback_code()],
}
QUERY_VALUES = {
    "/api/statistics/units": [f"frame={f}&measure={m}&f={form}" for f in ("district-old", "commune-old", "commune-new", "province")
                              for m in ("products", "producers", "stars", "zone_area_ha") for form in ("json", "csv", "xlsx", "geojson")],
    "/api/suggest": ["q=" + urllib.parse.quote(q) for q in ("ro ri", "nguyen", "keo dua", "so 7 duong")],
    "/api/nearest": [f"kind={kind}&lon=106.37&lat=10.24&limit=100" for kind in ("producers", "sales-points")],
    "/api/units/at": ["lon=106.37&lat=10.24"],
}


def folded(text):
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def forms_of(value):
    """As it stands, folded, and as JSON and HTML may write it."""
    escaped = json.dumps(value)[1:-1]
    return {form.encode() for form in (value, folded(value), escaped, value.replace(" ", "%20"), urllib.parse.quote(value))}


SECRETS = [(row, forms_of(row["value"])) for row in PLANTED]
leaks, asked = [], 0


def fetch(path, headers=None, method="GET", body=None):
    global asked
    asked += 1
    connection = http.client.HTTPConnection(URL.hostname, URL.port, timeout=60)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    if answer.headers.get("Content-Encoding") == "gzip" or data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    return answer, data


def search(path, data, secrets=SECRETS, who="the public"):
    parts = [data]
    if data[:2] == b"PK":
        parts += [zipfile.ZipFile(io.BytesIO(data)).read(name) for name in zipfile.ZipFile(io.BytesIO(data)).namelist()]
    for part in parts:
        low = part.lower()
        for row, forms in secrets:
            if any(form in part or form in low for form in forms):
                leaks.append(f"{row['table']}.{row['column']} ({row['value']}) is told to {who} by {path}")
        if IDENTITY.search(part):
            leaks.append(f"an identity number is told to {who} by {path}: {IDENTITY.search(part).group()}")


def look(path, **keywords):
    answer, data = fetch(path)
    search(path, data, **keywords)
    return answer, data


def fetch_json(path, headers=None):
    answer, data = fetch(path, headers)
    if answer.status != 200:
        sys.exit(f"{path} answered {answer.status}: {data[:300]!r}")
    return json.loads(data)


def feedback_code():
    """Of feedback whose sender has a planted name: who follows it is not told that name."""
    answer, data = fetch("/api/feedback", {"Content-Type": "application/json"}, "POST",
                         json.dumps({"kind": "complaint", "body": "Hộp bị móp, kẹo chảy.", "name": PLANTED[0]["value"]}))
    if answer.status != 201:
        sys.exit(f"feedback was not taken: {data[:300]!r}")
    return json.loads(data)["code"]


def sql(statement):
    return subprocess.run(["psql", "-XAtqF", "|", DATABASE, "-c", statement], check=True, capture_output=True, text=True).stdout.split("\n")[:-1]


def walk_operations():
    document = fetch_json("/api/openapi.json")
    producers = sql("SELECT DISTINCT producer_key FROM ocop.producer p WHERE EXISTS (SELECT FROM ocop.representative r WHERE r.producer_key = p.producer_key "
                    "AND r.external_id LIKE 'demo-%') ORDER BY 1 LIMIT 5")
    products = sql(f"SELECT product_key FROM ocop.product WHERE producer_key IN ({','.join(producers)})")
    unknown = []
    for path, operations in document["paths"].items():
        operation = operations.get("get")
        if operation is None or operation.get("security"):
            continue
        wanted = [p for p in (document["components"]["parameters"][p["$ref"].rsplit("/", 1)[1]] if "$ref" in p else p for p in operation.get("parameters", []))
                  if p.get("required") and p["in"] != "header"]
        names = re.findall(r"\{(\w+)\}", path)
        values = [path]
        for name in names:
            if name == "id" and path.startswith("/api/pro"):
                known = producers if "producers" in path else products
            elif name in PATH_VALUES:
                known = PATH_VALUES[name]()
            elif (path, name) in PATH_VALUES:
                known = PATH_VALUES[path, name]()
            else:
                unknown.append(path)
                known = []
            values = [value.replace("{" + name + "}", str(one)) for value in values for one in known]
        queries = QUERY_VALUES.get(path, [""])
        if any(p["in"] == "query" and not any(p["name"] + "=" in q for q in queries) for p in wanted):
            unknown.append(path)
        for value in values:
            for query in queries:
                follow(value + ("?" + query if query else ""))
    if unknown:
        sys.exit(f"the walk does not know how to ask {', '.join(unknown)}; add it to tests/e2e/leaks.py")


def follow(path):
    """The answer and, where it is a list, all pages behind it."""
    for _ in range(200):
        answer, data = look(path)
        kind = answer.headers.get("Content-Type", "")
        if "json" not in kind:
            return
        document = json.loads(data)
        if not isinstance(document, dict):
            return
        following = document.get("next") or next((link["href"] for link in document.get("links", []) if link.get("rel") == "next"), None)
        if not following:
            return
        parts = urllib.parse.urlsplit(following)
        path = parts.path + "?" + parts.query


def walk_collections():
    look("/ogc?f=json"), look("/ogc/api"), look("/ogc/conformance"), look("/ogc/functions")
    collections = [c["id"] for c in fetch_json("/ogc/collections?f=json")["collections"]]
    for name in collections:
        base = f"/ogc/collections/{name}"
        look(base + "?f=json"), look(base + "/queryables"), look(base + "/sortables"), look(base + "/schema")
        follow(base + "/items?f=json&limit=10000")
        look(base + "/items?f=jsonfg&limit=10000&crs=EPSG:9210&filter=TRUE")
        for form in ("html", "csv", "gpkg", "fgb", "kml", "xlsx", "geojson"):
            look(f"{base}/items?f={form}")
    return collections


def walk_tiles(collections):
    def tile(z, lon, lat):
        width = 1 << z
        return z, floor((lon + 180) / 360 * width), floor((1 - asinh(tan(radians(lat))) / pi) / 2 * width)

    places = [tuple(map(float, line.split("|"))) for line in sql(
        "SELECT DISTINCT round(ST_X(g)::numeric, 4), round(ST_Y(g)::numeric, 4) FROM ("
        "(SELECT facility_geom AS g FROM ocop.producer WHERE external_id LIKE 'demo-%' ORDER BY producer_key LIMIT 5) UNION ALL "
        "(SELECT head_office_geom FROM ocop.producer WHERE external_id LIKE 'demo-%' ORDER BY producer_key LIMIT 5) UNION ALL "
        "(SELECT ST_PointOnSurface(plot_geom) FROM geo.plot WHERE external_id LIKE 'demo-%' ORDER BY plot_key LIMIT 5)) p WHERE g IS NOT NULL")]
    for document in ("/ogc/tiles", "/ogc/map/tiles", "/ogc/tileMatrixSets", "/ogc/styles", "/ogc/styles/ocop", "/ogc/styles/ocop/metadata"):
        look(document)
    for address in ("/wms?REQUEST=GetCapabilities", "/wmts?REQUEST=GetCapabilities", "/ogc/map?f=pdf", "/ogc/map?f=pdf&lang=en"):
        look(address)
    for lon, lat in places:  # WMS: what stands at a place, in a box of 2 km
        look("/wms?VERSION=1.3.0&REQUEST=GetFeatureInfo&LAYERS=ocop&QUERY_LAYERS=ocop&CRS=CRS:84&WIDTH=100&HEIGHT=100&I=50&J=50&FEATURE_COUNT=50"
             f"&BBOX={lon - 0.01},{lat - 0.01},{lon + 0.01},{lat + 0.01}")
    for layer in [*collections, "shoreline", "rivers"]:
        for z, x, y in {tile(14, *place) for place in places}:  # through PostGIS, which a filter asks for
            look(f"/ogc/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}?filter=1%3D1")
        answer, data = look(f"/tiles/{layer}.json")
        if answer.status != 200:
            sys.exit(f"/tiles/{layer}.json answered {answer.status}")
        zooms = json.loads(data)
        for z, x, y in {tile(z, *place) for place in places for z in range(zooms["minzoom"], zooms["maxzoom"] + 1)}:
            look(f"/tiles/{layer}/{z}/{x}/{y}.mvt")


class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in ("href", "src") and value]


def walk_pages():
    """Breadth first from both languages; of addresses that differ only in their query, the first few."""
    waiting, seen, of_path = ["/", "/en"], set(), {}
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop(0)
        answer, data = look(path)
        if "html" not in answer.headers.get("Content-Type", ""):
            continue
        links = Links()
        links.feed(data.decode())
        for link in links.found:
            target = urllib.parse.urlsplit(urllib.parse.urljoin(path, link))
            if target.netloc or target.scheme:
                continue
            shape = re.sub(r"\d+", "#", target.path)
            address = target.path + ("?" + target.query if target.query else "")
            if address in seen or of_path.get(shape, 0) >= 25:
                continue
            of_path[shape] = of_path.get(shape, 0) + 1
            seen.add(address)
            waiting.append(address)
    return len(seen)


def sign_in(login):
    answer, data = fetch("/api/session", {"Content-Type": "application/json"}, "POST", json.dumps({"login": login, "password": PASSWORD}))
    if answer.status != 200:
        sys.exit(f"{login} cannot sign in: {data[:200]!r}")
    return {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}


def walk_records():
    """Roles that may not know people: no value of them in any list. Planners, administrators and auditors know no person at all; who decides, inspects
    or appraises reads whose name stands on a paper, and no more of them."""
    people = [secret for secret in SECRETS if secret[0]["table"] in ("ocop.representative", "ocop.representative_private", "ocop.insured_worker")]
    for role in ("r03", "r06", "r07", "r09", "r10", "r11", "r12", "r13", "r14", "r15", "r16", "r17"):
        secrets = SECRETS if role in ("r15", "r16", "r17") else people
        if role in ("r09", "r13", "r14"):
            secrets = [secret for secret in people if secret[0]["column"] not in ("legal_rep_name", "contact_person_name")]
        member = sign_in(f"demo.{role}")
        for entity in fetch_json("/api/records", member)["items"]:
            path = f"{entity['href']}?limit=1000"
            for _ in range(20):
                answer, data = fetch(path, member)
                if answer.status != 200:
                    sys.exit(f"{path} answered {answer.status} to {role}")
                search(path, data, secrets, role)
                rows = json.loads(data)
                if rows["items"] and role == "r15":
                    key = next(iter(rows["items"][0].values()))
                    search(path, fetch(f"{entity['href']}/{key}/history", member)[1], secrets, role)
                if not rows.get("next"):
                    break
                path = urllib.parse.urlsplit(rows["next"]).path + "?" + urllib.parse.urlsplit(rows["next"]).query


def main():
    # What is looked for is there, and this search finds it where it is allowed: otherwise finding nothing says nothing.
    officer = sign_in("demo.r08")
    for table, entity in (("ocop.representative", "representatives"), ("ocop.producer", "producers")):
        seen = fetch(f"/api/records/{entity}?limit=1000", officer)[1]
        before = len(leaks)
        search(entity, seen, who="the officer")
        if len(leaks) == before:
            sys.exit(f"the planted values of {table} are not in the record: load the demo")
        del leaks[before:]
    walk_operations()
    walk_tiles(walk_collections())
    pages = walk_pages()
    walk_records()
    for leak in dict.fromkeys(leaks):
        print(leak)
    print(f"{asked} answers, {pages} addresses from pages, {len(set(leaks))} leaks")
    sys.exit(1 if leaks else 0)


if __name__ == "__main__":
    main()
