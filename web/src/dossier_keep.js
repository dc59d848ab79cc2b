// What is typed goes to this device first and to the server after a pause. A crash, a reload or a cut line lose nothing: what the server has
// not confirmed lies in IndexedDB and is sent when the page is opened again, or the line is back.
import { Refusal } from './dossier_parts.js';

const PAUSE = 800, FIRST_RETRY = 2000, LAST_RETRY = 30000;  // milliseconds

const opened = new Promise(resolve => {
  const asked = globalThis.indexedDB?.open('ocopmap-typed', 1);
  if (!asked) return resolve(null);
  asked.onupgradeneeded = () => asked.result.createObjectStore('typed');
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => resolve(null);  // a private window: then what is typed lives as long as the page
});
const inStore = async (mode, work) => {
  const database = await opened;
  if (!database) return undefined;
  return new Promise((resolve, reject) => {
    const transaction = database.transaction('typed', mode, { durability: 'strict' });
    const asked = work(transaction.objectStore('typed'));
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
};

export class Keeper {
  /** send(changes) brings them to the server, throws a Refusal, and may return paths that are to wait here; tell(state, facts) says how it stands: kept, sending, saved, waiting, refused. */
  constructor(key, send, tell) {
    Object.assign(this, { key, send, tell, changes: {}, since: null, delay: FIRST_RETRY, timer: 0, writing: Promise.resolve(), sending: null });
    addEventListener('online', () => { if (this.count()) this.soon(0); });
    addEventListener('beforeunload', event => { if (this.unwritten) event.preventDefault(); });
    // A phone may end a page that is put away.
    document.addEventListener('visibilitychange', () => { if (document.hidden && this.count() && !this.sending) this.soon(0); });
  }
  count() { return Object.keys(this.changes).length; }

  /** What an earlier visit left behind: {changes, since}, or nothing. */
  async resume() {
    const left = await inStore('readonly', store => store.get(this.key)).catch(() => undefined);
    if (!left) return null;
    this.changes = { ...left.changes, ...this.changes };
    this.since = left.since;
    return left;
  }

  put(path, value) {
    this.changes[path] = value;
    this.since ??= new Date().toISOString();
    this.write();
    this.soon(PAUSE);
  }
  write() {
    const now = structuredClone(this.changes);
    this.unwritten = true;
    this.writing = this.writing.then(() => inStore('readwrite', store => (Object.keys(now).length ? store.put({ changes: now, since: this.since }, this.key) : store.delete(this.key))))
      .then(() => { this.unwritten = false; this.tell(this.sending ? 'sending' : this.count() ? 'kept' : 'saved', {}); },
        () => { this.tell('unkept', {}); });
    return this.writing;
  }
  soon(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), delay);
  }

  /** Sends what there is; false when it stays on the device for now. */
  async flush() {
    clearTimeout(this.timer);
    if (this.sending) { await this.sending; return this.flush(); }
    if (!this.count()) return true;
    const sent = structuredClone(this.changes);
    this.tell('sending', {});
    let held = [], problem = null;
    this.sending = this.send(sent).then(paths => { held = paths ?? []; }, thrown => { problem = thrown; });
    await this.sending;
    this.sending = null;
    if (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      const comes_back = problem.status === 0 || problem.status === 429 || problem.status >= 500;
      this.tell(comes_back ? 'waiting' : 'refused', { n: Object.keys(sent).length, problem });
      if (comes_back) { this.soon(this.delay); this.delay = Math.min(LAST_RETRY, this.delay * 2); }
      return false;
    }
    this.delay = FIRST_RETRY;
    for (const [path, value] of Object.entries(sent)) if (!held.includes(path) && JSON.stringify(this.changes[path]) === JSON.stringify(value)) delete this.changes[path];
    this.since = this.count() ? new Date().toISOString() : null;
    await this.write();
    if (this.count() > held.length) this.soon(PAUSE);
    return this.count() === 0;
  }

  /** Gives up what the server does not take. */
  forget() { this.changes = {}; this.since = null; return this.write(); }
}
