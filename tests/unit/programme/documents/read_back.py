#!/usr/bin/env python3
"""Writes every paper of the procedure and reads it back with programs that are not ours: poppler, zbar, Python's zipfile and XML.

usage: read_back.py OCOPMAP DATA"""
import io
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
import unittest
import xml.etree.ElementTree as ET
import zipfile
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "grading")]
import recount  # noqa: E402  the second way to grade
import samples  # noqa: E402

PROGRAM, DATA = "", ""
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
KINDS = ["registration", "self-assessment", "commune-report", "commune-meeting", "score-sheet", "minutes", "ranking", "decision", "product-list", "certificate", "bundle-list"]
MARK = "BẢN HUẤN LUYỆN / TRAINING COPY"


def run(*command, stdin=b""):
    done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout, done.stderr.decode()


def make(kind, fields, form="pdf", rubric="QD26-2026"):
    code, out, error = run(PROGRAM, "document", kind, "--format", form, "--rubric", rubric, stdin=json.dumps(fields).encode())
    assert code == 0, f"{kind} {form}: {code} {error}"
    return out


def tool(name, *options, pdf):
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        code, out, error = run(name, *[file.name if o == "FILE" else o for o in options])
        assert code == 0, f"{name}: {error}"
        return out.decode()


def pages_of(pdf):
    """The lines of each page in the order they were written, without marks, page numbers and feet."""
    out = []
    for number, page in enumerate(tool("pdftotext", "-raw", "FILE", "-", pdf=pdf).split("\f")[:-1], 1):
        lines = page.strip().split("\n")
        if lines[0].startswith(MARK) or lines[0] == "DỰ THẢO":
            lines = lines[1:]
        if re.search(r"Trang \d+/\d+$", lines[-1]):
            lines = lines[:-1]
            if number > 1:
                assert lines[-1] == str(number), lines[-1]
                lines = lines[:-1]
        out.append(lines)
    return out


def text_of(pdf):
    return "\n".join("\n".join(lines) for lines in pages_of(pdf))


def squeezed(text):
    """Lines break where the page wants: only the letters and their order count."""
    return re.sub(r"\s+", "", text)


def paragraphs_of(docx):
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        assert archive.testzip() is None
        body = ET.fromstring(archive.read("word/document.xml"))
    texts = ("".join("\n" if n.tag == W + "br" else n.text or "" for n in p.iter() if n.tag in (W + "t", W + "br")) for p in body.iter(W + "p"))
    return [t for t in texts if t.strip()]


def day(iso):
    return f"{iso[8:10]}/{iso[5:7]}/{iso[:4]}"


def leaves(value, key=""):
    """What the page must show of the fields: texts as they are, days and times in the Vietnamese way."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("created_at", "registration_kind", "sheet", "evaluation", "quorum"):
                yield from leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, key)
    elif isinstance(value, str) and value:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            yield key, day(value)
        elif re.match(r"\d{4}-\d\d-\d\dT", value):
            yield key, f"{value[11:16]} ngày {day(value)}"
        else:
            yield key, value
    elif isinstance(value, int) and not isinstance(value, bool):
        yield key, str(value)


# What a paper leaves out on purpose, by kind.
NOT_SHOWN = {
    "registration": {"superior_authority", "authority", "number", "producer_kind", "representative_gender", "representative_ethnicity", "commune_name", "province_name", "business_reg_no", "business_reg_date", "product_no", "date"},
    "self-assessment": {"superior_authority", "authority", "number", "dossier_no", "product_no", "class_code", "class_name", "date"},
    "commune-report": {"producer_kind", "representative_position", "representative_gender", "representative_ethnicity", "commune_name", "province_name", "phone", "email", "business_reg_no", "business_reg_date", "product_no", "set", "date"},
    "commune-meeting": {"product_no", "commune_name", "set", "date"},
    "score-sheet": {"commune_name", "class_code", "class_name", "date"},
    "minutes": {"address", "commune_name", "class_code", "class_name", "product_no", "score_round", "date"},
    "decision": {"commune_name", "set"},
    "product-list": {"commune_name", "set", "decided_by", "legal_bases", "minutes_no", "minutes_date", "proposed_by", "responsible", "recipients"},
    "certificate": {"dossier_no", "product_no", "commune_name", "set", "number", "date"},
    "bundle-list": {"product_no", "address", "commune_name", "set", "date"},
}
# Phrases of each paper, in the order of its form.
ORDER = {
    "registration": ["Mẫu 01", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "PHIẾU ĐĂNG KÝ", "1. Tên đơn vị", "2. Người đại diện pháp luật", "3. Chức vụ", "4. Địa chỉ", "5. Điện thoại", "6. Thư điện tử", "Tên sản phẩm", "Ngành, nhóm, phân nhóm",
                     "☐ Lần đầu", "☒ Nâng hạng", "Số lượng sản phẩm mẫu: 5", "CAM KẾT", "GIÁM ĐỐC", "PHẦN DÀNH CHO CƠ QUAN TIẾP NHẬN", "Ủy ban nhân dân xã Giồng Trôm", "Số phiếu: 03", "Chi cục Phát triển nông thôn", "Số phiếu: 19"],
    "self-assessment": ["Mẫu 02", "BÁO CÁO TỰ ĐÁNH GIÁ VỀ SẢN PHẨM", "PHẦN I.", "PHẦN II.", "PHẦN III.", "Phần A", "Cộng phần A", "Phần B", "Cộng phần B", "Phần C", "Cộng phần C", "TỔNG ĐIỂM", "Danh mục tài liệu minh chứng", "E01", "E15", "PHẦN IV.", "GIÁM ĐỐC"],
    "commune-report": ["Mẫu 03", "ỦY BAN NHÂN DÂN XÃ GIỒNG TRÔM", "112/BC-UBND", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "BÁO CÁO", "nguyên liệu địa phương", "lao động địa phương", "nguồn gốc ý tưởng", "bản sắc, trí tuệ", "☒ Đề nghị", "☐ Không đề nghị", "Nơi nhận:", "CHỦ TỊCH", "Trần Văn Dừa"],
    "commune-meeting": ["ỦY BAN NHÂN DÂN XÃ GIỒNG TRÔM", "14/BB-UBND", "BIÊN BẢN", "Ngày họp: 10/09/2026", "Địa điểm", "Chủ trì", "1. Thành phần", "Lê Thị Mía", "Phan Văn Cau", "Đoàn Thị Lá", "2. Nội dung", "NGƯỜI GHI", "CHỦ TRÌ"],
    "score-sheet": ["PHIẾU ĐÁNH GIÁ SẢN PHẨM OCOP", "Bộ 7", "Hội đồng:", "Sản phẩm:", "Thành viên chấm: Trần Thị Bưởi", "Lượt chấm: 1", "Phần A", "Cộng phần A", "Phần B", "Phần C", "TỔNG ĐIỂM", "TỔNG HỢP", "Tổng điểm", "Nhận xét chung", "Ký trên hệ thống lúc 10:41 ngày 05/11/2026", "SHA-256"],
    "minutes": ["BIÊN BẢN", "I. THỜI GIAN, ĐỊA ĐIỂM", "II. THÀNH PHẦN", "Có mặt: 9 trên 10", "vắng: công tác xa", "III. XUNG ĐỘT LỢI ÍCH", "IV. CĂN CỨ VÀ CÁCH TÍNH", "Theo Quyết định 26/2026/QĐ-TTg", "Đề xuất, văn bản không quy định", "quá nửa số phiếu", "Theo quy chế hoạt động", "3/4",
                "V. KẾT QUẢ TỪNG SẢN PHẨM", "1. Sản phẩm 1", "2. Sản phẩm 2", "Lượt 1 (giữ để đối chiếu)", "Lượt 2 (kết quả): chênh lệch vượt mức cho phép", "3. Sản phẩm 3", "4. Sản phẩm 4", "VI. BẢNG XẾP HẠNG", "VII. KẾT LUẬN", "THƯ KÝ", "CHỦ TỊCH HỘI ĐỒNG"],
    "ranking": ["BẢNG XẾP HẠNG", "Hạng", "Điểm TB", "THƯ KÝ"],
    "decision": ["QUYẾT ĐỊNH", "CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH VĨNH LONG", "Căn cứ Quyết định 26/2026/QĐ-TTg", "Căn cứ Luật", "Căn cứ Biên bản số 05/BB-HĐ ngày 05/11/2026", "Theo đề nghị của", "QUYẾT ĐỊNH:", "Điều 1.", "Điều 2.", "36 tháng", "Điều 3.", "Điều 4.", "Nơi nhận:", "PHỤ LỤC", "86-2026-0001", "86-2026-0003", "Tổng số: 3 sản phẩm"],
    "product-list": ["DANH MỤC", "86-2026-0001", "86-2026-0003", "Tổng số: 3 sản phẩm"],
    "certificate": ["Chỗ đặt biểu trưng OCOP", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Số: 86-2026-0007", "GIẤY CHỨNG NHẬN SẢN PHẨM OCOP", "Chủ thể:", "Địa chỉ:", "đạt hạng 4 SAO", "Theo Quyết định số 2210/QĐ-UBND ngày 29/11/2026", "hết ngày 29/11/2029", "Quét để xem", "ngày 29 tháng 11 năm 2026", "Nguyễn Văn Ánh"],
    "bundle-list": ["DANH MỤC HỒ SƠ", "minh-chung-1-", "1007", "minh-chung-18-", "18007", "Tổng số: 18 tệp, 171126 byte"],
}


class Papers(unittest.TestCase):
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.fields = samples.all_kinds(DATA + "/rubrics/qd26-2026")
        cls.sets = samples.card(DATA + "/rubrics/qd26-2026")
        jobs = [(kind, form) for kind in KINDS for form in ("pdf", "docx")]
        with ThreadPoolExecutor(2) as pool:
            cls.made = dict(zip(jobs, pool.map(lambda job: make(job[0], cls.fields[job[0]], job[1]), jobs)))
        cls.texts = {kind: text_of(cls.made[kind, "pdf"]) for kind in KINDS}

    def assert_in_order(self, phrases, text, where):
        text, at = squeezed(text), 0
        for phrase in phrases:
            found = text.find(squeezed(phrase), at)
            self.assertGreaterEqual(found, 0, f"{where}: no “{phrase}” after {at}")
            at = found + len(squeezed(phrase))

    def test_every_field_is_on_the_page(self):
        shown = 0
        for kind, unseen in NOT_SHOWN.items():
            docx = squeezed("\n".join(paragraphs_of(self.made[kind, "docx"])))
            pdf = squeezed(self.texts[kind])
            for key, words in leaves(self.fields[kind]):
                if key in unseen:
                    continue
                shown += 1
                self.assertIn(squeezed(words), pdf, f"{kind}.{key} in the PDF")
                self.assertIn(squeezed(words), docx, f"{kind}.{key} in the DOCX")
        self.assertGreater(shown, 400)

    def test_phrases_stand_in_the_order_of_the_form(self):
        for kind, phrases in ORDER.items():
            self.assert_in_order(phrases, self.texts[kind], kind + ", PDF")
            self.assert_in_order([p for p in phrases if p not in (MARK,)], "\n".join(paragraphs_of(self.made[kind, "docx"])), kind + ", DOCX")

    def test_both_writers_show_the_same_words(self):
        for kind in KINDS:
            pdf = squeezed(self.texts[kind])
            for paragraph in paragraphs_of(self.made[kind, "docx"]):
                if set(paragraph) == {"★"}:  # drawn in a PDF
                    continue
                self.assertIn(squeezed(paragraph), pdf, kind)

    def test_text_is_composed(self):
        for kind in KINDS:
            text = self.texts[kind]
            self.assertEqual(unicodedata.normalize("NFC", text), text, kind)
            self.assertNotIn("\ufffd", text)

    def test_fonts_are_embedded(self):
        for kind in KINDS:
            rows = [row.split() for row in tool("pdffonts", "FILE", pdf=self.made[kind, "pdf"]).splitlines()[2:]]
            self.assertTrue(rows)
            for row in rows:
                self.assertEqual(row[-5:-2], ["yes", "yes", "yes"], f"{kind}: embedded, a subset, with letters behind the glyphs: {row}")
                self.assertRegex(row[0], r"^[A-Z]{6}\+(NotoSerif-|NotoSansSymbols2-|CairoFont-)", kind)

    def test_properties_and_structure(self):
        for kind in KINDS:
            pdf = self.made[kind, "pdf"]
            info = dict(re.split(r":\s+", line, maxsplit=1) for line in tool("pdfinfo", "-isodates", "FILE", pdf=pdf).splitlines() if re.search(r":\s", line))
            self.assertEqual(info["CreationDate"][:19], "2026-11-29T14:20:00", kind)
            self.assertEqual(info["Tagged"], "yes")
            self.assertTrue(info["Page size"].startswith("841.89 x 595.2" if kind == "certificate" else "595.276 x 841.89"), info["Page size"])
            self.assertTrue(info["Title"])
            self.assertEqual(info["Author"], self.fields[kind]["paper"]["authority"])
            self.assertIn(b"/Lang (vi-VN)", pdf)
            structure = tool("pdfinfo", "-struct", "FILE", pdf=pdf)
            for tag in ("H1",) + (() if kind in ("certificate", "registration", "commune-report") else ("Table", "TR", "TH", "TD")):
                self.assertRegex(structure, rf"(?m)^\s*{tag}\b", kind)

    def test_a_certificate_keeps_to_one_page(self):
        """Names and address as long as the record takes them: all of it on one page inside the frame, and a short one as large as ever."""
        def sizes(pdf):
            return [float(size) for size in re.findall(r'<fontspec [^>]*size="([\d.]+)"', tool("pdftohtml", "-xml", "-stdout", "-i", "FILE", pdf=pdf))]
        long = samples.certificate()
        for key, words in (("product_name", "Kẹo dừa sầu riêng lá dứa"), ("producer_name", "Hợp tác xã nông nghiệp"), ("address", "Ấp Phước Thạnh, xã Giồng Trôm")):
            long["product"][key] = (words + " ") * 40
            long["product"][key] = long["product"][key][:500].strip()
        pdf = make("certificate", long)
        self.assertEqual(re.search(r"Pages:\s+(\d+)", tool("pdfinfo", "FILE", pdf=pdf)).group(1), "1")
        for key in ("product_name", "producer_name", "address"):
            self.assertIn(squeezed(long["product"][key]), squeezed(text_of(pdf)))
        inside = [float(y) for y in re.findall(r'<word [^>]*yMax="([\d.]+)"', tool("pdftotext", "-bbox", "FILE", "-", pdf=pdf))]
        self.assertLess(max(inside), (210 - 11.5) * 72 / 25.4, "above the frame's lower line")
        self.assertLess(max(sizes(pdf)), max(sizes(self.made["certificate", "pdf"])))

    def test_same_fields_same_bytes(self):
        for (kind, form), first in self.made.items():
            if kind in ("score-sheet", "certificate", "decision"):
                self.assertEqual(make(kind, self.fields[kind], form), first, f"{kind} {form}")

    def test_marks(self):
        for kind in KINDS:
            raw = tool("pdftotext", "-raw", "FILE", "-", pdf=self.made[kind, "pdf"])
            pages = raw.split("\f")[:-1]
            self.assertEqual(sum(MARK in page for page in pages), 0 if kind == "bundle-list" else len(pages), kind)
            self.assertEqual(sum("DỰ THẢO" in page for page in pages), len(pages) if kind in ("decision", "product-list") else 0, kind)
        with tempfile.TemporaryDirectory() as folder:
            official = Path(folder) / "official"
            shutil.copytree(DATA + "/rubrics/qd26-2026", official)
            toml = official / "rubric.toml"
            toml.write_text(toml.read_text().replace('text = "training"', 'text = "official"'))
            pdf = make("score-sheet", self.fields["score-sheet"], "pdf", str(official))
            self.assertNotIn("TRAINING", tool("pdftotext", "-raw", "FILE", "-", pdf=pdf))
            docx = make("score-sheet", self.fields["score-sheet"], "docx", str(official))
            heads = [zipfile.ZipFile(io.BytesIO(d)).read("word/header1.xml").decode() for d in (docx, self.made["score-sheet", "docx"])]
            self.assertEqual(["TRAINING" in head for head in heads], [False, True])

    def test_qr_code_leads_to_the_page_of_the_certificate(self):
        url = self.fields["certificate"]["verify_url"]
        with tempfile.TemporaryDirectory() as folder:
            pdf = Path(folder) / "c.pdf"
            pdf.write_bytes(self.made["certificate", "pdf"])
            run("pdftoppm", "-r", "150", "-png", str(pdf), folder + "/page")
            (Path(folder) / "docx.png").write_bytes(zipfile.ZipFile(io.BytesIO(self.made["certificate", "docx"])).read("word/media/qr1.png"))
            for picture in ("page-1.png", "docx.png"):
                code, out, error = run("zbarimg", "--raw", "-q", folder + "/" + picture)
                self.assertEqual((code, out.decode().strip()), (0, url), picture + error)

    def test_docx_is_whole(self):
        for kind in KINDS:
            with zipfile.ZipFile(io.BytesIO(self.made[kind, "docx"])) as archive:
                names = archive.namelist()
                self.assertEqual(names[0], "[Content_Types].xml")
                parts = {name: ET.fromstring(archive.read(name)) for name in names if not name.endswith(".png")}
                self.assertTrue(all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist()))
            named = {e.get("PartName")[1:] for e in parts["[Content_Types].xml"] if e.get("PartName")}
            self.assertEqual(named, {n for n in names if n.endswith(".xml") and n != "[Content_Types].xml"}, kind)
            ids = {e.get("Id"): "word/" + e.get("Target") for e in parts["word/_rels/document.xml.rels"]}
            self.assertLessEqual(set(ids.values()), set(names))
            body = parts["word/document.xml"]
            used = {value for e in body.iter() for key, value in e.attrib.items() if key.endswith("relationships}id") or key.endswith("relationships}embed")}
            self.assertLessEqual(used, set(ids))
            styles = {e.get(W + "styleId") for e in parts["word/styles.xml"].iter(W + "style")}
            self.assertLessEqual({e.get(W + "val") for e in body.iter(W + "pStyle")}, styles)
            for table in body.iter(W + "tbl"):
                columns = len(table.find(W + "tblGrid"))
                for row in table.findall(W + "tr"):
                    spans = sum(int(s.get(W + "val")) if (s := c.find(f"{W}tcPr/{W}gridSpan")) is not None else 1 for c in row.findall(W + "tc"))
                    self.assertEqual(spans, columns, kind)
                    for cell in row.findall(W + "tc"):
                        self.assertEqual(list(cell)[-1].tag, W + "p", "a cell ends with a paragraph")
            if kind not in ("certificate", "registration", "commune-report"):
                self.assertTrue(list(body.iter(W + "tblHeader")), kind)

    def test_figures_of_the_minutes_are_those_of_the_signed_sheets(self):
        """From the papers alone: options and points from each member's sheet, then mean, spread, minima and stars in fractions, against the minutes."""
        rng = random.Random(781)
        stars, compared = set(), 0
        products, sheets = [], []
        for number, (of_set, care, members) in enumerate([(7, 0.97, 7), (26, 0.9, 5), (7, 0.6, 9), (14, 0.3, 3), (1, 1.0, 3), (21, 0.0, 4), (18, 0.95, 6)], 1):
            case = rng.choice((1, 2))
            people = [samples.sheet(rng, self.sets[of_set], name, care, case) for name in samples.NAMES[:members]]
            settings = {"minimum_rule": rng.choice(("majority", "every", "mean")), "spread_limit": 10}
            product = samples.product(number, f"Sản phẩm {number} của vùng dừa", set=of_set)
            products.append({"product": product, "rounds": [{"evaluation": {"members": people, "settings": settings}}]})
            sheets.append((of_set, case, settings, product, people))
        jobs = [(self.sets[s[0]], person, s[3]) for s in sheets for person in s[4]]
        with ThreadPoolExecutor(2) as pool:
            papers = iter(list(pool.map(lambda j: make("score-sheet", samples.score_sheet(j[0], j[1], comments={}, of_product=j[2])), jobs)))
        text = text_of(make("minutes", samples.minutes(products)))
        sections = re.split(r"(?m)^\d+\. (?=Sản phẩm \d+ của vùng dừa$)", text.split("VI. BẢNG XẾP HẠNG")[0])[1:]
        self.assertEqual(len(sections), len(sheets))
        for section, (of_set, case, settings, _, people) in zip(sections, sheets):
            criteria = {code: (part, [(o[0], o[1], Fraction(o[2]), o[3]) for o in options]) for code, _, part, _, options in self.sets[of_set]}
            read = []
            for person in people:
                chosen, total, by_part = self.read_sheet(text_of(next(papers)), of_set)
                read.append(chosen)
                self.assertEqual(total, sum(by_part.values()))
                line = re.search(rf"(?m)^\d+ {person['name']} (\S+)$", section)
                self.assertEqual(Fraction(line[1]), total, f"{person['name']} in the minutes and on the sheet")
            expected = recount.recount(criteria, case, read, settings, [])
            mean = re.search(r"Điểm trung bình: (\S+)(?: \(chính xác (\S+)\))? \(A ([\d.]+), B ([\d.]+), C ([\d.]+)\)", section)
            self.assertEqual(mean[1], expected["mean_shown"])
            self.assertEqual(mean[2] or mean[1] + "0000", expected["mean_total"])
            for part, shown in zip("ABC", mean.groups()[2:]):
                parts = [sum((recount.allowed(options, case)[s[code]] for code, (p, options) in criteria.items() if p == part), Fraction(0)) for s in read]
                self.assertEqual(shown, recount.decimal(sum(parts) / Fraction(len(parts)), 2))
            self.assertEqual(re.search(r"Chênh lệch lớn nhất: (\S+)", section)[1], expected["spread"])
            told = re.search(r"Hạng: (\d) sao \(theo điểm (\d) sao\); đủ điều kiện công nhận:\s(có|không)", section)
            self.assertEqual((int(told[1]), int(told[2]), told[3] == "có"), (expected["star"], expected["star_by_points"], expected["certifiable"]))
            self.assertEqual(len(re.findall(r"(?m)^[345] sao [\d.]+ ", section)), len(expected["unmet"]))
            stars.add(expected["star"])
            compared += 1
        self.assertEqual(compared, 7)
        self.assertGreaterEqual(len(stars), 3, stars)

    def read_sheet(self, text, of_set):
        """code → option; the total; the sums of the parts, each checked against the points beside its options"""
        chosen, by_part, at = {}, {}, text.index("Phần A")
        for code, _, part, most, _ in self.sets[of_set]:
            start = re.compile(rf"(?m)^{re.escape(code)} ").search(text, at)
            self.assertIsNotNone(start, f"criterion {code}")
            mark = re.compile(r"☒ (\d+)\. [^☐☒]*?:\s(\S+)\sđiểm").search(text, start.end())
            beside = re.compile(rf"\s{re.escape(most)} (\d[\d.]*)(?:\s|$)").search(text, mark.end())
            self.assertEqual(Fraction(beside[1]), Fraction(mark[2]), f"criterion {code}: the points beside the chosen option")
            chosen[code] = int(mark[1])
            by_part[part] = by_part.get(part, Fraction(0)) + Fraction(mark[2])
            at = mark.end()
        for part, points in by_part.items():
            self.assertEqual(Fraction(re.search(rf"Cộng phần {part} \S+ (\S+)", text)[1]), points)
        return chosen, Fraction(re.search(r"Tổng điểm \S+ (\S+)", text)[1]), by_part

    def test_ranking_is_by_the_exact_mean(self):
        text = self.texts["ranking"]
        ranks = [(int(rank), Fraction(mean)) for rank, mean in zip(re.findall(r"(?m)^(\d+) Sản phẩm \d+ của", text), re.findall(r"(\d+\.\d\d) \S+ \d sao", text))]
        self.assertEqual(len(ranks), 12)
        self.assertEqual([m for _, m in ranks], sorted((m for _, m in ranks), reverse=True))
        for i, (rank, mean) in enumerate(ranks):
            self.assertEqual(rank, 1 + sum(other > mean for _, other in ranks), i)

    def test_sixty_products_under_repeated_headings(self):
        pages = pages_of(make("decision", samples.decision(60)))
        self.assertGreater(len(pages), 8)
        for page in pages[1:]:
            self.assertEqual(squeezed("".join(page)).count("Sốgiấychứngnhận"), 1)
        serials = re.findall(r"86-2026-(\d{4})", "\n".join("\n".join(p) for p in pages))
        self.assertEqual([int(s) for s in serials], list(range(1, 61)))
        self.assertIn("Tổng số: 60 sản phẩm.", "\n".join(pages[-1]))

    def test_no_heading_ends_a_page_and_no_signature_stands_alone(self):
        rng = random.Random(3)
        for count in (5, 11, 17, 23, 60):
            pages = pages_of(make("minutes", samples.minutes(samples.judged(rng, self.sets, count))))
            for lines in pages[:-1]:
                self.assertNotRegex(lines[-1], r"^([IVX]+\. |\d+\. Sản phẩm|STT |Hạng Sản phẩm|Hạng$)", count)
            self.assertNotIn("THƯ KÝ", pages[-1][0], count)

    def test_comments_over_many_pages(self):
        long = " ".join(f"từ{i}" for i in range(9000))  # higher than several pages: the row itself must break
        fields = samples.score_sheet(self.sets[1], samples.sheet(random.Random(1), self.sets[1], "Trần Thị Bưởi"), comments={"2.1": long}, of_product=samples.product(set=1))
        pages = pages_of(make("score-sheet", fields))
        self.assertGreater(len(pages), 10)
        words = re.findall(r"từ(\d+)", " ".join(" ".join(p) for p in pages))
        self.assertEqual([int(w) for w in words], list(range(9000)))
        table = [p for p in pages if any(line.startswith("từ") for line in p)]
        for page in table[1:]:
            self.assertEqual(squeezed("".join(page[:4]))[:2], "Mã", "the column titles again")

    def test_empty_optional_fields(self):
        bare = {"paper": {"created_at": samples.CREATED}, "product": {"set": 7}}
        fields = {"registration": bare, "self-assessment": bare, "commune-report": bare, "commune-meeting": bare, "certificate": {**bare, "star": 3}, "bundle-list": bare,
                  "minutes": {"paper": bare["paper"]}, "ranking": {"paper": bare["paper"]}, "decision": {"paper": bare["paper"]}, "product-list": {"paper": bare["paper"]},
                  "score-sheet": {**bare, "sheet": samples.sheet(random.Random(1), self.sets[7], "Trần Thị Bưởi")}}
        for kind in KINDS:
            text = text_of(make(kind, fields[kind]))
            self.assertIn("……", text, kind)
            self.assertIn("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", text)
            self.assertTrue(paragraphs_of(make(kind, fields[kind], "docx")))
        self.assertIn(f"Mới tự chấm 0 trên {len(self.sets[7])} tiêu chí", text_of(make("self-assessment", bare)))

    def test_hostile_text_is_shown_and_does_nothing(self):
        markup = '<b>đậm</b> <span size="99999">&amp; ]]> <w:t>x</w:t> {0} %s \\n <!-- '
        turned = "\u202eđảo\u202c \u2066cô lập\u2069 مرحبا بالعالم שלום"
        controls = "\u0000một\u0001\u0007\u001b[31m\u007f\u0085hai\ufffe\uffff"
        word = "Siêudàikhôngcódấucách" * 60
        decomposed = unicodedata.normalize("NFD", "Kẹo dừa Bến Tre")

        def spoilt(value, key=""):
            if isinstance(value, dict):
                return {k: v if k in ("sheet", "evaluation", "spread_limit", "quorum", "mean_total", "verify_url", "registration_kind") else spoilt(v, k) for k, v in value.items()}
            if isinstance(value, list):
                return [spoilt(v, key) for v in value]
            if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d", value):
                return f"{markup}{turned}{controls}{decomposed}{word if key in ('product_name', 'history_note', 'overall_comment', 'conclusion') else ''}"
            return value

        for kind in KINDS:
            if kind in ("minutes", "ranking"):
                fields = spoilt(samples.minutes(samples.judged(random.Random(1), self.sets, 2)))
            else:
                fields = spoilt(self.fields[kind])
            pdf, docx = make(kind, fields), make(kind, fields, "docx")
            text = squeezed(text_of(pdf))
            self.assertIn(squeezed('<b>đậm</b> <span size="99999">&amp; ]]> <w:t>x</w:t> {0} %s'), text, kind)
            self.assertIn("một[31mhai", text)
            self.assertIn("KẹodừaBếnTre", text)
            words = "\n".join(paragraphs_of(docx))
            self.assertIn(markup + "đảo cô lập مرحبا بالعالم שלוםmột[31mhaiKẹo dừa Bến Tre", words, kind)
            controls_left = "\u0000-\u0008\u000e-\u001f\u007f-\u009f\u202d\u202e\u2066-\u2069\ufffe\uffff"
            self.assertIsNone(re.search(f"[{controls_left}]", text), kind)
            self.assertIsNone(re.search(f"[{controls_left}\u202a-\u202c]", words), kind)  # pdftotext puts these three around Arabic itself
            boxes = tool("pdftotext", "-bbox", "FILE", "-", pdf=pdf)
            width = 842 if kind == "certificate" else 596
            self.assertLess(max(float(x) for x in re.findall(r'xMax="([\d.]+)"', boxes)), width, f"{kind}: text beyond the page")

    def test_refusals_name_the_field(self):
        def refused(kind, change, *says, code=2):
            fields = json.loads(json.dumps(self.fields[kind]))
            change(fields)
            got, out, error = run(PROGRAM, "document", kind, stdin=json.dumps(fields).encode())
            self.assertEqual((got, out), (code, b""), error)
            for words in says:
                self.assertIn(words, error)

        def put(path, value):
            def change(fields):
                *way, last = path
                for step in way:
                    fields = fields[step]
                fields[last] = value
            return change

        refused("certificate", put(["product", "produkt_name"], "x"), "product.produkt_name", "product_name")
        refused("certificate", put(["star"], 2), "star is 2", "5, 4, 3")
        refused("certificate", put(["valid_to"], "29/11/2029"), "valid_to", "29/11/2029")
        refused("certificate", put(["verify_url"], "x" * 3000), "short enough for a QR code")
        refused("certificate", put(["paper", "created_at"], "yesterday"), "created_at", "yesterday", "ISO 8601")
        refused("certificate", put(["paper", "created_at"], ""), "created_at")
        refused("decision", put(["products", 1, "star"], 1), "star is 1")
        refused("decision", put(["products", 1, "mean_total"], 87.5), "products[1].mean_total", "as text")
        refused("registration", put(["registration_kind"], "renewal"), "registration_kind", "first, upgrade or again")
        refused("registration", put(["sample_quantity"], -1), "sample_quantity")
        refused("minutes", put(["started_at"], "2026-11-05 08:00"), "started_at")
        refused("minutes", put(["products", 0, "rounds"], []), "rounds")
        refused("score-sheet", put(["sheet", "options", "1.1"], 9), "criterion 1.1", "there is no option 9")
        refused("score-sheet", lambda f: f["sheet"]["options"].pop("1.1"), "criterion 1.1", "not answered")
        refused("score-sheet", put(["comments", "9.9"], "x"), "criterion 9.9")
        refused("score-sheet", put(["product", "set"], 99), "99", code=3)


if __name__ == "__main__":
    PROGRAM, DATA = sys.argv[1], sys.argv[2]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=1)
