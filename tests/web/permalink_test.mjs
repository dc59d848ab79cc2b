import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { closeBrowser, mapReady, names, onPage, settled, summary } from './browser.mjs';

after(closeBrowser);

test('the address brings search, filters, date, colours, layers, card and view back', async () => {
  let link, list, said, view;
  const place = page => page.evaluate(() => {
    const { map } = document.querySelector('ocop-map').ocopMap;
    return [map.getZoom(), map.getCenter().lng, map.getCenter().lat];
  });
  await onPage('/', {}, async page => {
    await mapReady(page);
    await page.fill('#q', 'dừa');
    await settled(page, () => page.press('#q', 'Enter'));
    await settled(page, () => page.selectOption('#state', 'in_force'));
    await settled(page, () => page.click('#quick-2025-06-30'));
    await settled(page, () => page.selectOption('#measure', 'producers'));
    await page.click('#layers > summary');
    await page.check('#layer-sales_points');
    await settled(page, () => page.locator('#items a').first().click());
    await page.waitForSelector('#card .record');
    await page.waitForFunction(() => new URLSearchParams(location.search).has('view'));  // the map went to the product
    await page.evaluate(() => document.querySelector('ocop-map').ocopMap.map.jumpTo({ center: [106.5, 10.1], zoom: 11.25 }));
    await page.waitForFunction(() => new URLSearchParams(location.search).get('view')?.startsWith('11.25/'));
    link = page.url();
    list = await names(page);
    said = await summary(page);
    view = await place(page);
  });
  const { pathname, search } = new URL(link);
  await onPage(pathname + search, {}, async page => {
    await mapReady(page);
    assert.equal(await page.locator('#q').inputValue(), 'dừa');
    assert.equal(await page.locator('#at').inputValue(), '2025-06-30');
    assert.equal(await page.locator('#state').inputValue(), 'in_force');
    assert.equal(await page.locator('#measure').inputValue(), 'producers');
    assert.ok(await page.locator('#layer-sales_points').isChecked());
    assert.ok(await page.locator('#card .record').isVisible());
    assert.deepEqual(await names(page), list);
    assert.equal(await summary(page), said);
    const now = await place(page);
    now.forEach((value, index) => assert.ok(Math.abs(value - view[index]) < 0.01, `${now} is not ${view}`));
  });
});

test('back and forward walk through the views', async () => {
  await onPage('/', {}, async page => {
    const all = await summary(page);
    await settled(page, () => page.locator('#star-4').check({ force: true }));
    const four = await summary(page);
    assert.notEqual(four, all);
    await settled(page, () => page.goBack());
    assert.equal(await summary(page), all);
    assert.ok(!(await page.locator('#star-4').isChecked()));
    await settled(page, () => page.goForward());
    assert.equal(await summary(page), four);
  });
});

test('the other language shows the same view', async () => {
  await onPage('/?star=5&at=2025-06-30', {}, async page => {
    const total = await page.getAttribute('#results', 'data-total');
    await page.click('.top-links [data-part=language]');
    await page.waitForURL(/\/en\?/);
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
    assert.equal(await page.getAttribute('#results', 'data-total'), total);
    assert.equal(await page.locator('#at').inputValue(), '2025-06-30');
  });
});
