import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { base, closeBrowser, names, onPage, phone, summary } from './browser.mjs';

after(closeBrowser);

test('without scripts the same address gives list, filters and a picture of the same view', async () => {
  await onPage('/?q=keo+dua&at=2025-06-30', { scripts: false }, async page => {
    assert.match((await names(page))[0], /^Kẹo dừa/);
    assert.equal(await page.locator('#q').inputValue(), 'keo dua');
    const picture = await page.locator('ocop-map img').getAttribute('src');
    assert.match(picture, /^\/tiles\/\w+\/view\.png\?bbox=.*at=2025-06-30/);
    const answer = await fetch(base + picture);
    assert.equal(answer.status, 200, `${picture} answered ${answer.status}`);
    assert.equal(answer.headers.get('content-type'), 'image/png');
  });
});

test('without scripts the filters are one form, and the result is a page', async () => {
  await onPage('/', { scripts: false }, async page => {
    await page.locator('#star-4').check({ force: true });
    await page.selectOption('#state', 'in_force');
    await page.click('.filter-actions button');
    await page.waitForURL(/star=4/);
    assert.equal(await page.locator('#items .star:not(.star-4)').count(), 0);
    assert.ok((await names(page)).length > 0);
    assert.match(await summary(page), /sản phẩm/);
    await page.locator('#items a').first().click();
    await page.waitForURL(/\/products\//);
    assert.ok(await page.locator('.record-name').first().isVisible());
    await page.locator('.facts a').first().click();
    await page.waitForURL(/\/producers\//);
    assert.ok((await page.locator('.items a').count()) > 0);
  });
});

test('without scripts a phone shows picture, then list, without a sheet', async () => {
  await onPage('/', { scripts: false, size: phone }, async page => {
    assert.ok(await page.locator('.sheet-handle').isHidden());
    assert.ok((await names(page)).length > 0);
  });
});

test('the first list weighs at most 100 KB', async () => {
  await onPage('/', { scripts: true }, async page => {
    const client = await page.context().newCDPSession(page);
    await client.send('Network.enable');
    await client.send('Network.setCacheDisabled', { cacheDisabled: true });
    const addresses = new Map();
    let bytes = 0;
    const parts = [];
    client.on('Network.responseReceived', event => addresses.set(event.requestId, event.response.url));
    client.on('Network.loadingFinished', event => {
      const path = new URL(addresses.get(event.requestId) ?? 'x:/').pathname;
      if (/^\/assets\/map|^\/tiles|^\/styles|^\/fonts|^\/sprites|^\/events/.test(path)) return;  // the map, which comes after
      bytes += event.encodedDataLength;
      parts.push(`${path} ${event.encodedDataLength}`);
    });
    await page.reload({ waitUntil: 'load' });
    await page.waitForTimeout(1000);
    assert.ok(bytes > 10_000 && bytes <= 100 * 1024, `${bytes} bytes: ${parts.join(', ')}`);
  });
});
