#!/usr/bin/env python3
"""Opinions in writing: those that agree need no meeting, those that differ call one, and so does a member who wants it."""
from fractions import Fraction

from office import PASSWORD, Person, at_the_council, document, sheet_of, sign, value, words_of

secretary, chair = Person("demo.r11"), Person("demo.r12")
members = [chair] + [Person(login) for login in ("demo.r10", "demo.r10.2", "demo.r10.3", "demo.r10.4")]
mode = lambda session: value(f"SELECT session_mode FROM ocop.council_session WHERE council_session_key = {session}")
limit = Fraction(value("SELECT spread_limit FROM ocop.council WHERE external_id = 'demo-council-1'"))


def entries(session):
    return value(f"SELECT count(*) FROM audit.entry WHERE object = 'ocop.council_session' AND row_key = '{session}'")


# opinions that agree: the minutes are signed without a meeting
number, _, session, best = at_the_council("Kẹo dừa ý kiến giống nhau", "written")
for member in members:
    sign(member, sheet_of(member, number), best)
assert mode(session) == "written" and chair.step(number, "sign_minutes", **document(f"{number}/BB-HĐ"))["state"] == "minutes_signed"

# opinions that differ beyond the limit: a step of its own, with the figures as its reason, seen by the audit; the meeting scores again
number, _, session, best = at_the_council("Kẹo dừa ý kiến khác nhau", "written")
card = members[0].get(f"/api/score-sheets/{sheet_of(members[0], number)}")["card"]
leaves = [c for c in card["criteria"] if c["options"]]
lowest = {c["code"]: min(c["options"], key=lambda o: Fraction(o["points"]))["option"] for c in leaves}
points = lambda answers: sum(Fraction(o["points"]) for c in leaves for o in c["options"] if answers[c["code"]] == o["option"])
spread = points(best) - points(lowest)
assert spread > limit
before = entries(session)
for member in members[:4]:
    sign(member, sheet_of(member, number), best)
assert mode(session) == "written", "one is still out"
sign(members[4], sheet_of(members[4], number), lowest)
now = secretary.get(f"/api/dossiers/{number}")
step = now["steps"][-1]
assert mode(session) == "meeting" and (now["state"], now["score_round"], now["session"]["mode"]) == ("council_rescoring", 2, "meeting"), now["session"]
assert (step["action"], step["from"], step["role"]) == ("call_meeting", "council_scoring", "system") and f"{float(spread):g}" in step["reason"] and f"{float(limit):g}" in step["reason"], step
assert int(entries(session)) == int(before) + 1, "the session's change has its entry"
chair.step(number, "sign_minutes", 409, **document("1/BB"))
again = [sheet_of(member, number) for member in members]
assert members[4].get(f"/api/score-sheets/{again[4]}")["answers"] == lowest, "the meeting begins with the opinions"
assert members[4].get(f"/api/score-sheets/{again[4]}")["rescore_reason"] == step["reason"]
secretary.step(number, "call_meeting", 409, reason="đã là phiên họp rồi")
members[4].do("PATCH", f"/api/score-sheets/{again[4]}", {"answers": best})
for member, sheet in zip(members, again):
    member.do("POST", f"/api/score-sheets/{sheet}/signature", {"own_password": PASSWORD}, 201)
chair.step(number, "sign_minutes", **document(f"{number}/BB-HĐ"))
minutes = words_of(secretary, f"/api/council-sessions/{session}/documents/minutes.pdf")
assert "Hình thức: Họp" in minutes and step["reason"] in minutes, minutes

# one member demands it, with a reason; in a meeting that spread means scoring again, no step of its own
number, _, session, best = at_the_council("Kẹo dừa có người muốn họp", "written")
refused = members[1].step(number, "call_meeting", 400, reason="họp")
assert refused["errors"][0]["field"] == "reason", refused
Person("demo.r08").step(number, "call_meeting", 403, reason="Tỉnh muốn họp")
assert members[1].step(number, "call_meeting", reason="Cần nếm mẫu cùng nhau")["session"]["mode"] == "meeting"
for member in members[:4]:
    sign(member, sheet_of(member, number), best)
sign(members[4], sheet_of(members[4], number), lowest)
assert [s["action"] for s in secretary.get(f"/api/dossiers/{number}")["steps"]].count("call_meeting") == 1
print(f"a spread of {float(spread):g} above {float(limit):g} calls a meeting, and a member's demand does")
