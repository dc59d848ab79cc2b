"""People who signed in: 200 at work at once, and the map and the search again as a commune's officer.

Accounts are made by SQL with sessions of their own (a password costs 0.1 s of hashing each, which is not what is measured).
"""
import asyncio
import base64
import hashlib
import json
import random
import secrets
import statistics
import time
import urllib.parse

from measure import RUNS, tiles_of

USERS, SECONDS, SHARED_ROWS = 200, 60, 20
THINK = (0.5, 1.5)  # s between a user's requests


class Person:
    """A role with a session; `here`: the lineages of an officer's commune, or the producer of an owner."""

    def __init__(self, role, account, token, here):
        self.role, self.account, self.here = role, account, here
        csrf = hashlib.blake2b(b"csrf", key=hashlib.blake2b(token.encode(), digest_size=32).digest(), digest_size=32).digest()
        self.headers = {"Cookie": f"ocopmap_session={token}", "X-CSRF-Token": base64.urlsafe_b64encode(csrf).decode().rstrip("=")}


def make_people(sql, wanted):
    """wanted: (role, unit key or None, producer key or None). The list of Person, in that order."""
    people = []
    for index, (role, unit, producer) in enumerate(wanted):
        token = secrets.token_urlsafe(32)
        digest = hashlib.blake2b(token.encode(), digest_size=32).hexdigest()
        account = sql.run(f"INSERT INTO auth.account (login, display_name, state, password_hash) VALUES ('bench.{index}.{secrets.token_hex(3)}', 'Người đo', "
                          "'active', '$argon2id$none') RETURNING account_key")[0]
        grant = sql.run(f"INSERT INTO auth.role_grant (account_key, role, unit_key, producer_key, valid_from) VALUES ({account}, '{role}', {unit or 'NULL'}, "
                        f"{producer or 'NULL'}, '2025-07-01') RETURNING grant_key")[0]
        sql.run(f"INSERT INTO auth.session (token_hash, account_key, grant_key, expires_at, address, user_agent) VALUES ('\\x{digest}', {account}, {grant}, "
                "now() + interval '1 hour', 'bench', 'bench')")
        people.append(Person(role, account, token, producer or unit))
    return people


class Connection:
    """One keep-alive connection of one user."""

    def __init__(self, host, port):
        self.host, self.port, self.reader, self.writer = host, port, None, None

    async def ask(self, method, path, headers, body=None):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port, limit=1 << 24)
        data = json.dumps(body).encode() if body is not None else b""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}", *(f"{name}: {value}" for name, value in headers.items())]
        if data:
            lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
        elif method != "GET":
            lines.append("Content-Length: 0")
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + data)
        await self.writer.drain()
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split()[1])
        fields = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in head[1:] if ":" in line}
        if fields.get("transfer-encoding") == "chunked":
            body = b""
            while size := int((await self.reader.readline()).split(b";")[0], 16):
                body += await self.reader.readexactly(size)
                await self.reader.readline()
            await self.reader.readline()
        elif status in (204, 304):
            body = b""
        else:
            body = await self.reader.readexactly(int(fields.get("content-length", 0)))
        if fields.get("connection", "").lower() == "close":
            self.writer.close()
            self.writer = None
        return status, fields, body


def p95(times):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def largest_place(sql):
    """The commune with the most products, and the province."""
    return communes(sql)[0][0], sql.run("SELECT unit_key FROM geo.admin_unit WHERE level = 'province' AND valid_to IS NULL ORDER BY 1 LIMIT 1")[0]


def communes(sql):
    return [row.split("|") for row in sql.run(
        "SELECT u.unit_key, min(p.product_key) FROM geo.admin_unit u JOIN geo.lineage_unit l USING (unit_key) JOIN ocop.product p USING (lineage_key) "
        "WHERE u.level = 'commune' AND u.valid_to IS NULL GROUP BY 1 ORDER BY count(*) DESC, 1")]


def bench_mixed(sql, report, url):
    """Reads, searches, tiles, edits with If-Match on rows that ten people share, and new rows; nothing acknowledged may be lost."""
    parts = urllib.parse.urlsplit(url)
    places = communes(sql)[:SHARED_ROWS]
    owners = sql.run("SELECT producer_key FROM ocop.product WHERE is_published GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 60")
    officers = USERS - len(owners)
    people = make_people(sql, [("R04", places[i % len(places)][0], None) for i in range(officers)] + [("R02", None, key) for key in owners])
    shared = {unit: product for unit, product in places}
    for product in shared.values():
        sql.run(f"UPDATE ocop.product SET packaging_kind = '0' WHERE product_key = {product}")
    times, writes, failures = [], [], []
    done = {product: 0 for product in shared.values()}
    made = []
    conflicts = 0
    end = time.monotonic() + SECONDS

    async def timed(connection, person, into, *request):
        started = time.perf_counter()
        answer = await connection.ask(request[0], request[1], {**person.headers, **(request[2] if len(request) > 2 else {})}, *request[3:])
        into.append((time.perf_counter() - started) * 1000)
        if answer[0] >= 500:
            failures.append(f"{request[0]} {request[1]} answered {answer[0]}: {answer[2][:200]!r}")
        return answer

    async def count_up(connection, person, product):
        """Adds one to the row's number as a page does: read, change, save with the version that was read; on a conflict, again."""
        nonlocal conflicts
        for _ in range(20):
            path = f"/api/records/products/{product}"
            status, fields, body = await timed(connection, person, times, "GET", path)
            number = int(json.loads(body)["packaging_kind"]) + 1
            status, fields, body = await timed(connection, person, writes, "PATCH", path, {"If-Match": fields["etag"]}, {"packaging_kind": str(number)})
            if status == 200:
                done[product] += 1
                return
            if status != 412:
                failures.append(f"PATCH {path} answered {status}: {body[:200]!r}")
                return
            conflicts += 1

    async def user(index, person):
        dice = random.Random(index)
        connection = Connection(parts.hostname, parts.port)
        await asyncio.sleep(dice.uniform(0, THINK[1]))
        while time.monotonic() < end:
            choice = dice.random()
            if person.role == "R04" and choice < 0.15:
                await count_up(connection, person, shared[person.here])
            elif choice < 0.2:
                producer = person.here if person.role == "R02" else None
                if producer is not None:
                    status, _, body = await timed(connection, person, writes, "POST", "/api/records/products", {},
                                                  {"producer_key": int(producer), "name": f"Sản phẩm đo {index}", "registered_on": "2026-01-05"})
                    made.append(json.loads(body)["product_key"]) if status == 201 else failures.append(f"POST answered {status}: {body[:200]!r}")
            elif choice < 0.45:
                await timed(connection, person, times, "GET", "/api/records/products?limit=50&sort=-updated_at")
            elif choice < 0.6:
                await timed(connection, person, times, "GET", f"/api/records/products?limit=20&q={urllib.parse.quote(dice.choice(['keo dua', 'buoi', 'mat ong', 'tom']))}")
            elif choice < 0.75:
                await timed(connection, person, times, "GET", f"/api/products?limit=20&q={urllib.parse.quote(dice.choice(['kẹo dừa', 'bưởi', 'xoai', 'dua sap']))}")
            elif choice < 0.85:
                await timed(connection, person, times, "GET", "/api/records/zones?limit=50")
            else:
                await timed(connection, person, times, "GET", f"/tiles/communes/9/{dice.randint(406, 408)}/{dice.randint(240, 242)}.mvt")
            await asyncio.sleep(dice.uniform(*THINK))

    async def everybody():
        await asyncio.gather(*(user(i, person) for i, person in enumerate(people)))

    asyncio.run(everybody())
    if failures:
        raise SystemExit(f"{len(failures)} requests failed, the first: {failures[0]}")
    for product, count in done.items():
        stored = int(sql.run(f"SELECT packaging_kind FROM ocop.product WHERE product_key = {product}")[0])
        if stored != count:
            raise SystemExit(f"product {product}: {count} edits were acknowledged, {stored} are there")
    if made and int(sql.run(f"SELECT count(*) FROM ocop.product WHERE product_key IN ({','.join(map(str, made))})")[0]) != len(made):
        raise SystemExit("a product that was acknowledged is not there")
    report("mixed_p95_ms", p95(times + writes),
           f"{USERS} people for {SECONDS} s: {len(times)} reads, {len(writes)} writes, {conflicts} conflicts told, {sum(done.values())} edits and {len(made)} new rows all there", "<= 300")
    report("mixed_write_p95_ms", p95(writes), "the writes alone", "<= 300")


def bench_officer(sql, report, url):
    """Behind the policies: search, and the rows of a box, in the largest commune and as the province."""
    parts = urllib.parse.urlsplit(url)
    unit, province = largest_place(sql)
    words = ["keo dua", "kẹo dừa", "buoi", "sau rieng", "mat hoa dua", "dau dua", "banh trang", "xoai", "rượu", "mat ong"]
    searches = [f"/api/records/products?limit=20&q={urllib.parse.quote(word)}" for word in words]
    boxes = [f"/api/records/zones?limit=200&bbox={106.1 + i * 0.05:.2f},{9.9 + i * 0.03:.2f},{106.15 + i * 0.05:.2f},{9.95 + i * 0.03:.2f}" for i in range(10)]

    async def measure(person, paths):
        connection = Connection(parts.hostname, parts.port)
        for path in paths:
            await connection.ask("GET", path, person.headers)
        rounds = []
        for _ in range(7):
            times = []
            for path in paths:
                started = time.perf_counter()
                status, _, body = await connection.ask("GET", path, person.headers)
                times.append((time.perf_counter() - started) * 1000)
                if status != 200:
                    raise SystemExit(f"{path} answered {status}: {body[:200]!r}")
            rounds.append(p95(times))
        return statistics.median(rounds)

    officer, official = make_people(sql, [("R04", unit, None), ("R08", province, None)])
    report("officer_search_p95_ms", asyncio.run(measure(officer, searches)), "as the largest commune's officer", "<= 50")
    report("officer_map_p95_ms", asyncio.run(measure(officer, boxes)), "zones of a box, as the same", "<= 50")
    report("province_search_p95_ms", asyncio.run(measure(official, searches)), "as the province's officer", "-")


def bench_record_tiles(sql, report, url, count=300):
    """Polygons of the record as tiles, behind the policies: random tiles of z8 to z14 that hold a zone, as an officer of the province and of the
    largest commune."""
    parts = urllib.parse.urlsplit(url)
    unit, province = largest_place(sql)
    dice = random.Random(14)
    places = [tuple(map(float, row.split("|"))) for row in sql.run(
        f"SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM geo.zone WHERE retired_at IS NULL ORDER BY md5(zone_key::text) LIMIT {count}) z")]
    tiles = [tiles_of(dice.randint(8, 14), place * 2)[0] for place in places]

    async def ask(person):
        connection, times, bytes_ = Connection(parts.hostname, parts.port), [], 0
        for z, x, y in tiles:
            started = time.perf_counter()
            status, _, body = await connection.ask("GET", f"/api/records/zones/tiles/{z}/{x}/{y}.mvt", {**person.headers, "Accept-Encoding": "gzip"})
            times.append((time.perf_counter() - started) * 1000)
            bytes_ += len(body)
            if status not in (200, 204):
                raise SystemExit(f"a tile of the record {z}/{x}/{y} answered {status}: {body[:200]!r}")
        return times, bytes_

    for name, person in zip(("", "commune_"), make_people(sql, [("R08", province, None), ("R04", unit, None)])):
        asyncio.run(ask(person))
        rounds = [asyncio.run(ask(person)) for _ in range(RUNS)]
        rows = sql.run("SELECT count(*) FROM geo.zone WHERE retired_at IS NULL")[0]
        what = f"{count} tiles z8-z14 of {rows} zones as an officer of the {'largest commune' if name else 'province'}, {rounds[0][1] / count / 1024:.1f} kB each"
        report(f"record_tile_{name}p50_ms", statistics.median(statistics.median(times) for times, _ in rounds), what, "-")
        report(f"record_tile_{name}p95_ms", statistics.median(p95(times) for times, _ in rounds), "the same", "<= 50")
