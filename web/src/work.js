// The work pages are plain forms; here they keep drafts while somebody types, find rows by name, and get their maps.
import { sendImports, watchImport } from './import.js';
import { readPage, say } from './view.js';

const page = readPage();
const form = document.getElementById('work-form');

if (form) {
  keepDrafts(form);
  for (const input of form.querySelectorAll('[data-suggest]')) suggest(input);
}
const workMap = document.getElementById('work-map');
if (workMap) {
  import(page.assets.work_map)
    .then(({ openWorkMap }) => openWorkMap(workMap, page))
    .catch(problem => {
      console.warn('map:', problem.message);
      workMap.dataset.state = 'failed';
      workMap.textContent = say(page, 'shape_failed');
    });
}
const grading = document.getElementById('grading');
if (grading && page.grading) {  // the hub has a section of that name
  import(page.grading.view === 'sheets' || page.grading.view === 'sheet' ? page.assets.score : page.assets.dossier)
    .then(({ openGrading }) => openGrading(grading, page))
    .catch(problem => {
      console.warn('grading:', problem.message);
      grading.dataset.state = 'failed';
      grading.textContent = say(page, 'gr_failed');
    });
}
for (const button of document.querySelectorAll('[data-locate]')) locate(button);
const files = [...document.querySelectorAll('ocop-file')];
if (files.length) import(page.assets.upload).then(({ openUploads }) => openUploads(files, page));
if (page.import?.send) sendImports(document.getElementById('import-form'), page);
if (page.import?.job) watchImport(document.getElementById('import-progress'), page);
const places = [...document.querySelectorAll('ocop-shape')];
if (places.length) {
  import(page.assets.shape)
    .then(({ openShape }) => Promise.all(places.map(place => openShape(place, page))))
    .catch(problem => {
      console.warn('map:', problem.message);
      for (const place of places) {
        place.dataset.state = 'failed';
        const note = document.createElement('p');
        note.className = 'hint';
        note.textContent = say(page, 'shape_failed');
        place.replaceChildren(note);
        place.closest('.shape')?.querySelector('details')?.setAttribute('open', '');
      }
    });
}

/** What is typed is kept on the server a moment later; whoever leaves before is asked. */
function keepDrafts(form) {
  const state = document.getElementById('draft-state');
  let waiting = 0, unkept = false, sending = false, last = Promise.resolve();
  const typed = () => {
    const data = new FormData(form);
    for (const input of form.querySelectorAll('[data-private]')) data.delete(input.name);
    return new URLSearchParams(data);
  };
  const keep = async () => {
    if (sending) return;
    unkept = false;
    state.textContent = say(page, 'work_js_saving');
    try {
      const answer = await fetch(page.draft, { method: 'PUT', headers: { 'X-CSRF-Token': page.csrf }, body: typed() });
      if (!answer.ok) throw new Error(String(answer.status));
      const { saved_at: at } = await answer.json();
      if (!unkept) state.textContent = say(page, 'work_js_saved', { time: at.slice(11, 16) });
      form.dataset.kept = at;
    } catch {
      unkept = true;
      state.textContent = say(page, 'work_js_unsaved');
      soon(5000);
    }
  };
  const soon = delay => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { last = last.then(keep); }, delay);
  };
  form.addEventListener('input', () => { unkept = true; soon(700); });
  form.addEventListener('submit', () => { sending = true; unkept = false; clearTimeout(waiting); });
  addEventListener('beforeunload', event => { if (unkept) event.preventDefault(); });
  addEventListener('pageshow', () => { sending = false; });
}

/** A row by its name (WAI-ARIA combobox); the form sends its key. */
function suggest(input) {
  const key = document.createElement('input');
  key.type = 'hidden';
  key.name = input.name;
  key.value = input.value;
  input.removeAttribute('name');
  input.removeAttribute('inputmode');
  input.removeAttribute('list');
  input.value = input.dataset.chosen;
  const list = document.createElement('div');
  list.className = 'suggestions';
  list.id = `${input.id}-list`;
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', input.labels[0].textContent);
  list.hidden = true;
  const status = document.createElement('span');
  status.className = 'visually-hidden';
  status.setAttribute('role', 'status');
  const box = document.createElement('div');
  box.className = 'suggest';
  input.before(box);
  box.append(input, key, list, status);
  Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id }).forEach(([name, value]) => input.setAttribute(name, value));
  let chosen = -1, waiting = 0, turn = 0;
  const options = () => [...list.children];
  const close = () => { list.hidden = true; chosen = -1; input.setAttribute('aria-expanded', 'false'); input.removeAttribute('aria-activedescendant'); };
  const take = option => {
    key.value = option.dataset.key;
    input.value = option.textContent;
    close();
    key.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const mark = to => {
    chosen = to;
    options().forEach((option, i) => option.setAttribute('aria-selected', String(i === to)));
    const option = options()[to];
    if (option) { input.setAttribute('aria-activedescendant', option.id); option.scrollIntoView({ block: 'nearest' }); }
  };
  const find = async () => {
    const mine = ++turn, text = input.value.trim();
    if (!text) { close(); return; }
    const answer = await fetch(`${input.dataset.suggest}?limit=12&q=${encodeURIComponent(text)}`);
    if (!answer.ok || mine !== turn) return;
    const { items } = await answer.json();
    list.replaceChildren(...items.map((row, i) => {
      const option = document.createElement('div');
      option.id = `${list.id}-${i}`;
      option.setAttribute('role', 'option');
      option.dataset.key = row[input.dataset.key];
      option.textContent = row[input.dataset.label] ?? option.dataset.key;
      return option;
    }));
    list.hidden = !items.length;
    input.setAttribute('aria-expanded', String(items.length > 0));
    status.textContent = say(page, 'work_js_found', { n: items.length });
    chosen = -1;
  };
  input.addEventListener('input', event => {
    event.stopPropagation();
    clearTimeout(waiting);
    waiting = setTimeout(find, 200);
    const text = input.value.trim();
    if (text && !/^\d+$/.test(text)) return;
    key.value = text;  // at once: whoever types a number may send the form before anything is found
    key.dispatchEvent(new Event('input', { bubbles: true }));
  });
  input.addEventListener('keydown', event => {
    const n = options().length;
    if (event.key === 'Escape') close();
    else if (!list.hidden && n && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) { event.preventDefault(); mark((chosen + (event.key === 'ArrowDown' ? 1 : -1) + n) % n); }
    else if (!list.hidden && event.key === 'Enter' && chosen >= 0) { event.preventDefault(); take(options()[chosen]); }
  });
  list.addEventListener('mousedown', event => { const option = event.target.closest('[role=option]'); if (option) { event.preventDefault(); take(option); } });
  input.addEventListener('blur', close);
}

/** Where the device stands, into the fields that say it; they can be typed as well. */
function locate(button) {
  if (!navigator.geolocation) return;
  button.hidden = false;
  const status = button.parentElement.querySelector('[role=status]');
  button.addEventListener('click', () => {
    status.textContent = say(page, 'work_js_locating');
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      document.getElementById(button.dataset.locate).value = `${coords.longitude.toFixed(6)} ${coords.latitude.toFixed(6)}`;
      const metres = Math.max(1, Math.round(coords.accuracy));
      document.getElementById(button.dataset.accuracy).value = String(metres);
      status.textContent = say(page, 'work_js_located', { n: metres });
    }, () => { status.textContent = say(page, 'work_js_not_located'); }, { enableHighAccuracy: true, timeout: 20_000, maximumAge: 0 });
  });
}
