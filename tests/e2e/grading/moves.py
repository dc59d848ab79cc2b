#!/usr/bin/env python3
"""Every state x action x role of every regime against a list of its own: what is not in it is refused for its state or its role."""
import sys

from office import sql, value

OLD = ("qd1048_2019", "qd781_2020", "qd148_2023")
ALL = (*OLD, "qd148_1489_2025", "qd26_2026")
TWO_TIERS = ("qd148_1489_2025", "qd26_2026")
# state: {action: (roles, regimes)}; from the steps of the decision and of the procedure before it, not from data/workflow.csv
ALLOWED = {
    "draft": {"submit": ("R02", ALL)},
    "submitted": {"accept": ("R04", ALL), "refuse": ("R04", ALL), "withdraw": ("R02", ALL), "transfer": ("R08", OLD)},
    "received": {"ask_supplement": ("R04", ALL), "review": ("R05", ALL), "not_propose": ("R05", ALL), "withdraw": ("R02", ALL), "transfer": ("R08", OLD)},
    "supplement_commune": {"answer_supplement": ("R02", ALL), "withdraw": ("R02", ALL), "return_overdue": ("system", ALL)},
    "commune_reviewed": {"propose": ("R05", ALL), "not_propose": ("R05", ALL), "withdraw": ("R02", ALL), "receive": ("R08", TWO_TIERS), "receive_district": ("R06 R08", OLD),
                         "transfer": ("R08", OLD)},
    "district_scoring": {"decide_district": ("R06 R08", OLD), "transfer": ("R08", OLD)},
    "district_decided": {"certify_district": ("R08", ("qd148_2023",)), "not_recognise": ("R06 R08", OLD), "receive": ("R08", OLD)},
    "province_received": {"ask_supplement": ("R08", ALL), "return": ("R08", ALL), "assign": ("R08", ALL), "withdraw": ("R02", ALL)},
    "supplement_province": {"answer_supplement": ("R02 R04", ALL), "withdraw": ("R02", ALL), "return_overdue": ("system", ALL)},
    "advisory_review": {"ask_supplement": ("R08", ALL), "return": ("R08", ALL), "report": ("R09", ALL), "withdraw": ("R02", ALL)},
    "council_scoring": {"rescore": ("R11", ALL), "call_meeting": ("R10 R11 R12 system", ALL), "sign_minutes": ("R12", ALL)},
    "council_rescoring": {"rescore": ("R11", ALL), "call_meeting": ("R10 R11 R12 system", ALL), "sign_minutes": ("R12", ALL)},
    "minutes_signed": {"decide": ("R13", ALL), "not_recognise": ("R08", ALL), "forward_central": ("R08", ALL)},
    "forwarded_central": {"record_central": ("R08", ALL)},
    "decided": {"certify": ("R08", ALL)},
    "certified": {"begin_expiring": ("system", ALL), "expire": ("system", ALL), "revoke": ("R13", ALL)},
    "expiring": {"expire": ("system", ALL), "extend": ("R08", ALL), "revoke": ("R13", ALL)},
    "extended": {"expire": ("system", ALL), "revoke": ("R13", ALL)},
    "expired": {"extend": ("R08", ALL)},
    "returned": {}, "withdrawn": {}, "not_recognised": {}, "revoked": {},
}
ROLES = [f"R{n:02}" for n in range(2, 19)] + ["system"]

states = {row[0] for row in sql("SELECT (regexp_matches(pg_get_constraintdef(oid), '''([a-z_]+)''', 'g'))[1] FROM pg_constraint WHERE conname = 'dossier_dossier_state_check'")}
assert states == set(ALLOWED), states ^ set(ALLOWED)
actions = sorted({action for of_state in ALLOWED.values() for action in of_state})
some = value("SELECT min(dossier_key) FROM ocop.dossier")
rows = sql(f"""
    SELECT r, s, a, role, coalesce((SELECT string_agg(DISTINCT CASE WHEN f.kind = 'forbidden' THEN 'role' WHEN f.field = 'action' THEN 'state' END, ',')
                                    FROM workflow.refusals(jsonb_populate_record(d, jsonb_build_object('dossier_state', s, 'legal_regime_code', r)), a, NULL, role) f), '')
    FROM ocop.dossier d, unnest('{{{",".join(ALL)}}}'::text[]) r, unnest('{{{",".join(sorted(states))}}}'::text[]) s, unnest('{{{",".join(actions)}}}'::text[]) a,
         unnest('{{{",".join(ROLES)}}}'::text[]) role
    WHERE d.dossier_key = {some}""")
wrong = []
for regime, state, action, role, refused in rows:
    roles, regimes = ALLOWED[state].get(action, ("", ()))
    expected = "state" if regime not in regimes else "" if role in roles.split() else "role"
    if refused != expected:
        wrong.append(f"{regime}, {state}, {action} by {role}: refused for '{refused}', expected '{expected}'")
if wrong:
    sys.exit(f"{len(wrong)} of {len(rows)} combinations differ:\n" + "\n".join(wrong[:40]))
print(f"{len(rows)} combinations of {len(ALL)} regimes, {len(states)} states, {len(actions)} actions and {len(ROLES)} roles")
