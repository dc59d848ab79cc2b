// An edit by any SQL client shows on a map that is open, and in the list beside it; so does an edited palette.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { closeBrowser, mapReady, onPage } from './browser.mjs';

after(closeBrowser);
const database = process.env.OCOPMAP_TEST_DATABASE;
assert.ok(database, 'OCOPMAP_TEST_DATABASE is not set: ./dev test sets it');
const psql = text => execFileSync('psql', ['--no-psqlrc', '-qAtX', '-v', 'ON_ERROR_STOP=1', '-c', text, database], { encoding: 'utf8' }).trim();

test('an edit in psql reaches the open page', async () => {
  // A product of our own in the middle of the province, taken out again at the end.
  const name = `Kẹo thử ${Date.now()}`;
  const producer = psql("SELECT producer_key FROM ocop.producer WHERE is_published AND public_geom IS NOT NULL ORDER BY producer_key LIMIT 1");
  const [lon, lat] = psql(`SELECT ST_X(public_geom) || ' ' || ST_Y(public_geom) FROM ocop.producer WHERE producer_key = ${producer}`).split(' ');
  await onPage(`/?view=15/${lat}/${lon}`, {}, async page => {
    await mapReady(page);
    await page.waitForFunction(() => document.querySelector('ocop-map').ocopMap.events?.readyState === 1);
    const total = +(await page.getAttribute('#results', 'data-total'));
    const shown = () => page.waitForFunction(text => document.querySelector('ocop-map').ocopMap.map
      .querySourceFeatures('products', { sourceLayer: 'products' }).some(feature => feature.properties.name === text), name, { timeout: 15_000 });
    const listed = count => page.waitForFunction(n => +document.getElementById('results').dataset.total === n, count, { timeout: 15_000 });
    let key;
    try {
      key = psql(`INSERT INTO ocop.product (producer_key, name, class_code, registered_on, is_demo)
                  VALUES (${producer}, '${name}', (SELECT min(class_code) FROM ocop.product_class), current_date - 1, true) RETURNING product_key`);
      await listed(total + 1);
      await shown().catch(async problem => {  // several products of one producer may stand as one cluster even here
        const counted = await page.evaluate(() => +document.querySelector('ocop-map').dataset.refreshed);
        if (!(counted >= 1)) throw problem;
      });
    } finally {
      psql(`DELETE FROM ocop.product WHERE name = '${name}'`);
    }
    await listed(total);
    assert.ok(key);
  });
});

test('an edited palette colours the open map, and so does the old one put back', async () => {
  const file = join(process.env.OCOPMAP_TEST_BUILD, 'share/styles/palette.toml');
  const palette = readFileSync(file, 'utf8');
  assert.ok(palette.includes('"#F3F1E7"'));
  await onPage('/', {}, async page => {
    await mapReady(page);
    await page.waitForFunction(() => document.querySelector('ocop-map').ocopMap.events?.readyState === 1);
    const ground = colour => page.waitForFunction(wanted => document.querySelector('ocop-map').ocopMap.map.getStyle().layers
      .find(layer => layer.type === 'background').paint['background-color'].toUpperCase() === wanted, colour, { timeout: 15_000 });
    await ground('#F3F1E7');
    try {
      writeFileSync(file, palette.replace('"#F3F1E7"', '"#D8E4EE"'));
      await ground('#D8E4EE');
    } finally {
      writeFileSync(file, palette);
    }
    await ground('#F3F1E7');
  });
});
