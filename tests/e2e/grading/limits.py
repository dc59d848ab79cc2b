#!/usr/bin/env python3
"""45 days for a re-evaluation from the full dossier, 15 days for a withdrawal from the finding (QĐ 26/2026), counted here."""
import datetime

from office import LEAST, Person, best_of, pdf, sql, value, words_of

today = datetime.date.fromisoformat(value("SELECT pub.business_date()"))
after = lambda days, day=today: str(day + datetime.timedelta(days))
producer, officer, province, decider = (Person(f"demo.{role}") for role in ("r02", "r04", "r08", "r13"))


def listed(kind, dossier, at=today):
    return [item for item in province.get(f"/api/reports/deadlines?kind={kind}&limit=1000&at={at}")["items"] if item["dossier"] == dossier]


# --- a re-evaluation, filed 150 days before the certificate ends
product = producer.do("POST", "/api/records/products", {"producer_key": producer.grant["producer_id"], "name": "Kẹo dừa đánh giá lại", "registered_on": "2024-01-05", "class_code": "I.3.c"}, 201)["product_key"]
sql(f"""UPDATE ocop.product SET is_demo = true, publish_status = 'hidden' WHERE product_key = {product};
        INSERT INTO ocop.certificate (product_key, star, decision_no, decided_by, issued_on, valid_to, certificate_serial)
        VALUES ({product}, 3, '77/QĐ', 'UBND tỉnh', DATE '{today}' + 150 - 1096, DATE '{today}' + 150, 'THU-{product}')""")
dossier = producer.do("POST", "/api/dossiers", {"product": product, "registration_kind": "again"}, 201)
number = dossier["id"]
producer.do("PATCH", f"/api/dossiers/{number}", {"answers": best_of(producer.get(f"/api/rubrics/{dossier['rubric']['id']}/sets/7")), **LEAST})
for kind in ("business_registration", "facility_certificate"):
    producer.do("POST", "/api/records/evidences", {"dossier_key": number, "evidence_kind": kind, "evidence_file": producer.upload(pdf(f"{kind} {number}"), f"{kind}.pdf")}, 201)
producer.step(number, "submit")
assert officer.get(f"/api/dossiers/{number}")["deadlines"] == [], "not received yet"
got = officer.step(number, "accept")
assert got["deadlines"] == [{"kind": "renewal", "since": str(today), "due_on": after(45), "done_on": None}], got["deadlines"]
(item,) = listed("renewal", number)
assert (item["due_on"], item["days"], item["state"]) == (after(45), 45, "received"), item
(item,) = listed("step", number)
assert item["due_on"] == got["due_on"]
(item,) = listed("renewal", number, after(50))
assert item["days"] == -5
# what was wanting starts the count again, on the day it is there: the step is moved into the past, as if it had been taken then
asked = officer.step(number, "ask_supplement", reason="Thiếu phiếu kiểm nghiệm", due=after(10), items=[{"asked": "Phiếu kiểm nghiệm còn hạn"}])
producer.do("POST", f"/api/dossiers/{number}/supplements/{asked['supplements'][0]['id']}", {"answer": "Đã nộp"})
sql(f"UPDATE workflow.dossier SET full_on = '{after(-7)}', processed_by = '{after(38)}' WHERE dossier_key = {number}")
assert producer.step(number, "answer_supplement")["deadlines"][0]["due_on"] == after(45), "full again today"
leader = Person("demo.r05")
done = leader.step(number, "not_propose", reason="Không còn nguyên liệu địa phương")
assert done["deadlines"][0]["done_on"] == str(today) and listed("renewal", number) == []
first = value("SELECT dossier_key FROM ocop.dossier WHERE registration_kind = 'first' AND dossier_state = 'received' AND retired_at IS NULL ORDER BY dossier_key DESC LIMIT 1")
assert province.get(f"/api/dossiers/{first}")["deadlines"] == [], "a first dossier has no 45 days"

# --- a withdrawal: the finding of an inspection nine days ago
certified = int(value("""SELECT g.dossier_key FROM ocop.grading_result g JOIN ocop.dossier d USING (dossier_key) JOIN ocop.certificate c USING (certificate_key)
                         WHERE d.dossier_state IN ('certified', 'expiring') AND d.legal_regime_code = 'qd26_2026' AND c.revoked_on IS NULL AND g.retired_at IS NULL AND c.in_force @> pub.business_date()
                           AND NOT EXISTS (SELECT FROM ocop.post_inspection i WHERE i.product_key = d.product_key)
                         UNION ALL SELECT g.dossier_key FROM ocop.grading_result g JOIN ocop.dossier d USING (dossier_key) JOIN ocop.certificate c USING (certificate_key)
                         WHERE d.dossier_state IN ('certified', 'expiring') AND c.revoked_on IS NULL AND g.retired_at IS NULL AND c.in_force @> pub.business_date()
                           AND NOT EXISTS (SELECT FROM ocop.post_inspection i WHERE i.product_key = d.product_key) LIMIT 1"""))
assert province.get(f"/api/dossiers/{certified}")["deadlines"] == []
visit = value(f"INSERT INTO ocop.post_inspection (product_key, inspection_date, inspection_kind) SELECT product_key, DATE '{after(-9)}', 'unannounced' FROM ocop.dossier WHERE dossier_key = {certified} RETURNING post_inspection_key")
sql(f"INSERT INTO ocop.inspection_finding (post_inspection_key, finding_severity, finding_text) VALUES ({visit}, 'minor', 'Nhãn mờ')")
assert province.get(f"/api/dossiers/{certified}")["deadlines"] == [], "a finding that is no ground"
sql(f"INSERT INTO ocop.inspection_finding (post_inspection_key, finding_severity, finding_text, finding_ground) VALUES ({visit}, 'critical', 'Ngừng sản xuất', 'production_stopped')")
assert province.get(f"/api/dossiers/{certified}")["deadlines"] == [{"kind": "withdrawal", "since": after(-9), "due_on": after(6), "done_on": None}]
(item,) = listed("withdrawal", certified)
assert (item["due_on"], item["days"]) == (after(6), 6)
everything = province.get("/api/reports/deadlines?limit=1000")
kinds = [province.get(f"/api/reports/deadlines?limit=1000&kind={kind}") for kind in ("step", "renewal", "withdrawal")]
for figure in ("total", "overdue"):
    assert everything[figure] == sum(one[figure] for one in kinds), figure
assert everything["total"] == len(everything["items"]) and everything["overdue"] == sum(i["days"] < 0 for i in everything["items"])
assert "Thu hồi, 15 ngày" in words_of(province, "/api/reports/deadlines?kind=withdrawal&f=pdf")
assert "step, renewal or withdrawal" in province.do("GET", "/api/reports/deadlines?kind=all", None, 400)["detail"]
assert "Hạn xử lý" in province.call("GET", "/quan-ly/bao-cao?report=deadlines")[1].decode()
decider.step(certified, "revoke", reason="Ngừng sản xuất đã lâu", reason_code="production_stopped", document_no="3/QĐ", document_date=str(today))
assert province.get(f"/api/dossiers/{certified}")["deadlines"][0]["done_on"] == str(today) and listed("withdrawal", certified) == []
print("45 days from the full dossier, 15 from the finding")
