// Score sheets open without a network: this answers for the scoring pages alone, with what they have put into their caches
// (web/src/score_shell.js). Answers and their sending are the page's (score_outbox.js).
import { PICTURES, SHELLS, isScoringPath } from './score_store.js';

const PATIENCE = 8000;  // milliseconds for a page from a line that says it is there

addEventListener('install', () => skipWaiting());
addEventListener('activate', event => event.waitUntil(clients.claim()));
addEventListener('fetch', event => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate') {
    if (isScoringPath(url.pathname)) event.respondWith(page(request, url.pathname));
  } else if (url.pathname.startsWith('/assets/')) {
    event.respondWith(kept(request, SHELLS));
  } else if (/^\/api\/files\/[0-9a-f]{64}\/thumb$/.test(url.pathname)) {
    event.respondWith(kept(request, PICTURES));
  }
});

/** From the server whenever it answers: the kept page is for when it does not. */
async function page(request, path) {
  const shell = await caches.match(path, { cacheName: SHELLS });
  if (!shell) return fetch(request);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    return answer.status === 502 || answer.status === 503 || answer.status === 504 ? shell : answer;
  } catch {
    return shell;
  }
}
const kept = async (request, cacheName) => (await caches.match(request, { cacheName })) ?? fetch(request);
