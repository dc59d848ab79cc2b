import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { browser, closeBrowser } from './browser.mjs';

after(closeBrowser);

// MapLibre's own validator, which its package brings along.
const web = createRequire(new URL('../../web/package.json', import.meta.url));
const { validateStyleMin } = await import(pathToFileURL(web.resolve('@maplibre/maplibre-gl-style-spec')));
const base = process.env.OCOPMAP_TEST_URL;

for (const name of ['ocop', 'ocop-dark', 'districts', 'districts-dark']) {
  for (const query of ['', '?at=2025-06-30']) {
    test(`/styles/${name}.json${query} is a valid style whose sprite has every picture it names`, async () => {
      assert.ok(base, 'OCOPMAP_TEST_URL is not set');
      const style = await (await fetch(`${base}/styles/${name}.json${query}`)).json();
      assert.deepEqual(validateStyleMin(style).map(problem => problem.message), []);
      const sprite = await (await fetch(`${style.sprite}.json`)).json();
      const named = JSON.stringify(style.layers).match(/"(crop-[a-z]+|no-data|producer|sales-point)"/g).map(text => text.slice(1, -1));
      assert.ok(named.length > 10);
      for (const icon of named) assert.ok(sprite[icon], icon);
    });
  }
}

// Somebody's own page on another host, with MapLibre as it comes and nothing of ours but the address of a sheet.
const library = dirname(web.resolve('maplibre-gl/package.json'));
const types = { '.mjs': 'text/javascript', '.css': 'text/css' };
const client = createServer((request, response) => {
  const name = basename(request.url);
  const type = types[name.slice(name.lastIndexOf('.'))];
  if (type) {
    response.writeHead(200, { 'Content-Type': type });
    createReadStream(join(library, 'dist', name)).pipe(response);
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html><link rel="stylesheet" href="/maplibre-gl.css"><div id="map" style="width:800px;height:600px"></div>
    <script type="module">
      import { Map as MapLibre, setWorkerUrl } from '/maplibre-gl.mjs';
      setWorkerUrl('/maplibre-gl-worker.mjs');
      window.problems = [];
      window.open_map = style => {
        window.map = new MapLibre({ container: 'map', style, center: [106.375, 10.24], zoom: 10, fadeDuration: 0 });
        window.map.on('error', event => window.problems.push(event.error?.message ?? String(event.error)));
      };
    </script>`);
});

test('MapLibre on another host draws every sheet of /ogc/styles', async () => {
  await new Promise(done => client.listen(0, '127.0.0.1', done));
  const page = await (await browser()).newPage();
  const glyphs = [];  // MapLibre draws letters of its own where it gets none
  page.on('requestfinished', async request => { if (request.url().startsWith(`${base}/fonts/`)) glyphs.push((await request.response()).status()); });
  page.on('requestfailed', request => { if (request.url().startsWith(`${base}/fonts/`)) glyphs.push(request.failure().errorText); });
  try {
    const { styles } = await (await fetch(`${base}/ogc/styles?f=json`)).json();
    assert.equal(styles.length, 4);
    for (const style of styles) {
      const sheet = style.links.find(link => link.rel === 'stylesheet' && link.type === 'application/vnd.mapbox.style+json');
      assert.match(sheet.href, /\/ogc\/styles\/[a-z-]+\?f=mapbox$/);
      await page.goto(`http://127.0.0.1:${client.address().port}/`);
      await page.waitForFunction(() => window.open_map);
      await page.evaluate(href => window.open_map(href), sheet.href);
      await page.waitForFunction(() => window.problems.length || (window.map.loaded() && window.map.areTilesLoaded()), null, { timeout: 60_000 });
      const seen = await page.evaluate(() => {
        const counts = {};
        for (const { source, layer } of window.map.queryRenderedFeatures()) (counts[source] ??= {})[layer.type] = (counts[source]?.[layer.type] ?? 0) + 1;
        return { counts, problems: window.problems, pictures: window.map.listImages().length };
      });
      assert.deepEqual(seen.problems, [], style.id);
      const units = style.id.startsWith('districts') ? 'districts' : 'communes';
      assert.ok(seen.counts[units]?.fill > 5, `${style.id}: ${JSON.stringify(seen.counts)}`);  // the coloured areas
      assert.ok(seen.counts[units]?.symbol > 0, `${style.id}: ${JSON.stringify(seen.counts)}`);  // words
      assert.ok(seen.pictures > 10, style.id);  // the sprite
    }
    assert.ok(glyphs.length > 0);
    assert.deepEqual([...new Set(glyphs)], [200]);
  } finally {
    await page.close();
    client.close();
  }
});
