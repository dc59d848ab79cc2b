import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { closeBrowser, mapReady, onPage, settled } from './browser.mjs';

after(closeBrowser);

const codes = page => page.evaluate(() => new Set(document.querySelector('ocop-map').ocopMap.map.querySourceFeatures('communes', { sourceLayer: 'communes' }).map(f => f.properties.code)).size);
/** Moves the slider to a month and waits for the map to show it. */
const slide = (page, month) => page.evaluate(async at => {
  const range = document.getElementById('timeline-range');
  range.value = at.slice(0, 4) * 12 + +at.slice(5) - 1;
  range.dispatchEvent(new Event('input', { bubbles: true }));
  await document.querySelector('ocop-map').ocopMap.previewing;
}, month);

test('the slider moves the map through the days, and the page follows where it is left', async () => {
  await onPage('/', {}, async page => {
    await mapReady(page);
    await page.locator('#timeline').waitFor();
    assert.equal(await codes(page), 48);
    await slide(page, '2025-06');
    assert.equal(await page.locator('#timeline-day').innerText(), '01/06/2025');
    assert.equal(await page.locator('#timeline-range').getAttribute('aria-valuetext'), '01/06/2025');
    await page.waitForFunction(() => new Set(document.querySelector('ocop-map').ocopMap.map.querySourceFeatures('communes', { sourceLayer: 'communes' }).map(f => f.properties.code)).size === 148);
    assert.doesNotMatch(page.url(), /at=/, 'the page stays until the slider is left');
    // The colours are those of the tiles' own figures, whose sum is what the record counts on that day.
    const sum = await page.evaluate(() => {
      const units = new Map(document.querySelector('ocop-map').ocopMap.map.querySourceFeatures('communes', { sourceLayer: 'communes' }).map(f => [f.properties.code, f.properties.products]));
      return [...units.values()].reduce((all, one) => all + one, 0);
    });
    await settled(page, () => page.locator('#timeline-range').dispatchEvent('change'));
    assert.match(page.url(), /at=2025-06-01/);
    assert.equal(await page.locator('#at').inputValue(), '2025-06-01');
    const legend = await page.locator('#legend').innerText();
    assert.match(legend, /148 đơn vị/);
    const said = pattern => +(legend.match(pattern)?.[1] ?? '0').replaceAll('.', '');
    assert.equal(said(/Tổng ([\d.]+)/) - said(/([\d.]+) chưa rõ địa bàn/), sum);  // products without a place are in no unit's figure
    assert.equal(await page.locator('#timeline-range').inputValue(), String(2025 * 12 + 5));
  });
});

test('before the first boundaries the map shows products alone, and units again after', async () => {
  await onPage('/', {}, async page => {
    await mapReady(page);
    await slide(page, '2004-01');
    const visible = () => page.evaluate(() => document.querySelector('ocop-map').ocopMap.map.getLayoutProperty('communes-choropleth', 'visibility'));
    assert.equal(await visible(), 'none');
    await slide(page, '2025-06');
    assert.notEqual(await visible(), 'none');
    assert.equal(await codes(page), 148, 'those of the day');
  });
});

test('it plays, stops, and is worked by keys', async () => {
  await onPage('/?at=2025-03-01', {}, async page => {
    await mapReady(page);
    const value = async () => +(await page.locator('#timeline-range').inputValue());
    await page.locator('#timeline-range').focus();
    const before = await value();
    await settled(page, () => page.keyboard.press('ArrowRight'));
    assert.equal(await value(), before + 1);
    assert.match(page.url(), /at=2025-04-01/);
    await page.click('#timeline-play');
    assert.equal(await page.locator('#timeline-play').getAttribute('aria-label'), 'Dừng');
    await page.waitForFunction(from => +document.getElementById('timeline-range').value >= from + 3, before);
    await settled(page, () => page.click('#timeline-play'));
    assert.equal(await page.locator('#timeline-play').getAttribute('aria-label'), 'Chạy qua từng tháng');
    assert.doesNotMatch(page.url(), /at=2025-04-01/);
  });
});

test('a list that is searched has no slider: the map shows exactly what was found', async () => {
  await onPage('/?q=k%E1%BA%B9o', {}, async page => {
    await mapReady(page);
    assert.equal(await page.locator('#timeline').isHidden(), true);
  });
});

test('a small cluster lists its products, and one of them opens', async () => {
  await onPage('/?by=none', {}, async page => {
    await mapReady(page);
    const place = await page.evaluate(async () => {
      const { map } = document.querySelector('ocop-map').ocopMap;
      map.jumpTo({ zoom: 12 });
      await map.once('idle');
      for (const feature of map.queryRenderedFeatures({ layers: ['products-cluster'] })) {
        if (feature.properties.point_count > 12) continue;
        const { x, y } = map.project(feature.geometry.coordinates);
        const { width, height } = map.getCanvas().getBoundingClientRect();
        if (x > 60 && y > 60 && x < width - 60 && y < height - 60) return { x, y, count: feature.properties.point_count };
      }
      return null;
    });
    assert.ok(place, 'a cluster of few stands in view');
    const box = await page.locator('ocop-map .canvas').boundingBox();
    await page.mouse.click(box.x + place.x, box.y + place.y);
    await page.locator('.popup .members a').first().waitFor();
    assert.equal(await page.locator('.popup .members a').count(), place.count);
    await settled(page, () => page.locator('.popup .members a').first().click());
    assert.match(page.url(), /product=/);
  });
});
