// File fields of a form: choose or drop; sent in pieces that go on after a lost line (tus 1.0.0, /api/files/uploads); shown; and
// nothing is final until the form is saved: what is taken out or replaced comes back with one click.
import { Upload } from 'tus-js-client';
import { element, sizeText, uploadProblem, uploadRules } from './files.js';
import { say } from './view.js';

const PIECE = 4 * 1024 * 1024;  // what the service takes at once
const RETRIES = [0, 1000, 3000];  // milliseconds; then people are asked, or the line comes back

export function openUploads(places, page) {
  const fields = places.map(place => new FileField(place, page));
  const form = places[0].closest('form');
  // Before anybody else hears of it: a form that is sent now would leave the file behind.
  form.addEventListener('submit', event => {
    const busy = fields.find(field => field.upload);
    if (!busy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    busy.refuse(say(page, 'upload_wait', { name: busy.name }));
    busy.input.focus();
  }, { capture: true });
  addEventListener('beforeunload', event => { if (fields.some(field => field.upload)) event.preventDefault(); });
  addEventListener('online', () => { for (const field of fields) if (field.stopped) field.goOn(); });
}

class FileField {
  constructor(place, page) {
    this.place = place;
    this.page = page;
    this.value = place.querySelector('input');
    this.label = this.value.labels[0].firstChild.textContent.trim();
    this.build();
    this.show(place.querySelector('.stored'));
  }

  build() {
    const button = (key, act) => {
      const made = element('button', { type: 'button', className: 'button small', textContent: say(this.page, key), hidden: true });
      made.addEventListener('click', act);
      return made;
    };
    this.input = element('input', { type: 'file', id: this.value.id, accept: this.endings().map(one => `.${one}`).join(',') });
    for (const name of ['aria-describedby', 'aria-invalid']) if (this.value.hasAttribute(name)) this.input.setAttribute(name, this.value.getAttribute(name));
    this.value.type = 'hidden';
    this.value.removeAttribute('id');
    this.now = this.place.querySelector('.file-now') ?? element('span', { className: 'file-now' });
    this.remove = button('upload_remove', () => this.takeOut());
    this.undo = button('upload_undo', () => this.putBack());
    this.said = element('p', { className: 'said', role: 'alert' });
    this.status = element('span', { className: 'file-figure', role: 'status' });
    this.bar = element('progress', { max: 1, value: 0, hidden: true, ariaLabel: say(this.page, 'upload_progress', { label: this.label }) });
    this.cancel = button('upload_cancel', () => this.giveUp());
    this.retry = button('upload_retry', () => this.goOn());
    const hint = element('small', { className: 'hint', id: `u-${this.input.id}`, textContent: `${say(this.page, 'upload_drop')}. ${this.rules()}` });
    this.input.setAttribute('aria-describedby', `${this.input.getAttribute('aria-describedby') ?? ''} ${hint.id}`.trim());
    const current = element('div', { className: 'file-row' });
    current.append(this.now, this.remove);
    const sending = element('div', { className: 'file-row file-sending' });
    sending.append(this.bar, this.status, this.cancel, this.retry, this.undo);
    const drop = element('div', { className: 'file-drop' });
    this.input.className = 'visually-hidden';  // its own words are the browser's, in the browser's language
    const choose = element('label', { className: 'button small', htmlFor: this.input.id, textContent: say(this.page, 'upload_choose') });
    drop.append(this.input, choose, hint);
    this.place.replaceChildren(this.value, current, this.said, sending, drop);
    this.input.addEventListener('change', () => { if (this.input.files.length) this.take(this.input.files[0]); });
    // The browser would open a file that misses; the whole field is the target.
    this.place.addEventListener('dragover', event => { event.preventDefault(); this.place.classList.add('is-over'); });
    this.place.addEventListener('dragleave', event => { if (!this.place.contains(event.relatedTarget)) this.place.classList.remove('is-over'); });
    this.place.addEventListener('drop', event => {
      event.preventDefault();
      this.place.classList.remove('is-over');
      if (event.dataTransfer.files.length) this.take(event.dataTransfer.files[0]);
    });
  }

  rules() { return uploadRules(this.page, this.endings()); }
  /** What the field is for: of a photo pictures alone. */
  endings() { return this.place.dataset.takes.split(' '); }
  size(bytes) { return sizeText(bytes, this.page.lang); }

  take(file) {
    this.input.value = '';
    if (this.upload) this.giveUp();
    const problem = uploadProblem(this.page, file, this.label, this.endings());
    this.refuse(problem);
    if (problem) return;
    this.name = file.name;
    this.done = 0;
    this.total = file.size;
    const upload = new Upload(file, {
      endpoint: '/api/files/uploads', chunkSize: PIECE, retryDelays: RETRIES, removeFingerprintOnSuccess: true,
      headers: { 'X-CSRF-Token': this.page.csrf }, metadata: { filename: file.name },
      onProgress: (done, total) => { if (this.upload === upload) this.progress(done, total); },
      onSuccess: () => { if (this.upload === upload) this.sent(upload); },
      onError: error => { if (this.upload === upload) this.failed(error); },
    });
    this.upload = upload;
    this.progress(0, file.size);
    upload.findPreviousUploads().then(found => {  // the same file, before a reload
      if (this.upload !== upload) return;
      if (found.length) upload.resumeFromPreviousUpload(found[0]);
      upload.start();
    });
  }

  progress(done, total) {
    this.done = done;
    this.bar.value = total ? done / total : 0;
    this.stopped = false;
    this.state({ bar: true, cancel: true },
      say(this.page, 'upload_sending', { name: this.name, done: this.size(done), total: this.size(total), percent: Math.floor(100 * done / total) }));
  }

  async sent(upload) {
    const answer = await fetch(upload.url, { headers: { 'Tus-Resumable': '1.0.0' } }).catch(() => null);
    if (this.upload !== upload) return;
    if (!answer?.ok) { this.stop(); return; }
    const { file } = await answer.json();
    this.upload = null;
    const before = this.replaceBy(file.sha256, this.storedOf(file));
    this.state({ undo: before }, [say(this.page, 'upload_sent', { name: this.name }), before && say(this.page, 'upload_replaced', { name: this.nameOf(this.before.shown) })].filter(Boolean).join(' '));
    this.input.focus();
  }

  failed(error) {
    const answer = error.originalResponse;
    const status = answer?.getStatus() ?? 0;
    if (status === 0 || status >= 500 || [401, 403, 409, 423, 429].includes(status)) {
      this.stop(status === 401 || status === 403 ? say(this.page, 'upload_refused_session') : '');
      return;
    }
    let problem = {};
    try { problem = JSON.parse(answer.getBody()); } catch { /* no words of ours: a proxy's answer */ }
    this.upload = null;
    this.state({});
    const facts = { label: this.label, name: this.name, detail: problem.detail ?? String(status), allowed: this.rules() };
    this.refuse(say(this.page, status === 415 ? 'upload_refused_content' : 'upload_refused_other', facts));
  }

  /** It waits: for the line, or for whoever sits there. */
  stop(why = say(this.page, 'upload_lost', { name: this.name, done: this.size(this.done), total: this.size(this.total) })) {
    this.stopped = true;
    this.state({ bar: true, cancel: true, retry: true }, why || say(this.page, 'upload_lost', { name: this.name, done: this.size(this.done), total: this.size(this.total) }));
  }
  goOn() {
    this.stopped = false;
    this.refuse('');
    this.state({ bar: true, cancel: true }, this.status.textContent);
    this.upload.start();
  }
  giveUp() {
    this.upload.abort(true).catch(() => {});  // what is left on the server expires by itself
    this.upload = null;
    this.stopped = false;
    this.refuse('');
    this.state({ undo: Boolean(this.before) }, say(this.page, 'upload_cancelled', { name: this.name }));
    this.input.focus();
  }

  takeOut() {
    const name = this.nameOf(this.shown);
    this.replaceBy('', null);
    this.state({ undo: true }, say(this.page, 'upload_removed', { name }));
    this.undo.focus();
  }
  putBack() {
    const { value, shown } = this.before;
    this.before = null;
    this.set(value, shown);
    this.state({}, say(this.page, 'upload_undone', { name: this.nameOf(shown) }));
    this.input.focus();
  }

  /** True when something stood there before. */
  replaceBy(value, shown) {
    this.before = this.value.value && this.value.value !== value ? { value: this.value.value, shown: this.shown } : null;
    this.set(value, shown);
    return Boolean(this.before);
  }
  set(value, shown) {
    this.value.value = value;
    this.show(shown);
    this.refuse('');
    this.value.dispatchEvent(new Event('input', { bubbles: true }));  // the draft hears of it
  }
  show(shown) {
    this.shown = shown;
    this.now.replaceChildren(...(shown ? [shown] : []));
    this.remove.hidden = !this.value.value;
  }
  nameOf(shown) { return shown?.querySelector('[download]')?.textContent ?? say(this.page, 'upload_before'); }
  storedOf(file) {
    const shown = element('span', { className: 'stored' });
    if (file.thumbnail) shown.append(element('img', { src: file.thumbnail, alt: file.name ?? '' }));
    const text = element('span', { className: 'stored-text' });
    const type = (file.name ?? '').split('.').pop().toUpperCase();
    text.append(element('a', { href: file.href, download: '', textContent: file.name }), ' ', element('span', { className: 'muted', textContent: `${type}, ${this.size(file.bytes)}` }));
    shown.append(text);
    return shown;
  }

  state({ bar = false, cancel = false, retry = false, undo = false }, text = '') {
    this.bar.hidden = !bar;
    this.cancel.hidden = !cancel;
    this.retry.hidden = !retry;
    this.undo.hidden = !undo;
    this.status.textContent = text;
    this.place.dataset.state = retry ? 'stopped' : bar ? 'sending' : this.value.value ? 'there' : 'empty';
  }
  refuse(text) {
    this.said.textContent = text;
    this.input.toggleAttribute('aria-invalid', false);
    if (text) this.input.setAttribute('aria-invalid', 'true');
  }
}
