#!/usr/bin/env python3
"""Grades random sheets a second time, in fractions, from the rows as the decision lists them, and compares with `ocopmap grade`.

usage: recount.py OCOPMAP DATA [CASES [SEED]]

Nothing here is taken from the C++: thresholds stand below, and what a star asks for is the most points of any option with at most that star."""
import csv
import json
import math
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from fractions import Fraction

STARS = {5: 90, 4: 70, 3: 50, 2: 30, 1: 0}


def official(path):
    """set → criterion → (part, [(option, case, points, star)])"""
    sets = defaultdict(dict)
    for row in csv.DictReader(open(path, encoding="utf-8")):
        _, options = sets[int(row["set_no"])].setdefault(row["criterion_code"], (row["part"], []))
        options.append((int(row["option_no"]), row["case_vi"], Fraction(row["option_points"]), int(row["min_star"] or 0)))
    for criteria in sets.values():
        for code, (part, options) in criteria.items():
            cases = list(dict.fromkeys(case for _, case, _, _ in options))
            criteria[code] = (part, [(n, cases.index(case) + 1 if case else 0, points, star) for n, case, points, star in options])
    return sets


def shipped(folder):
    scales = defaultdict(list)
    for row in csv.DictReader(open(folder + "/scales.csv", encoding="utf-8")):
        scales[row["scale"]].append((int(row["option"]), int(row["case"] or 0), Fraction(row["points"]), int(row["min_star"] or 0)))
    sets = defaultdict(dict)
    for row in csv.DictReader(open(folder + "/criteria.csv", encoding="utf-8")):
        if row["scale"]:
            sets[int(row["set"])][row["code"]] = (row["part"], scales[row["scale"]])
    return sets


def decimal(value, places):
    scaled = math.floor(value * 10**places + Fraction(1, 2))
    return f"{scaled // 10**places}.{scaled % 10**places:0{places}d}"


def options_of(options, case):
    return [o for o in options if o[1] in (0, case)]


def allowed(options, case):
    """option → points, with 0 where no option stands for 0 points"""
    out = {n: points for n, _, points, _ in options_of(options, case)}
    if 0 not in out.values():
        out[0] = Fraction(0)
    return out


def recount(criteria, case, sheets, settings, disqualified):
    points = [{code: allowed(options, case)[sheet[code]] for code, (_, options) in criteria.items()} for sheet in sheets]
    totals = [sum(p.values()) for p in points]
    mean = sum(totals, Fraction(0)) / len(totals)
    unmet = []
    for star in (3, 4, 5):
        for code, (_, options) in criteria.items():
            asked = [(o[2], o[0]) for o in options_of(options, case) if 0 < o[3] <= star]
            if not asked:
                continue
            need, option = max(asked)
            given = [p[code] for p in points]
            below = sum(1 for g in given if g < need)
            rule = settings.get("minimum_rule", "majority")
            met = {"majority": len(given) - below > Fraction(len(given), 2), "every": below == 0, "mean": sum(given) / Fraction(len(given)) >= need}[rule]
            if not met:
                unmet.append((star, code, option, str(need), below))
    by_points = max(star for star, least in STARS.items() if mean >= least)
    stars = [s for s in (5, 4, 3) if mean >= STARS[s] and not any(u[0] == s for u in unmet)]
    star = stars[0] if stars else min(by_points, 2)
    spread = max(totals) - min(totals)
    certifiable = star >= 3 and not disqualified
    if "spread_limit" in settings:
        certifiable = certifiable and spread <= Fraction(str(settings["spread_limit"]))
    if "quorum" in settings:
        certifiable = certifiable and Fraction(len(sheets), settings["council_members"]) >= Fraction(settings["quorum"])
    if "chair" in settings:
        certifiable = certifiable and settings["chair"] in [f"member {i}" for i in range(len(sheets))]
    parts = {p: sum((pt[c] for pt in points for c, (part, _) in criteria.items() if part == p), Fraction(0)) / len(points) for p in "ABC"}
    return {"mean_total": decimal(mean, 6), "mean_shown": decimal(mean, 2), "parts": {p: decimal(v, 6) for p, v in parts.items()},
            "totals": [str(t) for t in totals], "spread": str(spread), "unmet": sorted(unmet), "star": star, "star_by_points": by_points,
            "certifiable": certifiable}


def random_case(rng, sets):
    number = rng.choice(list(sets))
    criteria = sets[number]
    case = rng.choice((1, 2))
    choices = {code: sorted(allowed(options, case).items(), key=lambda o: o[1]) for code, (_, options) in criteria.items()}
    # From careless to nearly perfect, so that every star and many a missed minimum comes up; members mostly agree.
    care, end = rng.choice(((0.0, -1), (0.3, -1), (0.5, -1), (0.7, -1), (0.85, -1), (0.95, -1), (0.8, 0)))
    common = {code: c[end][0] if rng.random() < care else rng.choice(c)[0] for code, c in choices.items()}
    stray = rng.choice((0.0, 0.05, 0.2, 1.0))
    sheets = [{code: rng.choice(choices[code])[0] if rng.random() < stray else option for code, option in common.items()} for _ in range(rng.choice((1, 1, 2, 3, 4, 5, 7, 9, 12)))]
    settings = {}
    if rng.random() < 0.7:
        settings["minimum_rule"] = rng.choice(("majority", "every", "mean"))
    if rng.random() < 0.5:
        settings["spread_limit"] = rng.choice((5, 10, "7.5", 0))
    if rng.random() < 0.4:
        settings["quorum"] = rng.choice(("3/4", "2/3", "1/2", "1/1"))
        settings["council_members"] = len(sheets) + rng.randint(0, 4)
    if rng.random() < 0.3:
        settings["chair"] = f"member {rng.randint(0, len(sheets))}"
    disqualified = ["forged"] if rng.random() < 0.05 else []
    has_cases = {code: any(o[1] for o in options) for code, (_, options) in criteria.items()}
    members = [{"name": f"member {i}", "options": {code: {"case": case, "option": o} if has_cases[code] else o for code, o in s.items()}} for i, s in enumerate(sheets)]
    sent = {"set": number, "members": members, "settings": settings, "disqualified": disqualified}
    if rng.random() < 0.02:  # spoilt in one place: must be refused
        member = rng.choice(members)
        code = rng.choice(list(criteria))
        kind = rng.randrange(4)
        if kind == 0:
            del member["options"][code]
        elif kind == 1:
            member["options"][code] = {"case": case, "option": 99} if has_cases[code] else 99
        elif kind == 2:
            member["options"]["99.9"] = 1
        else:
            members.append(dict(member))
        return sent, None
    return sent, recount(criteria, case, sheets, settings, disqualified)


def told(result):
    return {"mean_total": result["mean_total"], "mean_shown": result["mean_shown"], "parts": result["parts"], "totals": [t["total"] for t in result["totals"]],
            "spread": result["spread"], "unmet": sorted((u["star"], u["criterion"], u["option"], u["points"], u["members_below"]) for u in result["unmet_minima"]),
            "star": result["star"], "star_by_points": result["star_by_points"], "certifiable": result["certifiable"]}


def main():
    program, data = sys.argv[1], sys.argv[2]
    cases = int(sys.argv[3]) if len(sys.argv) > 3 else 20000
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 2026
    rng = random.Random(seed)
    shared = os.environ.get("OCOPMAP_SHARED", "")
    path = shared + "/domain/ocop-criteria.csv"
    sets = official(path) if shared and os.path.exists(path) else shipped(data + "/rubrics/qd26-2026")
    run = subprocess.Popen([program, "grade", "--rubric", data + "/rubrics/qd26-2026", "--lines"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stars, bound, refused, wrong, done = Counter(), set(), 0, 0, 0
    for _ in range(cases):
        sent, expected = random_case(rng, sets)
        run.stdin.write(json.dumps(sent) + "\n")
        run.stdin.flush()
        result = json.loads(run.stdout.readline())
        done += 1
        if expected is None:
            refused += 1
            same = "error" in result
        else:
            same = "error" not in result and told(result) == expected
        if not same:
            wrong += 1
            if wrong <= 3:
                print(f"differs:\n  sent {json.dumps(sent)}\n  told {result}\n  expected {expected}")
        elif expected is not None:
            stars[expected["star"]] += 1
            for star, code, option, _, _ in expected["unmet"]:
                if next(o[3] for o in sets[sent["set"]][code][1] if o[0] == option) == star:
                    bound.add((sent["set"], code, option))
    run.stdin.close()
    code = run.wait()
    minima = sum(1 for criteria in sets.values() for _, options in criteria.values() for o in options if o[3])
    print(f"seed {seed}: {done} cases, {wrong} differ; {refused} refused as they should; stars {dict(sorted(stars.items()))}; {len(bound)} of {minima} minima missed at least once")
    if wrong or code not in (0, 4) or len(bound) < minima or any(stars[s] == 0 for s in STARS):
        sys.exit(1)


if __name__ == "__main__":
    main()
