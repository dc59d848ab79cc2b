// The pages of imports: a file is sent with its progress, and a job is watched until it ends.
import { sizeText } from './files.js';
import { say } from './view.js';

const KINDS = ['xlsx', 'csv', 'gpkg', 'geojson', 'json', 'fgb'];
const LOOK_EVERY = 1000;  // milliseconds, more while nothing answers

export function sendImports(form, page) {
  const file = form.querySelector('input[type=file]');
  const said = document.getElementById('import-said');
  const sending = document.getElementById('import-sending');
  const [bar, figure, cancel] = sending.children;
  const button = document.getElementById('import-send');
  const size = bytes => sizeText(bytes, page.lang);
  let request = null;

  const refuse = text => {
    request = null;
    sending.hidden = true;
    button.disabled = false;
    said.textContent = text;
    file.toggleAttribute('aria-invalid', Boolean(text));
    if (text) { file.setAttribute('aria-invalid', 'true'); file.focus(); }
  };
  const problemOf = chosen => {
    if (!chosen) return say(page, 'work_js_import_choose');
    const facts = { name: chosen.name, size: size(chosen.size), most: size(page.import.bytes) };
    if (!KINDS.includes(chosen.name.split('.').pop().toLowerCase())) return say(page, 'work_js_import_kind', facts);
    return chosen.size > page.import.bytes ? say(page, 'work_js_import_large', facts) : '';
  };
  const answered = (sent, name) => {
    let answer = {};
    try { answer = JSON.parse(sent.responseText); } catch { /* a proxy's answer */ }
    if (sent.status === 202) { location.assign(`${page.import.page}/${answer.id}`); return; }
    if (sent.status === 429) { refuse(say(page, 'work_js_import_many')); return; }
    const wrong = answer.errors?.[0];
    refuse(say(page, 'work_js_import_refused', { name, detail: [answer.detail ?? sent.status, wrong && `${wrong.field}: ${wrong.value} (${wrong.allowed})`].filter(Boolean).join('; ') }));
  };

  form.addEventListener('submit', event => {
    event.preventDefault();
    const chosen = file.files[0];
    const problem = problemOf(chosen);
    refuse(problem);
    if (problem) return;
    const data = new FormData(form);
    const address = new URL(page.import.send, location.href);
    address.searchParams.set('mode', data.get('mode'));
    address.searchParams.set('file', chosen.name);
    if (data.get('crs')) address.searchParams.set('crs', data.get('crs'));
    request = new XMLHttpRequest();  // fetch tells nothing of what is sent
    request.open('POST', address);
    request.setRequestHeader('X-CSRF-Token', page.csrf);
    if (data.get('reason')) request.setRequestHeader('X-Reason', String.fromCharCode(...new TextEncoder().encode(data.get('reason'))));
    request.upload.addEventListener('progress', event => {
      bar.value = event.loaded / event.total;
      figure.textContent = event.loaded < event.total ? say(page, 'work_js_import_sending', { done: size(event.loaded), total: size(event.total) }) : say(page, 'work_js_import_taken');
    });
    const mine = request;
    request.addEventListener('load', () => { if (request === mine) answered(mine, chosen.name); });
    request.addEventListener('error', () => { if (request === mine) refuse(say(page, 'work_js_import_lost')); });
    request.send(chosen);
    bar.value = 0;
    sending.hidden = false;
    button.disabled = true;
  });
  file.addEventListener('change', () => {
    refuse('');
    if (file.files.length) document.getElementById('import-chosen').textContent = `${file.files[0].name}, ${size(file.files[0].size)}`;
  });
  cancel.addEventListener('click', () => {
    const sent = request;
    refuse('');
    sent?.abort();
    file.focus();
  });
}

/** Until the job has ended; then the page that tells the result. */
export function watchImport(place, page) {
  const bar = place.querySelector('progress');
  const figure = document.getElementById('import-figure');
  const phase = job => say(page, `import_phase_${job.state === 'queued' ? 'queued' : job.phase}`);
  const number = value => value.toLocaleString(page.lang);
  const look = async () => {
    let wait = LOOK_EVERY;
    try {
      const answer = await fetch(page.import.job);
      if (answer.status === 401 || answer.status === 404) { location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const job = await answer.json();
      if (['done', 'failed', 'cancelled'].includes(job.state)) { location.reload(); return; }
      bar.value = job.progress;
      figure.textContent = job.cancel_wanted ? say(page, 'import_cancelling') : job.rows_total === null ? phase(job)
        : say(page, 'work_js_import_rows', { phase: phase(job), read: number(job.rows_read), total: number(job.rows_total), merged: number(job.rows_merged), refused: number(job.rows_refused) });
    } catch {
      wait = 5 * LOOK_EVERY;
    }
    setTimeout(look, wait);
  };
  look();
}
