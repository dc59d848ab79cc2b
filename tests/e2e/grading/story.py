#!/usr/bin/env python3
"""One dossier from draft to certificate, renewal's refusal and revocation, with everybody who has a part in it. What the council's result
must be is worked out here from the score card's own figures."""
from fractions import Fraction
import datetime
import re
import sys

from office import Person, pdf, sql, value, words_of

today = datetime.date.fromisoformat(value("SELECT pub.business_date()"))
producer, officer, leader = Person("demo.r02"), Person("demo.r04"), Person("demo.r05")
province, advisory, secretary, chair, decider = (Person(f"demo.r{n}") for n in ("08", "09", "11", "12", "13"))
members = [chair] + [Person(login) for login in ("demo.r10", "demo.r10.2", "demo.r10.3", "demo.r10.4")]
document = lambda number: {"document_no": number, "document_date": str(today)}

# --- a producer of the officer's commune -----------------------------------------------------------------------------------
lineages = "SELECT l.lineage_key FROM auth.role_grant g JOIN auth.account a USING (account_key), unnest(auth.lineages_of(g.unit_key)) l (lineage_key) WHERE a.login = 'demo.r04'"
key = producer.grant["producer_id"]
assert value(f"SELECT count(*) FROM ocop.producer WHERE producer_key = {key} AND lineage_key IN ({lineages})") == "1", "demo.r02's producer is not in demo.r04's commune"
taken = "SELECT product_key FROM ocop.dossier WHERE retired_at IS NULL AND dossier_state NOT IN ('certified','not_recognised','returned','withdrawn','expired','revoked')"
product = producer.do("POST", "/api/records/products", {"producer_key": key, "name": "Kẹo dừa thử chuyện", "registered_on": str(today), "class_code": "I.3.c"}, 201)["product_key"]
sql(f"UPDATE ocop.product SET is_demo = true, publish_status = 'public' WHERE product_key = {product}")

# --- the draft ---------------------------------------------------------------------------------------------------------------
dossier = producer.do("POST", "/api/dossiers", {"product": product, "registration_kind": "first"}, 201)
number = dossier["id"]
assert dossier["state"] == "draft" and dossier["regime"] == "qd26_2026" and dossier["rubric"]["set"] == 7, dossier
assert officer.call("GET", f"/api/dossiers/{number}")[0] == 404, "a draft is its producer's alone"
producer.do("POST", "/api/dossiers", {"product": product, "registration_kind": "first"}, 409)
(in_list,) = producer.get(f"/api/dossiers?product={product}")["items"]
assert in_list["actions"] == [{"action": "submit", "title_vi": "Nộp hồ sơ", "title_en": "Submit"}], in_list["actions"]
refused = producer.step(number, "withdraw", 409, reason="Chưa muốn nộp")["detail"]
assert '"Nháp"; lúc này có thể: Nộp hồ sơ' in refused and '"Draft"; possible now: Submit [submit]' in refused, refused
refused = producer.step(number, "submit", 409)
assert {e["field"] for e in refused["errors"]} >= {"self_scores", "business_registration", "sample_quantity", "business_plan_note"}, refused
producer.do("PATCH", f"/api/dossiers/{number}", {"answers": {"1.1": 9}}, 400)
producer.do("PATCH", f"/api/dossiers/{number}", {"answers": {"9.9.9": 1}}, 400)
producer.do("PATCH", f"/api/dossiers/{number}", {"answers": {"1.1": 1}, "points": 3}, 400)

card = producer.get(f"/api/rubrics/{dossier['rubric']['id']}/sets/7")
leaves = [c for c in card["criteria"] if c["options"]]
best = {c["code"]: max(c["options"], key=lambda o: Fraction(o["points"]))["option"] for c in leaves}
no_code = dict(best)
no_code["2.3"] = next(o["option"] for c in leaves if c["code"] == "2.3" for o in c["options"] if o["points"] == "2")  # no electronic trace code
filled = producer.do("PATCH", f"/api/dossiers/{number}", {"answers": no_code, "sample_quantity": 5, "business_result_note": "Doanh thu tăng", "business_plan_note": "Mở rộng"})
grade = filled["self"]["grade"]
assert (grade["mean_total"], grade["star"], grade["star_by_points"]) == ("99.000000", 3, 5), grade  # the law's own trap: 99 points and three stars
papers = {}
for kind in ("business_registration", "facility_certificate"):
    papers[kind] = producer.upload(pdf(f"{kind} {number}"), f"{kind}.pdf")
    producer.do("POST", "/api/records/evidences", {"dossier_key": number, "evidence_kind": kind, "evidence_file": papers[kind], "evidence_sha256": papers[kind]}, 201)
filed = producer.get(f"/api/dossiers/{number}")
assert not [m for m in filed["missing"] if m["blocks"]], filed["missing"]
assert producer.step(number, "submit")["state"] == "submitted"
refused = producer.do("PATCH", f"/api/dossiers/{number}", {"sample_quantity": 6}, 409)["detail"]
assert '"Đã nộp"; việc này chỉ làm khi: Nháp' in refused and '"Submitted": that is done while it is Draft' in refused, refused
status, row = producer.call("GET", f"/api/records/dossiers/{number}")
producer.headers.get("ETag")
assert value(f"SELECT version_key IS NOT NULL AND set_no = 7 FROM workflow.dossier WHERE dossier_key = {number}") == "t", "the card is frozen at filing"

# --- the commune ---------------------------------------------------------------------------------------------------------------
other = Person(value("SELECT login FROM auth.account WHERE login LIKE 'demo.r04.%' ORDER BY 1 LIMIT 1"))
assert other.call("GET", f"/api/dossiers/{number}")[0] == 404 and other.step(number, "accept", 404)
leader.step(number, "accept", 403)
got = officer.step(number, "accept")
assert got["state"] == "received" and f"-{today.year}" in got["dossier_no"], got
# fifteen working days, counted here with the calendar's own days
days, day, special = 15, today, {d: k for d, k in sql("SELECT day, kind FROM workflow.calendar_day")}
while days:
    day += datetime.timedelta(1)
    days -= (special[str(day)] == "working") if str(day) in special else day.weekday() < 5
assert got["due_on"] == str(day), (got["due_on"], day)
officer.step(number, "ask_supplement", 400, reason="Thiếu giấy", due=str(today), items=[])
asked = officer.step(number, "ask_supplement", reason="Thiếu phiếu kiểm nghiệm", due=str(today + datetime.timedelta(10)), items=[{"about": "test_report", "asked": "Phiếu kiểm nghiệm còn hạn"}])
assert asked["state"] == "supplement_commune"
producer.step(number, "answer_supplement", 409)
report = producer.upload(pdf(f"test report {number}"), "kiem-nghiem.pdf")
producer.do("POST", "/api/records/evidences", {"dossier_key": number, "evidence_kind": "test_report", "evidence_file": report}, 201)
producer.do("POST", f"/api/dossiers/{number}/supplements/{asked['supplements'][0]['id']}", {"answer": "Đã nộp phiếu mới"})
assert producer.step(number, "answer_supplement")["state"] == "received"
met = {"held_on": str(today), "place": "Trụ sở UBND xã", "chair": "Trần Văn Dừa", "present": ["Lê Thị Mía", "Phan Văn Cau"], "notes": "Nhất trí bốn nội dung của Mẫu 03"}
for field, wrong in (("held_on", str(today + datetime.timedelta(1))), ("held_on", "hôm nay"), ("present", []), ("notes", ""), ("chair", ""), ("file", "0" * 64)):
    assert field in officer.do("PUT", f"/api/dossiers/{number}/meeting", {**met, field: wrong}, 400)["detail"], (field, wrong)
province.do("PUT", f"/api/dossiers/{number}/meeting", met, 403)
notes = officer.upload(pdf(f"meeting {number}"), "bien-ban-hop-xa.pdf")
assert officer.do("PUT", f"/api/dossiers/{number}/meeting", {**met, "file": notes})["meeting"] == {**met, "file": notes}
assert producer.get(f"/api/dossiers/{number}")["meeting"] is None and producer.call("GET", f"/api/files/{notes}")[0] == 404, "before Mẫu 03 is signed it is the commune's"
assert producer.call("GET", f"/api/dossiers/{number}/documents/commune-meeting.pdf")[0] == 404
assert leader.step(number, "review", 409, **document("1/BC"))["errors"], "Mẫu 03 is empty"
officer.do("PUT", f"/api/dossiers/{number}/review", {f"commune_{o}_opinion": "Đạt" for o in ("material", "labour", "idea", "identity")})
assert leader.step(number, "review", **document(f"{number}/BC-UBND"))["state"] == "commune_reviewed"
officer.do("PUT", f"/api/dossiers/{number}/meeting", met, 409)
assert producer.get(f"/api/dossiers/{number}")["meeting"] == {**met, "file": notes} and producer.call("GET", f"/api/files/{notes}")[0] == 200
printed = words_of(leader, f"/api/dossiers/{number}/documents/commune-meeting.pdf")
assert all(words in printed for words in (f"{today:%d/%m/%Y}", met["place"], met["chair"], *met["present"], met["notes"])), printed
province.step(number, "receive", 409)
sent = leader.step(number, "propose", **document(f"{number}/TTr-UBND"))
assert {f["sha256"] for f in sent["bundle"]["files"]} == {*papers.values(), report}, sent["bundle"]
leader.step(number, "propose", 409, **document("2/TTr"))

# --- the province --------------------------------------------------------------------------------------------------------------
province.step(number, "receive")
session = value("INSERT INTO ocop.council_session (council_key, session_date) SELECT council_key, now() + interval '20 days' FROM ocop.council WHERE external_id = 'demo-council-1' RETURNING council_session_key")
late = value("SELECT code FROM workflow.round WHERE proposals_until < pub.business_date() ORDER BY proposals_until DESC LIMIT 1")
assert province.step(number, "assign", 409, round=late, session=session)["errors"][0]["field"] == "round", "a late proposal waits for the next round"
coming = value("SELECT code FROM workflow.round WHERE proposals_until >= pub.business_date() ORDER BY proposals_until LIMIT 1")
assert advisory.call("GET", f"/api/dossiers/{number}")[0] == 404
province.step(number, "assign", round=coming, session=session)
advisory.step(number, "report", 409, **document("1/BC-TTV"))
lon, lat = sql(f"SELECT ST_X(facility_geom), ST_Y(facility_geom) FROM ocop.producer WHERE producer_key = {key}")[0]
seen = advisory.do("PUT", f"/api/dossiers/{number}/appraisal", {"opinion": "Cơ sở sạch, đúng hồ sơ", "visited_on": str(today), "lon": float(lon) + 0.001, "lat": float(lat), "accuracy_m": 8, "photos": []})
expected = value(f"SELECT round(ST_Distance(ST_MakePoint({lon}, {lat})::geography, ST_MakePoint({float(lon) + 0.001}, {lat})::geography)::numeric, 1)")
assert abs(seen["appraisal"]["distance_m"] - float(expected)) < 0.11, (seen["appraisal"], expected)
scoring = advisory.step(number, "report", **document(f"{number}/BC-TTV"))
assert scoring["state"] == "council_scoring"

# --- the council ----------------------------------------------------------------------------------------------------------------
def sheet_of(member):
    return next(s for s in member.get("/api/score-sheets") if s["dossier"] == number and not s["signed_at"])["id"]

lowest = {c["code"]: min(c["options"], key=lambda o: Fraction(o["points"]))["option"] for c in leaves}
points = lambda answers: sum(Fraction(o["points"]) for c in leaves for o in c["options"] if answers[c["code"]] == o["option"])
sheets = [sheet_of(m) for m in members]
answers = [best, best, no_code, lowest]  # the fourth is too far off; the fifth has a conflict
members[0].do("PATCH", f"/api/score-sheets/{sheets[1]}", {"answers": {"1.1": 1}}, 404)  # another's sheet
members[0].do("PATCH", f"/api/score-sheets/{sheets[0]}", {"answers": {"1.1": {"option": 1}}}, 400)
members[0].do("PATCH", f"/api/score-sheets/{sheets[0]}", {"points": {"1.1": 3}}, 400)
members[0].do("POST", f"/api/score-sheets/{sheets[0]}/signature", {"own_password": "ba cây dừa xanh"}, 400)  # nothing answered
members[4].do("POST", f"/api/score-sheets/{sheets[4]}/conflict", {"reason": "Chủ thể là người nhà"})
members[4].do("PATCH", f"/api/score-sheets/{sheets[4]}", {"answers": {"1.1": 1}}, 409)
for member, sheet, chosen in zip(members, sheets, answers):
    member.do("PATCH", f"/api/score-sheets/{sheet}", {"answers": chosen, "comments": {"2.3": "Nhãn đẹp"}})
members[0].do("POST", f"/api/score-sheets/{sheets[0]}/signature", {"own_password": "sai"}, 403)
for member, sheet in zip(members[:3], sheets):
    member.do("POST", f"/api/score-sheets/{sheet}/signature", {"own_password": "ba cây dừa xanh"}, 201)
others = members[3].get(f"/api/dossiers/{number}/sheets")
assert all(s["answers"] is None and s["total"] is None for s in others if not s["is_mine"]), "others' sheets are hidden until one's own is signed"
assert all(s["total"] is None for s in secretary.get(f"/api/dossiers/{number}/sheets")), "the secretary sees who has signed, not what"
members[0].do("PATCH", f"/api/score-sheets/{sheets[0]}", {"answers": {"1.1": 1}}, 409)
secretary.step(number, "rescore", 409, reason="quá sớm chưa tổng hợp")
members[3].do("POST", f"/api/score-sheets/{sheets[3]}/signature", {"own_password": "ba cây dừa xanh"}, 201)

def expect(result, sheets_given):
    totals = [points(a) for a in sheets_given]
    mean, spread = Fraction(sum(totals), len(totals)), max(totals) - min(totals)
    assert Fraction(result["spread"]) == spread and abs(Fraction(result["mean_total"]) - mean) <= Fraction(1, 2_000_000), (result, mean, spread)
    return mean, spread

result = secretary.get(f"/api/dossiers/{number}")["results"][-1]["result"]
_, spread = expect(result, answers)
assert spread > 10 and not result["certifiable"]
assert chair.step(number, "sign_minutes", 409, **document("1/BB"))["errors"][0]["field"] == "spread"
secretary.step(number, "rescore", reason="Chênh lệch quá 10 điểm, Hội đồng thảo luận lại")
again = [sheet_of(m) for m in members[:4]]
assert again[3] not in sheets and members[3].get(f"/api/score-sheets/{again[3]}")["answers"] == lowest, "scoring again begins from the old sheet, which stays"
members[3].do("PATCH", f"/api/score-sheets/{again[3]}", {"answers": no_code})
for member, sheet in zip(members, again):
    member.do("POST", f"/api/score-sheets/{sheet}/signature", {"own_password": "ba cây dừa xanh"}, 201)
result = secretary.get(f"/api/dossiers/{number}")["results"][-1]["result"]
mean, _ = expect(result, [best, best, no_code, no_code])
# 99.5 points; criterion 2.3 asks three points of more than half for four stars, and has them of half only
assert (result["mean_total"], result["star_by_points"], result["star"], result["certifiable"]) == ("99.500000", 5, 3, True), result
decider.step(number, "decide", 409, **document("1/QĐ"))
chair.step(number, "sign_minutes", **document(f"{number}/BB-HĐ"))
province.step(number, "forward_central", 409, **document("1/TTr"))
province.step(number, "not_recognise", 409, reason="không đủ")
decided = decider.step(number, "decide", **document(f"{number}/QĐ-UBND"))
assert decided["state"] == "decided"
certified = province.step(number, "certify")
shown = producer.call("GET", f"/products/{product}")[1].decode()
link = re.search(r'href="(/xac-minh/[^"]+)"', shown).group(1)
assert certified["outcome"]["certificate"]["serial"] in producer.call("GET", link)[1].decode(), "the product's page leads to the certificate's state"
rules = producer.call("GET", f"/quan-ly/ho-so/{number}")[1].decode()
assert '"upload_rules":{' in rules and '"document_bytes":' in rules, "the page knows what files are taken"
given = certified["outcome"]["certificate"]
assert given["star"] == 3 and given["issued_on"] == str(today), given
assert given["valid_to"] == value(f"SELECT ('{today}'::date + interval '36 months')::date")
assert producer.get(f"/api/products/{product}")["star"] == 3, "the public sees the star"

# --- the papers say what the sheets say -------------------------------------------------------------------------------------------
minutes = words_of(secretary, f"/api/council-sessions/{session}/documents/minutes.pdf")
mine = minutes[minutes.index(certified["dossier_no"]):]
second = mine[mine.index("Lượt 2"):]
printed = [Fraction(total) for total in re.findall(r"#\d+ (\d+(?:\.\d+)?)", second)][:4]
assert printed == [points(a) for a in (best, best, no_code, no_code)], printed
shown, spread = re.search(r"Điểm trung bình: ([\d.]+).*?Chênh lệch lớn nhất: ([\d.]+)", second).groups()
assert Fraction(shown) == Fraction(sum(printed), 4) and Fraction(spread) == max(printed) - min(printed), (shown, spread)
assert "Chủ thể là người nhà" in minutes and "Chênh lệch quá 10 điểm, Hội đồng thảo luận lại" in second
for person, kind, says in ((producer, "registration", certified["dossier_no"]), (producer, "self-assessment", "Mở rộng"), (leader, "commune-report", f"{number}/BC-UBND"),
                           (province, "bundle-list", report), (province, "certificate", given["serial"])):
    assert says.replace(" ", "") in words_of(person, f"/api/dossiers/{number}/documents/{kind}.pdf").replace(" ", ""), kind  # a hash breaks over lines
assert f"{number}/QĐ-UBND" in words_of(decider, f"/api/council-sessions/{session}/documents/decision.pdf")
assert producer.call("GET", f"/api/council-sessions/{session}/documents/minutes.pdf")[0] == 403
assert other.call("GET", f"/api/dossiers/{number}/documents/registration.pdf")[0] == 404
assert producer.call("GET", f"/api/dossiers/{number}/documents/score-sheet.pdf?sheet={again[0]}")[0] == 404
assert "100" in words_of(secretary, f"/api/dossiers/{number}/documents/score-sheet.pdf?sheet={again[0]}")

last_day = datetime.date.fromisoformat(given["valid_to"]) - datetime.timedelta(1)
assert f"đến hết ngày {last_day:%d/%m/%Y}" in words_of(province, f"/api/dossiers/{number}/documents/certificate.pdf"), "the last day it holds"

# --- afterwards ------------------------------------------------------------------------------------------------------------------
renewal = producer.do("POST", "/api/dossiers", {"product": product, "registration_kind": "again", "carry_over": True}, 201)
assert renewal["self"]["answers"] == no_code and len(renewal["evidence"]) == 3, "everything is carried over"
early = producer.step(renewal["id"], "submit", 409)
assert any(e["field"] == "submitted_at" for e in early["errors"]), early
assert value(f"SELECT workflow.tick('{given['valid_to']}'::date - 100)") != "0"
assert province.get(f"/api/dossiers/{number}")["state"] == "expiring"
province.step(number, "extend", 409, due=str(datetime.date.fromisoformat(given["valid_to"]) + datetime.timedelta(181)), **document("9/QĐ"))
decider.step(number, "revoke", 400, reason="Ngừng sản xuất đã lâu", reason_code="bored", **document("2/QĐ"))
decider.step(number, "revoke", reason="Ngừng sản xuất đã lâu", reason_code="production_stopped", **document("2/QĐ"))
assert producer.get(f"/api/products/{product}")["star"] is None, "a revoked certificate shows no star"
assert value(f"SELECT count(*) FROM workflow.step s JOIN audit.entry e ON e.object = 'workflow.step' AND e.row_key = s.step_key::text WHERE s.dossier_key = {number}") == \
    value(f"SELECT count(*) FROM workflow.step WHERE dossier_key = {number}"), "each step has its entry in the audit"
for statement in (f"UPDATE workflow.step SET reason = 'x' WHERE dossier_key = {number}", f"DELETE FROM workflow.signature WHERE score_sheet_key = {again[0]}",
                  f"UPDATE ocop.score SET score_points = 9 WHERE score_sheet_key = {again[0]}", f"UPDATE workflow.result SET result = '{{}}' WHERE dossier_key = {number}",
                  "UPDATE rubric.option SET points = 0", "DELETE FROM rubric.version"):
    try:
        sql(statement)
    except AssertionError:
        continue
    sys.exit(f"{statement}: was done")
sql(f"UPDATE ocop.product SET publish_status = 'hidden' WHERE product_key = {product}")  # others count what is public
print(f"dossier {number}: {len(certified['steps'])} steps to certificate {given['serial']}, mean {float(mean)}")
