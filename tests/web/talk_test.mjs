// A record's page is where people find what is said about it; notices lead there; sample data are marked.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { check } from './axe.mjs';
import { base, closeBrowser, onPage } from './browser.mjs';
import { as, firstRow } from './work.mjs';

after(closeBrowser);

test('producer and officer write to each other on the record, without a script; the notice leads there', async () => {
  const question = `Cần thêm ảnh nhãn ${Date.now()}`;
  let row = '';
  await as('demo.r02', '/quan-ly/products', { scripts: false }, async page => { row = await firstRow(page); });
  await as('demo.r04', row, { scripts: false }, async page => {
    await page.goto(base + row);
    await page.fill('#message-body', question);
    await page.click('#last .button.primary');
    assert.equal(new URL(page.url()).pathname, row);
    assert.match(await page.locator('#messages .is-mine').last().innerText(), new RegExp(question));
  });
  await as('demo.r02', '/thong-bao', {}, async page => {
    const notice = page.locator(`.rows .is-unread a[href="${row}#messages"]`).first();
    for (const end = Date.now() + 15_000; !await notice.count() && Date.now() < end;) await page.reload();  // the dispatcher hands it over in its own time
    await notice.click();
    await page.waitForURL(`**${row}#messages`);
    assert.match(await page.locator('#messages').innerText(), new RegExp(question));
    await check(page, 'a record with messages');
    assert.match(await page.locator('.work-title a[href$="/lich-su"]').innerText(), /Lịch sử/);
    await page.goto(`${base}/trao-doi${row.replace('/quan-ly', '')}`);
    assert.ok(await page.locator(`main a[href="${row}"]`).count(), 'the thread leads to its record');
  });
  await as('demo.r10', row, { scripts: false }, async page => assert.equal(await page.locator('#messages').count(), 0));  // councils write no messages
});

test('feedback on a product stands on its page, for those who read feedback', async () => {
  const said = `Nắp hộp lỏng ${Date.now()}`;
  let row = '';
  await as('demo.r02', '/quan-ly/products', { scripts: false }, async page => {
    const shown = new Set((await (await page.request.get(`${base}/api/products?limit=1000`)).json()).items.map(one => `/quan-ly/products/${one.id}`));
    const own = await page.locator('.work-table tbody th a').evaluateAll(all => all.map(a => a.getAttribute('href')));
    row = own.find(one => shown.has(one));
  });
  await onPage(`/phan-hoi?product=${row.split('/').pop()}`, { scripts: false }, async page => {
    await page.check('[name=kind][value=complaint]');
    await page.fill('#body', said);
    await page.click('main .button.primary');
  });
  await as('demo.r02', row, { scripts: false }, async page => {
    await page.goto(base + row);
    const item = page.locator('#feedback li', { hasText: said });
    await item.locator('a').click();
    assert.match(await page.locator('main').innerText(), new RegExp(said));
    await page.goto(`${base}/quan-ly/phan-hoi?product=${row.split('/').pop()}`);
    assert.match(await page.locator('.rows').innerText(), new RegExp(said));
    await page.goto(`${base}/quan-ly/phan-hoi?product=999999`);
    assert.equal(await page.locator('.rows').count(), 0);
  });
  await as('demo.r09', row, { scripts: false }, async page => assert.equal(await page.locator('#feedback').count(), 0));
});

test('work pages say that the data are samples, in both languages', async () => {
  await as('demo.r08', '/quan-ly', {}, async page => {
    for (const [path, words] of [['/quan-ly', /dữ liệu mẫu/], ['/quan-ly/products', /dữ liệu mẫu/], ['/en/manage/products', /sample/i], ['/thong-bao', /dữ liệu mẫu/]]) {
      await page.goto(base + path);
      assert.match(await page.locator('.demo-banner').innerText(), words);
    }
  });
});
