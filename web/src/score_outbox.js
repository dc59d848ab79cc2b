// Sends unsent answers: only what changed, again and again until the server has it or refuses it.
const FIRST_WAIT = 1000, LONGEST_WAIT = 60_000;  // milliseconds; doubled each time, and shaken so that a hall of members does not come at once
const PATIENCE = 20_000;

/** One at a time in this browser, whatever tabs are open: an older answer must not arrive after a newer one. */
const alone = work => (navigator.locks ? navigator.locks.request('ocop-score-outbox', work) : work());
export const problemOf = async answer => ({ status: answer.status, errors: [], ...await answer.json().catch(() => ({ detail: String(answer.status) })) });

export class Outbox extends EventTarget {
  constructor(store, account, csrf) {
    super();
    Object.assign(this, { store, account, csrf, refused: new Map(), line: 'unknown', tries: 0, timer: 0, sending: null, taken: 0 });
    const now = () => { this.tries = 0; this.send(); };
    addEventListener('online', now);
    addEventListener('focus', now);
    addEventListener('offline', () => { this.line = 'none'; this.tell(); });
    document.addEventListener('visibilitychange', () => { if (!document.hidden) now(); });
  }

  tell(detail = {}) { this.dispatchEvent(new CustomEvent('state', { detail })); }
  /** A moment later: a run of keystrokes is one request. */
  soon(delay = 200) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), delay);
  }
  retry() {
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.tries);
    this.tries += 1;
    this.soon(wait * (.75 + Math.random() / 2));
  }
  /** A changed answer may be taken where the former was refused. */
  forgive(sheet) { this.refused.delete(sheet); }

  send() {
    clearTimeout(this.timer);
    if (this.sending) { this.again = true; return this.sending; }
    this.sending = alone(() => this.sendAll()).catch(problem => console.warn('scoring:', problem.message)).finally(() => {
      this.sending = null;
      this.tell();
      if (this.again) { this.again = false; this.soon(0); }
    });
    return this.sending;
  }
  async sendAll() {
    const sheets = grouped(await this.store.changes(this.account));
    for (const [sheet, changes] of sheets) {
      if (!this.refused.has(sheet) && !(await this.sendSheet(sheet, changes))) return;
    }
  }
  /** A comment stands beside an answer: without one it waits. */
  async ready(sheet, changes) {
    const answers = { ...(await this.store.sheet(this.account, sheet))?.answers };
    for (const { kind, criterion, value } of changes) if (kind === 'answers') answers[criterion] = value;
    return changes.filter(one => one.kind !== 'comments' || (answers[one.criterion] ?? null) !== null);
  }
  /** False: there is no line, the others wait as well. */
  async sendSheet(sheet, all, isAgain = false) {
    const changes = await this.ready(sheet, all);
    if (!changes.length) return true;
    const body = {};
    for (const { kind, criterion, value } of changes) (body[kind] ??= {})[criterion] = value;
    let answer;
    try {
      answer = await fetch(`/api/score-sheets/${sheet}`, {
        method: 'PATCH', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': this.csrf }, body: JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      return this.lost();
    }
    if (answer.ok) {
      const { answered } = await answer.json();
      this.taken += 1;
      await this.store.sent(this.account, sheet, changes);
      this.line = 'there';
      this.tries = 0;
      this.tell({ sheet, sent: changes.length, answered });
      return true;
    }
    const problem = await problemOf(answer);
    if (answer.status >= 500 || answer.status === 429) return this.lost();
    if (answer.status === 401 || answer.status === 403) {
      const same = await this.recognise();
      if (same === 'again' && !isAgain) return this.sendSheet(sheet, all, true);
      if (same !== 'again') return false;
    }
    this.line = 'there';
    this.refused.set(sheet, problem);
    this.tell({ sheet });
    return true;
  }
  lost() {
    this.line = 'none';
    this.retry();
    return false;
  }
  /** Who is signed in now: the same one, perhaps by a new session; nobody; or somebody else, for whom nothing of this is. */
  async recognise() {
    const answer = await fetch('/api/session', { signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
    if (!answer || answer.status >= 500) { this.lost(); return 'none'; }
    const session = answer.ok ? await answer.json() : null;
    this.line = !session ? 'signed-out' : session.login !== this.account ? 'other' : 'there';
    if (this.line !== 'there') { this.tell(); return this.line; }
    this.csrf = session.csrf_token;
    await this.store.belongTo(this.account, this.csrf);
    return 'again';
  }
}
function grouped(changes) {
  const out = new Map();
  for (const one of changes) out.set(one.sheet, [...out.get(one.sheet) ?? [], one]);
  return out;
}
