#!/usr/bin/env python3
"""The report on steps against stays that are put together here, step by step, with the calendar's own days."""
import collections
import datetime
import math

from office import Person, sql, value, words_of

DONE = {"returned", "withdrawn", "not_recognised", "certified", "expiring", "extended", "expired", "revoked"}
day = datetime.date.fromisoformat
today = day(value("SELECT pub.business_date()"))
special = {day(d): kind for d, kind in sql("SELECT day, kind FROM workflow.calendar_day")}
province, officer = Person("demo.r08"), Person("demo.r04")

# Three dossiers with a history: the commune took 15 working days to the last, more, and is still at it. Tết lies in between.
PAST = [[("submit", "draft", "submitted", "2026-02-02"), ("accept", "submitted", "received", "2026-02-03"), ("review", "received", "commune_reviewed", "2026-03-06"),
         ("propose", "commune_reviewed", "commune_reviewed", "2026-03-09"), ("not_propose", "commune_reviewed", "returned", "2026-03-10")],
        [("submit", "draft", "submitted", "2026-03-02"), ("accept", "submitted", "received", "2026-03-02"), ("ask_supplement", "received", "supplement_commune", "2026-03-12"),
         ("answer_supplement", "supplement_commune", "received", "2026-03-20"), ("review", "received", "commune_reviewed", "2026-04-24"), ("withdraw", "commune_reviewed", "withdrawn", "2026-05-04")],
        [("submit", "draft", "submitted", "2026-10-01"), ("accept", "submitted", "received", "2026-10-02")]]
for i, steps in enumerate(PAST):
    product = value(f"""INSERT INTO ocop.product (producer_key, name, class_code, registered_on, is_demo, publish_status)
                        SELECT producer_key, 'Sản phẩm đo thời gian {i}', 'I.3.c', '2026-01-05', true, 'hidden' FROM ocop.producer WHERE is_demo ORDER BY producer_key OFFSET {i} LIMIT 1 RETURNING product_key""")
    dossier = value(f"""INSERT INTO ocop.dossier (product_key, legal_regime_code, registration_kind, dossier_state, submitted_at, return_reason, withdrawn_at)
                        VALUES ({product}, 'qd26_2026', 'first', '{steps[-1][2]}', '{steps[0][3]}', {"'hết hạn'" if steps[-1][2] == 'returned' else 'NULL'}, {"now()" if steps[-1][2] == 'withdrawn' else 'NULL'}) RETURNING dossier_key""")
    for action, before, after, at in steps:
        step = value(f"INSERT INTO workflow.step (dossier_key, action, from_state, to_state, at, role) VALUES ({dossier}, '{action}', '{before}', '{after}', '{at} 03:00+00', 'R04') RETURNING step_key")
        if action == "accept":
            sql(f"INSERT INTO workflow.step_due VALUES ({step}, DATE '{at}' + 31)")


def is_working(date):
    return special[date] == "working" if date in special else date.weekday() < 5


def working_days(after, until):
    return sum(is_working(after + datetime.timedelta(n)) for n in range(1, (until - after).days + 1))


def stays(since, until, lineages=None):
    """(state, lineage): [(days, is open, is overdue)]"""
    of_dossier = collections.defaultdict(list)
    for key, lineage, before, after, at, due in sql("""SELECT s.dossier_key, d.lineage_key, s.from_state, s.to_state, (s.at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, coalesce(u.due_on::text, '')
            FROM workflow.step s JOIN ocop.dossier d USING (dossier_key) LEFT JOIN workflow.step_due u USING (step_key) WHERE d.retired_at IS NULL ORDER BY s.step_key"""):
        if lineages is None or lineage in lineages:
            of_dossier[key].append((lineage, before, after, day(at), day(due) if due else None))
    out = collections.defaultdict(list)
    for steps in of_dossier.values():
        runs = []
        for lineage, before, after, at, due in steps:
            if before == after and runs:
                runs[-1][3].append(due)
            else:
                runs.append([lineage, after, at, [due]])
        for i, (lineage, state, came, dues) in enumerate(runs):
            left = runs[i + 1][2] if i + 1 < len(runs) else None
            if state in DONE or came > until or (left and left < since):
                continue
            is_open = left is None or left > until
            end, due = until if is_open else left, max((d for d in dues if d), default=None)
            out[state, lineage].append((working_days(came, end), is_open, due is not None and due < end))
    return out


def figures(of):
    ended = sorted(days for days, is_open, _ in of if not is_open)
    at = lambda share: ended[math.ceil(share * len(ended)) - 1] if ended else None
    return len(of), sum(o for _, o, _ in of), sum(late for *_, late in of), at(0.5), at(0.9)


unit_of = dict(sql("SELECT l.lineage_key, u.code FROM geo.lineage_unit l JOIN geo.admin_unit u USING (unit_key) WHERE u.level = 'commune' AND u.valid_to IS NULL"))
old_unit_of = dict(sql("SELECT p.lineage_key, p.district_code FROM pub.lineage_place p WHERE p.valid_from <= '2025-06-30' AND p.valid_to > '2025-06-30'"))
own = {row[0] for row in sql("SELECT DISTINCT l.lineage_key FROM auth.role_grant g JOIN auth.account a USING (account_key), unnest(auth.lineages_of(g.unit_key)) l (lineage_key) WHERE a.login = 'demo.r04'")}
asked = counted = 0
for person, lineages in ((province, None), (officer, own)):
    for since, until in ((day("2026-01-01"), today), (day("2026-03-05"), day("2026-03-31")), (day("2026-03-12"), day("2026-03-12"))):
        expected = stays(since, until, lineages)
        every = [stay for of in expected.values() for stay in of]
        for frame, units in (("commune-new", unit_of), ("district-old", old_unit_of)):
            for by in ("state", "unit", "both"):
                cut = collections.defaultdict(list)
                for (state, lineage), of in expected.items():
                    cut[state if by != "unit" else None, units.get(lineage) if by != "state" else None] += of
                got = person.get(f"/api/reports/steps?by={by}&frame={frame}&from={since}&to={until}")
                line = lambda one: (one["stays"], one["open"], one["overdue"], one["median"], one["p90"])
                assert {(one["state"]["value"], one["unit"]["value"]): line(one) for one in got["items"]} == {key: figures(of) for key, of in cut.items()}, (person.login, since, until, frame, by)
                assert line(got["total"]) == figures(every), (got["total"], figures(every))
                for figure in ("stays", "open", "overdue"):
                    assert sum(one[figure] for one in got["items"]) == got["total"][figure]
                asked, counted = asked + 1, max(counted, len(every))
assert figures(stays(day("2026-01-01"), today)[("received", value("SELECT lineage_key FROM ocop.dossier ORDER BY dossier_key DESC LIMIT 1"))])[2] >= 1, "the open one is overdue"
for wrong in ("by=month", "from=x", "from=2026-05-01&to=2026-04-01", "frame=ward", "star=3"):
    status, answer = province.call("GET", f"/api/reports/steps?{wrong}")
    assert status in (400, 404) and wrong.split("=")[0].replace("from", "") in answer["detail"], (wrong, status, answer)
assert [Person(login).call("GET", "/api/reports/steps")[0] for login in ("demo.r14", "demo.r15")] == [200, 403], "who may read dossiers (data/access.csv)"

# every report as a PDF: its figures are those of the JSON
table = province.get("/api/reports/products?rows=unit&columns=star")
printed = words_of(province, "/api/reports/products?rows=unit&columns=star&f=pdf")
for heading, cells, total in zip(table["rows"]["values"], table["cells"], table["row_totals"]):
    wanted = " ".join([heading["label_vi"], *map(str, cells), str(total)])
    assert wanted in printed, (wanted, printed[:600])
assert " ".join(["Tổng", *map(str, table["column_totals"]), str(table["total"])]) in printed
wide = words_of(province, "/api/reports/products?rows=star&columns=unit&f=pdf")
assert all(unit["label_vi"].replace(" ", "") in wide.replace(" ", "") for unit in province.get("/api/reports/products?rows=star&columns=unit")["columns"]["values"])
ending = province.get("/api/reports/expiring?months=36&limit=1000")
listed = words_of(province, "/api/reports/expiring?months=36&f=pdf").replace(" ", "")
assert all(item["product"]["name"].replace(" ", "") in listed for item in ending["items"]) and ending["items"], "every certificate that ends"
times = words_of(province, "/api/reports/steps?by=state&f=pdf&from=2026-01-01")
total = province.get("/api/reports/steps?by=state&from=2026-01-01")["total"]
assert f"Tổng {total['stays']} {total['open']} {total['overdue']} {total['median']} {total['p90']}" in times, times
assert "Thời gian xử lý" in province.call("GET", "/quan-ly/bao-cao?report=steps")[1].decode()
sql("UPDATE ocop.dossier SET retired_at = now() WHERE product_key IN (SELECT product_key FROM ocop.product WHERE name LIKE 'Sản phẩm đo thời gian%')")
print(f"{asked} cuts of {counted} stays and four PDFs")
