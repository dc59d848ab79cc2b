// What can be done now: a button for each step, what stands against it in words, and a small form for exactly what it needs.
import { Refusal, card, dayAfter, field, h, isoDay, select } from './dossier_parts.js';

const GOES_ON = new Set(['ask_supplement', 'answer_supplement', 'accept', 'assign', 'receive', 'rescore', 'call_meeting', 'extend']);  // what can still be mended by a later step
const DANGER = new Set(['withdraw', 'refuse', 'not_propose', 'return', 'not_recognise', 'revoke']);

export function openActions({ page, words, api, dossier, id, show, keeper }) {
  const { t } = words;
  const form = h('div', { className: 'action-form', hidden: true });
  const known = new Set(dossier.missing.map(item => item.vi));  // the builder lists them with links already
  const rank = action => (DANGER.has(action.action) ? 2 : action.action === 'ask_supplement' ? 1 : 0);  // what goes on, what goes back, what ends it
  const ordered = dossier.actions.toSorted((a, b) => rank(a) - rank(b)), next = ordered.find(one => !one.against.length && !rank(one));
  const buttons = ordered.map(action => {
    const against = action.against.filter(one => !known.has(one.vi));
    const held = action.against.length > 0, why = `against-${action.action}`;
    const main = action === next;
    return h('li', {}, h('button', { type: 'button', className: `button${main ? ' primary' : DANGER.has(action.action) ? ' danger' : ''}`, 'data-action': action.action, 'aria-disabled': held ? 'true' : null,
      ...(held && { 'aria-describedby': why }), onclick: () => { if (!held) open(action); } }, words.of(action)),
    held && h('div', { id: why, className: 'against' }, h('span', {}, t('against')),
      h('ul', { className: 'dots' }, against.map(one => h('li', {}, words.of(one))), against.length < action.against.length && h('li', {}, h('a', { href: '#missing' }, t('against_missing', { n: action.against.length - against.length }))))));
  });
  const waits = dossier.actions.length ? null : h('p', { className: 'muted' }, t('actions_none'));

  async function open(action) {
    const fields = await fieldsOf(action.needs);
    const follows = h('p', {}, t('action_follows', { state: words.code('dossier_state', action.to_state) }));
    const sure = GOES_ON.has(action.action) ? null : h('input', { type: 'checkbox' });
    const said = h('p', { className: 'said', role: 'alert' });
    const send = h('button', { type: 'submit', className: `button ${DANGER.has(action.action) ? 'danger' : 'primary'}` }, words.of(action));
    const body = h('form', { className: 'form wide', noValidate: true, onsubmit: async event => {
      event.preventDefault();
      said.textContent = '';
      if (fields.map(one => one.check()).includes(false)) { form.querySelector('[aria-invalid]')?.focus(); return; }
      if (sure && !sure.checked) { said.textContent = t('action_sure_wanted'); sure.focus(); return; }
      send.disabled = true;
      try {
        if (keeper && !(await keeper.flush())) { said.textContent = t('action_unsaved'); return; }
        await show(await api('POST', `/api/dossiers/${id}/steps`, Object.assign({ action: action.action }, ...fields.map(one => one.value()))));
      } catch (problem) {
        if (!(problem instanceof Refusal)) throw problem;
        const left = problem.fields.filter(one => !fields.some(mine => mine.take(one.field, page.lang === 'vi' ? one.vi : one.en)));
        said.textContent = left.length || !problem.fields.length ? problem.in(page) : t('action_see_fields');
        form.querySelector('[aria-invalid]')?.focus();
      } finally { send.disabled = false; }
    } }, follows, fields.map(one => one.element), sure && h('label', { className: 'check sure' }, sure, h('span', {}, t(`sure_${action.action}`) === `gr_sure_${action.action}` ? t('action_sure') : t(`sure_${action.action}`))), said,
    h('div', { className: 'inline' }, send, h('button', { type: 'button', className: 'button', onclick: () => { form.hidden = true; section.querySelector(`[data-action="${action.action}"]`).focus(); } }, t('cancel'))));
    form.replaceChildren(h('h3', { tabIndex: -1 }, words.of(action)), body);
    form.hidden = false;
    form.querySelector('h3').focus();
    form.scrollIntoView({ block: 'nearest' });
  }

  /** Each: element, check() (says what is wanted), value() as the API takes it, take(field, words) for what the API refuses. */
  async function fieldsOf(needs) {
    const out = [];
    const simple = (name, label, input, wanted, as = text => text, hint = '') => {
      const one = field(label, input, { required: true, hint });
      out.push({ element: one.entry, value: () => ({ [name]: as(input.value.trim()) }), take: (of, text) => of === name && (one.wrong(text), true),
        check: () => { const why = wanted(input.value.trim()); one.wrong(why ? t(why) : ''); return !why; } });
    };
    for (const need of needs) {
      if (need === 'reason') simple('reason', t('need_reason'), h('textarea', { rows: 3, maxLength: 1000 }), text => text.length < 5 && 'need_reason_wanted', undefined, t('need_reason_hint'));
      else if (need === 'document') {
        simple('document_no', t('need_document_no'), h('input', { type: 'text', maxLength: 100 }), text => !text && 'need_document_no_wanted');
        simple('document_date', t('need_document_date'), h('input', { type: 'date', max: isoDay(), value: isoDay() }), text => (!text || text > isoDay()) && 'need_document_date_wanted');
      } else if (need === 'due') simple('due', t('need_due'), h('input', { type: 'date', min: dayAfter(isoDay(), 1), value: dossier.state.startsWith('expir') ? '' : dayAfter(isoDay(), 10) }), text => text <= isoDay() && 'need_due_wanted');
      else if (need === 'items') out.push(itemsField());
      else if (need === 'mean') simple('mean', t('need_mean'), h('input', { type: 'number', min: 0, max: 100, step: 'any', inputMode: 'decimal' }), text => (text === '' || Number(text) < 0 || Number(text) > 100) && 'need_mean_wanted', Number);
      else if (need === 'star') simple('star', t('need_star'), select([['', t('choose')], ...[3, 4, 5].map(n => [n, t('stars', { n })])]), text => !text && 'need_star_wanted', Number);
      else if (need === 'reason_code') simple('reason_code', t('need_reason_code'), select([['', t('choose')], ...Object.entries(page.grading.lists.revocation_reason ?? {})]), text => !text && 'need_reason_code_wanted');
      else if (need === 'round') {
        const rounds = (await api('GET', '/api/rounds')).filter(round => round.decide_until >= isoDay()).toReversed();
        simple('round', t('need_round'), select([['', t('choose')], ...rounds.map(round => [round.code, t('round_option', { code: round.code, until: words.day(round.proposals_until), decide: words.day(round.decide_until) })])]), text => !text && 'need_round_wanted');
      } else if (need === 'session') {
        const sessions = (await api('GET', '/api/council-sessions')).filter(session => session.date >= isoDay());
        simple('session', t('need_session'), select([['', t('choose')], ...sessions.map(session => [session.id, t('session_option', { date: words.day(session.date), council: session.council.decision_no, n: session.members.length })])]), text => !text && 'need_session_wanted', Number);
      }
    }
    return out;
  }
  function itemsField() {
    const list = h('ol', { className: 'items-list' }), said = h('p', { className: 'said', role: 'alert' });
    const kinds = [['', t('item_other')], ...Object.entries(page.grading.lists.evidence_kind ?? {})];
    const add = focus => {
      const about = field(t('item_about'), select(kinds)), asked = field(t('item_asked'), h('textarea', { rows: 2, maxLength: 1000 }), { required: true });
      const item = h('li', {}, about.entry, asked.entry, h('button', { type: 'button', className: 'button small', onclick: () => { item.remove(); list.lastElementChild?.querySelector('textarea').focus(); } }, t('item_remove')));
      item.item = { about, asked };
      list.append(item);
      if (focus) about.input.focus();
    };
    add(false);
    const all = () => [...list.children].map(row => row.item);
    return {
      element: h('fieldset', { className: 'entry' }, h('legend', {}, t('need_items')), list, said, h('button', { type: 'button', className: 'button small', onclick: () => add(true) }, t('item_add'))),
      value: () => ({ items: all().map(({ about, asked }) => ({ ...(about.input.value && { about: about.input.value }), asked: asked.input.value.trim() })) }),
      take: (of, text) => of === 'items' && (said.textContent = text, true),
      check: () => {
        said.textContent = list.children.length ? '' : t('need_items_wanted');
        return list.children.length > 0 && all().map(({ asked }) => { const short = asked.input.value.trim().length < 3; asked.wrong(short ? t('item_asked_wanted') : ''); return !short; }).every(Boolean);
      },
    };
  }
  const section = card(t('actions'), { id: 'actions' }, h('ul', { className: 'action-list' }, buttons), waits, form);
  return section;
}
