// The page itself, its assets and the pictures of its evidence are kept for when there is no network (score_worker.js answers with them).
import { PICTURES, SHELLS, scopeOf } from './score_store.js';

const MOST_PICTURES = 60;
const MOST_BYTES = 40e6;

/** After the page has been read from the server. Over plain http a browser has neither workers nor caches: then sheets need the network to open. */
export async function keepPage(page) {
  if (!globalThis.caches || !navigator.serviceWorker) return;
  await navigator.serviceWorker.register('/score-worker.js', { scope: scopeOf(location.pathname) });
  const cache = await caches.open(SHELLS);
  const path = address => new URL(address, location.href).pathname;
  const there = (await cache.keys()).map(request => path(request.url));
  const assets = new Set(performance.getEntriesByType('resource').map(entry => path(entry.name)).filter(name => name.startsWith('/assets/')));
  for (const node of document.querySelectorAll('link[href^="/assets/"], script[src^="/assets/"], img[src^="/assets/"]')) assets.add(path(node.href || node.src));
  assets.add(path(page.assets.icons));
  // another build: every kept page is read again, and the files of the former one go
  const isNew = !there.includes(path(page.assets.score)) && there.length > 0;
  const pages = isNew ? there.filter(name => !name.startsWith('/assets/')) : [];
  await cache.addAll([...new Set([...pages, location.pathname, ...[...assets].filter(name => isNew || !there.includes(name))])]);
  if (isNew) for (const name of there) if (name.startsWith('/assets/') && !assets.has(name)) await cache.delete(name);
}

/** Pictures of a sheet's evidence, up to a limit; the ones kept longest go first. */
export async function keepPictures(addresses) {
  if (!globalThis.caches) return;
  const cache = await caches.open(PICTURES);
  for (const address of addresses.slice(0, MOST_PICTURES)) {
    if (await cache.match(address)) continue;
    const answer = await fetch(address).catch(() => null);
    if (!answer) return;
    if (answer.ok) await cache.put(address, answer);
  }
  let bytes = 0, count = 0;
  for (const request of (await cache.keys()).reverse()) {
    bytes += Number((await cache.match(request))?.headers.get('Content-Length') ?? 5e5);
    count += 1;
    if (count > MOST_PICTURES || bytes > MOST_BYTES) await cache.delete(request);
  }
}
