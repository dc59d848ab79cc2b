// The page works without this file: every control is a link or part of one GET form. Here the same links and the same
// form change the page in place, and the map comes to life.
import { addressOfForm, addressWith, readPage, say } from './view.js';
import { sessionEnded, signOut } from './score_store.js';
import './search.js';
import './sheet.js';

document.documentElement.classList.add('scripted');

const $ = selector => document.querySelector(selector);
const announce = message => { const place = $('#announce'); if (place) place.textContent = message; };

if ($('body.home')) start();

// What a browser keeps of score sheets ends with the session.
$('[data-unsent]')?.addEventListener('submit', event => { event.preventDefault(); signOut(event.target); });
if ($('#password[autocomplete="current-password"]') && $('#login')) sessionEnded().catch(problem => console.warn('scoring:', problem.message));

// Paper has no folds: legend and sources are printed open.
let folded = [];
addEventListener('beforeprint', () => {
  folded = [...document.querySelectorAll('#legend:not([open]), .sources:not([open])')];
  for (const part of folded) part.open = true;
});
addEventListener('afterprint', () => { for (const part of folded) part.open = false; });

function start() {
  let page = readPage();
  let map = null, still = null;  // the live map, or what shows a picture instead
  let turn = 0;
  const here = () => location.pathname + location.search;
  let shown = here();
  const replaceAddress = address => { history.replaceState(null, '', address); shown = here(); };
  // Each part as the server sent it: what has not changed there is left alone here, with its focus and scroll.
  const served = new Map([...document.querySelectorAll('[data-part]')].map(part => [part.dataset.part, part.outerHTML]));

  const apply = (incoming, { keepFocus = true } = {}) => {
    const focused = document.activeElement?.id;
    const fresh = new DOMParser().parseFromString(incoming, 'text/html');
    for (const old of document.querySelectorAll('[data-part]')) {
      const next = fresh.querySelector(`[data-part="${old.dataset.part}"]`);
      if (!next) continue;
      if (served.get(old.dataset.part) === next.outerHTML) continue;
      served.set(old.dataset.part, next.outerHTML);
      if (old.localName === 'details') next.open = old.open;
      const scroll = old.scrollTop;
      old.replaceWith(document.adoptNode(next));
      next.scrollTop = scroll;
    }
    $('#results').removeAttribute('aria-busy');
    $('#page-data').textContent = fresh.getElementById('page-data').textContent;
    document.title = fresh.title;
    page = readPage();
    if (keepFocus && focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
    dress();
    map?.update(page);
    still?.();
  };

  const fetchView = async address => {
    const url = new URL(address, location.href);
    url.searchParams.set('part', 'view');
    return fetch(url, { headers: { Accept: 'text/html' } });
  };

  /** Shows another view in place. */
  async function go(address, { push = true, quiet = false, focus = null } = {}) {
    const mine = ++turn;
    const results = $('#results');
    if (!quiet) {
      results.setAttribute('aria-busy', 'true');
      setTimeout(() => { if (mine === turn && results.isConnected && results.ariaBusy === 'true') announce(say(page, 'results_loading')); }, 400);
    }
    let response;
    try {
      response = await fetchView(address);
      if (mine !== turn) return;
      if (!response.ok) { if (!quiet) location.assign(address); return; }
    } catch {
      if (mine === turn) { results.removeAttribute('aria-busy'); if (!quiet) announce(say(page, 'error_network')); }
      return;
    }
    const html = await response.text();
    if (mine !== turn) return;
    if (push) history.pushState(null, '', address);
    shown = here();
    const query = $('#q');
    apply(html, { keepFocus: !focus });
    if (document.activeElement !== query) query.value = new URL(address, location.href).searchParams.get('q') ?? '';
    if (focus) $(focus)?.focus({ preventScroll: true });
    if (!quiet) announce($('#summary')?.textContent.trim() ?? '');
  }

  /** A same-page link keeps where the map stands. */
  const withView = href => {
    const view = new URLSearchParams(location.search).get('view');
    return view ? addressWith({ view }, href) : addressWith({}, href);
  };

  let dressTimeline = () => {};  // comes with the map
  const dress = () => {
    dressTimeline();
    for (const id of ['near', 'copy-link', 'print']) { const button = document.getElementById(id); if (button) button.hidden = false; }
    const open = page.product;
    document.querySelectorAll('.item').forEach(item => item.classList.toggle('is-open', item.dataset.id === String(open)));
  };

  document.addEventListener('click', async event => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    for (const menu of document.querySelectorAll('.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
    const link = event.target.closest('a');
    if (link?.dataset.card) {
      event.preventDefault();
      await go(addressWith({ product: link.dataset.card }), { focus: '#card' });
      const record = $('#card .record');
      if (record?.dataset.lon) map?.show(+record.dataset.lon, +record.dataset.lat);
    } else if (link?.hasAttribute('data-more')) {
      event.preventDefault();
      more(link);
    } else if (link?.hasAttribute('data-close')) {
      event.preventDefault();
      closeCard();
    } else if (link?.hasAttribute('data-soft')) {
      event.preventDefault();
      go(withView(link.href));
    } else if (event.target.closest('#near')) {
      near();
    } else if (event.target.closest('#copy-link')) {
      await navigator.clipboard?.writeText(location.href);
      tell(say(page, 'copied'));
    } else if (event.target.closest('#print')) {
      print();
    }
  });

  const closeCard = async () => {
    const id = page.product;
    await go(addressWith({ product: null }));
    ($(`.item[data-id="${CSS.escape(String(id))}"] a`) ?? $('#results')).focus({ preventScroll: true });
  };
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    if (document.querySelector('.menu[open]')) { const menu = $('.menu[open]'); menu.open = false; menu.querySelector('summary').focus(); }
    else if (!$('#card').hidden) closeCard();
  });

  /** The next stretch of the list, below what is there. */
  async function more(link) {
    const list = $('#items');
    const response = await fetchView(link.href).catch(() => null);
    if (!response?.ok) { location.assign(link.href); return; }
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
    const added = [...fresh.querySelectorAll('#items > .item')];
    list.append(...added);
    const next = fresh.querySelector('#next');
    if (next) link.replaceWith(next); else link.remove();
    added[0]?.querySelector('a').focus({ preventScroll: true });
  }

  /** Seen on the map for a while, and read out. */
  function tell(message) {
    announce(message);
    const note = document.createElement('p');
    note.className = 'map-message';
    note.textContent = message;
    $('ocop-map').append(note);
    setTimeout(() => note.remove(), Math.max(2500, message.length * 80));
  }

  function near() {
    announce(say(page, 'near_asking'));
    navigator.geolocation?.getCurrentPosition(({ coords: { longitude, latitude } }) => {
      const [west, south, east, north] = page.bounds;
      if (longitude < west - .3 || longitude > east + .3 || latitude < south - .3 || latitude > north + .3) {
        tell(say(page, 'near_far'));
        return;
      }
      const lon = longitude.toFixed(3), lat = latitude.toFixed(3);
      go(addressWith({ near: `${lon},${lat}`, after: null })).then(() => map?.show(+lon, +lat, 12));
    }, () => tell(say(page, 'near_denied')), { maximumAge: 60000, timeout: 10000 });
  }

  const form = $('#view');
  form.addEventListener('submit', event => {
    event.preventDefault();
    form.dispatchEvent(new CustomEvent('ocop-close'));
    go(addressWith({ near: null }, addressOfForm(form, page)));
  });
  document.addEventListener('change', event => {
    const control = event.target;
    if (control.form !== form || control.id === 'q') return;
    if (control.id === 'at' && (!control.validity.valid || (control.value && +control.value.slice(0, 4) < 1976))) return;
    if (control.name === 'layer') {
      replaceAddress(addressOfForm(form, page));
      page.layers = new FormData(form).getAll('layer');
      map?.setLayers(page.layers);
      return;
    }
    go(addressOfForm(form, page));
  });
  addEventListener('popstate', () => shown !== here() && go(location.href, { push: false }).then(() => map?.restore()));
  document.addEventListener('ocop-go', event => go(withView(event.detail.address), { focus: event.detail.focus ?? null }).then(() => {
    const record = $('#card .record');
    if (new URLSearchParams(location.search).has('product') && record?.dataset.lon) map?.show(+record.dataset.lon, +record.dataset.lat, event.detail.zoom);
  }));

  // The map: code and data come when the page stands and the map is in view; on a saving line, when it is asked for.
  const place = $('ocop-map'), dark = matchMedia('(prefers-color-scheme: dark)');
  const open = async () => {
    if (map || place.dataset.state === 'loading') return;
    place.dataset.state = 'loading';
    still = null;
    const wait = document.createElement('p');
    wait.className = 'map-message center';
    wait.textContent = say(page, 'map_loading');
    place.replaceChildren(wait);
    try {
      const { OcopMap, timeline } = await import(page.assets.map);
      map = await OcopMap.create(place, page, {
        moved: view => replaceAddress(addressWith({ view })),
        open: id => go(addressWith({ product: id }), { focus: '#card' }),
        go: address => go(withView(address)),
        changed: () => go(location.href, { push: false, quiet: true }),
      });
      wait.remove();
      place.dataset.state = 'ready';
      map.update(page);
      dressTimeline = timeline({ page: () => page, map: () => map, go: address => go(withView(address)) });
      dressTimeline();
    } catch (problem) {
      console.warn('the map cannot be drawn:', problem.message);
      place.dataset.state = 'picture';
      picture(say(page, 'map_failed'), null);
    }
  };
  const picture = (message, action) => {
    const image = new Image();
    image.className = 'picture';
    still = () => {
      image.hidden = !page.picture;
      image.src = dark.matches ? page.picture_dark : page.picture;
      image.alt = page.picture_alt;
    };
    still();
    const note = document.createElement('p');
    note.className = 'picture-note';
    note.append(message ?? '');
    if (action) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'button primary small';
      button.textContent = action;
      button.addEventListener('click', open);
      note.append(button);
    }
    place.replaceChildren(image, note);
  };
  dark.addEventListener('change', () => still?.());
  const line = navigator.connection;
  if (line?.saveData || /2g/.test(line?.effectiveType ?? '')) picture(null, say(page, 'map_open'));
  else new IntersectionObserver((entries, observer) => {
    if (entries.some(entry => entry.isIntersecting)) { observer.disconnect(); (window.requestIdleCallback ?? setTimeout)(open, { timeout: 1000 }); }
  }).observe(place);
  addEventListener('beforeprint', () => map?.snapshot());

  if (matchMedia('(max-width: 63.99rem)').matches) for (const id of ['controls', 'legend']) { const part = document.getElementById(id); if (part) part.open = false; }
  if (matchMedia('(max-width: 44.99rem)').matches) $('#filters').open = false;
  dress();
}
