// What the authority writes on a dossier: the commune's Mẫu 03, the advisory team's appraisal, and how far the council's sheets are.
import { fileButtons } from './dossier_files.js';
import { Keeper } from './dossier_keep.js';
import { card, doing, facts, field, h, isoDay, table } from './dossier_parts.js';
import { savedLine } from './dossier_saved.js';

const OPINIONS = ['commune_material_opinion', 'commune_labour_opinion', 'commune_idea_opinion', 'commune_identity_opinion'];

/** Mẫu 03: written by the commune's officer between receiving and signing, read by everybody after. */
export function reviewSection(here) {
  const { page, words, api, id, dossier } = here, { t } = words, { review } = dossier;
  if (!review) return null;
  const document = facts([[t('review_due'), words.day(review.commune_due_date)], [t('review_report'), review.commune_report_no],
    [t('review_proposal'), review.commune_proposal_no && t('document_of', { no: review.commune_proposal_no, date: words.day(review.commune_proposal_date) })]]);
  if (dossier.state !== 'received' || page.grading.role !== 'R04') {
    return card(t('review'), { id: 'review' }, h('dl', { className: 'facts' }, OPINIONS.map(opinion => h('div', {}, h('dt', {}, t(opinion)), h('dd', { className: review[opinion] ? 'as-typed' : 'muted' }, review[opinion] || t('review_empty'))))), document);
  }
  const saved = savedLine(words, page);
  const keeper = new Keeper(`review-${id}`, async changes => { here.take(await api('PUT', `/api/dossiers/${id}/review`, changes)); }, saved.tell);
  here.keeper = keeper;
  const inputs = Object.fromEntries(OPINIONS.map(opinion => [opinion, h('textarea', { rows: 4, maxLength: 20000, name: opinion, value: review[opinion] ?? '', oninput: event => keeper.put(opinion, event.target.value) })]));
  keeper.resume().then(left => {
    if (!left) return;
    for (const [opinion, text] of Object.entries(left.changes)) if (inputs[opinion]) inputs[opinion].value = text;
    keeper.flush();
  });
  return card(t('review'), { id: 'review' }, h('p', { className: 'hint' }, t('review_about')), saved.element, OPINIONS.map(opinion => field(t(opinion), inputs[opinion], { hint: t(`${opinion}_hint`) }).entry), document);
}

/** The commune's meeting: its officer or leader writes it while they review. */
export function meetingSection(here) {
  const { page, words, api, id, dossier } = here, { t } = words, was = dossier.meeting;
  if (dossier.state !== 'received' || !['R04', 'R05'].includes(page.grading.role)) {
    return was && card(t('meeting'), { id: 'meeting' }, facts([[t('meeting_held_on'), words.day(was.held_on)], [t('meeting_place'), was.place], [t('meeting_chair'), was.chair], [t('meeting_present'), was.present.join(', ')],
      [t('meeting_file'), was.file && h('a', { href: `/api/files/${was.file}` }, t('meeting_file'))]]), h('p', { className: 'as-typed' }, was.notes));
  }
  let file = was?.file ?? '';
  const of = (name, input, hint = '') => field(t(`meeting_${name}`), input, { required: true, hint });
  const held = of('held_on', h('input', { type: 'date', max: isoDay(), value: was?.held_on ?? '' })), place = of('place', h('input', { type: 'text', maxLength: 500, value: was?.place ?? '' }));
  const chair = of('chair', h('input', { type: 'text', maxLength: 200, value: was?.chair ?? '' }));
  const present = of('present', h('textarea', { rows: 4, value: (was?.present ?? []).join('\n') }), t('meeting_present_hint')), notes = of('notes', h('textarea', { rows: 6, maxLength: 20000, value: was?.notes ?? '' }));
  const fields = { held_on: held, place, chair, present, notes }, shown = h('p', {}, file && h('a', { href: `/api/files/${file}` }, t('meeting_file')));
  const save = doing(page, t('meeting_save'), async () => {
    for (const one of Object.values(fields)) one.wrong(one.input.value.trim() ? '' : t('meeting_wanted'));
    const wrong = Object.values(fields).find(one => !one.input.value.trim());
    if (wrong) { wrong.input.focus(); return; }
    const text = Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, one.input.value.trim()]));
    await here.show(await api('PUT', `/api/dossiers/${id}/meeting`, { ...text, present: text.present.split('\n').map(name => name.trim()).filter(Boolean), ...(file && { file }) }));
  }, { className: 'button primary' });
  return card(t('meeting'), { id: 'meeting' }, h('p', { className: 'hint' }, t('meeting_about')), Object.values(fields).map(one => one.entry), h('h3', {}, t('meeting_file')), shown,
    fileButtons(page, words, t('meeting_file'), async stored => { file = stored.sha256; shown.replaceChildren(h('a', { href: `/api/files/${file}` }, t('meeting_file'))); }), save);
}

/** The advisory team's: opinion, day and place of the visit, photos. */
export function openAppraisal(here) {
  const { page, words, api, id, dossier } = here, { t } = words, was = dossier.appraisal;
  if (dossier.state !== 'advisory_review' || page.grading.role !== 'R09') {
    if (!was) return null;
    return card(t('appraisal'), { id: 'appraisal' }, h('p', { className: 'as-typed' }, was.opinion),
      facts([[t('visited_on'), words.day(was.visited_on)], [t('visit_place'), was.lat && placeText(words, was)]]), photosOf(was.photos));
  }
  const saved = savedLine(words, page);
  const state = { opinion: was?.opinion ?? '', visited_on: was?.visited_on ?? '', lon: was?.lon, lat: was?.lat, accuracy_m: was?.accuracy_m, photos: was?.photos ?? [] };
  const keeper = new Keeper(`appraisal-${id}`, async changes => {
    Object.assign(state, changes);
    if (state.opinion.trim().length < 5) return Object.keys(changes);  // kept here until there is an opinion to send
    const got = await api('PUT', `/api/dossiers/${id}/appraisal`, Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined && value !== null && value !== '')));
    here.take(got);
    if (got.appraisal.lat) position.textContent = placeText(words, got.appraisal);
    return [];
  }, saved.tell);
  here.keeper = keeper;
  const put = (name, value) => { state[name] = value; keeper.put(name, value); };
  const opinion = h('textarea', { rows: 6, maxLength: 20000, value: state.opinion, oninput: () => put('opinion', opinion.value) });
  const visited = h('input', { type: 'date', max: isoDay(), value: state.visited_on, oninput: () => { if (visited.value) put('visited_on', visited.value); } });
  const position = h('p', { className: 'file-figure', role: 'status' }, state.lat ? placeText(words, was) : t('visit_no_place'));
  const photos = h('div', {}, photosOf(state.photos));
  const locate = doing(page, t('visit_locate'), () => new Promise(resolve => {
    if (!navigator.geolocation) { position.textContent = t('visit_no_position'); resolve(); return; }
    position.textContent = t('visit_locating');
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const round = (value, places) => Number(value.toFixed(places));
      position.textContent = placeText(words, { lon: coords.longitude, lat: coords.latitude, accuracy_m: round(coords.accuracy, 1) });
      Object.assign(state, { lon: round(coords.longitude, 6), lat: round(coords.latitude, 6), accuracy_m: round(coords.accuracy, 1) });
      for (const name of ['lon', 'lat', 'accuracy_m']) keeper.put(name, state[name]);
      resolve();
    }, () => { position.textContent = t('visit_no_position'); resolve(); }, { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 });
  }), { className: 'button' });
  keeper.resume().then(left => {
    if (!left) return;
    Object.assign(state, left.changes);
    opinion.value = state.opinion;
    visited.value = state.visited_on;
    if (state.lat) position.textContent = placeText(words, state);
    photos.replaceChildren(photosOf(state.photos) ?? '');
    keeper.flush();
  });
  return card(t('appraisal'), { id: 'appraisal' }, h('p', { className: 'hint' }, t('appraisal_about')), saved.element, field(t('appraisal_opinion'), opinion, { required: true }).entry,
    field(t('visited_on'), visited, { required: dossier.registration_kind !== 'again', hint: dossier.registration_kind === 'again' ? t('visited_again_hint') : '' }).entry, h('h3', {}, t('visit_place')), position, locate,
    h('h3', {}, t('visit_photos')), photos, fileButtons(page, words, t('visit_photos'), async stored => { put('photos', [...state.photos, stored.sha256]); photos.replaceChildren(photosOf(state.photos)); }));
}
const placeText = (words, { lon, lat, accuracy_m: accuracy, distance_m: distance }) => [
  words.t('visit_at', { lat: Number(lat).toFixed(5), lon: Number(lon).toFixed(5), accuracy: words.number(Math.round(accuracy ?? 0)) }),
  distance !== null && distance !== undefined && words.t(distance > 1000 ? 'visit_far' : 'visit_distance', { m: words.number(Math.round(distance)) })].filter(Boolean).join('. ');
const photosOf = photos => (photos?.length ? h('ul', { className: 'photos' }, photos.map(sha => h('li', {}, h('a', { href: `/api/files/${sha}` }, h('img', { src: `/api/files/${sha}/thumb?w=320`, alt: sha.slice(0, 8), loading: 'lazy' }))))) : null);

/** Who has signed; the secretary closes the round. */
export async function openSheets(here) {
  const { page, words, api, id, dossier } = here, { t } = words, role = page.grading.role;
  if (!['R08', 'R10', 'R11', 'R12', 'R13'].includes(role)) return null;
  const sheets = await api('GET', `/api/dossiers/${id}/sheets`);
  if (!sheets.length) return null;
  const rounds = [...new Set(sheets.map(sheet => sheet.round))].toSorted((a, b) => b - a);
  const scoring = ['council_scoring', 'council_rescoring'].includes(dossier.state);
  const now = sheets.filter(sheet => sheet.round === dossier.score_round);
  const open = now.filter(sheet => !sheet.signed_at && !sheet.conflict);
  const why = dossier.steps.filter(step => ['rescore', 'call_meeting'].includes(step.action)).at(-1)?.reason;
  const close = async without => { await api('POST', `/api/dossiers/${id}/result`, { without_absent: without }); await here.show(); };
  return card(t('sheets'), { id: 'sheets' },
    scoring && h('p', {}, open.length ? t('sheets_open', { signed: now.filter(sheet => sheet.signed_at).length, n: now.length - now.filter(sheet => sheet.conflict).length, names: open.map(sheet => sheet.member).join(', ') }) : t('sheets_all_signed')),
    why && h('p', { className: 'notice' }, t('sheets_rescored', { reason: why })),
    rounds.map(round => {
      const its = dossier.results?.filter(result => result.round === round).at(-1)?.result;
      return h('div', { className: 'round-of-sheets' }, h('h3', {}, t('sheets_round', { n: round }), its && h('span', { className: 'muted' }, ` · ${t('result_short', { mean: words.number(its.mean_shown), spread: words.number(its.spread) })}`)),
        table([t('member'), t('seat'), t('sheet_state'), t('sheet_total')], sheets.filter(sheet => sheet.round === round).map(sheet => [sheet.conditions.length ? h('span', {}, sheet.member, h('small', { className: 'block state-revoked' }, t('sheet_conditions', { list: sheet.conditions.map(one => `${words.of(one)} (${one.reason})`).join('; ') }))) : sheet.member, words.code('council_role', sheet.role),
          sheet.conflict ? t('sheet_conflict') : sheet.signed_at ? t('sheet_signed', { at: words.clock(sheet.signed_at) }) : t('sheet_answered', { n: sheet.answered }), sheet.total === null ? t('sheet_hidden') : h('span', {}, words.number(sheet.total), sheet.signed_at && ' ', sheet.signed_at && h('a', { href: `/api/dossiers/${id}/documents/score-sheet.pdf?sheet=${sheet.id}`, target: '_blank', rel: 'noopener' }, 'PDF', h('span', { className: 'visually-hidden' }, `: ${t('document_score-sheet')}, ${sheet.member}`)))])));
    }),
    scoring && role === 'R11' && h('div', { className: 'inline' }, open.length
      ? h('details', { className: 'act' }, h('summary', {}, t('close_without')), h('p', {}, t('close_without_about', { names: open.map(sheet => sheet.member).join(', ') })), doing(page, t('close_without_do'), () => close(true), { className: 'button danger' }))
      : !dossier.results?.some(result => result.round === dossier.score_round) && doing(page, t('close_round'), () => close(false), { className: 'button primary' })));
}
