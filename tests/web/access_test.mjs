import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { check, checkBoth } from './axe.mjs';
import { closeBrowser, desktop, mapReady, names, onPage, phone, tablet } from './browser.mjs';

after(closeBrowser);

for (const [what, size] of [['desktop', desktop], ['tablet', tablet], ['phone', phone]]) {
  for (const home of ['/', '/en']) {
    test(`axe finds nothing on ${home}, ${what}, light and dark`, async () => {
      await onPage(home, { size }, async page => {
        await mapReady(page);
        await checkBoth(page, 'the map and the list');
        if (size === desktop) {
          await page.locator('#items a').first().click();
          await page.waitForSelector('#card .record');
          await checkBoth(page, 'with an open card');
          await page.click('#download > summary');
          await page.fill('#q', 'dua');
          await page.waitForSelector('#suggestions [data-index]');
          await checkBoth(page, 'with suggestions');
        }
      });
    });
  }
}

test('axe finds nothing on the record pages, an empty list and an error', async () => {
  let product;
  await onPage('/', {}, async page => { product = await page.locator('#items a').first().getAttribute('href'); });
  let producer;
  await onPage(product, {}, async page => {
    producer = await page.locator('.facts a').first().getAttribute('href');
    await check(page, product);
  });
  for (const path of [producer, `/en${product}`, '/?q=xyzzyq', '/?at=31-31-2025', '/products/999999999']) {
    await onPage(path, {}, page => checkBoth(page, path));
  }
});

test('nothing needs sideways scrolling at 320 px, nor at twice the text size', async () => {
  for (const [size, text] of [[{ width: 320, height: 640 }, '100%'], [desktop, '200%']]) {
    await onPage('/', { size }, async page => {
      await page.evaluate(percent => { document.documentElement.style.fontSize = percent; }, text);
      assert.ok((await names(page)).length > 0);
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= window + 1, `${content} px in ${window}`);
    });
  }
});
