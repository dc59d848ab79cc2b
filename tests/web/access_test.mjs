import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import { closeBrowser, desktop, mapReady, names, onPage, phone, tablet } from './browser.mjs';

after(closeBrowser);
const require = createRequire(new URL('../../web/package.json', import.meta.url));
const axe = require('axe-core').source;

async function check(page, where) {
  // Evaluated through the debugger, which the policy of the page does not bind.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const said = violations.map(v => `${v.id}: ${v.help}\n    ${v.nodes.slice(0, 3).map(n => `${n.target} ${n.failureSummary?.split('\n')[1] ?? ''}`).join('\n    ')}`);
  assert.deepEqual(said, [], `${where}\n  ${said.join('\n  ')}`);
}

for (const [what, size] of [['desktop', desktop], ['tablet', tablet], ['phone', phone]]) {
  for (const dark of [false, true]) {
    for (const home of ['/', '/en']) {
      test(`axe finds nothing on ${home}, ${what}, ${dark ? 'dark' : 'light'}`, async () => {
        await onPage(home, { size, dark }, async page => {
          await mapReady(page);
          await check(page, 'the map and the list');
          if (size === desktop) {
            await page.locator('#items a').first().click();
            await page.waitForSelector('#card .record');
            await check(page, 'with an open card');
            await page.click('#download > summary');
            await page.fill('#q', 'dua');
            await page.waitForSelector('#suggestions [data-index]');
            await check(page, 'with suggestions');
          }
        });
      });
    }
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
    for (const dark of [false, true]) await onPage(path, { dark }, page => check(page, path));
  }
});

for (const dark of [false, true]) {
  test(`axe finds nothing without scripts, ${dark ? 'dark' : 'light'}`, async () => {
    for (const size of [desktop, phone]) {
      for (const path of ['/', '/en?by=district&measure=stars&at=2025-06-30', '/?unit=829@2025-06-30&star=4&by=none', '/?at=1980-01-01', '/?product=1']) {
        await onPage(path, { size, dark, scripts: false }, async page => {
          assert.ok(await page.locator('.picture-note').count());  // the page as it is without scripts …
          const debug = await page.context().newCDPSession(page);
          await debug.send('Emulation.setScriptExecutionDisabled', { value: false });  // … which axe itself needs
          assert.ok(!(await page.evaluate(() => document.documentElement.classList.contains('scripted'))));
          await check(page, path);
        });
      }
    }
  });

  test(`axe finds nothing with a card, a chosen unit and a place nearby on tablet and phone, ${dark ? 'dark' : 'light'}`, async () => {
    for (const size of [tablet, phone]) {
      for (const path of ['/?product=1', '/en?unit=829@2025-06-30&at=2025-06-30&product=1', '/?near=106.375,10.241']) {
        await onPage(path, { size, dark }, async page => {
          await mapReady(page);
          await check(page, path);
        });
      }
    }
  });
}

test('axe finds nothing on paper', async () => {
  for (const path of ['/', '/en?star=4&product=1', '/products/1']) {
    for (const dark of [false, true]) {
      await onPage(path, { dark }, async page => {
        if (!path.includes('products')) await mapReady(page);
        await page.emulateMedia({ media: 'print' });
        await check(page, `${path} in print`);
      });
    }
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
