// One score sheet. Every keystroke is in this browser's store before the page shows it as done; score_outbox.js sends it.
import { hasCases, caseOf, optionsOf, preview, scored } from './score_card.js';
import { Ending } from './score_end.js';
import { keyDialog, goDialog } from './score_keys.js';
import { Proof } from './score_proof.js';
import { keepPictures } from './score_shell.js';
import { make, notice, dayOf, timeOf } from './score_view.js';
import { say } from './view.js';

const END = 'end';  // the step after the last criterion: summary and signature

export async function openSheet(here) {
  const { place, page, store, outbox, t } = here;
  const id = Number(page.grading.id);
  const fetched = await fetchSheet(id);
  if (fetched.view) await store.keepSheet(outbox.account, fetched.view);
  const view = fetched.view ?? (fetched.status ? null : await store.sheet(outbox.account, id));
  if (!view) {
    place.dataset.state = 'failed';
    place.append(notice(fetched.status ? (fetched.status === 404 ? t('not_yours') : fetched.detail) : t('not_kept'), true));
    return;
  }
  outbox.line = fetched.view ? 'there' : 'none';
  const sheet = new ScoreSheet(here, view);
  await sheet.start();
  (globalThis.requestIdleCallback ?? setTimeout)(() => sheet.proof.unfold());
  keepPictures(sheet.proof.pictures()).catch(problem => console.warn('pictures:', problem.message));
}

async function fetchSheet(id) {
  const answer = await fetch(`/api/score-sheets/${id}`).catch(() => null);
  if (!answer || answer.status >= 500) return {};
  if (answer.ok) return { view: await answer.json() };
  return { status: answer.status, detail: (await answer.json().catch(() => ({}))).detail ?? String(answer.status) };
}

class ScoreSheet {
  constructor(here, view) {
    Object.assign(this, here, { view, id: view.id, queue: Promise.resolve(), changes: [], turns: 0 });
    this.criteria = scored(view.card);
    this.lang = this.page.lang;
    this.narrow = matchMedia('(max-width: 59.99rem)');
  }
  text(row) { return row[this.lang] || row.vi; }
  number(value) { return Number(value).toLocaleString(this.lang); }
  label(criterion) { return `${criterion.code} ${this.text(criterion)}`; }
  criterion(code) { return this.criteria.find(one => one.code === code); }

  async start() {
    await this.merge();
    this.case = caseOf(this.view.card, this.answers);
    this.build();
    const first = this.criteria.find(one => this.answers[one.code] === undefined) ?? this.criteria[0];
    const asked = decodeURIComponent(location.hash.slice(1));
    this.show(this.isOpen() ? (this.criterion(asked) ?? first).code : END, { focus: false });
    this.update();
    this.outbox.addEventListener('state', ({ detail }) => this.heard(detail));
    addEventListener('online', () => this.refresh());
    addEventListener('focus', () => this.refresh());
    document.addEventListener('keydown', event => this.key(event));
    this.place.dataset.state = 'ready';
    if (this.current === asked) this.cards.get(asked)?.card.scrollIntoView({ block: 'center' });
  }

  // --- what is answered: the server's, and over it what is not sent yet ---------------------------------------------------
  async merge() {
    const { view, changes } = await this.store.sheetNow(this.outbox.account, this.id);
    if (view) this.view = view;
    this.changes = changes;
    this.answers = { ...this.view.answers };
    this.comments = { ...this.view.comments };
    this.conditions = { ...this.view.conditions };
    for (const { kind, criterion, value } of this.changes) {
      const into = this[kind];
      if (value === null) delete into[criterion]; else into[criterion] = value;
    }
  }
  isOpen() { return this.view.is_open && this.outbox.line !== 'other'; }
  closedBecause() {
    const { view, t } = this;
    return view.conflict ? t('closed_conflict') : view.signed_at ? t('closed_signed', { day: dayOf(view.signed_at, this.lang) }) : t('closed_over');
  }
  async refresh() {
    const turn = ++this.turns, taken = this.outbox.taken;
    const fetched = await fetchSheet(this.id);
    if (turn !== this.turns) return;
    if (fetched.status === 401) await this.outbox.recognise();
    if (!fetched.view) return;
    if (taken !== this.outbox.taken) { await this.refresh(); return; }  // what was asked for may be older than what was sent since
    await this.store.keepSheet(this.outbox.account, fetched.view);
    this.outbox.line = this.outbox.line === 'none' ? 'there' : this.outbox.line;
    await this.merge();
    this.case = caseOf(this.view.card, this.answers) ?? this.case;
    this.update();
  }
  async heard({ sheet, sent, answered }) {
    if (sheet === this.id && sent) {
      this.savedAt = new Date();
      await this.merge();
      if (answered !== Object.keys(this.view.answers).length) this.refresh();  // another device is at work, too
    }
    const refused = this.outbox.refused.get(this.id);
    if (sheet === this.id && refused && [404, 409].includes(refused.status) && this.view.is_open) this.refresh();
    await this.queue;
    await this.merge();
    this.update();
  }
  /** One after the other: what a key means depends on where the one before it led. */
  enqueue(work) {
    this.queue = this.queue.then(work).catch(problem => {
      this.failed = problem.message;
      this.update();
    });
    return this.queue;
  }
  async keep(list) {
    await this.store.change(this.outbox.account, this.id, list);
    this.failed = '';
    this.outbox.forgive(this.id);
    await this.merge();
  }
  async answer(code, value) {
    if (!this.isOpen()) return;
    const list = [{ kind: 'answers', criterion: code, value }];
    // the server keeps a comment with its answer: it is sent again with the next one
    if (this.comments[code] && (value === null || this.view.answers[code] === undefined)) list.push({ kind: 'comments', criterion: code, value: this.comments[code] });
    await this.keep(list);
    this.outbox.soon();
    this.update();
  }
  async choose(caseNo) {
    const others = this.criteria.filter(one => hasCases(one) && this.answers[one.code] !== undefined && one.options.find(o => o.option === this.answers[one.code])?.case !== caseNo);
    if (others.length && !confirm(this.t('case_change', { n: others.length }))) { this.update(); return; }
    if (others.length) await this.keep(others.map(one => ({ kind: 'answers', criterion: one.code, value: null })));
    this.case = caseNo;
    this.outbox.soon();
    this.update();
  }

  // --- the page -----------------------------------------------------------------------------------------------------------
  build() {
    const { view, t, place } = this;
    const training = view.rubric.text === 'training';
    document.title = `${view.product.name} – ${document.title}`;
    place.querySelector('h1').remove();
    document.querySelector('.crumbs')?.append(' › ', make('a', { href: this.page.grading.hrefs.sheets, textContent: say(this.page, 'gr_title_sheets') }));
    const head = make('header', { className: 'work-title' }, make('div', {},
      make('h1', { textContent: view.product.name }),
      make('p', { className: 'muted', textContent: [view.producer.name, t('card_of', { set: view.set_no, name: this.text(view.card) }), view.round > 1 ? t('round', { n: view.round }) : '', view.due_on ? t('due', { day: dayOf(view.due_on, this.lang) }) : ''].filter(Boolean).join(' · ') }),
      training ? make('p', {}, make('strong', { className: 'mark', textContent: t('training') })) : null));
    if (view.rescore_reason) head.append(make('p', { className: 'notice', textContent: t('rescore', { why: view.rescore_reason }) }));
    this.count = make('strong', { className: 'score-count' });
    this.progress = make('progress', { max: this.criteria.length, value: 0, ariaLabel: t('progress') });
    this.totals = make('span', { className: 'score-totals' });
    this.minima = make('p', { className: 'score-minima' });
    this.state = make('p', { className: 'score-state', role: 'status' });
    const button = (key, act, short) => {
      const made = make('button', { type: 'button', className: 'button small', textContent: t(key) });
      if (short) made.append(make('kbd', { textContent: short }));
      made.addEventListener('click', act);
      return made;
    };
    this.help = keyDialog(t);
    this.list = goDialog(this);
    const bar = make('section', { className: 'score-bar', ariaLabel: t('bar') },
      make('div', { className: 'score-bar-row' }, this.count, this.progress, make('span', { className: 'score-tools' }, button('go', () => this.list.open(), 'g'), Object.assign(button('keys', () => this.help.showModal(), '?'), { className: 'button small score-keys-button' }), button('to_end', () => this.show(END), 's'))),
      make('div', { className: 'score-bar-row' }, this.totals, this.state), this.minima);
    this.cards = new Map();
    const left = make('div', { className: 'score-criteria' });
    if (this.criteria.some(hasCases)) left.append(this.buildCases());
    for (const row of view.card.criteria) {
      if (row.options.length) left.append(this.buildCriterion(row));
      else left.append(make('h2', { className: row.code.includes('.') ? 'score-heading deeper' : 'score-heading', textContent: `${row.code} ${this.text(row)}` }, make('span', { className: 'muted', textContent: ` ${t('of_points', { max: this.number(row.max) })}` })));
    }
    this.proof = new Proof(this);
    this.ending = new Ending(this);
    this.before = button('previous', () => this.move(-1));
    this.after = button('next', () => this.move(1));
    this.before.className = 'button';
    this.after.className = 'button primary';
    this.where = make('span', { className: 'score-where' });
    this.panes = make('div', { className: 'score-panes' }, left, this.proof.place);
    place.append(head, bar, this.panes, this.ending.place, make('nav', { className: 'score-steps', ariaLabel: t('steps') }, this.before, this.where, this.after), this.help, this.list.dialog);
  }

  buildCases() {
    const { t } = this;
    const first = this.criteria.find(hasCases);
    this.caseChoice = make('fieldset', { className: 'score-case panel-card', tabIndex: -1 }, make('legend', { textContent: t('case') }), make('p', { className: 'hint', textContent: t('case_hint') }));
    for (const [no, names] of Object.entries(first.cases)) {
      const input = make('input', { type: 'radio', name: 'case', value: no });
      input.addEventListener('change', () => this.enqueue(() => this.choose(Number(no))));
      this.caseChoice.append(make('label', { className: 'side' }, input, make('span', { textContent: this.text(names) })));
    }
    return this.caseChoice;
  }

  buildCriterion(criterion) {
    const { t } = this;
    const options = make('div', { className: 'score-options' });
    const comment = make('textarea', { maxLength: 2000, rows: 3, id: `comment-${criterion.code}` });
    const box = make('details', { className: 'score-comment' }, make('summary', {}, make('span', { textContent: t('comment') }), make('kbd', { textContent: 'c' })),
      make('label', { className: 'visually-hidden', htmlFor: comment.id, textContent: t('comment_on', { criterion: this.label(criterion) }) }), comment,
      make('small', { className: 'hint', textContent: t('comment_hint') }));
    comment.addEventListener('input', () => this.enqueue(async () => {
      await this.keep([{ kind: 'comments', criterion: criterion.code, value: comment.value }]);
      this.outbox.soon(1000);
      this.update();
    }));
    const said = make('span', { className: 'score-said muted' });
    const card = make('fieldset', { className: 'score-criterion', tabIndex: -1, id: `c-${criterion.code}` },
      make('legend', {}, make('span', { className: 'score-code', textContent: criterion.code }), make('span', { textContent: ` ${this.text(criterion)} ` }), make('span', { className: 'muted', textContent: t('of_points', { max: this.number(criterion.max) }) })),
      options, make('div', { className: 'score-foot' }, box, said));
    card.addEventListener('focusin', () => this.show(criterion.code, { focus: false }));
    card.addEventListener('pointerdown', () => this.show(criterion.code, { focus: false }));
    this.cards.set(criterion.code, { card, options, comment, box, said });
    this.fillOptions(criterion);
    return card;
  }
  fillOptions(criterion) {
    const { t } = this, { card, options } = this.cards.get(criterion.code);
    card.dataset.case = this.case ?? '';
    if (hasCases(criterion) && !this.case) {
      options.replaceChildren(make('p', { className: 'hint', textContent: t('case_first') }));
      return;
    }
    let place = 0;
    options.replaceChildren(...optionsOf(criterion, this.case).map(option => {
      const isNone = option.option === 0;
      const key = isNone ? 0 : ++place;
      const input = make('input', { type: 'radio', name: `option-${criterion.code}`, value: option.option });
      input.dataset.digit = key;
      input.addEventListener('change', () => this.enqueue(() => this.answer(criterion.code, option.option)));
      return make('label', { className: 'side score-option' }, input, make('kbd', { textContent: key, ariaHidden: 'true' }),
        make('span', { className: 'score-label', textContent: isNone ? t('none_reached') : this.text(option) }),
        make('span', { className: 'score-points' }, make('span', { textContent: t('points', { n: this.number(option.points) }) }), option.min_star ? make('span', { className: 'mark', textContent: t('min_star', { n: option.min_star }) }) : null));
    }));
  }

  // --- where one is -------------------------------------------------------------------------------------------------------
  steps() { return [...this.criteria.map(one => one.code), END]; }
  show(code, { focus = true } = {}) {
    const moved = this.current !== code;
    this.current = code;
    const isEnd = code === END;
    if (moved) {
      for (const [of, { card }] of this.cards) card.classList.toggle('is-current', of === code);
      this.place.dataset.current = code;
      if (!isEnd) this.proof.show(this.criterion(code));
      const at = this.steps().indexOf(code);
      this.where.textContent = isEnd ? this.t('end') : `${at + 1} / ${this.criteria.length}`;
      this.before.disabled = at === 0;
      this.after.hidden = isEnd;
    }
    if (focus) {
      const target = isEnd ? this.ending.place : this.needsCase() ? this.caseChoice : this.cards.get(code).card;
      target.focus({ preventScroll: true });
      target.scrollIntoView({ block: isEnd || this.narrow.matches ? 'start' : 'center' });
    }
  }
  needsCase() { return this.current !== END && !this.case && hasCases(this.criterion(this.current)); }
  move(by) {
    const steps = this.steps(), at = steps.indexOf(this.current) + by;
    if (at >= 0 && at < steps.length) this.show(steps[at]);
  }
  /** After an answer: the next criterion; after the last, the first one that is still open, or the end. */
  advance() {
    const at = this.criteria.findIndex(one => one.code === this.current);
    const next = this.criteria[at + 1] ?? this.criteria.find(one => this.answers[one.code] === undefined);
    this.show(next?.code ?? END);
  }

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    const target = event.target;
    if (target.matches('textarea')) {
      if (event.key === 'Escape') { event.preventDefault(); this.enqueue(() => this.show(this.current)); }
      return;
    }
    if (target.matches('input:not([type="radio"]), select, .canvas *, [contenteditable]')) return;
    const isRadio = target.matches('input[type="radio"]');  // there the arrows are the browser's
    const act = {
      ArrowDown: () => !isRadio && this.move.bind(this, 1), ArrowUp: () => !isRadio && this.move.bind(this, -1),
      ArrowRight: () => !isRadio && this.move.bind(this, 1), ArrowLeft: () => !isRadio && this.move.bind(this, -1),
      j: () => this.move.bind(this, 1), k: () => this.move.bind(this, -1), c: () => this.openComment.bind(this),
      g: () => () => this.list.open(), s: () => this.show.bind(this, END), '?': () => () => this.help.showModal(),
      Backspace: () => this.clear.bind(this), Delete: () => this.clear.bind(this),
    }[event.key]?.() || (/^[0-9]$/.test(event.key) && (() => this.digit(Number(event.key))));
    if (!act) return;
    event.preventDefault();
    this.enqueue(act);
  }
  async digit(number) {
    if (this.current === END || !this.isOpen()) return;
    if (this.needsCase()) {
      if (this.criterion(this.current).cases[number]) { await this.choose(number); this.show(this.current); }
      return;
    }
    const input = this.cards.get(this.current).options.querySelector(`[data-digit="${number}"]`);
    if (!input) return;
    await this.answer(this.current, Number(input.value));
    this.advance();
  }
  async clear() {
    if (this.current !== END && this.answers[this.current] !== undefined) await this.answer(this.current, null);
  }
  openComment() {
    if (this.current === END) return;
    const { box, comment } = this.cards.get(this.current);
    box.open = true;
    comment.focus();
  }

  // --- what it all says now -----------------------------------------------------------------------------------------------
  update() {
    const { t } = this;
    const isOpen = this.isOpen();
    const unsent = new Set(this.changes.map(one => one.criterion));
    for (const criterion of this.criteria) {
      const parts = this.cards.get(criterion.code);
      if (hasCases(criterion) && parts.card.dataset.case !== String(this.case ?? '')) this.fillOptions(criterion);
      const answer = this.answers[criterion.code];
      for (const input of parts.options.querySelectorAll('input')) { input.checked = Number(input.value) === answer; input.disabled = !isOpen; }
      parts.card.classList.toggle('is-answered', answer !== undefined);
      const comment = this.comments[criterion.code] ?? '';
      if (parts.comment.value !== comment && document.activeElement !== parts.comment) { parts.comment.value = comment; parts.box.open = Boolean(comment); }
      parts.comment.readOnly = !isOpen;
      parts.said.textContent = comment && answer === undefined ? t('comment_waits') : unsent.has(criterion.code) ? t('kept_here') : '';
    }
    for (const input of this.caseChoice?.querySelectorAll('input') ?? []) { input.checked = Number(input.value) === this.case; input.disabled = !isOpen; }
    const now = this.now = preview(this.view, this.answers, this.case);
    this.count.textContent = t('answered_of', { n: now.answered, m: now.of });
    this.progress.value = now.answered;
    this.totals.replaceChildren(make('span', { className: 'muted', textContent: t('preview') }), make('strong', { className: 'score-total', textContent: this.number(now.total) }),
      make('span', { className: 'score-parts' }, ...now.parts.map(part => make('span', { textContent: `${part.part} ${this.number(part.sum)}/${this.number(part.max)}` }))),
      now.answered ? make('span', { textContent: t('star_by_points', { n: now.star }) }) : '');
    this.place.dataset.total = now.total;
    this.place.dataset.answered = now.answered;
    this.minima.hidden = !now.unmet.length;
    this.minima.replaceChildren(...this.minimaOf(now));
    this.showState(isOpen);
    this.ending.update(now, isOpen);
    this.list.update();
  }
  minimaOf({ unmet }) {
    const stars = [...new Set(unmet.map(one => one.star))].sort();
    return [make('span', { className: 'muted', textContent: this.t('minima') }), ...stars.map(star => make('span', {}, `${this.t('for_star', { n: star })} `,
      ...unmet.filter(one => one.star === star).map(one => this.link(one.criterion))))];
  }
  link(code, text = code) {
    const made = make('a', { href: `#${code}`, textContent: text, title: this.text(this.criterion(code)) });
    made.addEventListener('click', event => { event.preventDefault(); this.enqueue(() => this.show(code)); });
    return made;
  }
  showState(isOpen) {
    const { t, outbox, state } = this;
    const n = this.changes.length, refused = outbox.refused.get(this.id);
    const tell = (kind, text) => { this.place.dataset.sync = kind; if (state.textContent !== text) state.textContent = text; };
    state.classList.toggle('said', Boolean(this.failed) || Boolean(refused) || ['signed-out', 'other'].includes(outbox.line));
    this.place.dataset.waiting = n;
    if (this.failed) tell('failed', t('not_stored', { why: this.failed }));
    else if (outbox.line === 'other') tell('other', t('other_account'));
    else if (outbox.line === 'signed-out') tell('signed-out', t('signed_out_here', { n }));
    else if (!isOpen) tell(n ? 'refused' : 'closed', n ? t('refused', { why: this.closedBecause() }) : this.closedBecause());
    else if (refused && n) tell('refused', t('refused', { why: refused.detail }));
    else if (n) tell('device', outbox.line === 'none' ? t('kept_no_line', { n }) : t('kept_sending', { n }));
    else tell('server', this.savedAt ? t('saved_at', { time: timeOf(this.savedAt, this.lang) }) : outbox.line === 'none' ? t('all_sent_no_line') : t('saved'));
  }
  async discard() {
    await this.store.discard(this.outbox.account, this.id);
    this.outbox.forgive(this.id);
    await this.merge();
    this.update();
  }
}
