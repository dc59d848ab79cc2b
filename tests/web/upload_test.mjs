// File fields and imports as people use them: a file is chosen, dropped, lost on the way, taken back; a table is sent, watched, cancelled.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { check } from './axe.mjs';
import { base, closeBrowser, phone } from './browser.mjs';
import { as, firstRow, fits } from './work.mjs';

after(closeBrowser);

const folder = mkdtempSync(join(tmpdir(), 'ocop-upload-'));
const write = (name, content) => { const path = join(folder, name); writeFileSync(path, content); return path; };
const save = page => page.click('.form-actions .button.primary');
const field = (page, column) => page.locator(`ocop-file[data-column=${column}]`);
const inState = (page, column, state) => page.waitForFunction(([name, wanted]) => document.querySelector(`ocop-file[data-column=${name}]`)?.dataset.state === wanted, [column, state]);
const keyOf = (page, column) => field(page, column).locator('input[type=hidden]').inputValue();
/** A PDF by its first bytes; each its own content, since files lie under their hash. */
const pdf = (name, bytes) => write(name, Buffer.concat([Buffer.from(`%PDF-1.7\n% ${name} ${Date.now()}\n`), Buffer.alloc(bytes, '% ocopmap\n'), Buffer.from('\n%%EOF\n')]));
async function picture(page, name) {
  const url = await page.evaluate(text => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 400, height: 300 });
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#1F6B45';
    pen.fillRect(0, 0, 400, 300);
    pen.fillStyle = '#fff';
    pen.fillText(text, 20, 150);
    return canvas.toDataURL('image/jpeg');
  }, `${name} ${Date.now()}`);
  return write(name, Buffer.from(url.split(',')[1], 'base64'));
}
async function openForm(page) {
  const row = await firstRow(page);
  await page.goto(`${base}${row}/sua`);
  await page.waitForFunction(() => document.querySelector('ocop-file input[type=file]'));
  return row;
}

test('a photo is uploaded, shown, saved and stands on the record; taken out it comes back until it is saved', async () => {
  await as('demo.r02', '/quan-ly/products', {}, async page => {
    const row = await openForm(page);
    await page.setInputFiles('#f-photo_file', await picture(page, 'ảnh mới.jpg'));
    await inState(page, 'photo_file', 'there');
    const sha256 = await keyOf(page, 'photo_file');
    assert.match(sha256, /^[0-9a-f]{64}$/);
    assert.match(await field(page, 'photo_file').innerText(), /ảnh mới\.jpg JPG, \d+ KB/);
    await page.waitForFunction(() => document.querySelector('ocop-file[data-column=photo_file] img')?.naturalWidth > 0);
    await check(page, 'a form with a file');
    await save(page);
    await page.waitForURL(/done=saved/);
    await page.waitForFunction(hash => [...document.querySelectorAll('.fact-list img')].some(img => img.src.includes(hash)), sha256);
    assert.equal(await page.locator(`.fact-list a[href="/api/files/${sha256}"][download]`).innerText(), 'ảnh mới.jpg');
    await check(page, 'a record with a photo');

    await page.goto(`${base}${row}/sua`);
    const photo = field(page, 'photo_file');
    await photo.getByRole('button', { name: 'Gỡ tệp' }).focus();
    await page.keyboard.press('Enter');
    assert.equal(await keyOf(page, 'photo_file'), '');
    assert.match(await photo.getByRole('status').innerText(), /Đã gỡ ảnh mới\.jpg/);
    await page.keyboard.press('Enter');  // the focus is on "Hoàn tác"
    assert.equal(await keyOf(page, 'photo_file'), sha256);
    await photo.getByRole('button', { name: 'Gỡ tệp' }).click();
    await save(page);
    await page.waitForURL(/done=saved/);
    assert.equal(await page.locator(`a[href="/api/files/${sha256}"]`).count(), 0);
  });
});

test('an upload that loses its line goes on where it stood, and can be cancelled', async () => {
  await as('demo.r02', '/quan-ly/products', {}, async page => {
    await openForm(page);
    const offsets = [];
    let broken = true;
    await page.route('**/api/files/uploads/*', route => {
      const request = route.request();
      if (request.method() !== 'PATCH') return route.continue();
      const offset = Number(request.headers()['upload-offset']);
      if (broken && offset > 0) return route.abort('connectionreset');
      offsets.push(offset);
      return route.continue();
    });
    await page.setInputFiles('#f-label_file', pdf('nhãn.pdf', 9_000_000));
    await inState(page, 'label_file', 'stopped');
    assert.match(await field(page, 'label_file').getByRole('status').innerText(), /Mất kết nối khi đã tải 4,\d MB \/ 9,\d MB/);
    await check(page, 'a lost upload');
    await save(page);  // nothing is sent while a file is under way
    assert.match(await field(page, 'label_file').getByRole('alert').innerText(), /còn đang tải lên/);
    broken = false;
    await field(page, 'label_file').getByRole('button', { name: 'Tải tiếp' }).click();
    await inState(page, 'label_file', 'there');
    assert.deepEqual(offsets, [0, 4 * 1024 * 1024, 8 * 1024 * 1024]);
    assert.match(await field(page, 'label_file').innerText(), /nhãn\.pdf PDF, 9,\d MB/);

    broken = true;
    const before = await keyOf(page, 'label_file');
    await page.setInputFiles('#f-label_file', pdf('khác.pdf', 5_000_000));
    await inState(page, 'label_file', 'stopped');
    const ended = page.waitForResponse(answer => answer.request().method() === 'DELETE' && answer.url().includes('/api/files/uploads/'));
    await field(page, 'label_file').getByRole('button', { name: 'Hủy tải lên' }).click();
    assert.equal((await ended).status(), 204);
    await inState(page, 'label_file', 'there');
    assert.equal(await keyOf(page, 'label_file'), before);
    const { used_bytes: used } = await (await page.request.get(`${base}/api/files`)).json();
    assert.ok(used > 0);
    await page.waitForFunction(() => document.getElementById('work-form')?.dataset.kept);
    await page.reload();
    assert.equal(await keyOf(page, 'label_file'), before, 'the draft keeps the file');
    await page.click('.notice.draft button');
  });
});

test('a refused file names the field, the file and what is allowed, before it is sent and after', async () => {
  await as('demo.r02', '/quan-ly/products', {}, async page => {
    await openForm(page);
    const alert = field(page, 'photo_file').getByRole('alert');
    let asked = 0;
    page.on('request', request => { if (request.url().includes('/api/files/uploads')) ++asked; });
    await page.setInputFiles('#f-photo_file', write('chương trình.exe', 'MZ'));
    assert.match(await alert.innerText(), /Ảnh sản phẩm: không nhận “chương trình\.exe”\. Chỉ nhận Ảnh JPG, PNG, WEBP, HEIC đến 20,0 MB\./);
    await page.setInputFiles('#f-photo_file', pdf('giấy.pdf', 2000));  // a photo is a picture; a label may be a PDF
    assert.match(await alert.innerText(), /Ảnh sản phẩm: không nhận “giấy\.pdf”/);
    assert.match(await page.getAttribute('#f-photo_file', 'accept'), /^\.jpg,\.jpeg,[^p]*\.png,\.webp,\.heic,\.heif$/);
    assert.match(await page.getAttribute('#f-label_file', 'accept'), /\.heif,\.pdf$/);
    assert.equal(asked, 0);
    await page.setInputFiles('#f-photo_file', write('giả.jpg', '#!/bin/sh\necho xin chào\n'));
    await page.waitForFunction(() => /không đúng loại/.test(document.querySelector('ocop-file[data-column=photo_file] [role=alert]').textContent));
    assert.match(await alert.innerText(), /Ảnh sản phẩm: nội dung của “giả\.jpg”.*text/);
    await page.setInputFiles('#f-photo_file', write('lớn.jpg', Buffer.alloc(20_000_001)));
    assert.match(await alert.innerText(), /nặng 20,0 MB, chỉ nhận đến 20,0 MB/);
    assert.equal(await page.getAttribute('#f-photo_file', 'aria-invalid'), 'true');
    await check(page, 'a refused file');
  });
});

test('a dropped file is taken on a phone-sized page, too', async () => {
  await as('demo.r02', '/quan-ly/products', { size: phone }, async page => {
    await openForm(page);
    const data = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([`%PDF-1.7\n% thả ${Date.now()}\n%%EOF\n`], 'thả.pdf'));
      return transfer;
    });
    await field(page, 'label_file').dispatchEvent('drop', { dataTransfer: data });
    await inState(page, 'label_file', 'there');
    await fits(page, 'a form with files');
    await page.waitForFunction(() => document.getElementById('work-form')?.dataset.kept);
    await page.reload();
    await page.click('.notice.draft button');
  });
});

const table = (name, rows) => write(name, `\uFEFFexternal_id,plot_code,producer_key,salinity_risk_class\r\n${rows.map(row => row.join(',')).join('\r\n')}\r\n`);
const resultShown = page => page.waitForFunction(() => document.querySelector('.notice[role=status]'));

test('a table is imported: template, upload, result; wrong lines are told with line, field, value and reason', async () => {
  await as('demo.r02', '/quan-ly/plots', {}, async page => {
    const producer = (await (await page.request.get(`${base}/api/records/producers`)).json()).items[0].producer_key;
    await page.getByRole('link', { name: 'Nhập từ tệp' }).last().click();
    await page.waitForURL(/nhap-lieu\?entity=plots/);
    const template = await page.request.get(base + await page.getByRole('link', { name: /Tải tệp mẫu/ }).getAttribute('href'));
    assert.equal(template.status(), 200);
    assert.equal((await template.body()).subarray(0, 2).toString(), 'PK');
    await check(page, 'the import page');

    await page.click('#import-send');
    assert.match(await page.locator('#import-said').innerText(), /chọn một tệp/);
    await page.setInputFiles('#import-file', write('ảnh.png', 'x'));
    await page.click('#import-send');
    assert.match(await page.locator('#import-said').innerText(), /ảnh\.png.*không phải/);

    const id = Date.now();
    const rows = [[`nhap-${id}-1`, `N1-${id}`, producer, 'low'], [`nhap-${id}-2`, `N2-${id}`, producer, 'mãng cầu đá']];
    await page.setInputFiles('#import-file', table('thửa sai.csv', rows));
    await page.click('#import-send');
    await page.waitForURL(/nhap-lieu\/\d+$/);
    await resultShown(page);
    assert.match(await page.locator('.notice').innerText(), /Không dòng nào được ghi, vì 1 dòng sai/);
    const wrong = page.locator('.issues tbody tr').first();
    assert.match(await wrong.innerText(), /^3\b[\s\S]*mãng cầu đá[\s\S]*một trong: [\s\S]*one of /);
    await check(page, 'a failed import');
    const report = await page.request.get(base + await page.getByRole('link', { name: /báo cáo XLSX/ }).getAttribute('href'));
    assert.equal((await report.body()).subarray(0, 2).toString(), 'PK');

    await page.getByRole('link', { name: 'Nhập tệp khác' }).click();
    await page.setInputFiles('#import-file', table('thửa sai.csv', rows));
    await page.check('[name=mode][value=partial]');
    await page.fill('#reason', 'thử nhập một phần');
    await page.click('#import-send');
    await page.waitForURL(/nhap-lieu\/\d+$/);
    await resultShown(page);
    assert.match(await page.locator('.notice').innerText(), /Những dòng đúng đã ghi vào hồ sơ; còn 1 dòng sai/);
    const taken = (await (await page.request.get(`${base}/api/records/plots?plot_code=N1-${id}`)).json()).items;
    assert.equal(taken.length, 1);

    await page.goto(`${base}/quan-ly/nhap-lieu`);
    assert.match(await page.locator('.rows li').first().innerText(), /thửa sai\.csv[\s\S]*1 dòng đã ghi, 1 dòng sai[\s\S]*Xong/);
  });
});

test('a waiting import is cancelled after a confirmation, also without a script; nobody else sees it', async () => {
  let address = '';
  await as('demo.r02', '/quan-ly/nhap-lieu', {}, async page => {
    const producer = (await (await page.request.get(`${base}/api/records/producers`)).json()).items[0].producer_key;
    const rows = Array.from({ length: 120_000 }, (_, i) => [`huy-${Date.now()}-${i}`, `H${i}`, producer, 'low']);
    await page.goto(`${base}/quan-ly/nhap-lieu?entity=plots`);
    await page.setInputFiles('#import-file', table('nhiều.csv', rows));
    await page.click('#import-send');
    await page.waitForURL(/nhap-lieu\/\d+$/);
    address = new URL(page.url()).pathname;
    await page.getByText('Hủy lần nhập này').click();
    await page.getByRole('button', { name: 'Hủy, không ghi gì' }).click();
    await resultShown(page);
    assert.match(await page.locator('.notice').innerText(), /Đã hủy\. Không dòng nào được ghi/);
  });
  await as('demo.r02', '/quan-ly/nhap-lieu', { scripts: false, size: phone }, async page => {
    await page.goto(base + address);
    assert.match(await page.locator('main').innerText(), /Đã hủy/);
    await fits(page, 'an import');
    await page.goto(`${base}/en/manage/import?entity=plots`);
    assert.match(await page.locator('main').innerText(), /needs JavaScript/);
    await fits(page, 'the import page');
  });
  await as('demo.r04', '/quan-ly', { scripts: false }, async page => assert.equal((await page.goto(base + address)).status(), 404));
  await as('demo.r15', '/quan-ly', { scripts: false }, async page => assert.equal((await page.goto(`${base}/quan-ly/nhap-lieu?entity=products`)).status(), 403));
});
