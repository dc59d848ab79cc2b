// One page for everybody who reaches a dossier: what it is, where it stands, what is to be done now; its sections open by state and role.
import { meetingSection, openAppraisal, openSheets, reviewSection } from './dossier_authority.js';
import { openActions } from './dossier_actions.js';
import { openBuilder, selfSection } from './dossier_builder.js';
import { documentsOf } from './dossier_documents.js';
import { signedSection } from './dossier_signed.js';
import { supplementSection } from './dossier_supplement.js';
import { paperOf } from './dossier_files.js';
import { card, dueOf, facts, h } from './dossier_parts.js';

const PATH = ['draft', 'submitted', 'received', 'commune_reviewed', 'province_received', 'advisory_review', 'council_scoring', 'minutes_signed', 'decided', 'certified'];
const DISTRICT_PATH = ['draft', 'submitted', 'received', 'commune_reviewed', 'district_scoring', 'district_decided', 'province_received', 'advisory_review', 'council_scoring', 'minutes_signed', 'decided', 'certified'];
/** Where on the way a state beside it stands. */
const BESIDE = { supplement_commune: 'received', supplement_province: 'province_received', council_rescoring: 'council_scoring', forwarded_central: 'minutes_signed', expiring: 'certified', extended: 'certified' };
const ENDS = new Set(['returned', 'withdrawn', 'not_recognised', 'expired', 'revoked']);

export async function openDossier(place, desk) {
  const { page, words, api } = desk, id = page.grading.id;
  let dossier = await api('GET', `/api/dossiers/${id}`);
  const role = page.grading.role;
  const here = {
    ...desk, id, place,
    get dossier() { return dossier; },
    /** Shows the dossier as an answer gives it; without one it is read anew. */
    async show(given) {
      const before = dossier.state;
      dossier = given ?? await api('GET', `/api/dossiers/${id}`);
      await draw();
      if (dossier.state !== before) place.querySelector('h1').focus();
    },
    head: () => place.querySelector('#dossier-head')?.replaceWith(headOf()),
    actions: () => place.querySelector('#actions')?.replaceWith(openActions(here)),
    take(given) { dossier = given; here.head(); here.actions(); },
  };

  const headOf = () => {
    const { t } = words;
    return h('header', { id: 'dossier-head', className: 'dossier-head' },
      h('div', { className: 'work-title' }, h('div', {}, h('h1', { tabIndex: -1 }, dossier.product?.name ?? t('title_dossier')),
        h('p', { className: 'muted' }, [dossier.producer?.name, dossier.commune?.name].filter(Boolean).join(' · ')))),
      h('p', { className: 'now' }, h('strong', { className: 'mark state-mark' }, words.code('dossier_state', dossier.state)), ' ', dueOf(words, dossier.due_on) ?? h('span', { className: 'muted' }, t('since', { at: words.clock(dossier.state_since) }))),
      stepLine(),
      dossier.return_reason && h('p', { className: 'notice bad' }, t('returned_because', { reason: dossier.return_reason })),
      facts([[t('number'), dossier.dossier_no ?? t('no_number')], [t('new_kind'), words.code('registration_kind', dossier.registration_kind)], [t('regime'), words.code('legal_regime', dossier.regime)],
        [t('rubric'), dossier.rubric && t(dossier.rubric.text === 'official' ? 'rubric_official' : 'rubric_training', { version: dossier.rubric.version, edition: dossier.rubric.edition, set: dossier.rubric.set ?? '-' })],
        [t('round'), dossier.round], [t('session'), dossier.session && `${words.day(dossier.session.date)}, ${words.code('session_mode', dossier.session.mode)} (${dossier.session.council})`], [t('submitted_at'), words.clock(dossier.submitted_at)], [t('received_at'), words.clock(dossier.received_at)],
        ...dossier.deadlines.map(one => [t(`deadline_${one.kind}`), one.done_on ? t('deadline_done', { due: words.day(one.due_on), done: words.day(one.done_on) }) : dueOf(words, one.due_on)])]));
  };
  const stepLine = () => {
    const path = dossier.regime === 'qd148_1489_2025' || dossier.regime === 'qd26_2026' ? PATH
      // three stars of a district never reached the province
      : dossier.outcome?.decision_authority === 'district' ? [...DISTRICT_PATH.slice(0, DISTRICT_PATH.indexOf('district_decided') + 1), 'certified'] : DISTRICT_PATH;
    const ended = ENDS.has(dossier.state), last = dossier.steps.at(-1)?.from;
    const now = path.indexOf(BESIDE[dossier.state] ?? (ended ? BESIDE[last] ?? last : dossier.state));
    return h('ol', { className: 'step-line', ariaLabel: words.t('steps_label') }, path.map((state, i) => {
      const [name, key] = i < now ? ['behind', 'step_behind'] : i > now ? ['ahead', 'step_ahead'] : ended ? ['ended', 'step_ended'] : ['here', 'step_here'];
      return h('li', { className: `step-${name}`, ...(name === 'here' && { 'aria-current': 'step' }) }, h('span', {}, i === now && BESIDE[dossier.state] ? words.code('dossier_state', dossier.state) : words.code('dossier_state', state)), h('span', { className: 'visually-hidden' }, ` (${words.t(key)})`));
    }), ended && h('li', { className: 'step-here step-end', 'aria-current': 'step' }, h('span', {}, words.code('dossier_state', dossier.state))));
  };

  const outcome = () => {
    const { t } = words, got = dossier.outcome;
    const result = dossier.results?.at(-1)?.result;
    if (!got && !result) return null;
    const certificate = got?.certificate;
    return card(t('outcome'), { id: 'outcome' },
      result && h('p', { className: 'result-line' }, h('span', { className: `star large star-${result.star >= 3 ? result.star : 0}`, ariaHidden: 'true' }, String(result.star)),
        h('strong', {}, t('result_line', { mean: words.number(result.mean_shown), star: result.star, spread: words.number(result.spread), n: result.totals.length }))),
      result?.reasons?.length > 0 && h('ul', { className: 'dots' }, result.reasons.map(reason => h('li', {}, words.of(reason)))),
      got && facts([[t('minutes_no'), got.minutes_no], [t('advisory_report_no'), got.advisory_report_no], [t('awarded'), got.star && t('stars', { n: got.star })],
        [t('decision'), got.decision_no && t('decision_of', { no: got.decision_no, date: words.day(got.decision_date), by: words.code('decision_authority', got.decision_authority) })],
        [t('certificate'), certificate && h('span', {}, t('certificate_of', { serial: certificate.serial ?? '-', star: certificate.star, from: words.day(certificate.issued_on), to: words.day(certificate.valid_to) }), ' ',
          h('a', { href: `${page.lang === 'vi' ? '/products' : '/en/products'}/${dossier.product.id}` }, t('public_page')))],
        [t('extended_from'), certificate?.original_valid_to && words.day(certificate.original_valid_to)], [t('revoked_on'), certificate?.revoked_on && words.day(certificate.revoked_on)]]));
  };
  const papers = () => {
    const { t } = words;
    const kinds = new Set(dossier.evidence.filter(paper => paper.sha256).map(paper => paper.kind));
    return card(t('papers'), { id: 'evidence' },
      role !== 'R02' && h('ul', { className: 'checks' }, Object.entries(page.grading.lists.evidence_kind ?? {}).map(([kind, name]) =>
        h('li', { className: kinds.has(kind) ? 'is-there' : 'is-wanting' }, h('span', { ariaHidden: 'true' }, kinds.has(kind) ? '✓' : '–'), ` ${name}`, h('span', { className: 'visually-hidden' }, ` (${t(kinds.has(kind) ? 'check_there' : 'check_none')})`)))),
      dossier.evidence.length ? h('ul', { className: 'rows' }, dossier.evidence.map(paper => paperOf(words, paper))) : h('p', { className: 'muted' }, t('papers_none')));
  };
  const bundle = () => {
    const { t } = words;
    if (!dossier.bundle) return null;
    return card(t('bundle'), { id: 'bundle' }, h('p', { className: 'hint' }, t('bundle_about')),
      dossier.bundle.files.length > 0 && table_of(dossier.bundle.files), h('p', { className: 'hash' }, `${t('bundle_digest')}: `, h('code', {}, dossier.bundle.digest)));
  };
  const table_of = files => h('ul', { className: 'rows' }, files.map(file => h('li', {}, h('div', {}, h('a', { href: `/api/files/${file.sha256}` }, file.name ?? words.code('evidence_kind', file.evidence_kind)),
    h('small', { className: 'muted' }, [words.code('evidence_kind', file.evidence_kind), file.criterion && words.t('criterion', { code: file.criterion }), words.size(file.bytes)].filter(Boolean).join(' · ')), h('code', { className: 'hash' }, file.sha256)))));
  const supplements = () => {
    const { t } = words;
    if (!dossier.supplements.length) return null;
    if (['supplement_commune', 'supplement_province'].includes(dossier.state) && ['R02', 'R04'].includes(role)) return supplementSection(here);
    return card(t('supplements'), { id: 'supplements' }, h('ol', { className: 'asked' }, dossier.supplements.map(item => h('li', {}, h('p', {}, h('strong', {}, item.about ? words.code('evidence_kind', item.about) : t('item_other')), `: ${item.asked}`),
      h('p', { className: item.answer ? '' : 'muted' }, item.answer ? t('item_answered', { answer: item.answer, at: words.clock(item.answered_at) }) : t('item_open'))))));
  };
  const history = () => card(words.t('history'), { id: 'history' }, dossier.steps.length ? h('ol', { className: 'steps' }, dossier.steps.toReversed().map(step => h('li', {},
    h('p', {}, h('strong', {}, words.of({ title_vi: step.title_vi ?? step.action, title_en: step.title_en ?? step.action })), ` → ${words.code('dossier_state', step.to)}`),
    h('p', { className: 'muted' }, [words.clock(step.at), words.role(step.role), step.unit].filter(Boolean).join(' · ')),
    step.document_no && h('p', {}, words.t('step_document', { no: step.document_no, date: words.day(step.document_date) })),
    step.reason && h('p', { className: 'as-typed' }, words.t('step_reason', { reason: step.reason }))))) : h('p', { className: 'muted' }, words.t('history_none')));

  async function draw() {
    const is_builder = dossier.state === 'draft' && role === 'R02';
    const sections = is_builder ? await openBuilder(here) : [openActions(here), supplements(), ...(await Promise.all([openAppraisal(here), openSheets(here)])), outcome(), signedSection(here), reviewSection(here), meetingSection(here), papers(), bundle(), selfSection(here)];
    place.replaceChildren(headOf(), ...sections.filter(Boolean), documentsOf({ words, id, dossier, role }), history());
    place.dataset.state = 'ready';
    place.dataset.dossier = dossier.state;
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }
  await draw();
}
