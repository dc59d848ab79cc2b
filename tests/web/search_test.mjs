import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { closeBrowser, names, onPage, settled, summary } from './browser.mjs';

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
