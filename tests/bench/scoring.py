"""A council at work: 40 members score 60 products at once; and how 5,000 graded products would fare under another score card."""
import asyncio
import json
import os
import random
import subprocess
import time
import urllib.parse

from officers import Connection, make_people, p95

MEMBERS, PRODUCTS, SECONDS = 40, 60, 60
THINK = (0.3, 0.9)  # s between a member's answers
GRADED = 5000


def card(sql):
    """Key of the published training card."""
    if not sql.run("SELECT rubric.current('QD26-2026', false)")[0]:
        province = sql.run("SELECT unit_key FROM geo.admin_unit WHERE level = 'province' AND valid_to IS NULL LIMIT 1")[0]
        first, second = (person.account for person in make_people(sql, [("R08", province, None)] * 2))
        sql.run(f"UPDATE rubric.version SET state = 'proposed', proposed_by = {first}, proposed_at = now() WHERE rubric = 'QD26-2026' AND NOT is_official AND state = 'draft'")
        sql.run(f"UPDATE rubric.version SET state = 'published', published_by = {second}, published_at = now() WHERE rubric = 'QD26-2026' AND NOT is_official AND state = 'proposed'")
    return sql.run("SELECT rubric.current('QD26-2026', false)")[0]


def council(sql, members):
    """A session of a new council with that many members, who sign in; its key and the people."""
    province = sql.run("SELECT unit_key FROM geo.admin_unit WHERE level = 'province' AND valid_to IS NULL LIMIT 1")[0]
    key = sql.run("INSERT INTO ocop.council (council_level, council_decision_no, council_decision_date, quorum_pct, spread_limit) VALUES ('province', 'đo', '2026-01-05', 75, 10) RETURNING council_key")[0]
    people = make_people(sql, [("R12", province, None)] + [("R10", province, None)] * (members - 1))
    for n, person in enumerate(people):
        member = sql.run(f"INSERT INTO ocop.council_member (council_key, council_member_name, council_member_role) VALUES ({key}, 'Thành viên đo {n}', '{'member' if n else 'chair'}') RETURNING council_member_key")[0]
        sql.run(f"INSERT INTO workflow.seat VALUES ({member}, {person.account})")
    return sql.run(f"INSERT INTO ocop.council_session (council_key, session_date) VALUES ({key}, now()) RETURNING council_session_key")[0], people


def dossiers(sql, session, version, wanted, of_class=None):
    """Dossiers that a council is scoring, of products without one under way."""
    return sql.run(f"""
        WITH made AS (
            INSERT INTO ocop.dossier (product_key, legal_regime_code, registration_kind, dossier_state, submitted_at)
            SELECT p.product_key, 'qd26_2026', 'first', 'council_scoring', now() FROM ocop.product p
            WHERE p.is_demo AND p.class_code IN (SELECT s->>'class' FROM rubric.version v, jsonb_array_elements(v.content->'sets') s WHERE v.version_key = {version})
            ORDER BY p.product_key DESC LIMIT {wanted} RETURNING dossier_key)
        SELECT dossier_key FROM made""") and sql.run(f"""
        UPDATE workflow.dossier w SET version_key = c.version_key, set_no = c.set_no, council_session_key = {session}
        FROM ocop.dossier d CROSS JOIN LATERAL workflow.card_of(d.dossier_key) c
        WHERE d.dossier_key = w.dossier_key AND w.council_session_key IS NULL AND d.dossier_state = 'council_scoring' AND d.external_id IS NULL RETURNING w.dossier_key""")


def bench_scoring(sql, report, url):
    """Each answer is saved as it is chosen; what was acknowledged must be there."""
    parts = urllib.parse.urlsplit(url)
    version = card(sql)
    session, people = council(sql, MEMBERS)
    scored = dossiers(sql, session, version, PRODUCTS)
    sql.run(f"SELECT count(*) FROM workflow.dossier w JOIN ocop.dossier d USING (dossier_key), workflow.open_sheets(d, w) WHERE w.dossier_key IN ({','.join(scored)})")
    sql.run("ANALYZE ocop.score_sheet, ocop.dossier, workflow.dossier, workflow.seat, ocop.council_member")
    options = {}
    for row in sql.run(f"SELECT set_no, criterion, option_no FROM rubric.option WHERE version_key = {version} AND case_no < 2"):
        set_no, criterion, option = row.split("|")
        options.setdefault(set_no, {}).setdefault(criterion, []).append(int(option))
    set_of = dict(row.split("|") for row in sql.run(f"SELECT dossier_key, set_no FROM workflow.dossier WHERE dossier_key IN ({','.join(scored)})"))
    times, reads, failures, kept = [], [], [], {}
    end = time.monotonic() + SECONDS

    async def member(index, person):
        dice = random.Random(index)
        connection = Connection(parts.hostname, parts.port)
        await asyncio.sleep(dice.uniform(0, THINK[1]))
        status, _, body = await connection.ask("GET", "/api/score-sheets", person.headers)
        mine = [sheet for sheet in json.loads(body) if sheet["is_open"] and str(sheet["dossier"]) in set_of]
        if len(mine) != len(scored):
            failures.append(f"member {index} has {len(mine)} sheets of {len(scored)}: {status}")
        while time.monotonic() < end and mine:
            sheet = dice.choice(mine)
            if dice.random() < 0.05:
                started = time.perf_counter()
                status, _, _ = await connection.ask("GET", f"/api/score-sheets/{sheet['id']}", person.headers)
                reads.append((time.perf_counter() - started) * 1000)
            else:
                criterion, choices = dice.choice(list(options[set_of[str(sheet["dossier"])]].items()))
                option = dice.choice(choices)
                started = time.perf_counter()
                status, _, body = await connection.ask("PATCH", f"/api/score-sheets/{sheet['id']}", person.headers, {"answers": {criterion: option}})
                times.append((time.perf_counter() - started) * 1000)
                if status == 200:
                    kept[sheet["id"], criterion] = option
            if status != 200:
                failures.append(f"sheet {sheet['id']} answered {status}: {body[:200]!r}")
            await asyncio.sleep(dice.uniform(*THINK))

    async def everybody():
        await asyncio.gather(*(member(i, person) for i, person in enumerate(people)))

    asyncio.run(everybody())
    if failures:
        raise SystemExit(f"{len(failures)} requests failed, the first: {failures[0]}")
    there = {tuple(row.split("|")[:2]): int(row.split("|")[2]) for row in sql.run(
        f"SELECT c.score_sheet_key, c.score_criterion_code, c.score_option_no FROM ocop.score c JOIN ocop.score_sheet s USING (score_sheet_key) WHERE s.council_session_key = {session}")}
    lost = [key for key, option in kept.items() if there.get((str(key[0]), key[1])) != option]
    if lost:
        raise SystemExit(f"{len(lost)} answers were acknowledged and are not there, the first: {lost[0]}")
    report("scoring_p95_ms", p95(times), f"{MEMBERS} members, {len(scored)} products, {SECONDS} s: {len(times)} answers saved, {len(kept)} places, all there; sheets read at p95 {p95(reads):.0f} ms", "<= 200")


def bench_impact(sql, report, cli, conninfo):
    """Results of 5,000 products with a sheet each, looked at under the same card: reading and grading them all."""
    version = card(sql)
    session, _ = council(sql, 1)
    keys = dossiers(sql, session, version, GRADED)
    among = ",".join(keys)
    sql.run(f"SELECT count(*) FROM workflow.dossier w JOIN ocop.dossier d USING (dossier_key), workflow.open_sheets(d, w) WHERE w.dossier_key IN ({among})")
    sql.run(f"""INSERT INTO workflow.signature (score_sheet_key, account_key, sheet)
        SELECT s.score_sheet_key, t.account_key, jsonb_build_object('sheet', s.score_sheet_key, 'options',
               (SELECT jsonb_object_agg(o.criterion, o.option_no) FROM (SELECT DISTINCT ON (criterion) criterion, option_no FROM rubric.option o
                WHERE o.version_key = w.version_key AND o.set_no = w.set_no AND o.case_no < 2 ORDER BY criterion, md5(criterion || s.score_sheet_key || option_no)) o))
        FROM ocop.score_sheet s JOIN workflow.dossier w USING (dossier_key) JOIN workflow.seat t USING (council_member_key) WHERE s.dossier_key IN ({among})""")
    sql.run(f"""INSERT INTO workflow.result (dossier_key, score_round, version_key, hashes, settings, result)
        SELECT w.dossier_key, 1, w.version_key, ARRAY[g.hash], '{{}}', '{{"star": 3, "mean_total": "60.000000"}}' FROM workflow.dossier w JOIN ocop.score_sheet s USING (dossier_key)
        JOIN workflow.signature g USING (score_sheet_key) WHERE w.dossier_key IN ({among})""")
    sql.run("ANALYZE workflow.result, workflow.signature, ocop.score_sheet, workflow.dossier")
    started = time.perf_counter()
    done = subprocess.run([cli, "--database", conninfo, "rubric", "impact", "QD26-2026"], capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if done.returncode != 0 or len(done.stdout.splitlines()) - 1 < len(keys):
        raise SystemExit(f"impact said {done.stderr[-300:]} and {len(done.stdout.splitlines())} lines for {len(keys)} dossiers")
    report("rubric_impact_s", seconds, f"{len(done.stdout.splitlines()) - 1} products under another version", "<= 10")
