"""Invented people and products for the papers of the procedure: what a struct of programme/documents holds, as the command takes it."""
import csv
import hashlib
import random
from collections import defaultdict

CREATED = "2026-11-29T14:20:00+07:00"
LONG_PRODUCT = "Kẹo dừa nguyên chất sầu riêng lá dứa đặc biệt hộp quà tặng Tết Nguyên đán loại 500 gam của những nghệ nhân vùng cù lao ba dải"
LONG_PRODUCER = "Hợp tác xã Dịch vụ Nông nghiệp Sản xuất, Chế biến và Tiêu thụ Dừa hữu cơ Nguyễn Thị Ngọc Quỳnh Như Giồng Trôm"
COMMENT = "Sản phẩm giữ được hương vị truyền thống của người dân xứ dừa; cần bổ sung hồ sơ truy xuất nguồn gốc điện tử, kết quả kiểm nghiệm định kỳ và hợp đồng liên kết với các hộ trồng."


def card(data):
    """set → [(code, label, part, max, [(option, case, points, star, label)])], leaves only, from the files of the rubric"""
    def rows(name):
        with open(f"{data}/{name}.csv", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    labels = {r["label"]: r["vi"] for r in rows("labels")}
    scales = defaultdict(list)
    for r in rows("scales"):
        scales[r["scale"]].append((int(r["option"]), int(r["case"] or 0), r["points"], int(r["min_star"] or 0), labels[r["label"]]))
    sets = defaultdict(list)
    for r in rows("criteria"):
        if r["scale"]:
            sets[int(r["set"])].append((r["code"], labels[r["label"]], r["part"], r["max"], scales[r["scale"]]))
    return sets


def sheet(rng, criteria, name, care=0.9, case=1):
    """Mostly the best option."""
    options = {}
    for code, _, _, _, all_options in criteria:
        allowed = [o for o in all_options if o[1] in (0, case)]
        best = max(allowed, key=lambda o: float(o[2]))
        chosen = best if rng.random() < care else rng.choice(allowed)
        options[code] = {"case": case, "option": chosen[0]} if chosen[1] else chosen[0]
    return {"name": name, "options": options}


def paper(authority="HỘI ĐỒNG ĐÁNH GIÁ, PHÂN HẠNG SẢN PHẨM OCOP", number="05/BB-HĐ", **more):
    return {"superior_authority": "ỦY BAN NHÂN DÂN TỈNH VĨNH LONG", "authority": authority, "number": number, "place": "Vĩnh Long", "date": "2026-11-05",
            "created_at": CREATED, **more}


def producer():
    return {"producer_name": LONG_PRODUCER, "producer_kind": "Hợp tác xã", "legal_representative": "Nguyễn Thị Ngọc Quỳnh Như", "representative_position": "Giám đốc",
            "representative_gender": "Nữ", "representative_ethnicity": "Khmer", "address": "Số 12, ấp Mỹ Lợi, xã Giồng Trôm, tỉnh Vĩnh Long", "commune_name": "Xã Giồng Trôm",
            "province_name": "Tỉnh Vĩnh Long", "phone": "0275 3000 111", "email": "htx.giongtrom@example.vn", "business_reg_no": "1301000222", "business_reg_date": "2019-03-04"}


def product(number=1, name=LONG_PRODUCT, **more):
    return {"dossier_no": f"{number:02}-007/PĐK-86-28960-2026", "product_no": f"86-28960-{number}-2026", "product_name": name, "producer_name": LONG_PRODUCER,
            "address": "Số 12, ấp Mỹ Lợi, xã Giồng Trôm, tỉnh Vĩnh Long", "commune_name": "Xã Giồng Trôm", "class_code": "I.3.c",
            "class_name": "Chế biến từ rau, củ, quả, hạt", "set": 7, **more}


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def registration():
    return {"paper": paper("HỢP TÁC XÃ GIỒNG TRÔM"), "producer": producer(), "product": product(), "registration_kind": "upgrade", "previous_certificate_no": "2023-0118",
            "attachments": ["Báo cáo tự đánh giá (Mẫu 02)", "Giấy đăng ký kinh doanh", "Phiếu kiểm nghiệm"], "sample_quantity": 5,
            "signature": {"position": "GIÁM ĐỐC", "name": "Nguyễn Thị Ngọc Quỳnh Như"},
            "receipts": [{"authority": "Ủy ban nhân dân xã Giồng Trôm", "receipt_no": "03", "received_on": "2026-09-01", "received_by": {"name": "Lê Văn Tám"}},
                         {"authority": "Chi cục Phát triển nông thôn", "receipt_no": "19", "received_on": "2026-09-20",
                          "received_by": {"name": "Phạm Thị Bưởi", "signed_at": "2026-09-20T08:15:00+07:00", "sha256": sha("receipt")}}]}


def self_assessment(rng, criteria):
    return {"paper": paper("HỢP TÁC XÃ GIỒNG TRÔM"), "producer": producer(), "product": product(),
            "papers": [{"name": "Giấy đăng ký kinh doanh", "document_no": "1301000222", "is_held": True}, {"name": "Giấy chứng nhận an toàn thực phẩm", "document_no": "77/ATTP", "is_held": True},
                       {"name": "Văn bằng sở hữu trí tuệ", "is_held": False}],
            "history_note": "Thành lập năm 2012 từ một tổ đan giỏ cọng dừa của mười hai chị em.", "organisation_note": "Hội đồng quản trị 5 người, ban kiểm soát, 42 thành viên.",
            "business_result_note": "Doanh thu tăng đều hai năm liền; đã có mặt ở hệ thống siêu thị trong tỉnh.",
            "results": [{"indicator": "Doanh thu (triệu đồng)", "year_before_last": "4.200", "last_year": "5.150"}, {"indicator": "Lao động thường xuyên (người)", "year_before_last": "31", "last_year": "38"}],
            "sheet": sheet(rng, criteria, "Hợp tác xã"), "evidence_notes": {"1.1": "Hợp đồng mua dừa trái với 26 hộ (tệp 3)", "2.3": "Ảnh nhãn, mã truy xuất (tệp 9)"},
            "evidence": [{"evidence_kind": f"E{i:02}", "name": f"Tài liệu minh chứng thứ {i}", "criterion_code": "1.1, 1.5", "issued_by": "Sở Công Thương", "valid_to": "2027-06-30",
                          "file_name": f"minh-chung-{i}.pdf", "sha256": sha(f"evidence {i}")} for i in range(1, 16)],
            "business_plan_note": "Mở thêm hai điểm bán, đạt chứng nhận HACCP trong quý III.", "signature": {"position": "GIÁM ĐỐC", "name": "Nguyễn Thị Ngọc Quỳnh Như"}}


def commune_report():
    return {"paper": paper("ỦY BAN NHÂN DÂN XÃ GIỒNG TRÔM", "112/BC-UBND", place="Giồng Trôm"), "product": product(), "producer": producer(), "received_on": "2026-09-01",
            "commune_material_opinion": "Toàn bộ dừa trái mua của 26 hộ trong xã, có hợp đồng.", "commune_labour_opinion": "35 trên 38 lao động thường trú tại xã.",
            "commune_idea_opinion": "Nghề nấu kẹo dừa có ở địa phương từ trước năm 1975.", "commune_identity_opinion": "Câu chuyện sản phẩm gắn với vườn dừa cù lao.",
            "is_proposed": True, "proposal_note": "Đề nghị xếp lịch chấm trong đợt 2 năm 2026.", "signature": {"on_behalf": "TM. ỦY BAN NHÂN DÂN", "position": "CHỦ TỊCH", "name": "Trần Văn Dừa"},
            "recipients": ["Chi cục Phát triển nông thôn", "Chủ thể", "Lưu: VT"]}


def commune_meeting():
    return {"paper": paper("ỦY BAN NHÂN DÂN XÃ GIỒNG TRÔM", "14/BB-UBND", place="Giồng Trôm"), "product": product(), "held_on": "2026-09-10", "place": "Hội trường Ủy ban nhân dân xã",
            "chair": "Trần Văn Dừa", "present": ["Lê Thị Mía", "Phan Văn Cau", "Đoàn Thị Lá"], "notes": "Nhất trí bốn nội dung; đề nghị bổ sung hợp đồng mua dừa trái."}


def score_sheet(criteria, member, number=1, comments=None, of_product=None, score_round=1):
    return {"paper": paper(number=f"{number:02}/PĐG-HĐ"), "council_name": "Hội đồng đánh giá, phân hạng sản phẩm OCOP tỉnh Vĩnh Long", "product": of_product or product(),
            "score_round": score_round, "member_agency": "Sở Nông nghiệp và Môi trường", "member_role": "Ủy viên", "sheet": member,
            "comments": comments if comments is not None else {c[0]: f"({c[0]}) {COMMENT}" for c in criteria}, "overall_comment": "Đạt yêu cầu, đề nghị hoàn thiện bao bì.",
            "conditions": [{"vi": "Có tạp chất nguy hiểm", "reason": "Mẫu thử có mảnh kim loại"}],
            "signature": {"position": "THÀNH VIÊN HỘI ĐỒNG", "name": member["name"], "signed_at": "2026-11-05T10:41:00+07:00", "sha256": sha(str(member))}}


NAMES = ["Nguyễn Văn Ánh", "Trần Thị Bưởi", "Lê Hoàng Châu", "Phạm Quốc Đạt", "Huỳnh Thị Ếch", "Võ Ngọc Giàu", "Đặng Thị Hường", "Bùi Công Ích", "Đỗ Kỳ Lân"]


def minutes(judged, members=tuple(NAMES), **more):
    people = [{"name": name, "agency": agency, "role": role, "is_present": True} for name, agency, role in
              zip(members, ["Ủy ban nhân dân tỉnh", "Sở Nông nghiệp và Môi trường", "Sở Công Thương", "Sở Y tế", "Sở Khoa học và Công nghệ", "Sở Văn hóa, Thể thao và Du lịch", "Chi cục Phát triển nông thôn", "Hội Nông dân tỉnh", "Chuyên gia"],
                  ["Chủ tịch", "Phó chủ tịch"] + ["Ủy viên"] * 6 + ["Thư ký"])]
    people.append({"name": "Ngô Thị Mận", "agency": "Liên minh Hợp tác xã", "role": "Ủy viên", "is_present": False, "absence_reason": "công tác xa"})
    return {"paper": paper(), "council_name": "Hội đồng đánh giá, phân hạng sản phẩm OCOP tỉnh Vĩnh Long", "council_decision_no": "1450/QĐ-UBND", "council_decision_date": "2026-07-15",
            "evaluation_batch": "đợt 2 năm 2026", "session_place": "Phòng họp số 2, Chi cục Phát triển nông thôn", "session_mode": "Họp", "started_at": "2026-11-05T08:00:00+07:00",
            "ended_at": "2026-11-05T16:30:00+07:00", "members": people, "guests": ["Đại diện Hội Bảo vệ người tiêu dùng"],
            "conflicts": [{"member": members[-1], "product_name": "Sản phẩm 3", "reason": "là người thân của chủ thể"}], "spread_limit": "10", "quorum": "3/4", "products": judged,
            "conclusion": "Hội đồng thống nhất kết quả tại mục VI và giao Thư ký hoàn thiện hồ sơ trình công nhận.",
            "secretary": {"position": "THƯ KÝ", "name": members[-1]}, "chair": {"position": "CHỦ TỊCH HỘI ĐỒNG", "name": members[0]}, **more}


def recognised(count):
    stars = [5, 4, 3]
    return [{"product": product(i, f"Sản phẩm dừa số {i} Bến Tre"), "mean_total": f"{95 - i % 40}.25", "star": stars[i % 3], "certificate_serial": f"86-2026-{i:04}", "valid_to": "2029-11-29"} for i in range(1, count + 1)]


def decision(count=3):
    return {"paper": paper("ỦY BAN NHÂN DÂN TỈNH VĨNH LONG", "", superior_authority="", date=None, is_draft=True), "decided_by": "CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH VĨNH LONG",
            "evaluation_batch": "đợt 2 năm 2026", "legal_bases": ["Luật Tổ chức chính quyền địa phương", "Quyết định số 1450/QĐ-UBND ngày 15/07/2026 về việc thành lập Hội đồng"],
            "minutes_no": "05/BB-HĐ", "minutes_date": "2026-11-05", "proposed_by": "Giám đốc Sở Nông nghiệp và Môi trường", "products": recognised(count),
            "responsible": ["Chánh Văn phòng Ủy ban nhân dân tỉnh", "Giám đốc Sở Nông nghiệp và Môi trường"],
            "signature": {"position": "CHỦ TỊCH"}, "recipients": ["Như Điều 4", "Văn phòng Điều phối nông thôn mới trung ương", "Lưu: VT"]}


def certificate(star=4):
    return {"paper": paper("CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH VĨNH LONG", "", superior_authority="", date="2026-11-29"), "product": product(), "star": star, "certificate_serial": "86-2026-0007",
            "decision_no": "2210/QĐ-UBND", "decision_date": "2026-11-29", "valid_to": "2029-11-29", "verify_url": "https://ocop.example.vn/certificates/86-2026-0007",
            "signature": {"on_behalf": "ỦY BAN NHÂN DÂN TỈNH", "position": "CHỦ TỊCH", "name": "Nguyễn Văn Ánh"}}


def bundle_list(count=18):
    return {"paper": paper("CHI CỤC PHÁT TRIỂN NÔNG THÔN", "19/DM-PTNT"), "product": product(),
            "files": [{"name": f"minh-chung-{i}-giay-chung-nhan-co-so-du-dieu-kien.pdf", "note": "Tài liệu minh chứng", "bytes": 1000 * i + 7, "sha256": sha(f"file {i}")} for i in range(1, count + 1)],
            "signature": {"position": "NGƯỜI LẬP", "name": "Phạm Thị Bưởi"}}


def judged(rng, sets, count, members=NAMES, care=0.9):
    out = []
    for i in range(1, count + 1):
        of_set = rng.choice(list(sets)) if count > 1 else 7
        people = list(members)[: rng.choice((3, 5, 7, 9))] if count > 1 else list(members)
        rounds = [{"score_round": r + 1, "reason": "" if r == 0 else "chênh lệch vượt mức cho phép", "evaluation": {"members": [sheet(rng, sets[of_set], name, care) for name in people]}}
                  for r in range(2 if i % 5 == 2 else 1)]
        out.append({"product": product(i, f"Sản phẩm {i} của vùng dừa", set=of_set), "rounds": rounds, "discussion": "Cần rõ hơn nguồn nguyên liệu." if i % 4 == 0 else ""})
    return out


def all_kinds(data, seed=2026):
    rng = random.Random(seed)
    sets = card(data)
    return {"registration": registration(), "self-assessment": self_assessment(rng, sets[7]), "commune-report": commune_report(), "commune-meeting": commune_meeting(),
            "score-sheet": score_sheet(sets[7], sheet(rng, sets[7], NAMES[1])), "minutes": minutes(judged(rng, sets, 4)), "ranking": minutes(judged(rng, sets, 12)),
            "decision": decision(), "product-list": decision(), "certificate": certificate(), "bundle-list": bundle_list()}
