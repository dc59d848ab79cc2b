// What a score card says of a sheet's answers: a preview beside the sheet. The result is computed by the server alone
// (programme/grading), which looks up the points itself.
const ordered = list => [...list].sort((a, b) => a - b);

export const scored = card => card.criteria.filter(criterion => criterion.options.length);
export const hasCases = criterion => Boolean(criterion.cases);
/** The options one can pick: of one case; and "none reached" where every option has points. */
export function optionsOf(criterion, caseNo) {
  const options = criterion.options.filter(option => !option.case || option.case === caseNo);
  return criterion.options.some(option => Number(option.points) === 0) ? options : [{ option: 0, points: '0' }, ...options];
}
/** The case of a sheet is that of its answers. */
export function caseOf(card, answers) {
  for (const criterion of card.criteria) {
    const chosen = hasCases(criterion) && criterion.options.find(option => option.option === answers[criterion.code]);
    if (chosen) return chosen.case;
  }
  return null;
}
const points = (criterion, option) => Number(criterion.options.find(one => one.option === option)?.points ?? 0);
const exact = sum => Math.round(sum * 1000) / 1000;
/** The option that a star asks for: of the marked ones up to that star the highest. */
function minimumFor(criterion, caseNo, star) {
  const marked = criterion.options.filter(option => option.min_star && option.min_star <= star && (!option.case || option.case === caseNo));
  return marked.reduce((best, option) => (!best || option.min_star > best.min_star ? option : best), null);
}

export function preview({ card, parts, stars }, answers, caseNo) {
  const criteria = scored(card);
  const out = { total: 0, parts: parts.map(part => ({ ...part, sum: 0 })), missing: [], unmet: [], answered: 0, of: criteria.length };
  const asked = ordered(new Set(criteria.flatMap(criterion => criterion.options.map(option => option.min_star).filter(Boolean))));
  for (const criterion of criteria) {
    const answer = answers[criterion.code];
    if (answer === undefined) { out.missing.push(criterion.code); continue; }
    const got = points(criterion, answer);
    out.answered += 1;
    out.total = exact(out.total + got);
    const part = out.parts.find(one => one.part === criterion.part);
    part.sum = exact(part.sum + got);
    for (const star of asked) {
      const minimum = minimumFor(criterion, caseNo, star);
      if (minimum && got < Number(minimum.points)) out.unmet.push({ star, criterion: criterion.code });
    }
  }
  out.star = stars.reduce((best, one) => (out.total >= Number(one.from) && one.star > best ? one.star : best), 0);
  return out;
}
