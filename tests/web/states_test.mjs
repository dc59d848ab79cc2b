import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { base, closeBrowser, names, onPage } from './browser.mjs';

after(closeBrowser);

for (const state of ['expired', 'revoked']) {
  test(`a certificate that is ${state} shows no star, in the list and in the record`, async () => {
    await onPage(`/?state=${state}`, {}, async page => {
      assert.ok((await names(page)).length > 0, `no ${state} certificate in the test data`);
      assert.equal(await page.locator('#items .star-3, #items .star-4, #items .star-5').count(), 0);
      assert.equal(await page.locator('#items .item').count(), await page.locator(`#items .state-${state}`).count());
      await page.locator('#items a').first().click();
      await page.waitForSelector('#card .record');
      assert.equal(await page.locator('#card .record-head .star').count(), 0);
      assert.ok((await page.locator(`#card .certificates .state-${state}`).count()) > 0);
    });
  });
}

test('sample data and schematic shapes carry a visible mark', async () => {
  await onPage('/', {}, async page => {
    assert.ok(await page.locator('.demo-banner').isVisible());
    await page.locator('#items a').first().click();
    await page.waitForSelector('#card .record');
    assert.ok(await page.locator('#card .mark').first().isVisible());
  });
});

test('a wrong address says what is wrong, with a number to quote', async () => {
  await onPage('/?at=31-31-2025', {}, async (page, response) => {
    assert.equal(response.status(), 400);
    const text = await page.locator('main').innerText();
    assert.match(text, /31-31-2025/);
    assert.match(text, /Mã để báo lỗi: \S+/);
  });
  await onPage('/products/999999999', {}, async (page, response) => {
    assert.equal(response.status(), 404);
    assert.match(await page.locator('main').innerText(), /Mã để báo lỗi/);
  });
});

test('what a visitor types comes back as text, never as markup', async () => {
  await onPage(`/?q=${encodeURIComponent('<img src=x onerror=alert(1)>"\'</script>')}`, {}, async page => {
    assert.equal(await page.locator('main img[src="x"]').count(), 0);
    assert.equal(await page.locator('#q').inputValue(), '<img src=x onerror=alert(1)>"\'</script>');
  });
});

test('every page forbids inline code and other hosts', async () => {
  for (const path of ['/', '/en', '/products/1', '/?at=x']) {
    const policy = (await fetch(base + path)).headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/, path);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/, path);
  }
});

test('an unchanged page is not sent twice', async () => {
  const first = await fetch(`${base}/?q=dua`);
  const etag = first.headers.get('etag');
  assert.ok(etag);
  const second = await fetch(`${base}/?q=dua`, { headers: { 'If-None-Match': etag } });
  assert.equal(second.status, 304);
});
