#!/usr/bin/env python3
"""PDFs signed elsewhere: who attaches what, who sees it, and what the audit's chain holds of it. Hashes are worked out here."""
import hashlib

from office import Person, at_the_council, document, pdf, sheet_of, sign, sql, value, verify

producer, secretary, chair, decider, province = (Person(f"demo.{role}") for role in ("r02", "r11", "r12", "r13", "r08"))
members = [chair] + [Person(login) for login in ("demo.r10", "demo.r10.2", "demo.r10.3", "demo.r10.4")]
number, product, session, best = at_the_council("Kẹo dừa ký ở nơi khác")
path = f"/api/dossiers/{number}/signed-files"
sheets = [sheet_of(member, number) for member in members]
one = members[1]
scan = one.upload(pdf(f"signed sheet {number}"), "phieu-da-ky.pdf")
one.do("POST", path, {"about": "score_sheet", "sheet": sheets[1], "file": scan}, 409)  # not signed yet
hashes = [sign(member, sheet, best) for member, sheet in zip(members[:4], sheets)]
got = one.do("POST", path, {"about": "score_sheet", "sheet": sheets[1], "file": scan}, 201)["signed_files"]
assert [(f["about"], f["sheet"], f["signs"], f["file"], f["name"]) for f in got] == [("score_sheet", sheets[1], hashes[1], scan, "phieu-da-ky.pdf")], got

# what is refused, and in which words
picture = one.upload(bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"), "anh.png", "image/png")
for body, status, says in (({"about": "score_sheet", "sheet": sheets[1], "file": scan}, 409, "đã được gắn"), ({"about": "score_sheet", "sheet": sheets[1], "file": picture}, 400, "image/png"),
                           ({"about": "score_sheet", "sheet": sheets[0], "file": scan}, 409, str(sheets[0])), ({"about": "minutes", "file": scan}, 409, "minutes"), ({"about": "paper", "file": scan}, 400, "paper"),
                           ({"about": "minutes", "sheet": 1, "file": scan}, 400, "sheet"), ({"about": "score_sheet", "sheet": sheets[1], "file": "0" * 64}, 400, "0" * 64)):
    refused = one.do("POST", path, body, status)
    assert says in refused["detail"], (body, refused)
assert "tải lên" in members[2].do("POST", path, {"about": "score_sheet", "sheet": sheets[2], "file": scan}, 400)["detail"], "another's upload"

# a colleague who has not signed sees neither the list's line nor the file; one who has sees both
assert members[4].get(f"/api/dossiers/{number}")["signed_files"] == [] and members[4].call("GET", f"/api/files/{scan}")[0] == 404
assert members[2].call("GET", f"/api/files/{scan}")[0] == 200 and len(members[2].get(f"/api/dossiers/{number}")["signed_files"]) == 1
assert province.call("GET", f"/api/files/{scan}")[0] == 404, "the province sees sheets after the minutes"
sign(members[4], sheets[4], best)
chair.step(number, "sign_minutes", **document(f"{number}/BB-HĐ"))
assert province.call("GET", f"/api/files/{scan}")[0] == 200
signed_minutes = secretary.upload(pdf(f"signed minutes {number}"), "bien-ban-da-ky.pdf")
secretary.do("POST", path, {"about": "minutes", "file": signed_minutes}, 201)
assert producer.call("GET", f"/api/files/{signed_minutes}")[0] == 404 and producer.get(f"/api/dossiers/{number}")["signed_files"] == []
province.step(number, "forward_central", **document(f"{number}/TTr-UBND"))
province.step(number, "record_central", star=4, **document(f"{number}/QĐ-UBND"))
signed_decision = decider.upload(pdf(f"signed decision {number}"), "quyet-dinh-da-ky.pdf")
decider.do("POST", path, {"about": "decision", "file": signed_decision}, 201)
assert [f["about"] for f in producer.get(f"/api/dossiers/{number}")["signed_files"]] == ["decision"] and producer.call("GET", f"/api/files/{signed_decision}")[0] == 200

# each is an entry of the chain over a row that holds both hashes, and what is signed is the sheet as the database wrote it
for file, signs in ((scan, hashes[1]), (signed_minutes, None), (signed_decision, None)):
    ((sealed, image, of),) = sql(f"""SELECT encode(e.after_hash, 'hex'), audit.image('workflow.signed_file', e.row_key), s.signs FROM audit.entry e
                                     JOIN workflow.signed_file s ON e.row_key = s.signed_file_key::text WHERE e.object = 'workflow.signed_file' AND s.file = '{file}'""")
    assert hashlib.sha256(image.encode()).hexdigest() == sealed and file in image and (signs or of) in image, (sealed, image)
written = value(f"SELECT sheet::text FROM workflow.signature WHERE score_sheet_key = {sheets[1]}")
assert hashlib.sha256(written.encode()).hexdigest() == hashes[1]
assert hashlib.sha256(pdf(f"signed sheet {number}")).hexdigest() == scan == hashlib.sha256(chair.call("GET", f"/api/files/{scan}")[1]).hexdigest()
checked = verify("audit")
assert checked.returncode == 0, (checked.stdout, checked.stderr)
print("sheet, minutes and decision with copies signed elsewhere")
