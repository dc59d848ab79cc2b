"""People of the demo at work on dossiers: sign in, ask, and hold answers against what is expected."""
import hashlib
import json
import os
import subprocess
import urllib.error
import urllib.request

URL = os.environ["OCOPMAP_TEST_URL"]
DATABASE = os.environ["OCOPMAP_TEST_DATABASE"]
PASSWORD = "ba cây dừa xanh"


def sql(statement):
    """Rows as lists of texts, as the owner of the database sees them."""
    out = subprocess.run(["psql", "-XAtq", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", DATABASE, "-c", statement], capture_output=True, text=True)
    assert out.returncode == 0, out.stderr
    return [line.split("\x1f") for line in out.stdout.splitlines()]


def value(statement):
    return sql(statement)[0][0]


class Person:
    def __init__(self, login):
        self.login, self.cookie, self.csrf = login, "", ""
        status, answer = self.call("POST", "/api/session", {"login": login, "password": PASSWORD})
        assert status == 200, (login, status, answer)
        self.csrf, self.grant = answer["csrf_token"], answer["acting_grant"]

    def call(self, method, path, body=None, raw=None):
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(URL + path, data=data, method=method)
        if body is not None or raw is not None:
            request.add_header("Content-Type", "application/json")
        if self.cookie:
            request.add_header("Cookie", self.cookie)
            request.add_header("X-CSRF-Token", self.csrf)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text, status, headers = answer.read(), answer.status, answer.headers
        except urllib.error.HTTPError as error:
            text, status, headers = error.read(), error.code, error.headers
        for cookie in headers.get_all("Set-Cookie") or []:
            if cookie.startswith("ocopmap_session="):
                self.cookie = cookie.split(";")[0]
        self.headers = headers
        return status, json.loads(text) if text and "json" in headers.get("Content-Type", "") else text

    def get(self, path):
        status, answer = self.call("GET", path)
        assert status == 200, (self.login, path, status, answer)
        return answer

    def do(self, method, path, body, expected=(200, 201, 204)):
        status, answer = self.call(method, path, body)
        assert status in ([expected] if isinstance(expected, int) else expected), (self.login, method, path, status, answer)
        return answer

    def step(self, dossier, action, expected=200, **given):
        return self.do("POST", f"/api/dossiers/{dossier}/steps", {"action": action, **given}, expected)

    def upload(self, content, name, media_type="application/pdf"):
        """SHA-256 of a stored file."""
        request = urllib.request.Request(URL + f"/api/files?name={name}", data=content, method="POST")
        for key, text in (("Cookie", self.cookie), ("X-CSRF-Token", self.csrf), ("Content-Type", media_type)):
            request.add_header(key, text)
        with urllib.request.urlopen(request, timeout=60) as answer:
            stored = json.loads(answer.read())
        assert stored["sha256"] == hashlib.sha256(content).hexdigest(), stored
        return stored["sha256"]


def verify(what):
    """`ocopmap verify WHAT` of this database."""
    return subprocess.run([os.environ["OCOPMAP_TEST_CLI"], "--database", DATABASE, "verify", what], capture_output=True, text=True)


LEAST = {"sample_quantity": 5, "business_result_note": "Doanh thu tăng", "business_plan_note": "Mở rộng"}


def day_of_today():
    return value("SELECT pub.business_date()")


def document(number):
    return {"document_no": number, "document_date": day_of_today()}


def best_of(card):
    """The best option of every criterion of a set."""
    return {c["code"]: max(c["options"], key=lambda o: float(o["points"]))["option"] for c in card["criteria"] if c["options"]}


def filed_product(producer, name):
    """A product of demo.r02 with a complete dossier, filed: its number, the product's, the best answers."""
    product = producer.do("POST", "/api/records/products", {"producer_key": producer.grant["producer_id"], "name": name, "registered_on": day_of_today(), "class_code": "I.3.c"}, 201)["product_key"]
    sql(f"UPDATE ocop.product SET is_demo = true, publish_status = 'hidden' WHERE product_key = {product}")
    dossier = producer.do("POST", "/api/dossiers", {"product": product, "registration_kind": "first"}, 201)
    number, best = dossier["id"], best_of(producer.get(f"/api/rubrics/{dossier['rubric']['id']}/sets/7"))
    producer.do("PATCH", f"/api/dossiers/{number}", {"answers": best, **LEAST})
    for kind in ("business_registration", "facility_certificate"):
        paper = producer.upload(pdf(f"{kind} {number}"), f"{kind}.pdf")
        producer.do("POST", "/api/records/evidences", {"dossier_key": number, "evidence_kind": kind, "evidence_file": paper}, 201)
    producer.step(number, "submit")
    return number, product, best


def at_the_council(name, mode="meeting"):
    """A dossier on its way to a session of the demo's council: its number, the product's, the session's, the best answers."""
    number, product, best = filed_product(Person("demo.r02"), name)
    officer, leader, province, advisory = (Person(f"demo.{role}") for role in ("r04", "r05", "r08", "r09"))
    officer.step(number, "accept")
    officer.do("PUT", f"/api/dossiers/{number}/review", {f"commune_{o}_opinion": "Đạt" for o in ("material", "labour", "idea", "identity")})
    leader.step(number, "review", **document(f"{number}/BC-UBND"))
    leader.step(number, "propose", **document(f"{number}/TTr-UBND"))
    province.step(number, "receive")
    session = value(f"""INSERT INTO ocop.council_session (council_key, session_date, session_mode)
                        SELECT council_key, now() + interval '20 days', '{mode}' FROM ocop.council WHERE external_id = 'demo-council-1' RETURNING council_session_key""")
    coming = value("SELECT code FROM workflow.round WHERE proposals_until >= pub.business_date() ORDER BY proposals_until LIMIT 1")
    province.step(number, "assign", round=coming, session=session)
    advisory.do("PUT", f"/api/dossiers/{number}/appraisal", {"opinion": "Cơ sở sạch, đúng hồ sơ", "visited_on": day_of_today(), "photos": []})
    assert advisory.step(number, "report", **document(f"{number}/BC-TTV"))["state"] == "council_scoring"
    return number, product, session, best


def sheet_of(member, dossier):
    return next(s for s in member.get("/api/score-sheets") if s["dossier"] == dossier and s["is_open"])["id"]


def sign(member, sheet, answers, **more):
    member.do("PATCH", f"/api/score-sheets/{sheet}", {"answers": answers, **more})
    return member.do("POST", f"/api/score-sheets/{sheet}/signature", {"own_password": PASSWORD}, 201)["hash"]


def words_of(person, path):
    """The text of a PDF."""
    status, data = person.call("GET", path)
    assert status == 200 and data[:5] == b"%PDF-", (path, status, data[:200])
    return " ".join(subprocess.run(["pdftotext", "-raw", "-", "-"], input=data, capture_output=True, check=True).stdout.decode().split())


def pdf(text):
    """A small real PDF of one page."""
    parts = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
             b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << >> >>"]
    stream = b"% " + text.encode()
    parts.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, start)
