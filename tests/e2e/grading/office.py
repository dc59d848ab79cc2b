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
