#!/usr/bin/env python3
"""An eliminating condition: the best of all sheets gets no certificate when more than half of them name the same one, and does when half do."""
import csv
import pathlib

from office import PASSWORD, Person, at_the_council, document, sheet_of, sign, sql, verify, words_of

RUBRIC = pathlib.Path(__file__).parents[3] / "data/rubrics/qd26-2026"
shipped = {row["label"]: row["kind"] for row in csv.DictReader(open(RUBRIC / "disqualifiers.csv")) if row["set"] == "7"}
labels = {row["label"]: row for row in csv.DictReader(open(RUBRIC / "labels.csv"))}
FOREIGN, COPY, WHY = "dangerous-foreign-matter", "a-copy-of-another-makers-product", "Mẫu thử có mảnh kim loại"
secretary, chair, decider, province = (Person(f"demo.{role}") for role in ("r11", "r12", "r13", "r08"))
members = [chair] + [Person(login) for login in ("demo.r10", "demo.r10.2", "demo.r10.3")]
last = Person("demo.r10.4")


def scored(name, conditions):
    """A dossier whose four counted sheets are all the best there are, each with the conditions it names."""
    number, _, session, best = at_the_council(name)
    last.do("POST", f"/api/score-sheets/{sheet_of(last, number)}/conflict", {"reason": "Chủ thể là người nhà"})
    sheets = [sheet_of(member, number) for member in members]
    for member, sheet, named in zip(members, sheets, conditions):
        sign(member, sheet, best, conditions=named)
    return number, session, sheets, secretary.get(f"/api/dossiers/{number}")["results"][-1]["result"]


number, session, sheets, result = scored("Kẹo dừa có điều kiện loại", [{FOREIGN: WHY, COPY: "Giống hệt một sản phẩm khác"}, {FOREIGN: WHY}, {FOREIGN: WHY}, {}])
assert (result["mean_total"], result["star"], result["certifiable"]) == ("100.000000", 5, False), result
assert [r["vi"] for r in result["reasons"]][1:] == ["Bị loại: " + labels[FOREIGN]["vi"]], (result["reasons"], "three of four name one condition, one of four the other")
card = members[1].get(f"/api/score-sheets/{sheets[1]}")
assert {one["id"]: one["kind"] for one in card["eliminating"]} == {label: kind for label, kind in shipped.items() if kind != "condition"}, "what is asked is the set's own list"
assert card["conditions"] == {FOREIGN: WHY}
members[1].do("PATCH", f"/api/score-sheets/{sheets[1]}", {"conditions": {FOREIGN: None}}, 409)
chair.step(number, "sign_minutes", **document(f"{number}/BB-HĐ"))
for person, action in ((decider, "decide"), (province, "forward_central")):
    refused = person.step(number, action, 409, **document("1/QĐ"))
    assert labels[FOREIGN]["vi"] in refused["detail"] and labels[FOREIGN]["en"] in refused["detail"], refused
minutes = words_of(secretary, f"/api/council-sessions/{session}/documents/minutes.pdf")
assert "Bị loại: " + labels[FOREIGN]["vi"] in minutes and "đủ điều kiện công nhận: không" in minutes, minutes
assert f"{labels[FOREIGN]['vi']}, 3/4 phiếu ({WHY}; {WHY}; {WHY})" in minutes and f"{labels[COPY]['vi']}, 1/4 phiếu" in minutes, minutes
paper = words_of(chair, f"/api/dossiers/{number}/documents/score-sheet.pdf?sheet={sheets[0]}")
assert f"{labels[FOREIGN]['vi']}: {WHY}" in paper, paper
assert province.step(number, "not_recognise", reason="Có dị vật gây hại")["state"] == "not_recognised"

number, _, sheets, result = scored("Kẹo dừa nửa số phiếu", [{FOREIGN: WHY}, {FOREIGN: WHY}, {}, {}])
assert (result["star"], result["certifiable"]) == (5, True), (result, "half is not more than half")
# scoring again begins with what one named; taken back on one sheet and named on two others it makes three of four
secretary.step(number, "rescore", reason="Thảo luận lại về dị vật")
again = [sheet_of(member, number) for member in members]
assert members[0].get(f"/api/score-sheets/{again[0]}")["conditions"] == {FOREIGN: WHY}
for wrong, said in (({"no-such": WHY}, "no-such"), ({FOREIGN: "x"}, FOREIGN), ({"scored-only-where-there-is-a": WHY}, "scored-only"), ({FOREIGN: 1}, FOREIGN)):
    assert said in members[3].do("PATCH", f"/api/score-sheets/{again[3]}", {"conditions": wrong}, 400)["detail"]
for member, sheet, named in zip(members, again, ({FOREIGN: None}, {}, {FOREIGN: WHY}, {FOREIGN: WHY})):
    if named:
        member.do("PATCH", f"/api/score-sheets/{sheet}", {"conditions": named})
    member.do("POST", f"/api/score-sheets/{sheet}/signature", {"own_password": PASSWORD}, 201)
assert not secretary.get(f"/api/dossiers/{number}")["results"][-1]["result"]["certifiable"]

verified = verify("grading")
assert verified.returncode == 0, (verified.stdout, verified.stderr)
# what is named on a sheet is signed: a line that appears afterwards is found
sql(f"INSERT INTO workflow.sheet_condition VALUES ({sheets[2]}, '{COPY}', 'thêm vào sau khi ký')")
verified = verify("grading")
assert verified.returncode == 1 and f"sheet {sheets[2]} is no longer what was signed" in verified.stdout + verified.stderr, (verified.stdout, verified.stderr)
sql(f"DELETE FROM workflow.sheet_condition WHERE score_sheet_key = {sheets[2]}")
print("a condition on 3 of 4 sheets holds back 100 points, on 2 of 4 it does not")
