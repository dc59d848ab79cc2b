// The producer's draft: Mẫu 01, Mẫu 02 with own scores and evidence, what is still missing, and what the server makes of the scores.
import { openActions } from './dossier_actions.js';
import { paperForm, paperOf, retirePaper } from './dossier_files.js';
import { Keeper } from './dossier_keep.js';
import { card, doing, field, h, isoDay, select } from './dossier_parts.js';
import { savedLine } from './dossier_saved.js';

const TEXTS = { registration_kind: 'registration', sample_quantity: 'registration', previous_certificate_no: 'registration', external_file_code: 'registration', business_result_note: 'report', business_plan_note: 'plan' };
const anchorOf = criterion => `c-${criterion}`;

/** Criteria under their first heading: [{title, criteria}]. */
function groupsOf(criteria) {
  const out = [];
  for (const criterion of criteria) {
    if (!criterion.code.includes('.') || !out.length) out.push({ title: criterion, criteria: [] });
    if (criterion.options.length) out.at(-1).criteria.push(criterion);
    else if (criterion.code.includes('.')) out.at(-1).criteria.push(criterion);
  }
  return out.filter(group => group.criteria.some(criterion => criterion.options.length));
}
const cardOf = async here => (here.dossier.rubric?.set ? here.api('GET', `/api/rubrics/${here.dossier.rubric.id}/sets/${here.dossier.rubric.set}`) : null);

export async function openBuilder(here) {
  const { page, words, api, id } = here, { t } = words;
  const scorecard = await cardOf(here);
  const saved = savedLine(words, page), inputs = new Map();
  const keeper = new Keeper(`dossier-${id}`, send, saved.tell);
  here.keeper = keeper;
  const left = await keeper.resume();

  async function send(changes) {
    const body = {}, held = [];
    for (const [path, value] of Object.entries(changes)) {
      const [name, criterion] = path.split('/');
      if (name === 'answers') (body.answers ??= {})[criterion] = value;
      else if (name === 'notes') {
        // The server keeps a note beside its score: one without waits here until there is a score.
        if (here.dossier.self.answers[criterion] === undefined && changes[`answers/${criterion}`] === undefined) held.push(path);
        else (body.notes ??= {})[criterion] = value;
      } else if (name === 'sample_quantity' && !(Number.isInteger(value) && value >= 0 && value <= 1000)) held.push(path);
      else body[name] = value;
    }
    if (Object.keys(body).length) { here.take(await api('PATCH', `/api/dossiers/${id}`, body)); follow(); }
    return held;
  }
  /** The value now: what the device has, before what the server has. */
  const now = (path, otherwise) => keeper.changes[path] ?? otherwise;
  const text = (name, label, input, properties = {}) => {
    input.value = now(name, here.dossier[name] ?? here.dossier.self[name] ?? '') ?? '';
    const one = field(label, input, properties);
    input.addEventListener('input', () => {
      if (input.type !== 'number') return keeper.put(name, input.value);
      const value = input.value === '' ? null : Number(input.value), fine = Number.isInteger(value) && value >= 0 && value <= 1000;
      one.wrong(fine ? '' : t('samples_wanted'));
      return keeper.put(name, value);
    });
    input.name = name;
    inputs.set(name, input);
    return one.entry;
  };
  const kinds = ['first', 'upgrade', 'again'].map(kind => [kind, words.code('registration_kind', kind)]);
  const registration = card(t('form_01'), { id: 'registration' }, h('p', { className: 'hint' }, t('form_01_about')),
    text('registration_kind', t('new_kind'), select(kinds)), text('previous_certificate_no', t('previous_certificate'), h('input', { type: 'text', maxLength: 100 }), { hint: t('previous_certificate_hint') }),
    text('sample_quantity', t('samples'), h('input', { type: 'number', min: 0, max: 1000, step: 1, inputMode: 'numeric' }), { hint: t('samples_hint') }),
    text('external_file_code', t('external_code'), h('input', { type: 'text', maxLength: 100 }), { hint: t('external_code_hint') }));
  const report = card(t('form_02_2'), { id: 'report' }, text('business_result_note', t('business_result'), h('textarea', { rows: 6, maxLength: 20000 }), { hint: t('business_result_hint') }));
  const plan = card(t('form_02_4'), { id: 'plan' }, text('business_plan_note', t('business_plan'), h('textarea', { rows: 6, maxLength: 20000 }), { hint: t('business_plan_hint') }));

  const answer = code => now(`answers/${code}`, here.dossier.self.answers[code]);
  const counts = [], papersAt = new Map();
  const criterionOf = criterion => {
    if (!criterion.options.length) return h('h4', {}, `${criterion.code} ${words.of(criterion)}`);
    const chosen = answer(criterion.code), name = `answer-${criterion.code}`;
    const options = criterion.options.some(option => Number(option.points) === 0) || criterion.cases ? criterion.options : [{ option: 0, points: '0', vi: t('none_reached'), en: t('none_reached') }, ...criterion.options];
    const note = h('textarea', { rows: 2, maxLength: 2000, value: now(`notes/${criterion.code}`, here.dossier.self.notes[criterion.code] ?? ''), oninput: event => keeper.put(`notes/${criterion.code}`, event.target.value) });
    const papers = h('ul', { className: 'rows' });
    papersAt.set(criterion.code, papers);
    return h('fieldset', { className: 'criterion', id: anchorOf(criterion.code), tabIndex: -1 }, h('legend', {}, `${criterion.code} ${words.of(criterion)} `, h('small', { className: 'muted' }, t('most_points', { n: words.number(criterion.max) }))),
      h('div', { className: 'options' }, options.map(option => h('label', { className: 'side' }, h('input', { type: 'radio', name, value: option.option, checked: chosen === option.option, onchange: () => { keeper.put(`answers/${criterion.code}`, option.option); count(); } }),
        h('span', {}, h('span', {}, h('strong', {}, t('points', { n: words.number(option.points) })), option.min_star ? h('span', { className: 'mark' }, t('min_star', { n: option.min_star })) : null),
          option.case && criterion.cases?.[option.case] ? h('small', { className: 'muted' }, words.of(criterion.cases[option.case])) : null, h('span', {}, words.of(option)))))),
      h('details', { className: 'act', open: Boolean(note.value) }, h('summary', {}, t('note')), field(t('note_of', { code: criterion.code }), note).entry),
      papers, paperForm(page, words, api, id, criterion.code, refresh));
  };
  const scores = card(t('form_02_3'), { id: 'scores' }, scorecard
    ? [h('p', { className: 'hint' }, t('scores_about', { set: words.of(scorecard) })), here.dossier.rubric.text === 'training' && h('p', {}, h('span', { className: 'mark' }, t('training_text'))), ...groupsOf(scorecard.criteria).map(group => {
      const figure = h('span', { className: 'count' });
      const leaves = group.criteria.filter(criterion => criterion.options.length);
      counts.push(() => {
        const done = leaves.filter(criterion => answer(criterion.code) !== undefined);
        const points = done.reduce((sum, criterion) => sum + Number(criterion.options.find(option => option.option === answer(criterion.code))?.points ?? 0), 0);
        figure.textContent = t('group_count', { done: done.length, n: leaves.length, points: words.number(points) });
        figure.classList.toggle('is-done', done.length === leaves.length);
      });
      return h('details', { className: 'score-group' }, h('summary', {}, h('span', {}, `${group.title.part ?? ''} · ${group.title.code} ${words.of(group.title)}`), figure), h('div', { className: 'criteria' }, group.criteria.map(criterionOf)));
    })] : h('p', {}, t('no_card')));
  const count = () => { for (const one of counts) one(); };

  const general = h('div');
  const evidence = card(t('papers'), { id: 'evidence' }, h('p', { className: 'hint' }, t('papers_about')), general, paperForm(page, words, api, id, null, refresh));
  const drawPapers = () => {
    const row = paper => paperOf(words, paper, doing(page, t('paper_remove'), async () => { await retirePaper(api, paper.id); await refresh(); }, { className: 'button small', ariaLabel: t('paper_remove_of', { name: words.code('evidence_kind', paper.kind) }) }));
    general.replaceChildren(here.dossier.evidence.length ? h('ul', { className: 'rows' }, here.dossier.evidence.map(row)) : h('p', { className: 'muted' }, t('papers_none')));
    for (const [code, list] of papersAt) list.replaceChildren(...here.dossier.evidence.filter(paper => paper.criterion === code).map(paper => paperOf(words, paper)));
  };
  async function refresh() {
    here.take(await api('GET', `/api/dossiers/${id}`));
    drawPapers();
    follow();
  }

  const grade = h('div', { className: 'grade-now', role: 'status' }), missing = card(t('missing'), { id: 'missing' }), short = h('span'), stillMissing = h('a', { href: '#missing' });
  const labels = new Map((scorecard?.criteria ?? []).map(criterion => [criterion.code, criterion]));
  /** What the server says of the dossier now. */
  function follow() {
    const { self, missing: items } = here.dossier, got = self.grade ?? {};
    const sum = ['a', 'b', 'c'].reduce((all, part) => all + Number(self[part] ?? 0), 0);
    if (got.mean_total === undefined) {
      short.textContent = t('grade_so_far', { done: got.answered ?? 0, n: got.criteria ?? 0, points: words.number(sum) });
      grade.replaceChildren(h('p', {}, short.textContent), got.problem ? h('p', { className: 'said' }, got.problem) : h('p', { className: 'hint' }, t('grade_when')));
    } else {
      const stuck = got.unmet_minima.filter(unmet => unmet.star > got.star && unmet.star <= got.star_by_points);
      const first = stuck.filter(unmet => unmet.star === Math.min(...stuck.map(one => one.star)));
      short.textContent = t('grade_short', { points: words.number(got.mean_shown), star: got.star });
      grade.replaceChildren(h('p', { className: 'result-line' }, h('span', { className: `star large star-${got.star >= 3 ? got.star : 0}`, ariaHidden: 'true' }, String(got.star)),
        h('strong', {}, stuck.length ? t('grade_but', { points: words.number(got.mean_shown), star: got.star }) : t('grade_is', { points: words.number(got.mean_shown), star: got.star }))),
      ...(first.length ? [h('p', {}, t('grade_why', { star: first[0].star })), h('ul', { className: 'dots' }, first.map(unmet => {
        const criterion = labels.get(unmet.criterion), option = criterion?.options.find(one => one.option === unmet.option);
        return h('li', {}, h('a', { href: `#${anchorOf(unmet.criterion)}` }, `${criterion ? words.of(criterion) : ''} (${unmet.criterion})`), `: ${t('grade_needs', { option: option ? words.of(option) : unmet.points, points: words.number(unmet.points) })}`);
      }))] : []), h('p', { className: 'hint' }, t('grade_parts', { a: words.number(self.a), b: words.number(self.b), c: words.number(self.c) })));
    }
    const target = item => {
      if (item.item === 'representative') return page.lang === 'vi' ? '/quan-ly/representatives' : '/en/manage/representatives';
      if (item.item === 'product_class') return `${page.lang === 'vi' ? '/quan-ly' : '/en/manage'}/products/${here.dossier.product.id}`;
      if (item.item.startsWith('claimed_')) return `#${anchorOf(item.item.slice(8))}`;
      if (item.item === 'self_scores') return `#${anchorOf((scorecard?.criteria ?? []).find(criterion => criterion.options.length && here.dossier.self.answers[criterion.code] === undefined)?.code ?? '')}`;
      return `#${inputs.get(item.item)?.id ?? TEXTS[item.item] ?? item.place}`;
    };
    const blocks = items.filter(item => item.blocks), advice = items.filter(item => !item.blocks);
    const list = some => h('ul', { className: 'dots' }, some.map(item => h('li', {}, h('a', { href: target(item), 'data-item': item.item }, words.of(item)))));
    missing.replaceChildren(h('h2', { tabIndex: -1 }, blocks.length ? t('missing_n', { n: blocks.length }) : t('missing_none')), blocks.length ? list(blocks) : h('p', {}, t('missing_none_about')),
      advice.length ? h('div', {}, h('h3', {}, t('missing_advice')), list(advice)) : '');
    stillMissing.textContent = blocks.length ? t('missing_n', { n: blocks.length }) : t('missing_none');
  }
  here.place.addEventListener('click', event => {
    const link = event.target.closest('a[href^="#"]'), to = link && document.getElementById(link.hash.slice(1));
    if (!to) return;
    event.preventDefault();
    for (let at = to.parentElement; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    to.scrollIntoView({ block: 'start' });
    (to.matches('input, select, textarea, fieldset') ? to : to.querySelector('h2') ?? to).focus({ preventScroll: true });
  });

  count();
  drawPapers();
  follow();
  const resumed = left && Object.keys(left.changes).length > 0 && h('p', { className: 'notice', role: 'status' }, t('resumed', { n: Object.keys(left.changes).length, at: words.clock(left.since) }));
  if (left) keeper.soon(0);
  const carried = here.dossier.registration_kind === 'first' ? null : await carriedOver(here);
  return [resumed, missing, openActions(here), carried, registration, report, scores, h('section', { className: 'panel-card', id: 'grade' }, h('h2', {}, t('grade')), grade), plan, evidence,
    h('div', { className: 'form-actions builder-bar' }, saved.element, h('span', { className: 'bar-figures' }, h('a', { href: '#grade' }, short), stillMissing))];
}

/** A renewal: what came along from the last dossier, what is new, what changed, what ended. */
async function carriedOver(here) {
  const { words, api, id, dossier } = here, { t } = words;
  const { items } = await api('GET', `/api/dossiers?product=${dossier.product.id}&limit=200`);
  const last = items.filter(item => item.id < id).at(-1);
  if (!last) return null;
  const old = await api('GET', `/api/dossiers/${last.id}`);
  const had = new Set(old.evidence.map(paper => paper.sha256)), has = new Set(dossier.evidence.map(paper => paper.sha256));
  const ended = old.evidence.filter(paper => paper.valid_to && paper.valid_to <= isoDay() && !has.has(paper.sha256));
  const changed = Object.keys(dossier.self.answers).filter(code => old.self.answers[code] !== undefined && old.self.answers[code] !== dossier.self.answers[code]);
  const kept = Object.keys(dossier.self.answers).filter(code => old.self.answers[code] === dossier.self.answers[code]);
  const names = papers => papers.map(paper => words.code('evidence_kind', paper.kind)).join(', ');
  const line = (key, n, what) => n > 0 && h('li', {}, h('strong', {}, t(key, { n })), what ? `: ${what}` : '');
  const came = dossier.evidence.filter(paper => had.has(paper.sha256)), fresh = dossier.evidence.filter(paper => !had.has(paper.sha256));
  return card(t('carried'), { id: 'carried' }, h('p', {}, t('carried_from', { no: old.dossier_no ?? old.id })), h('ul', { className: 'dots' }, line('carried_papers', came.length, names(came)), line('carried_new', fresh.length, names(fresh)),
    line('carried_ended', ended.length, names(ended)), line('carried_scores', kept.length), line('carried_changed', changed.length, changed.join(', ')),
    old.self.business_result_note && old.self.business_result_note === dossier.self.business_result_note && h('li', {}, t('carried_same_report'))));
}

/** What the producer said of the product, for whoever reads the dossier. */
export function selfSection(here) {
  const { words, dossier } = here, { t } = words, { self } = dossier;
  if (!self) return null;
  const body = h('div', { className: 'self-body' });
  const got = self.grade ?? {};
  const section = h('details', { className: 'panel-card', id: 'self' }, h('summary', {}, h('h2', {}, t('self'), got.mean_shown !== undefined && h('span', { className: 'count' }, ` · ${t('grade_short', { points: words.number(got.mean_shown), star: got.star })}`))), body);
  section.addEventListener('toggle', async () => {
    if (!section.open || body.children.length) return;
    const scorecard = await cardOf(here);
    body.append(h('h3', {}, t('form_02_2')), h('p', { className: 'as-typed' }, self.business_result_note ?? t('review_empty')), h('h3', {}, t('form_02_3')),
      scorecard ? h('ul', { className: 'rows' }, scorecard.criteria.filter(criterion => criterion.options.length).map(criterion => {
        const option = criterion.options.find(one => one.option === self.answers[criterion.code]);
        return h('li', {}, h('div', {}, h('strong', {}, `${criterion.code} ${words.of(criterion)}`), h('span', {}, option ? `${t('points', { n: words.number(option.points) })}: ${words.of(option)}` : t('none_reached')), self.notes[criterion.code] && h('small', { className: 'muted' }, self.notes[criterion.code])));
      })) : h('p', {}, t('no_card')), h('h3', {}, t('form_02_4')), h('p', { className: 'as-typed' }, self.business_plan_note ?? t('review_empty')));
  });
  return section;
}
