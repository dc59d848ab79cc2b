import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { closeBrowser, mapReady, onPage, phone, settled } from './browser.mjs';

after(closeBrowser);

const focused = page => page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.localName);

test('from the first Tab to a product and back, without a mouse', async () => {
  await onPage('/', {}, async page => {
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), 'skip');
    await page.keyboard.press('Enter');
    assert.equal(await focused(page), 'results');
    // the first link of the list is reached with Tab alone
    for (let i = 0; i < 12 && !(await page.evaluate(() => document.activeElement.matches('#items a'))); ++i) await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement.matches('#items a')), 'the list is out of reach');
    const name = await page.evaluate(() => document.activeElement.querySelector('.item-name').textContent);
    await settled(page, () => page.keyboard.press('Enter'));
    await page.waitForSelector('#card .record');
    assert.equal(await focused(page), 'card');
    assert.equal(await page.locator('#card .record-name').innerText(), name);
    await settled(page, () => page.keyboard.press('Escape'));
    assert.ok(await page.locator('#card').isHidden());
    assert.equal(await page.evaluate(() => document.activeElement.querySelector('.item-name')?.textContent), name);
  });
});

test('a suggestion is chosen with the arrows and Enter', async () => {
  await onPage('/', {}, async page => {
    await page.focus('#q');
    await page.keyboard.type('keo dua', { delay: 15 });
    await page.waitForSelector('#suggestions [data-index]');
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.getAttribute('#q', 'aria-activedescendant'), 'suggestion-0');
    assert.equal(await page.getAttribute('#suggestion-0', 'aria-selected'), 'true');
    await page.keyboard.press('Escape');
    assert.ok(await page.locator('#suggestions').isHidden());
    assert.equal(await page.locator('#q').inputValue(), 'keo dua');
  });
});

test('the map is reached and moved by keys', async () => {
  await onPage('/', {}, async page => {
    await mapReady(page);
    await page.focus('ocop-map canvas');
    const before = await page.evaluate(() => document.querySelector('ocop-map').ocopMap.map.getCenter().lng);
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(lng => document.querySelector('ocop-map').ocopMap.map.getCenter().lng > lng, before);
    assert.match(await page.getAttribute('ocop-map canvas', 'aria-label'), /phím mũi tên/);
  });
});

test('on a phone the sheet has three heights, by key as well', async () => {
  await onPage('/', { size: phone, hasTouch: true }, async page => {
    const height = () => page.getAttribute('#panel', 'data-height');
    assert.equal(await height(), 'half');
    await page.focus('.sheet-handle');
    await page.keyboard.press('ArrowUp');
    assert.equal(await height(), 'full');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    assert.equal(await height(), 'peek');
    await page.locator('.sheet-handle').click();
    assert.equal(await height(), 'half');
  });
});
