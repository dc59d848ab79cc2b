// The desk: what waits for me, until when; then the rest, by state and by words. The filter is in the address.
import { card, doing, dueOf, field, h, isoDay, select } from './dossier_parts.js';

const LATER = new Set(['revoke', 'extend']);  // can be done at any time, and waits for nobody
const MOST = 200;  // of one answer

export async function openDesk(place, { page, words, api }) {
  const { t } = words, query = new URLSearchParams(location.search);
  const mine = h('div', { className: 'rows-place' }), rest = h('div', { className: 'rows-place' });
  const q = h('input', { type: 'search', name: 'q', value: query.get('q') ?? '', enterKeyHint: 'search' });
  const state = select([['', t('desk_all_states')], ...Object.entries(page.grading.lists.dossier_state ?? {})], { name: 'state', value: query.get('state') ?? '' });
  state.value = query.get('state') ?? '';
  const find = h('form', { className: 'find', role: 'search', ariaLabel: t('desk_find_label'), onsubmit: event => { event.preventDefault(); show(); } },
    field(t('desk_q'), q).entry, field(t('desk_state'), state).entry, h('button', { className: 'button' }, t('desk_find')));
  state.addEventListener('change', () => show());

  const row = item => h('li', { className: 'desk-row' },
    h('div', {}, h('a', { className: 'desk-name', href: `${page.grading.hrefs.dossier}/${item.id}` }, item.product.name), h('span', { className: 'muted' }, item.producer.name),
      h('small', { className: 'muted' }, [item.dossier_no ?? t('no_number'), words.code('registration_kind', item.registration_kind), item.round && t('round_of', { round: item.round })].filter(Boolean).join(' · '))),
    h('div', { className: 'desk-now' }, h('span', { className: 'mark state-mark' }, words.code('dossier_state', item.state)), dueOf(words, item.due_on)),
    item.waits && h('strong', { className: 'desk-todo' }, t(`todo_${item.state}`)));

  async function show() {
    for (const [name, value] of [['q', q.value.trim()], ['state', state.value]]) if (value) query.set(name, value); else query.delete(name);
    history.replaceState(null, '', query.size ? `?${query}` : location.pathname);
    const read = (extra = {}) => api('GET', `/api/dossiers?${new URLSearchParams({ limit: MOST, ...Object.fromEntries(query), ...extra })}`);
    const [waiting, all] = await Promise.all([read({ waiting: 'true' }), read({ limit: 50 })]);
    const waits = waiting.items.map(item => ({ ...item, waits: item.actions.some(one => !LATER.has(one.action)) })).filter(item => item.waits);
    waits.sort((a, b) => (a.due_on ?? '9').localeCompare(b.due_on ?? '9') || a.state_since.localeCompare(b.state_since));
    const late = waits.filter(item => item.due_on && item.due_on < isoDay()).length;
    mine.replaceChildren(h('p', { className: 'muted', role: 'status' }, [t('desk_waiting', { n: waits.length }), late && t('desk_late', { n: late })].filter(Boolean).join(' · ')),
      waits.length ? h('ul', { className: 'rows' }, waits.map(row)) : h('p', {}, t(query.size ? 'desk_none_filtered' : page.grading.role === 'R02' ? 'desk_none_r02' : 'desk_none_waiting')));
    const known = new Set(waits.map(item => item.id));
    const list = h('ul', { className: 'rows' });
    const add = items => list.append(...items.filter(item => !known.has(item.id)).map(row));
    add(all.items);
    let next = all.next;
    const more = next && doing(page, t('desk_more'), async () => {
      const page_two = await read({ limit: 50, after: next });
      add(page_two.items);
      next = page_two.next;
      if (!next) more.remove();
    });
    rest.replaceChildren(list.children.length ? list : h('p', { className: 'muted' }, t(query.size ? 'desk_rest_filtered' : 'desk_rest_none')), ...(more ? [more] : []));
    place.dataset.state = 'ready';
  }

  place.replaceChildren(h('div', { className: 'work-title' }, h('div', {}, h('h1', {}, t('title_dossiers')), h('p', { className: 'muted' }, t('desk_about')))),
    ...(page.grading.role === 'R02' ? [await beginning(place, { page, words, api })] : []), find, card(t('desk_mine'), {}, mine), card(t('desk_rest'), {}, rest));
  await show();
}

/** "Lập hồ sơ mới": one of their products, and what is asked for. */
async function beginning(place, { page, words, api }) {
  const { t } = words;
  const { items } = await api('GET', '/api/records/products?limit=500');
  const product = field(t('new_product'), select([['', t('choose')], ...items.map(item => [item.product_key, item.name])]), { required: true, hint: t('new_product_hint') });
  const kind = field(t('new_kind'), select([['first', words.code('registration_kind', 'first')], ['upgrade', words.code('registration_kind', 'upgrade')], ['again', words.code('registration_kind', 'again')]]), { required: true });
  const carry = h('input', { type: 'checkbox', checked: true });
  const carried = h('label', { className: 'check', hidden: true }, carry, h('span', {}, t('new_carry'), h('small', { className: 'hint block' }, t('new_carry_hint'))));
  kind.input.addEventListener('change', () => { carried.hidden = kind.input.value === 'first'; });
  const make = doing(page, t('new_make'), async () => {
    if (!product.input.value) { product.wrong(t('new_product_wanted')); product.input.focus(); return; }
    const made = await api('POST', '/api/dossiers', { product: Number(product.input.value), registration_kind: kind.input.value, carry_over: kind.input.value !== 'first' && carry.checked });
    location.assign(`${page.grading.hrefs.dossier}/${made.id}`);
  }, { className: 'button primary' });
  return h('details', { className: 'panel-card new-dossier', open: location.hash === '#moi' }, h('summary', {}, h('strong', {}, t('new_title'))),
    items.length ? h('div', { className: 'form' }, product.entry, kind.entry, carried, make) : h('p', {}, t('new_no_products'), ' ', h('a', { href: page.lang === 'vi' ? '/quan-ly/products' : '/en/manage/products' }, t('new_products'))));
}
