#!/usr/bin/env python3
"""The official text, where it is at hand: taken from its list, checked, published by two people, and what counts from then on. Read a second
time here, by another reader of CSV. Works in a database of its own. 77: the folder of real data is not there."""
import collections
import csv
import os
import pathlib
import re
import subprocess
import sys
import tempfile

shared = pathlib.Path(os.environ.get("OCOPMAP_SHARED") or "/nonexistent") / "domain"
if not (shared / "ocop-criteria.csv").exists():
    print("no folder of real data (OCOPMAP_SHARED)")
    sys.exit(77)
SERVER = os.environ["OCOPMAP_TEST_DATABASE"]
NAME = f"ocopmap_official_{os.getpid()}"
there = re.sub(r"dbname=\S+", f"dbname={NAME}", SERVER)
assert there != SERVER, SERVER


def psql(database, statement):
    out = subprocess.run(["psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", database, "-c", statement], capture_output=True, text=True)
    assert out.returncode == 0, out.stderr
    return [tuple(line.split("\t")) for line in out.stdout.splitlines()]


def ocopmap(*arguments, code=0, stdin=None):
    done = subprocess.run([os.environ["OCOPMAP_TEST_CLI"], "--database", there, *arguments], capture_output=True, text=True, input=stdin)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout, done.stderr


def rows_of(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def publish(what, proposer, publisher, code=0):
    return ocopmap("rubric", "publish", str(what), "--proposed-by", proposer, "--published-by", publisher, code=code)


def texts_of_2026(folder):
    criteria, ends = shared / "ocop-criteria.csv", shared / "ocop-disqualifiers.csv"
    listed = rows_of(criteria)
    counted = (len({r["set_no"] for r in listed}), len({(r["set_no"], r["criterion_code"]) for r in listed}), len(listed), sum(bool(r["min_star"]) for r in listed))
    assert counted == (26, 787, 2579, 575), counted
    told = "QD26-2026, official text: 26 sets, 787 criteria, 2579 options, 575 star minima"
    assert f"{told} would be taken; 0 sets refused, 0 findings" in ocopmap("rubric", "check", str(criteria))[0]
    to = folder / "official"
    assert f"{told}; 0 sets refused, 0 findings" in ocopmap("rubric", "import", str(criteria), "--disqualifiers", str(ends), "--to", str(to))[0]
    assert f"{told}; 0 findings" in ocopmap("rubric", "check", str(to))[0]

    official = "SELECT version_key FROM rubric.version WHERE is_official"
    assert not psql(there, official), "the demo ships a training text alone"
    assert "two people" in publish(to, "demo.r08", "demo.r08", code=1)[1], "one person alone"
    assert not psql(there, official), "what was refused leaves nothing behind"
    for proposer, publisher in (("demo.r04", "demo.r08"), ("demo.r08", "demo.r13"), ("demo.r08", "nobody.here")):
        publish(to, proposer, publisher, code=2)
    assert f"{told} is published" in publish(to, "demo.r08", "demo.r08.2")[0]
    [(version, state, edition, proposer, publisher)] = psql(there, """
        SELECT v.version_key, v.state, v.edition, p.login, q.login FROM rubric.version v JOIN auth.account p ON p.account_key = v.proposed_by
        JOIN auth.account q ON q.account_key = v.published_by WHERE v.is_official""")
    assert (state, edition, proposer, publisher) == ("published", "1", "demo.r08", "demo.r08.2")
    # numbers and words, row by row
    stored = psql(there, f"SELECT set_no, criterion, option_no, trim_scale(points), min_star, case_no > 0 FROM rubric.option WHERE version_key = {version}")
    number = lambda text: str(int(text)) if float(text) == int(float(text)) else text.rstrip("0")
    assert collections.Counter(stored) == collections.Counter(
        (r["set_no"], r["criterion_code"], r["option_no"], number(r["option_points"]), r["min_star"] or "0", "t" if r["case_vi"] else "f") for r in listed)
    words = psql(there, f"""SELECT s->>'set', c->>'code', o->>'option', translate(o->>'vi', E'\\n\\t', '  ')
                            FROM rubric.version v, jsonb_array_elements(v.content->'sets') s, jsonb_array_elements(s->'criteria') c, jsonb_array_elements(c->'options') o
                            WHERE v.version_key = {version}""")
    plain = lambda text: " ".join(text.split())
    wrong = collections.Counter((a, b, c, plain(d)) for a, b, c, d in words) - collections.Counter((r["set_no"], r["criterion_code"], r["option_no"], plain(r["option_vi"])) for r in listed)
    assert not wrong, list(wrong)[:5]
    ended = psql(there, f"SELECT count(*) FROM rubric.version v, jsonb_array_elements(v.content->'disqualifiers') WHERE v.version_key = {version}")
    # what the list says of all sets at once may stand in several
    assert int(ended[0][0]) > 0 and ended == psql(there, "SELECT count(*) FROM rubric.version v, jsonb_array_elements(v.content->'disqualifiers') WHERE NOT v.is_official AND v.rubric = 'QD26-2026'")

    # What counts from now on: the official text for whoever files, and for decisions.
    [(draft,)] = psql(there, """INSERT INTO ocop.dossier (product_key, legal_regime_code, registration_kind, dossier_state)
                                SELECT min(product_key), 'qd26_2026', 'first', 'draft' FROM ocop.product RETURNING dossier_key""")
    assert psql(there, f"SELECT version_key FROM workflow.card_of({draft})") == [(version,)]
    assert psql(there, "SELECT count(*) FROM workflow.dossier WHERE version_key = " + version) == [("0",)], "what was filed keeps its edition"
    assert "published" in publish(to, "demo.r08", "demo.r08.2")[0] and len(psql(there, official)) == 1, "the same text again is the same edition"
    assert "official" in ocopmap("grade", "--rubric", "QD26-2026", "--set", "7", "--for-decision", stdin='{"members":[]}', code=3)[1]
    try:
        psql(there, f"UPDATE rubric.version SET content = content || '{{\"note\": 1}}' WHERE version_key = {version}")
    except AssertionError as refused:
        assert "published" in str(refused)
    else:
        sys.exit("a published text was changed")
    return told


def texts_of_2020(folder):
    criteria = shared / "ocop-criteria-qd781-2020.csv"
    listed = rows_of(criteria)
    sets = {r["source_set_id"] for r in listed}
    names = collections.defaultdict(set)  # of a code at the beginning of a criterion's name
    for r in listed:
        if code := re.match(r"(\d+(?:\.\d+)*)\.?\s", r["criterion_vi"]):
            names[r["source_set_id"], r["section_vi"], code[1]].add(r["criterion_vi"])
    # the list itself says of three sets that their sums do not check; in one, two criteria bear one code
    refused = {r["source_set_id"] for r in listed if r["set_total_checks"] != "yes"} | {key[0] for key, of in names.items() if len(of) > 1}
    assert len(sets) == 25 and refused == {"6", "21", "23", "24"}, (len(sets), refused)
    out, said = ocopmap("rubric", "check", str(criteria), code=3)
    assert "4 sets refused" in out, out
    to = folder / "of 2020"
    out, said = ocopmap("rubric", "import", str(criteria), "--to", str(to), code=4)
    assert "QD781-2020" in out and "21 sets" in out and "4 sets refused" in out, out
    assert {number for number in re.findall(r"^wrong: set (\d+)", said, re.M)} == refused, said
    taken = {r["set"] for r in rows_of(to / "sets.csv")}
    assert taken == sets - refused, taken ^ (sets - refused)
    options = collections.Counter(r["source_set_id"] for r in listed if r["source_set_id"] in taken)
    scales = collections.Counter(r["scale"] for r in rows_of(to / "scales.csv"))
    written = collections.Counter()
    for r in rows_of(to / "criteria.csv"):
        written[r["set"]] += scales[r["scale"]] if r["scale"] else 0
    assert written == options, {key: (written[key], options[key]) for key in options if written[key] != options[key]}
    # history: nobody grades by it
    assert "draft" in publish(to, "demo.r08", "demo.r08.2", code=3)[1]
    assert psql(there, "SELECT count(*) FROM rubric.version WHERE rubric = 'QD781-2020' AND state = 'published'") == [("0",)]
    return out.strip()


psql(SERVER, f"CREATE DATABASE {NAME} TEMPLATE ocopmap_demo")
try:
    with tempfile.TemporaryDirectory() as made:
        print(texts_of_2026(pathlib.Path(made)))
        print(texts_of_2020(pathlib.Path(made)))
finally:
    psql(SERVER, f"DROP DATABASE {NAME} WITH (FORCE)")
