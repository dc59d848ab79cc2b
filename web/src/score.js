// A council member's scoring: the list of sheets, and a sheet (score_sheet.js). Both open from what this browser keeps as well.
import { Outbox } from './score_outbox.js';
import { keepPage } from './score_shell.js';
import { openSheet } from './score_sheet.js';
import { openStore } from './score_store.js';
import { dayOf, make, notice } from './score_view.js';
import { say } from './view.js';

export async function openGrading(place, page) {
  const here = { place, page, t: (key, values) => say(page, `gr_sc_${key}`, values) };
  place.querySelector('noscript')?.remove();
  try {
    here.store = await openStore();
  } catch (problem) {
    place.dataset.state = 'failed';
    place.append(notice(here.t('no_store', { why: problem.message }), true));
    return;
  }
  const account = await whose(here);
  if (!account) return;
  here.outbox = new Outbox(here.store, account, page.csrf);
  navigator.storage?.persist?.();
  await (page.grading.view === 'sheet' ? openSheet(here) : openList(here));
  here.outbox.send();
  keepPage(page).then(() => { place.dataset.kept = 'true'; }, problem => console.warn('scoring:', problem.message));
}

/** The page's session tells whose it is; one that came from this browser's store was somebody's before. */
async function whose({ place, page, store, t }) {
  const known = await store.accountOf(page.csrf);
  if (known) return known;
  const answer = await fetch('/api/session').catch(() => null);
  if (answer?.ok) {
    const { login, csrf_token: csrf } = await answer.json();
    await store.belongTo(login, csrf);
    if (csrf === page.csrf) return login;
    location.reload();  // the page is an older session's
    return null;
  }
  place.dataset.state = 'failed';
  place.append(notice(t(answer ? 'signed_out' : 'not_kept'), true));
  return null;
}

async function openList(here) {
  const { place, page, store, outbox, t } = here;
  const state = make('p', { className: 'hint', role: 'status' }), body = make('div', { className: 'score-list' });
  place.append(state, body);
  let turn = 0;
  const show = async () => {
    const mine = ++turn;
    const changes = await store.changes(outbox.account);
    const items = await store.list(outbox.account);
    if (mine !== turn) return;
    const waiting = new Map();
    for (const { sheet } of changes) waiting.set(sheet, (waiting.get(sheet) ?? 0) + 1);
    const reason = { 'signed-out': t('signed_out'), other: t('other_account') }[outbox.line];
    state.textContent = reason ?? [outbox.line === 'none' ? t('no_line') : '', changes.length ? t('list_waiting', { n: changes.length }) : t('list_sent')].filter(Boolean).join(' ');
    place.dataset.sync = changes.length ? 'device' : 'server';
    if (outbox.line === 'other') { body.replaceChildren(); return; }
    body.replaceChildren(items?.length ? tableOf(items, waiting, here) : notice(t(items ? 'list_none' : 'not_kept')));
  };
  const refresh = async () => {
    const answer = await fetch('/api/score-sheets').catch(() => null);
    if (!answer) outbox.line = 'none';
    else if (answer.ok) {
      outbox.line = 'there';
      await store.keepList(outbox.account, await answer.json());
    } else if (answer.status === 401) outbox.line = 'signed-out';
    await show();
  };
  outbox.addEventListener('state', ({ detail }) => (detail.sent ? refresh() : show()));
  addEventListener('online', refresh);
  addEventListener('focus', refresh);
  await refresh();
  place.dataset.state = 'ready';
}

function tableOf(items, waiting, { page, t, outbox }) {
  const word = one => one.conflict ? t('state_conflict') : one.signed_at ? t('state_signed', { day: dayOf(one.signed_at, page.lang) }) : one.is_open ? t('state_open') : t('state_over');
  const cell = (label, ...content) => { const made = make('td', {}, ...content); made.dataset.label = label; return made; };
  const heads = ['product', 'producer', 'due', 'answered', 'state'].map(key => t(`col_${key}`));
  const open = [...items].sort((a, b) => b.is_open - a.is_open);
  const rows = open.map(one => {
    const unsent = waiting.get(one.id), refused = outbox.refused.get(one.id);
    const name = make('th', { scope: 'row' }, make('a', { className: 'link-main', href: `${page.grading.hrefs.sheet}/${one.id}`, textContent: one.product }));
    if (one.round > 1) name.append(make('span', { className: 'muted', textContent: ` ${t('round', { n: one.round })}` }));
    const state = cell(heads[4], make('span', { textContent: word(one) }));
    if (unsent) state.append(make('br'), make('strong', { className: refused ? 'said' : 'waiting', textContent: refused ? t('refused', { why: refused.detail }) : t('waiting', { n: unsent }) }));
    return make('tr', { className: one.is_open ? 'is-open' : '' }, name, cell(heads[1], one.producer), cell(heads[2], one.due_on ? dayOf(one.due_on, page.lang) : '–'),
      cell(heads[3], make('span', { textContent: `${one.answered} / ${one.criteria}` }), make('progress', { max: one.criteria, value: one.answered, ariaLabel: t('answered_of', { n: one.answered, m: one.criteria }) })), state);
  });
  return make('table', { className: 'work-table score-table' },
    make('caption', { className: 'visually-hidden', textContent: say(page, 'gr_title_sheets') }),
    make('thead', {}, make('tr', {}, ...heads.map(head => make('th', { scope: 'col', textContent: head })))), make('tbody', {}, ...rows));
}
