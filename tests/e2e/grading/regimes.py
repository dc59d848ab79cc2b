#!/usr/bin/env python3
"""Dossiers of the three tiers until June 2025, entered from paper by the province, and what the two tiers of 2025 left open."""
from office import Person, sql, value

province = Person("demo.r08")


def filed(regime, state="commune_reviewed", kind="first"):
    """A dossier whose commune proposed it on paper, of a product without a certificate."""
    product = value("""INSERT INTO ocop.product (producer_key, name, class_code, registered_on, is_demo, publish_status)
                       SELECT producer_key, 'Sản phẩm hồ sơ giấy', 'I.3.c', '2021-01-05', true, 'hidden' FROM ocop.producer WHERE is_demo ORDER BY producer_key LIMIT 1 RETURNING product_key""")
    dossier = value(f"""INSERT INTO ocop.dossier (product_key, legal_regime_code, registration_kind, dossier_state, submitted_at)
                        VALUES ({product}, '{regime}', '{kind}', '{state}', '2024-03-01') RETURNING dossier_key""")
    sql(f"INSERT INTO ocop.commune_review (dossier_key, commune_proposal_no, commune_proposal_date) VALUES ({dossier}, '3/TTr', '2024-03-20')")
    return int(dossier), int(product)


def at_district(regime, mean):
    dossier, product = filed(regime)
    province.step(dossier, "receive_district", 400)
    province.step(dossier, "receive_district", document_no="12/BN", document_date="2024-04-01")
    province.step(dossier, "decide_district", 400, mean=101, document_no="40/QĐ", document_date="2024-06-03")
    province.step(dossier, "decide_district", mean=mean, document_no="40/QĐ-UBND", document_date="2024-06-03")
    return dossier, product


# 148: a district certifies three stars itself, from 70 points on it sends up
dossier, product = at_district("qd148_2023", 61.5)
assert province.step(dossier, "receive", 409)["errors"][0]["field"] == "mean_total"
got = province.step(dossier, "certify_district")["outcome"]
assert got["certificate"]["star"] == 3 and got["decision_authority"] == "district" and got["certificate"]["valid_to"] == "2027-06-03", got
assert value(f"SELECT decided_by FROM ocop.certificate WHERE product_key = {product}") == "UBND huyện"
dossier, _ = at_district("qd148_2023", 75)
assert province.step(dossier, "certify_district", 409)["errors"][0]["field"] == "star"
assert province.step(dossier, "receive")["state"] == "province_received"
dossier, _ = at_district("qd148_2023", 42)
assert province.step(dossier, "not_recognise", reason="Dưới 50 điểm")["state"] == "not_recognised"

# 1048 and 781: a district certifies nothing, and sends up from 50 points on
for regime in ("qd1048_2019", "qd781_2020"):
    dossier, _ = at_district(regime, 49)
    province.step(dossier, "certify_district", 409)
    province.step(dossier, "receive", 409)
    dossier, _ = at_district(regime, 50)
    assert province.step(dossier, "receive")["state"] == "province_received"

# caught in the reform of the units: handed to the province with a document
dossier, _ = filed("qd148_2023", "district_scoring")
province.step(dossier, "transfer", 400, reason="Sắp xếp đơn vị hành chính")
assert province.step(dossier, "transfer", reason="Sắp xếp đơn vị hành chính", document_no="7/BBBG", document_date="2025-07-01")["state"] == "province_received"

# 1489: what was open on 22/05/2026 had to be finished within 60 days, renewals within 30
for kind, day in (("first", "21/07/2026"), ("again", "21/06/2026")):
    dossier, _ = filed("qd148_1489_2025", kind=kind)
    refused = province.step(dossier, "receive", 409)
    assert any(e["field"] == "legal_regime_code" for e in refused["errors"]) and day in refused["detail"], refused

# paper dossiers are entered whole and mended until a step is taken here; today's begin as drafts
status, answer = province.call("POST", "/api/records/dossiers", {"product_key": product, "legal_regime_code": "qd26_2026", "registration_kind": "first", "dossier_state": "certified"})
assert status == 409, (status, answer)
paper = province.do("POST", "/api/records/dossiers", {"product_key": product, "legal_regime_code": "qd148_2023", "registration_kind": "upgrade", "dossier_state": "received",
                                                        "submitted_at": "2024-09-01T08:00:00+07:00", "received_at": "2024-09-02T08:00:00+07:00", "dossier_no": "9/PĐK-83-28777-2024"}, 201)
assert paper["dossier_state"] == "received"
print("three tiers, the reform, and what it left open")
