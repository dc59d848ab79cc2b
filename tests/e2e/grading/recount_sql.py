#!/usr/bin/env python3
"""Random sheets of every set, graded by ocopmap and again by one statement over the published card's tables: recount_sql.py [CASES [SEED]]"""
import json
import os
import random
import subprocess
import sys

from office import DATABASE, sql

cases, seed = int(sys.argv[1]) if len(sys.argv) > 1 else 2600, int(sys.argv[2]) if len(sys.argv) > 2 else 26
CHUNK = 2000
chance = random.Random(seed)
version = sql("SELECT rubric.current('QD26-2026', false)")[0][0]
options = {}
for set_no, criterion, option, case in sql(f"SELECT set_no, criterion, option_no, case_no FROM rubric.option WHERE version_key = {version} ORDER BY set_no, criterion, option_no"):
    options.setdefault(int(set_no), {}).setdefault(criterion, []).append((int(option), int(case)))
# an answer of 0 is allowed where no option has 0 points
without_zero = {(int(s), c) for s, c in sql(f"SELECT set_no, criterion FROM rubric.option WHERE version_key = {version} AND case_no = 0 GROUP BY 1, 2 HAVING min(points) > 0")}

RECOUNT = """
CREATE TEMP TABLE given (n integer, set_no integer, member integer, criterion text, option_no integer);
COPY given FROM STDIN;
CREATE TEMP TABLE answered AS
SELECT g.*, c.part, o.points, o.case_no FROM given g JOIN rubric.criterion c ON c.version_key = {version} AND c.set_no = g.set_no AND c.criterion = g.criterion
LEFT JOIN rubric.option o ON o.version_key = {version} AND o.set_no = g.set_no AND o.criterion = g.criterion AND o.option_no = g.option_no;
CREATE TEMP TABLE scored AS
SELECT a.n, a.set_no, a.member, a.criterion, a.part, coalesce(a.points, 0) AS points, coalesce(nullif(a.case_no, 0), k.case_no) AS case_no
FROM answered a JOIN (SELECT n, max(case_no) AS case_no FROM answered GROUP BY n) k USING (n);
CREATE INDEX ON scored (n, criterion);
ANALYZE scored;
WITH total AS (SELECT n, set_no, member, sum(points) AS total FROM scored GROUP BY 1, 2, 3),
whole AS (SELECT n, set_no, count(*) AS members, sum(total) AS sum, max(total) - min(total) AS spread FROM total GROUP BY 1, 2),
part AS (SELECT n, json_object_agg(part, round(sum / members, 6)::text) AS parts
         FROM (SELECT s.n, s.part, sum(s.points) AS sum, w.members FROM scored s JOIN whole w USING (n) GROUP BY s.n, s.part, w.members) x GROUP BY n),
-- what a star asks for in a criterion: the points of the marked option with the most stars not above it
asked AS (SELECT w.n, star, o.criterion, (SELECT count(*) FROM scored s WHERE s.n = w.n AND s.criterion = o.criterion AND s.points >= o.points) AS reached, w.members
          FROM whole w CROSS JOIN generate_series(3, 5) star
          JOIN LATERAL (SELECT DISTINCT ON (p.criterion) p.criterion, p.points FROM rubric.option p
                        WHERE p.version_key = {version} AND p.set_no = w.set_no AND p.min_star BETWEEN 1 AND star
                          AND (p.case_no = 0 OR p.case_no = (SELECT max(s.case_no) FROM scored s WHERE s.n = w.n AND s.criterion = p.criterion))
                        ORDER BY p.criterion, p.min_star DESC) o ON true),
unmet AS (SELECT n, star, criterion, members - reached AS below FROM asked WHERE reached * 2 <= members),
by_points AS (SELECT n, CASE WHEN sum >= 90 * members THEN 5 WHEN sum >= 70 * members THEN 4 WHEN sum >= 50 * members THEN 3 WHEN sum >= 30 * members THEN 2 ELSE 1 END AS star FROM whole),
awarded AS (SELECT b.n, coalesce((SELECT max(t) FROM generate_series(3, b.star) t WHERE NOT EXISTS (SELECT FROM unmet u WHERE u.n = b.n AND u.star = t)), least(b.star, 2)) AS star FROM by_points b)
SELECT w.n, round(w.sum / w.members, 6), trim_scale(w.spread), b.star, a.star, p.parts,
       coalesce((SELECT json_agg(json_build_array(u.star, u.criterion, u.below) ORDER BY u.star, u.criterion) FROM unmet u WHERE u.n = w.n), '[]')
FROM whole w JOIN by_points b USING (n) JOIN awarded a USING (n) JOIN part p USING (n) ORDER BY w.n
"""


def evaluation(number):
    set_no = sorted(options)[number % len(options)]
    case, low = chance.choice((1, 2)), chance.random()
    members, rows = [], []
    for member in range(1, chance.choice((1, 1, 2, 3, 4, 5, 7)) + 1):
        sheet = {}
        for criterion, of_criterion in options[set_no].items():
            allowed = [o for o, c in of_criterion if c in (0, case)] + ([0] if (set_no, criterion) in without_zero and chance.random() < 0.2 else [])
            chosen = max(allowed) if chance.random() > low else chance.choice(allowed)
            sheet[criterion] = {"case": case, "option": chosen} if any(c for _, c in of_criterion) else chosen
            rows.append(f"{number}\t{set_no}\t{member}\t{criterion}\t{chosen}")
        members.append({"name": f"member {member}", "options": sheet})
    return {"set": set_no, "members": members}, rows


differences = 0
for first in range(0, cases, CHUNK):
    numbers = range(first, min(first + CHUNK, cases))
    made = [evaluation(n) for n in numbers]
    graded = subprocess.run([os.environ["OCOPMAP_TEST_CLI"], "grade", "--rubric", "QD26-2026", "--lines"], input="\n".join(json.dumps(e) for e, _ in made) + "\n",
                            capture_output=True, text=True, check=True).stdout.splitlines()
    script = RECOUNT.replace("{version}", version).replace("COPY given FROM STDIN;\n", "COPY given FROM STDIN;\n" + "\n".join("\n".join(r) for _, r in made) + "\n\\.\nANALYZE given;\n", 1)
    again = subprocess.run(["psql", "-XAtq", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", DATABASE], input=script, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    counted = [line.split("\x1f") for line in again.stdout.splitlines()]
    assert len(counted) == len(graded) == len(made), (len(counted), len(graded))
    for line, row, (given, _) in zip(graded, counted, made):
        result = json.loads(line)
        ours = [result["mean_total"], result["spread"], result["star_by_points"], result["star"], result["parts"],
                sorted([u["star"], u["criterion"], u["members_below"]] for u in result["unmet_minima"])]
        theirs = [row[1], row[2], int(row[3]), int(row[4]), json.loads(row[5]), sorted(json.loads(row[6]))]
        if ours != theirs:
            differences += 1
            if differences < 5:
                print("differs:", json.dumps(given, ensure_ascii=False)[:300], ours, theirs, file=sys.stderr)
print(f"{cases} evaluations, {differences} differences")
sys.exit(differences > 0)
