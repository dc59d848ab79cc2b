// How a sheet ends: the summary, the signature, or a conflict of interest.
import { problemOf } from './score_outbox.js';
import { make } from './score_view.js';

const field = (id, label, input) => make('p', { className: 'entry' }, make('label', { htmlFor: id, textContent: label }), Object.assign(input, { id }));

export class Ending {
  constructor(sheet) {
    this.sheet = sheet;
    const { t } = sheet;
    this.facts = make('div', { className: 'score-facts' });
    this.unsent = make('div', { className: 'notice bad score-unsent', hidden: true });
    this.signed = make('div', { className: 'notice', role: 'status', hidden: true });
    this.conditions = this.conditionForm();
    this.sign = this.signForm();
    this.conflict = this.conflictForm();
    this.place = make('section', { className: 'score-end panel-card', tabIndex: -1 }, make('h2', { id: 'end-title', textContent: t('end_title') }), this.unsent, this.signed, this.facts, ...(this.conditions.lines.length ? [this.conditions.box] : []), this.sign.form, this.conflict.details);
    this.place.setAttribute('aria-labelledby', 'end-title');
  }

  /** Điều kiện loại: ticked with a reason, kept and sent as every answer, signed with the sheet. */
  conditionForm() {
    const { sheet } = this, { t } = sheet;
    const lines = (sheet.view.eliminating ?? []).map((one, i) => {
      const tick = make('input', { type: 'checkbox' });
      const reason = make('textarea', { rows: 2, maxLength: 2000, required: true });
      const entry = field(`condition-${i}`, t('condition_reason', { condition: sheet.text(one) }), reason);
      const said = make('p', { className: 'said', role: 'alert', id: `condition-said-${i}` });
      reason.setAttribute('aria-describedby', said.id);
      const keep = value => sheet.enqueue(async () => {
        await sheet.keep([{ kind: 'conditions', criterion: one.id, value }]);
        sheet.outbox.soon(1000);
        sheet.update();
      });
      tick.addEventListener('change', () => {
        entry.hidden = !tick.checked;
        if (tick.checked) reason.focus();
        else if (sheet.conditions[one.id] !== undefined) { reason.value = ''; keep(null); }
      });
      reason.addEventListener('input', () => { said.textContent = ''; if (reason.value.trim().length >= 5) keep(reason.value); });
      const line = make('div', { className: 'score-condition' }, make('label', { className: 'check' }, tick, make('span', { textContent: [one.criterion, sheet.text(one)].filter(Boolean).join(' ') })), entry, said);
      return { id: one.id, line, tick, reason, entry, said };
    });
    const box = make('fieldset', { className: 'score-conditions' }, make('legend', {}, make('strong', { textContent: t('conditions') })), make('p', { className: 'hint', textContent: t('conditions_what') }), ...lines.map(one => one.line));
    return { box, lines };
  }
  /** A condition that is ticked but has no reason yet is not kept: nothing is signed before it is said or taken back. */
  hasBareCondition() {
    const bare = this.conditions.lines.find(one => one.tick.checked && one.reason.value.trim().length < 5);
    if (bare) { bare.said.textContent = this.sheet.t('condition_bare'); bare.reason.focus(); }
    return Boolean(bare);
  }
  signForm() {
    const { t } = this.sheet;
    const password = make('input', { type: 'password', autocomplete: 'current-password', required: true, maxLength: 200 });
    const said = make('p', { className: 'said', role: 'alert', id: 'sign-said' });
    const button = make('button', { className: 'button primary', textContent: t('sign') });
    const form = make('form', { className: 'form score-sign' }, make('h3', { textContent: t('sign_title') }), make('p', { className: 'hint', textContent: t('sign_what') }),
      make('input', { autocomplete: 'username', value: this.sheet.outbox.account, hidden: true, readOnly: true, ariaLabel: t('account') }), field('sign-password', t('sign_password'), password), said, make('p', {}, button));
    password.setAttribute('aria-describedby', said.id);
    form.addEventListener('submit', event => {
      event.preventDefault();
      this.post(form, said, 'signature', { own_password: password.value }, password);
    });
    return { form, button, password, said };
  }
  conflictForm() {
    const { t } = this.sheet;
    const reason = make('textarea', { rows: 3, minLength: 5, maxLength: 2000, required: true });
    const sure = make('input', { type: 'checkbox', required: true });
    const said = make('p', { className: 'said', role: 'alert', id: 'conflict-said' });
    const form = make('form', { className: 'form' }, make('p', { className: 'hint', textContent: t('conflict_what') }), field('conflict-reason', t('conflict_reason'), reason),
      make('label', { className: 'check' }, sure, make('span', { textContent: t('conflict_sure') })), said, make('p', {}, make('button', { className: 'button danger', textContent: t('conflict_declare') })));
    reason.setAttribute('aria-describedby', said.id);
    form.addEventListener('submit', event => {
      event.preventDefault();
      this.post(form, said, 'conflict', { reason: reason.value }, reason);
    });
    return { details: make('details', { className: 'retire' }, make('summary', { textContent: t('conflict') }), form), form };
  }

  /** What is signed is what the server has: unsent answers go first. */
  async post(form, said, what, body, input) {
    const { sheet } = this, { t, outbox } = sheet;
    said.textContent = '';
    input.removeAttribute('aria-invalid');
    form.inert = true;
    try {
      await sheet.queue;
      if (what === 'signature') {
        if (this.hasBareCondition()) return;
        await outbox.send();
        await sheet.refresh();
        if (sheet.changes.length) { said.textContent = t('sign_unsent', { n: sheet.changes.length }); return; }
        if (sheet.now.missing.length) { said.textContent = t('sign_missing', { n: sheet.now.missing.length }); return; }
      }
      const answer = await fetch(`/api/score-sheets/${sheet.id}/${what}`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': outbox.csrf }, body: JSON.stringify(body) });
      if (!answer.ok) {
        const problem = await problemOf(answer);
        said.textContent = problem.errors?.some(one => one.field === 'own_password') ? t('wrong_password') : problem.detail;
        input.setAttribute('aria-invalid', 'true');
        return;
      }
      input.value = '';
      await sheet.refresh();
      this.place.focus();
    } catch (problem) {
      said.textContent = problem instanceof TypeError ? t('sign_no_line') : problem.message;
    } finally {
      form.inert = false;
    }
  }

  update(now, isOpen) {
    const { sheet } = this, { t, view } = sheet;
    const cells = (name, ...figures) => make('tr', {}, make('th', { scope: 'row', textContent: name }), ...figures.map(textContent => make('td', { className: 'number', textContent })));
    const rows = now.parts.map(part => cells(`${part.part}. ${sheet.text(part)}`, sheet.number(part.sum), sheet.number(part.max)));
    this.facts.replaceChildren(
      make('table', { className: 'work-table score-sums' }, make('caption', { className: 'hint', textContent: t('preview_long') }),
        make('thead', {}, make('tr', {}, ...['col_part', 'col_points', 'col_max'].map(key => make('th', { scope: 'col', className: key === 'col_part' ? '' : 'number', textContent: t(key) })))),
        make('tbody', {}, ...rows, cells(t('total'), sheet.number(now.total), sheet.number(now.parts.reduce((sum, part) => sum + Number(part.max), 0))))),
      now.answered ? make('p', { textContent: t('star_by_points', { n: now.star }) }) : '');
    if (now.unmet.length) this.facts.append(make('p', { className: 'score-minima' }, ...sheet.minimaOf(now)));
    if (now.missing.length) this.facts.append(make('p', {}, `${t('missing', { n: now.missing.length })} `), make('ul', { className: 'score-missing' }, ...now.missing.map(code => make('li', {}, sheet.link(code, sheet.label(sheet.criterion(code)))))));
    for (const { id, tick, reason, entry } of this.conditions.lines) {
      const why = sheet.conditions[id];
      if (document.activeElement !== reason && (why !== undefined || !isOpen)) { tick.checked = why !== undefined; reason.value = why ?? ''; }
      entry.hidden = !tick.checked;
      tick.disabled = !isOpen;
      reason.readOnly = !isOpen;
    }
    this.sign.form.hidden = !isOpen;
    this.sign.button.disabled = now.missing.length > 0;
    this.conflict.details.hidden = !isOpen;
    this.signed.hidden = isOpen;
    if (!isOpen) {
      this.signed.replaceChildren(make('p', { textContent: sheet.closedBecause() }));
      if (view.hash) this.signed.append(make('p', {}, `${t('hash')} `, make('code', { className: 'secret', textContent: view.hash })));
    }
    this.showUnsent(isOpen);
  }
  /** What a closed sheet did not take stays in sight until its owner drops it. */
  showUnsent(isOpen) {
    const { sheet } = this, { t } = sheet;
    const refused = sheet.outbox.refused.get(sheet.id);
    this.unsent.hidden = !sheet.changes.length || (isOpen && !refused);
    if (this.unsent.hidden) { this.unsent.replaceChildren(); return; }
    const word = ({ kind, criterion, value }) => {
      const of = sheet.criterion(criterion);
      if (kind === 'conditions') return `${t('conditions')}: ${sheet.text(sheet.view.eliminating.find(one => one.id === criterion) ?? { vi: criterion })}`;
      if (kind === 'comments') return `${criterion}: “${value}”`;
      const option = of?.options.find(one => one.option === value);
      return `${of ? sheet.label(of) : criterion}: ${value === null ? t('unanswered') : option ? sheet.text(option) : t('none_reached')}`;
    };
    const drop = make('button', { type: 'button', className: 'button danger small', textContent: t('discard') });
    drop.addEventListener('click', () => { if (confirm(t('discard_sure', { n: sheet.changes.length }))) sheet.enqueue(() => sheet.discard()); });
    this.unsent.replaceChildren(make('h3', { textContent: t('unsent_title', { n: sheet.changes.length }) }), make('ul', { className: 'dots' }, ...sheet.changes.map(one => make('li', { textContent: word(one) }))), make('p', {}, drop));
  }
}
