// What scoring rests on, in the hands of the province's officer: editions of rubrics, rounds, the calendar of working days.
import { card, doing, field, h, isoDay, select, table } from './dossier_parts.js';

export async function openRubrics(place, { page, words, api }) {
  const { t } = words;
  const rubrics = h('div'), rounds = h('div'), calendar = h('div');
  place.replaceChildren(h('div', { className: 'work-title' }, h('div', {}, h('h1', {}, t('title_rubrics')), h('p', { className: 'muted' }, t('rubrics_about')))),
    card(t('rubrics'), { id: 'rubrics' }, h('p', { className: 'hint' }, t('rubrics_two')), rubrics), card(t('rounds'), { id: 'rounds' }, h('p', { className: 'hint' }, t('rounds_about')), rounds), card(t('calendar'), { id: 'calendar' }, h('p', { className: 'hint' }, t('calendar_about')), calendar));

  async function showRubrics() {
    const list = await api('GET', '/api/rubrics');
    rubrics.replaceChildren(list.length ? h('ul', { className: 'rows' }, list.map(one => {
      const act = (key, sure, path) => h('details', { className: 'act' }, h('summary', { ariaLabel: `${t(key)}: ${one.version} ${t('edition', { n: one.edition })}` }, t(key)), h('p', {}, t(sure)), doing(page, t(key), async () => { await api('POST', `/api/rubrics/${one.id}/${path}`); await showRubrics(); }, { className: 'button primary' }));
      return h('li', {}, h('div', {}, h('strong', {}, `${one.version} · ${t('edition', { n: one.edition })}`), h('span', { className: 'muted' }, [one.document, one.dated && words.day(one.dated), t('sets', { n: one.sets })].filter(Boolean).join(' · ')),
        h('span', { className: 'inline' }, h('span', { className: `mark${one.state === 'published' ? '' : ' is-over'}` }, t(`rubric_state_${one.state}`)), h('span', { className: 'mark is-over' }, t(one.text === 'official' ? 'official_text' : 'training_text'))),
        h('small', { className: 'muted' }, [one.published_at && t('published_at', { at: words.clock(one.published_at) }), one.proposed_at && t('proposed_at', { at: words.clock(one.proposed_at) })].filter(Boolean).join(' · ')),
        one.findings?.length > 0 && h('details', {}, h('summary', {}, t('findings', { n: one.findings.length })), h('ul', { className: 'dots' }, one.findings.map(finding => h('li', {}, finding))))),
      one.state === 'draft' && one.sets > 0 && act('propose_rubric', 'propose_rubric_about', 'proposal'), one.state === 'proposed' && act('publish_rubric', 'publish_rubric_about', 'publication'));
    })) : h('p', {}, t('rubrics_none')));
  }
  async function showRounds() {
    const list = await api('GET', '/api/rounds');
    const code = field(t('round_code'), h('input', { type: 'text', placeholder: '2027-1', pattern: '[0-9]{4}-[0-9]{1,2}' }), { required: true, hint: t('round_code_hint') });
    const until = field(t('round_until'), h('input', { type: 'date' }), { required: true }), decide = field(t('round_decide'), h('input', { type: 'date' }), { required: true }), note = field(t('note'), h('input', { type: 'text', maxLength: 2000 }));
    rounds.replaceChildren(list.length ? table([t('round_code'), t('round_until'), t('round_decide'), t('note')], list.map(round => [round.code, words.day(round.proposals_until), words.day(round.decide_until), round.note ?? ''])) : h('p', {}, t('rounds_none')),
      h('details', { className: 'act' }, h('summary', {}, t('round_add')), h('div', { className: 'form' }, code.entry, until.entry, decide.entry, note.entry, doing(page, t('round_add'), async () => {
        code.wrong(/^\d{4}-\d{1,2}$/.test(code.input.value.trim()) ? '' : t('round_code_wanted'));
        until.wrong(until.input.value ? '' : t('day_wanted'));
        decide.wrong(decide.input.value >= until.input.value && decide.input.value ? '' : t('round_decide_wanted'));
        const wrong = rounds.querySelector('[aria-invalid]');
        if (wrong) { wrong.focus(); return; }
        await api('POST', '/api/rounds', { code: code.input.value.trim(), proposals_until: until.input.value, decide_until: decide.input.value, note: note.input.value.trim() });
        await showRounds();
      }, { className: 'button primary' }))));
  }
  async function showCalendar() {
    const list = await api('GET', '/api/calendar'), today = isoDay();
    const day = field(t('calendar_day'), h('input', { type: 'date' }), { required: true }), name = field(t('calendar_name'), h('input', { type: 'text', maxLength: 200 }), { required: true }), english = field(t('calendar_name_en'), h('input', { type: 'text', maxLength: 200 }));
    const kind = field(t('calendar_kind'), select([['holiday', t('calendar_holiday')], ['working', t('calendar_working')]])), source = field(t('calendar_source'), h('input', { type: 'text', maxLength: 500 }));
    const row = entry => h('li', {}, h('div', {}, h('strong', {}, `${words.day(entry.day)} · ${words.of(entry)}`), h('span', { className: 'muted' }, [t(`calendar_${entry.kind}`), entry.source].filter(Boolean).join(' · '))),
      doing(page, t('calendar_remove'), async () => { await api('DELETE', `/api/calendar/${entry.day}`); await showCalendar(); }, { className: 'button small', ariaLabel: t('calendar_remove_of', { date: words.day(entry.day) }) }));
    const coming = list.filter(entry => entry.day >= today), past = list.filter(entry => entry.day < today);
    calendar.replaceChildren(coming.length ? h('ul', { className: 'rows' }, coming.map(row)) : h('p', {}, t('calendar_none')), past.length > 0 && h('details', {}, h('summary', {}, t('calendar_past', { n: past.length })), h('ul', { className: 'rows' }, past.map(row))) || '',
      h('details', { className: 'act' }, h('summary', {}, t('calendar_add')), h('div', { className: 'form' }, day.entry, kind.entry, name.entry, english.entry, source.entry, doing(page, t('calendar_add'), async () => {
        day.wrong(day.input.value ? '' : t('day_wanted'));
        name.wrong(name.input.value.trim() ? '' : t('calendar_name_wanted'));
        const wrong = calendar.querySelector('[aria-invalid]');
        if (wrong) { wrong.focus(); return; }
        await api('PUT', `/api/calendar/${day.input.value}`, { kind: kind.input.value, name_vi: name.input.value.trim(), name_en: english.input.value.trim(), source: source.input.value.trim() });
        await showCalendar();
      }, { className: 'button primary' }))));
  }
  await Promise.all([showRubrics(), showRounds(), showCalendar()]);
  place.dataset.state = 'ready';
}
