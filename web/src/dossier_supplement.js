// A supplement that is asked for: each item with its answer, papers to add, and sending (the action above).
import { Keeper } from './dossier_keep.js';
import { paperForm, paperOf } from './dossier_files.js';
import { card, field, h } from './dossier_parts.js';
import { savedLine } from './dossier_saved.js';

export function supplementSection(here) {
  const { page, words, api, id, dossier } = here, { t } = words;
  const saved = savedLine(words, page);
  const keeper = new Keeper(`supplement-${id}`, async changes => {
    const short = Object.keys(changes).filter(item => changes[item].trim().length < 2);
    for (const [item, answer] of Object.entries(changes)) if (!short.includes(item)) here.take(await api('POST', `/api/dossiers/${id}/supplements/${item}`, { answer: answer.trim() }));
    return short;
  }, saved.tell);
  here.keeper = keeper;
  const inputs = new Map();
  const since = dossier.steps.filter(step => step.to === dossier.state).at(-1)?.at ?? '';
  const items = dossier.supplements.map(item => {
    const input = h('textarea', { rows: 3, maxLength: 4000, value: item.answer ?? '', oninput: () => keeper.put(item.id, input.value) });
    inputs.set(String(item.id), input);
    return h('li', {}, h('p', {}, h('strong', {}, item.about ? words.code('evidence_kind', item.about) : t('item_other')), `: ${item.asked}`), field(t('item_answer'), input, { hint: t('item_answer_hint') }).entry);
  });
  const papers = h('div');
  const draw = () => {
    const added = here.dossier.evidence.filter(paper => paper.added_at > since);
    papers.replaceChildren(added.length ? h('ul', { className: 'rows' }, added.map(paper => paperOf(words, paper))) : h('p', { className: 'muted' }, t('item_no_papers')));
  };
  draw();
  keeper.resume().then(left => {
    if (!left) return;
    for (const [item, answer] of Object.entries(left.changes)) if (inputs.has(item)) inputs.get(item).value = answer;
    keeper.flush();
  });
  return card(t('supplement_title'), { id: 'supplements' }, h('p', {}, t('supplement_about', { no: dossier.supplement_request_no ?? '', date: words.day(dossier.supplement_due_date) })), saved.element,
    h('ol', { className: 'asked' }, items), h('h3', {}, t('item_papers')), papers,
    page.grading.role === 'R02' && paperForm(page, words, api, id, null, async () => { here.take(await api('GET', `/api/dossiers/${id}`)); draw(); }));
}
