// Sessions of the council: seats and who sits on them, how far the sheets are, and the ranking of what was scored.
import { documentsOfSession } from './dossier_documents.js';
import { card, doing, field, h, table } from './dossier_parts.js';

export async function openCouncil(place, { page, words, api }) {
  const { t } = words, role = page.grading.role, is_officer = role === 'R08';
  const sessions = await api('GET', '/api/council-sessions');
  const asked = new URLSearchParams(location.search).get('session');
  const body = h('div', { className: 'grading' });
  const title = h('div', { className: 'work-title' }, h('div', {}, h('h1', {}, t('title_council')), h('p', { className: 'muted' }, t('council_about'))),
    h('div', { className: 'title-actions' }, h('button', { type: 'button', className: 'button small', onclick: () => print() }, t('print'))));
  if (!sessions.length) {
    place.replaceChildren(title, card(t('sessions_none'), {}, h('p', {}, t(is_officer ? 'sessions_none_officer' : 'sessions_none_about'))));
    place.dataset.state = 'ready';
    return;
  }
  const choice = h('select', { onchange: () => { history.replaceState(null, '', `?session=${choice.value}`); show(); } },
    sessions.map(session => h('option', { value: session.id }, t('session_option', { date: words.day(session.date), council: session.council.decision_no, n: session.members.length }))));
  choice.value = sessions.some(session => String(session.id) === asked) ? asked : (sessions.find(session => session.dossiers.length) ?? sessions[0]).id;
  place.replaceChildren(title, h('div', { className: 'find screen-only' }, field(t('session'), choice).entry), body);

  async function show() {
    const session = sessions.find(one => String(one.id) === choice.value), { council } = session;
    const scoring = session.dossiers.filter(dossier => ['council_scoring', 'council_rescoring'].includes(dossier.state));
    const far = role === 'R10' || role === 'R11' || role === 'R12' || role === 'R08' || role === 'R13' ? await Promise.all(scoring.map(async dossier => {
      const sheets = await api('GET', `/api/dossiers/${dossier.id}/sheets`), round = Math.max(0, ...sheets.map(sheet => sheet.round));
      const now = sheets.filter(sheet => sheet.round === round && !sheet.conflict);
      return [dossier.id, { signed: now.filter(sheet => sheet.signed_at).length, n: now.length, round }];
    })) : [];
    body.replaceChildren(
      h('h2', { className: 'session-name' }, t('session_of', { date: words.day(session.date), mode: words.code('session_mode', session.mode), council: council.decision_no })),
      h('p', { className: 'muted' }, [council.spread_limit !== null && t('spread_limit', { n: words.number(council.spread_limit) }), council.quorum_pct !== null && t('quorum', { n: words.number(council.quorum_pct) }), council.ends_on && t('council_until', { date: words.day(council.ends_on) })].filter(Boolean).join(' · ')),
      ranking(page, words, session, new Map(far)),
      documentsOfSession(words, session) ?? '',
      card(t('members'), { className: 'panel-card members' }, h('ul', { className: 'rows' }, session.members.map(member => h('li', {}, h('div', {}, h('strong', {}, member.name), h('span', { className: 'muted' }, [words.code('council_role', member.role), member.agency].filter(Boolean).join(' · ')),
        h('small', { className: member.has_account ? 'muted' : 'state-expiring' }, t(member.has_account ? 'seat_taken' : 'seat_free'))), is_officer && seatForm(member))))));
    place.dataset.state = 'ready';
  }
  function seatForm(member) {
    const login = field(t('seat_login'), h('input', { type: 'text', autocomplete: 'off', autocapitalize: 'none', spellcheck: false }), { hint: t(`seat_hint_${member.role === 'advisory' || member.role === 'secretary' || member.role === 'chair' ? member.role : 'member'}`) });
    const set = async value => { await api('PUT', `/api/council-members/${member.id}/account`, { login: value }); member.has_account = value !== ''; await show(); };
    return h('details', { className: 'act screen-only' }, h('summary', { ariaLabel: t('seat_of', { name: member.name }) }, t('seat_give')), h('div', { className: 'form' }, login.entry,
      doing(page, t('seat_set'), async () => { if (login.input.value.trim()) await set(login.input.value.trim()); else { login.wrong(t('seat_login_wanted')); login.input.focus(); } }, { className: 'button primary' }), member.has_account && doing(page, t('seat_take'), () => set(''))));
  }
  await show();
}

/** Sorted by any column; the highest mean first. */
function ranking(page, words, session, far) {
  const { t } = words;
  if (!session.dossiers.length) return card(t('ranking'), {}, h('p', {}, t('ranking_none')));
  const rows = session.dossiers.map(dossier => ({ dossier, mean: dossier.result ? Number(dossier.result.mean_total) : null, spread: dossier.result ? Number(dossier.result.spread) : null, star: dossier.result?.star ?? null,
    unmet: [...new Set((dossier.result?.unmet_minima ?? []).filter(unmet => unmet.star <= dossier.result.star_by_points).map(unmet => `${unmet.criterion} (${t('stars', { n: unmet.star })})`))].join(', '), signed: far.get(dossier.id)?.signed ?? null }));
  const limit = session.council.spread_limit;
  const columns = [['ranking_product', row => row.dossier.product], ['ranking_state', row => words.code('dossier_state', row.dossier.state)], ['ranking_sheets', row => row.signed], ['ranking_mean', row => row.mean], ['ranking_spread', row => row.spread], ['ranking_star', row => row.star], ['ranking_unmet', row => row.unmet]];
  let by = 3, down = true;
  const made = card(t('ranking'), { className: 'panel-card ranking' });
  const draw = focus => {
    const value = columns[by][1];
    const sorted = rows.toSorted((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === null || y === null) return (x === null) - (y === null);  // what has no figure comes last
      return (typeof x === 'number' ? x - y : x.localeCompare(y, page.lang)) * (down ? -1 : 1) || a.dossier.id - b.dossier.id;
    });
    const heads = columns.map(([key], i) => h('button', { type: 'button', className: 'sort', onclick: () => { down = i === by ? !down : i > 1 && i < 6; by = i; draw(true); } }, t(key), h('span', { ariaHidden: 'true' }, i === by ? (down ? ' ▼' : ' ▲') : '')));
    const list = table(heads, sorted.map(({ dossier, mean, spread, star, unmet, signed }) => [h('a', { href: `${page.grading.hrefs.dossier}/${dossier.id}` }, dossier.product), words.code('dossier_state', dossier.state),
      signed === null ? '' : t('ranking_signed', { signed, n: far.get(dossier.id).n, round: far.get(dossier.id).round }), mean === null ? '' : words.number(mean),
      spread === null ? '' : limit !== null && spread > Number(limit) ? h('strong', { className: 'state-revoked' }, t('ranking_over', { n: words.number(spread) })) : words.number(spread), star === null ? '' : t('stars', { n: star }), unmet]));
    list.querySelectorAll('thead th').forEach((head, i) => { if (i === by) head.setAttribute('aria-sort', down ? 'descending' : 'ascending'); });
    made.replaceChildren(h('h2', {}, t('ranking')), h('p', { className: 'hint' }, t('ranking_about', { n: rows.length })), list);
    if (focus) made.querySelectorAll('.sort')[by].focus();
  };
  draw(false);
  return made;
}
