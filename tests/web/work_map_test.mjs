// The record on a map: what a role reaches, by mouse and as links; a list's conditions; nothing of it without a session.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { check } from './axe.mjs';
import { base, closeBrowser, onPage, phone } from './browser.mjs';
import { as, fits } from './work.mjs';

after(closeBrowser);

const ready = page => page.waitForFunction(() => document.getElementById('work-map')?.dataset.state === 'ready');
const total = async (page, path) => (await (await page.request.get(base + path)).json()).total;
/** Rows that the map shows of a layer, groups counted by their number. */
const onMap = (page, layer) => page.evaluate(name => {
  const { ocopMap: map } = document.getElementById('work-map');
  const seen = new Map();
  for (const feature of map.querySourceFeatures(`record-${name}`, { sourceLayer: name })) {
    const key = feature.properties.point_count ? feature.geometry.coordinates.map(at => at.toFixed(4)).join() : `#${feature.id}`;
    seen.set(key, feature.properties.point_count ?? 1);
  }
  return [...seen.values()].reduce((sum, n) => sum + n, 0);
}, layer);

test('an officer sees the plots of the own commune, whole and one by one', async () => {
  await as('demo.r04', '/quan-ly/ban-do?show=plots', {}, async page => {
    await ready(page);
    const all = await total(page, '/api/records/plots?limit=1');
    assert.ok(all > 0);
    await page.evaluate(() => document.getElementById('work-map').ocopMap.jumpTo({ center: [106.4, 10.1], zoom: 8 }));
    await page.waitForFunction(() => /Phóng to/.test(document.getElementById('in-view-said').textContent));
    assert.equal(await onMap(page, 'plots'), all);
    const first = (await (await page.request.get(`${base}/api/records/plots?limit=1`)).json()).items[0];
    const [lon, lat] = first.plot_geom.coordinates[0][0][0];
    await page.evaluate(at => document.getElementById('work-map').ocopMap.jumpTo({ center: at, zoom: 16 }), [lon, lat]);
    const link = page.locator(`#in-view a[href$="/plots/${first.plot_key}"]`);
    await link.waitFor();
    assert.equal(await link.textContent(), first.plot_code);
    await link.click();
    await page.waitForURL(`**/quan-ly/plots/${first.plot_key}`);
  });
});

test('layers go on and off, and the address says which and where', async () => {
  await as('demo.r08', '/en/manage/map', {}, async page => {
    await ready(page);
    await page.uncheck('input[value=zones]');
    await page.waitForFunction(() => new URLSearchParams(location.search).get('show') === 'plots');
    await page.evaluate(() => document.getElementById('work-map').ocopMap.jumpTo({ center: [106.5, 10.05], zoom: 13 }));
    await page.waitForFunction(() => location.hash.startsWith('#map=13.00/10.05'));
    await page.reload();
    await ready(page);
    assert.equal(await page.isChecked('input[value=zones]'), false);
    assert.equal(await page.evaluate(() => document.getElementById('work-map').ocopMap.getZoom()), 13);
  });
});

test('the conditions of a list go along', async () => {
  await as('demo.r08', '/quan-ly/zones?crop=coconut', {}, async page => {
    const wanted = await total(page, '/api/records/zones?crop=coconut&limit=1');
    await page.click('a[href*="/ban-do?show=zones"]');
    await ready(page);
    await page.evaluate(() => document.getElementById('work-map').ocopMap.jumpTo({ center: [106.4, 10.1], zoom: 8 }));
    await page.waitForFunction(() => /Phóng to/.test(document.getElementById('in-view-said').textContent));
    assert.equal(await onMap(page, 'zones'), wanted);
    assert.match(await page.locator('.notice').textContent(), /lọc/);
  });
});

test('without scripts the lists stand there; a visitor signs in first', async () => {
  await as('demo.r04', '/quan-ly/ban-do', { scripts: false }, async page => {
    assert.match(await page.locator('#work-map').textContent(), /JavaScript/);
    assert.ok(await page.locator('.work-map-layers a[href="/quan-ly/plots"]').isVisible());
  });
  await onPage('/quan-ly/ban-do', {}, async page => assert.match(page.url(), /dang-nhap/));
});

for (const [name, options] of [['desktop', {}], ['phone', phone]]) {
  test(`it fits and axe finds nothing: ${name}`, async () => {
    await as('demo.r15', '/quan-ly/ban-do', options, async page => {
      await ready(page);
      await fits(page);
      await check(page);
    });
  });
}
