// What a council member's browser keeps (IndexedDB): the sheets that were opened, and every answer until the server has it.
// Rows belong to an account; a shared browser shows nobody another one's.
const NAME = 'ocop-score';
export const SHELLS = 'ocop-score-pages';
export const PICTURES = 'ocop-score-pictures';
const SCOPES = ['/quan-ly/cham-diem', '/en/manage/scoring'];

export const isScoringPath = path => SCOPES.some(scope => path === scope || path.startsWith(`${scope}/`));
export const scopeOf = path => SCOPES.find(scope => path.startsWith(scope));

const result = request => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

export async function openStore() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    const db = request.result;
    db.createObjectStore('sessions', { keyPath: 'csrf' });   // whose page it is, where no server can be asked
    db.createObjectStore('lists', { keyPath: 'account' });
    db.createObjectStore('sheets', { keyPath: ['account', 'id'] });
    db.createObjectStore('changes', { keyPath: ['account', 'sheet', 'kind', 'criterion'] });
  };
  const db = await result(request);
  db.onversionchange = () => db.close();
  return new Store(db);
}

class Store {
  constructor(db) { this.db = db; }

  read(name, work) { return result(work(this.db.transaction(name).objectStore(name))); }
  /** Done when it is on the disk, as far as the browser can tell. */
  write(names, work) {
    return new Promise((resolve, reject) => {
      const transaction = this.db.transaction(names, 'readwrite', { durability: 'strict' });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
      work(name => transaction.objectStore(name));
    });
  }

  async accountOf(csrf) { return (await this.read('sessions', s => s.get(csrf)))?.account; }
  async list(account) { return (await this.read('lists', s => s.get(account)))?.items; }
  keepList(account, items) { return this.write(['lists'], of => of('lists').put({ account, items })); }
  async sheet(account, id) { return (await this.read('sheets', s => s.get([account, id])))?.view; }
  keepSheet(account, view) { return this.write(['sheets'], of => of('sheets').put({ account, id: view.id, view })); }
  /** A sheet and what is unsent of it, as of one moment: between the two an answer may just have been sent. */
  async sheetNow(account, id) {
    const transaction = this.db.transaction(['sheets', 'changes']);
    const [kept, changes] = await Promise.all([result(transaction.objectStore('sheets').get([account, id])),
      result(transaction.objectStore('changes').getAll(IDBKeyRange.bound([account, id], [account, id, []])))]);
    return { view: kept?.view, changes };
  }
  /** Unsent answers and comments, the oldest first. */
  async changes(account, sheet) {
    const range = sheet === undefined ? IDBKeyRange.bound([account], [account, []]) : IDBKeyRange.bound([account, sheet], [account, sheet, []]);
    return (await this.read('changes', s => s.getAll(range))).sort((a, b) => a.at - b.at);
  }
  /** [{kind: 'answers', 'comments' or 'conditions', criterion (of a condition its id), value}] of one sheet, all or none. */
  change(account, sheet, list) {
    const at = Date.now();
    return this.write(['changes'], of => { for (const one of list) of('changes').put({ ...one, account, sheet, at, turn: crypto.getRandomValues(new Uint32Array(1))[0] }); });
  }
  /** What the server has taken is dropped, unless it was changed again meanwhile; the kept sheet says what the server has now. */
  sent(account, sheet, list) {
    return this.write(['changes', 'sheets'], of => {
      for (const one of list) {
        const key = [account, sheet, one.kind, one.criterion];
        const there = of('changes').get(key);
        there.onsuccess = () => { if (there.result?.turn === one.turn) of('changes').delete(key); };
      }
      const kept = of('sheets').get([account, sheet]);
      kept.onsuccess = () => {
        if (!kept.result) return;
        const { view } = kept.result;
        view.conditions ??= {};
        for (const { kind, criterion, value } of list) {
          if (value === null || value === '') delete view[kind][criterion]; else view[kind][criterion] = value;
          if (kind === 'answers' && value === null) delete view.comments[criterion];
        }
        of('sheets').put(kept.result);
      };
    });
  }
  discard(account, sheet) { return this.write(['changes'], of => of('changes').delete(IDBKeyRange.bound([account, sheet], [account, sheet, []]))); }

  /** This browser is `account`'s now: what it shows of others is dropped; their unsent answers wait, unseen, until they sign in again. */
  async belongTo(account, csrf) {
    const sessions = await this.read('sessions', s => s.getAll());
    const isOthers = sessions.some(session => session.account !== account);
    if (isOthers) await this.forget();
    if (isOthers || !sessions.some(session => session.csrf === csrf)) await this.write(['sessions'], of => of('sessions').put({ csrf, account }));
  }
  async forget({ unsent = false } = {}) {
    await Promise.all([SHELLS, PICTURES].map(name => globalThis.caches?.delete(name)));
    const names = ['sessions', 'lists', 'sheets', ...(unsent ? ['changes'] : [])];
    await this.write(names, of => { for (const name of names) of(name).clear(); });
  }
  countUnsent() { return this.read('changes', s => s.count()); }
  close() { this.db.close(); }
}

/** Somebody signs out: nothing stays, and whoever has answers that are not sent yet is asked before. */
export async function signOut(form) {
  try {
    const store = await openStore();
    const unsent = await store.countUnsent();
    if (unsent && !confirm(form.dataset.unsent.replace('{n}', unsent))) { store.close(); return; }
    await store.forget({ unsent: true });
    store.close();
    for (const worker of await navigator.serviceWorker?.getRegistrations() ?? []) await worker.unregister();
  } catch (problem) {
    console.warn('scoring:', problem.message);  // a browser that keeps nothing has nothing to forget
  }
  form.submit();
}
/** A page that asks to sign in: no session is left, so nothing is shown of one. */
export async function sessionEnded() {
  const store = await openStore();
  await store.forget();
  store.close();
}
