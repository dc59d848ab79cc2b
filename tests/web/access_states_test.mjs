import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { checkBoth } from './axe.mjs';
import { base, closeBrowser, desktop, mapReady, onPage, phone, tablet } from './browser.mjs';

after(closeBrowser);

/** The page as a browser without scripts shows it, in one that runs them: axe is a script itself. */
async function withoutScripts(page, path) {
  const html = await (await fetch(base + path)).text();
  await page.route(base + path, route => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html.replace(/<script type="module"[^>]*><\/script>/, '').replace(/<\/?noscript>/g, '') }));
  await page.goto(base + path);
  assert.ok(!(await page.evaluate(() => document.documentElement.classList.contains('scripted'))));
}

test('axe finds nothing without scripts, light and dark', async () => {
  for (const [path, size] of [['/', desktop], ['/en?by=district&measure=stars&at=2025-06-30', phone], ['/?unit=829@2025-06-30&star=4&by=none', desktop],
    ['/?at=1980-01-01', phone], ['/?product=1', desktop]]) {
    await onPage('/products/1', { size }, async page => {
      await withoutScripts(page, path);
      assert.ok(await page.locator('.picture-note').isVisible());
      await checkBoth(page, path);
    });
  }
});

test('axe finds nothing with a card, a chosen unit and a place nearby on tablet and phone, light and dark', async () => {
  for (const [path, size] of [['/?product=1', tablet], ['/en?unit=829@2025-06-30&at=2025-06-30&product=1', phone], ['/?near=106.375,10.241', phone]]) {
    await onPage(path, { size }, async page => {
      await mapReady(page);
      await checkBoth(page, path);
    });
  }
});

test('axe finds nothing on paper', async () => {
  for (const path of ['/', '/en?star=4&product=1', '/products/1']) {
    await onPage(path, {}, async page => {
      if (!path.includes('products')) await mapReady(page);
      await page.emulateMedia({ media: 'print' });
      await checkBoth(page, `${path} in print`);
    });
  }
});
