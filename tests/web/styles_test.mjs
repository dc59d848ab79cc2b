import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

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
