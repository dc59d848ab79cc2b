import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { closeBrowser, mapReady, names, onPage, settled, summary } from './browser.mjs';

after(closeBrowser);

test('"keo dua" finds "Kẹo dừa" first, from the box and from the address', async () => {
  await onPage('/', {}, async page => {
    await page.fill('#q', 'keo dua');
    await settled(page, () => page.press('#q', 'Enter'));
    assert.match((await names(page))[0], /^Kẹo dừa/);
    assert.equal(new URL(page.url()).searchParams.get('q'), 'keo dua');
  });
  await onPage('/?q=keo+dua', {}, async page => assert.match((await names(page))[0], /^Kẹo dừa/));
});

test('suggestions come while typing and forgive accents', async () => {
  await onPage('/', {}, async page => {
    await page.locator('#q').pressSequentially('keo du', { delay: 20 });
    await page.waitForSelector('#suggestions [data-index]');
    assert.match((await page.locator('#suggestions [data-index]').first().innerText()), /Kẹo dừa/i);
    assert.equal(await page.getAttribute('#q', 'aria-expanded'), 'true');
  });
});

test('filters narrow the list, their counts follow, and each can be taken off', async () => {
  await onPage('/', {}, async page => {
    const all = +(await page.getAttribute('#results', 'data-total'));
    await settled(page, () => page.locator('#star-5').check({ force: true }));
    const five = +(await page.getAttribute('#results', 'data-total'));
    assert.ok(five > 0 && five < all, `${five} of ${all}`);
    assert.equal(await page.locator('#items .star:not(.star-5)').count(), 0);
    await settled(page, () => page.locator('.chip').first().click());
    assert.equal(+(await page.getAttribute('#results', 'data-total')), all);
  });
});

test('an empty result says why and what to do', async () => {
  await onPage('/?q=xyzzyq&star=5', {}, async page => {
    assert.match(await summary(page), /^0 sản phẩm/);
    const text = await page.locator('.empty').innerText();
    assert.match(text, /xyzzyq/);
    await settled(page, () => page.locator('.empty a').last().click());
    assert.ok((await names(page)).length > 0);
  });
});

test('the list goes on below without losing its place', async () => {
  await onPage('/', {}, async page => {
    const first = await names(page);
    await page.click('#next');
    await page.waitForFunction(n => document.querySelectorAll('#items .item').length > n, first.length);
    const more = await names(page);
    assert.deepEqual(more.slice(0, first.length), first);
  });
});

test('near me sorts by distance and says how exact the position is', async () => {
  await onPage('/', { geolocation: { longitude: 106.3754321, latitude: 10.2412345 }, permissions: ['geolocation'] }, async page => {
    await page.click('#near');
    await page.locator('#results .hint').waitFor();
    assert.equal(new URL(page.url()).searchParams.get('near'), '106.375,10.241');
    const metres = (await page.locator('#items .item-meta').allInnerTexts()).map(text => {
      const [, n, unit] = text.match(/cách ([\d.,]+) (km|m)$/);
      return +n.replaceAll('.', '').replace(',', '.') * (unit === 'km' ? 1000 : 1);
    });
    assert.ok(metres.length > 5);
    assert.deepEqual(metres, [...metres].sort((a, b) => a - b));
    assert.match(await page.locator('#results .hint').innerText(), /100 m/);
  });
});

test('a position that is refused, or far away, changes nothing and says so', async () => {
  for (const [options, said] of [[{}, /Không lấy được vị trí/], [{ geolocation: { longitude: 105.8, latitude: 21 }, permissions: ['geolocation'] }, /ngoài địa bàn Bến Tre/]]) {
    await onPage('/', options, async page => {
      const before = await names(page), address = page.url();
      await page.click('#near');
      await page.locator('.map-message', { hasText: said }).waitFor();
      await page.waitForFunction(pattern => new RegExp(pattern).test(document.getElementById('announce').textContent), said.source);
      assert.deepEqual(await names(page), before);
      assert.equal(new URL(page.url()).searchParams.get('near'), new URL(address).searchParams.get('near'));
    });
  }
});

test('a chosen unit comes into view and is outlined, in the lines of its own time only', async () => {
  await onPage('/?at=2025-06-30&by=district', {}, async page => {
    await mapReady(page);
    const unit = await page.locator('#unit option[value^="829@"]').getAttribute('value');
    const zoom = () => page.evaluate(() => document.querySelector('ocop-map').ocopMap.map.getZoom());
    const before = await zoom();
    await settled(page, () => page.selectOption('#unit', unit));
    await page.waitForFunction(() => !document.querySelector('ocop-map').ocopMap.map.isMoving() && document.querySelector('ocop-map').ocopMap.map.getLayer('chosen'));
    await mapReady(page);
    assert.ok(await zoom() > before + .5, `${before} to ${await zoom()}`);
    assert.deepEqual(await page.evaluate(() => [...new Set(document.querySelector('ocop-map').ocopMap.map.queryRenderedFeatures({ layers: ['chosen'] }).map(f => f.properties.code))]), ['829']);
    await settled(page, () => page.locator('label', { has: page.locator('#by-commune') }).click());
    await page.waitForFunction(() => !document.querySelector('ocop-map').ocopMap.map.getLayer('chosen'));
  });
});
