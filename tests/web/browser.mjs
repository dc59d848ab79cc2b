// Opens pages the way every test of this folder wants them: a fresh profile, and a watch that fails the test when
// anything leaves the host, breaks the Content-Security-Policy or throws.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium, request } = require('playwright-core');

export const base = process.env.OCOPMAP_TEST_URL;
assert.ok(base, 'OCOPMAP_TEST_URL is not set: ./dev test sets it');
const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

let running = null;
export async function browser() {
  running ??= await chromium.launch({
    executablePath: browserPath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader',
      '--disable-background-networking', '--no-first-run', '--disable-component-update', '--disable-sync'],
  });
  return running;
}
const asking = [];
/** Asks without a page; a jar of cookies of its own. */
export async function requests() {
  const made = await request.newContext();
  asking.push(made);
  return made;
}
export async function closeBrowser() {
  await running?.close();
  running = null;
  for (const one of asking.splice(0)) await one.dispose();
  // an answer of fetch() whose body nobody read would keep this process for a minute
  await globalThis[Symbol.for('undici.globalDispatcher.1')]?.destroy();
}

export const desktop = { width: 1440, height: 900 };
export const tablet = { width: 768, height: 1024 };
export const phone = { width: 360, height: 740 };

/** A page with its watch. use(page) runs on it; then the watch is asked. at: what its clock says. */
export async function onPage(path, options, use) {
  const { size = desktop, dark = false, scripts = true, at, ...more } = options;
  const context = await (await browser()).newContext({
    viewport: size, colorScheme: dark ? 'dark' : 'light', javaScriptEnabled: scripts, locale: 'vi-VN', ...more,
  });
  const seen = { elsewhere: [], violations: [], errors: [] };
  const host = new URL(base).host;
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  if (at) await page.clock.setFixedTime(at);
  page.on('request', request => {  // the browser's own viewer of PDF is no other host
    const url = new URL(request.url());
    if (!['data:', 'blob:', 'chrome:', 'chrome-extension:'].includes(url.protocol) && url.host !== host) seen.elsewhere.push(request.url());
  });
  page.on('console', message => { if (/Content Security Policy/i.test(message.text())) seen.violations.push(message.text()); });
  page.on('pageerror', error => seen.errors.push(error.message));
  try {
    const response = await page.goto(base + path);
    await use(page, response);
    assert.deepEqual(seen, { elsewhere: [], violations: [], errors: [] });
  } finally {
    await context.close();
  }
}

/** The map has drawn what it was asked for. */
export async function mapReady(page) {
  await page.waitForFunction(() => {
    const place = document.querySelector('ocop-map');
    return place?.dataset.state === 'ready' && place.ocopMap.map.loaded() && place.ocopMap.map.areTilesLoaded();
  });
}

export const names = page => page.locator('#items .item-name').allTextContents();
export const summary = page => page.locator('#summary').innerText();
/** Until the list has been asked for and is there again. */
export async function settled(page, change) {
  const before = await page.locator('#page-data').textContent();
  await change();
  await page.waitForFunction(text => document.getElementById('page-data')?.textContent !== text && !document.querySelector('#results[aria-busy]'), before);
}
