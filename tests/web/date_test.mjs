import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { closeBrowser, mapReady, onPage, settled } from './browser.mjs';

after(closeBrowser);

const units = page => page.evaluate(() => {
  const map = document.querySelector('ocop-map').ocopMap.map;
  const layer = JSON.parse(document.getElementById('page-data').textContent).choropleth.layer;
  return new Set(map.querySourceFeatures(layer, { sourceLayer: layer }).map(feature => feature.properties.code)).size;
});

test('30/06/2025 has 148 communes and 9 districts, 01/07/2025 has 48 communes, in the legend and on the map', async () => {
  await onPage('/?at=2025-07-01', {}, async page => {
    await mapReady(page);
    assert.match(await page.locator('#legend').innerText(), /48 đơn vị/);
    assert.equal(await units(page), 48);

    await settled(page, () => page.click('#quick-2025-06-30'));
    await mapReady(page);
    assert.match(await page.locator('#legend').innerText(), /148 đơn vị/);
    await page.waitForFunction(() => new Set(document.querySelector('ocop-map').ocopMap.map.querySourceFeatures('communes', { sourceLayer: 'communes' }).map(f => f.properties.code)).size === 148);

    await settled(page, () => page.locator('#by-district').check({ force: true }));
    await mapReady(page);
    assert.match(await page.locator('#legend').innerText(), /9 đơn vị/);
    await page.waitForFunction(() => new Set(document.querySelector('ocop-map').ocopMap.map.querySourceFeatures('districts', { sourceLayer: 'districts' }).map(f => f.properties.code)).size === 9);
    assert.equal(await page.locator('#at').inputValue(), '2025-06-30');
  });
});

test('the totals of old districts, old communes and new communes agree', async () => {
  const totals = new Set();
  for (const query of ['at=2025-06-30&by=district', 'at=2025-06-30', 'at=2025-06-30&by=commune']) {
    await onPage(`/?${query}`, {}, async page => totals.add((await page.locator('#legend').innerText()).match(/Tổng ([\d.]+)/)[1]));
  }
  assert.equal(totals.size, 1, [...totals].join(', '));
});

test('the legend names the day and the source of the boundaries', async () => {
  await onPage('/?at=2025-06-30', {}, async page => {
    const text = await page.locator('#legend').innerText();
    assert.match(text, /Ranh giới ngày 30\/06\/2025/);
    assert.match(text, /Nguồn: \S/);
  });
});

test('a day without boundaries says which days have some', async () => {
  await onPage('/?at=1985-01-01', {}, async page => {
    assert.match(await page.locator('#legend').innerText(), /chưa có ranh giới[\s\S]*\d\d\/\d\d\/\d{4}/);
  });
});
