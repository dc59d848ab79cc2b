// The page a QR code opens: somebody stands in a shop with a phone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';
import { check } from './axe.mjs';
import { base, closeBrowser, desktop, onPage, phone } from './browser.mjs';
import { as, fits } from './work.mjs';

after(closeBrowser);
const database = process.env.OCOPMAP_TEST_DATABASE;
assert.ok(database, 'OCOPMAP_TEST_DATABASE is not set: ./dev test sets it');
const psql = text => execFileSync('psql', ['--no-psqlrc', '-qAtX', '-v', 'ON_ERROR_STOP=1', '-c', text, database], { encoding: 'utf8' }).trim();
// The state by the dates of the row, without the view that the page reads.
const serialOf = condition => psql(`SELECT certificate_serial FROM ocop.certificate c JOIN ocop.product p USING (product_key) WHERE p.is_published AND c.certificate_serial IS NOT NULL
  AND c.retired_at IS NULL AND issued_on <= pub.business_date() AND ${condition} ORDER BY certificate_key LIMIT 1`);
const cases = {
  'in force': ['revoked_on IS NULL AND valid_to > pub.business_date() + 200', /CÒN HIỆU LỰC/, 'holds'],
  'about to end': ['revoked_on IS NULL AND valid_to BETWEEN pub.business_date() + 1 AND pub.business_date() + 179', /CÒN HIỆU LỰC/, 'holds'],
  expired: ['revoked_on IS NULL AND valid_to <= pub.business_date()', /HẾT HIỆU LỰC/, 'not'],
  revoked: ['revoked_on <= pub.business_date()', /ĐÃ THU HỒI/, 'not'],
};
for (const [what, [condition, answer, holds]] of Object.entries(cases)) {
  test(`without scripts, on a phone, a certificate ${what} says so first`, async () => {
    const serial = serialOf(condition);
    assert.ok(serial, `the demo has no certificate ${what}`);
    for (const options of [{ size: phone }, { size: phone, dark: true }, { size: desktop }]) {
      await onPage(`/xac-minh/${encodeURIComponent(serial)}`, { ...options, scripts: false }, async page => {
        const heading = page.locator('h1');
        assert.match(await heading.innerText(), answer);
        assert.ok((await heading.boundingBox()).y < 320, 'the answer stands on the first screen');
        assert.equal(await page.locator('.star').count(), holds === 'holds' ? 1 : 0);
        assert.match(await page.locator('.facts').innerText(), new RegExp(serial.replace(/[()]/g, '\\$&')));
        await fits(page, serial);
      });
      await onPage(`/xac-minh/${encodeURIComponent(serial)}`, options, page => check(page, serial));
    }
  });
}

test('an unknown number is answered with 404, a way to try again, and no other number', async () => {
  await onPage('/xac-minh/GCN-0000000', { size: phone, scripts: false }, async (page, response) => {
    assert.equal(response.status(), 404);
    assert.equal(await page.locator('#serial').inputValue(), 'GCN-0000000');
    assert.doesNotMatch((await page.locator('main').innerText()).replaceAll('GCN-0000000', '').replace('GCN-12', ''), /GCN-\d/);
    const serial = serialOf(cases['in force'][0]);
    await page.fill('#serial', serial.toLowerCase().replace('-', ' '));
    await page.locator('main .button.primary').click();
    assert.match(await page.locator('h1').innerText(), /CÒN HIỆU LỰC/);
  });
  await onPage('/en/verify/GCN-0000000', {}, page => check(page, 'an unknown number'));
  await onPage('/xac-minh', {}, page => check(page, 'the form'));
});

test('misuse is reported from there, with product and number filled in', async () => {
  const serial = serialOf(cases.revoked[0]);
  await onPage(`/xac-minh/${encodeURIComponent(serial)}`, { size: phone, scripts: false }, async page => {
    const product = (await page.locator('.facts a').first().getAttribute('href')).split('/').pop();
    await page.locator('.verdict .button').click();
    assert.match(await page.inputValue('#body'), new RegExp(serial.replace(/[()]/g, '\\$&')));
    assert.equal(await page.inputValue('input[name=product]'), product);
    assert.ok(await page.locator('input[name=kind][value=misuse]').isChecked());
  });
});

test('the code that is printed is a picture', async () => {
  const serial = serialOf(cases['in force'][0]);
  const picture = await fetch(`${base}/api/certificates/${encodeURIComponent(serial)}/qr.svg`);
  assert.equal(picture.headers.get('content-type'), 'image/svg+xml');
  await as('demo.r08', `/quan-ly/certificates/${psql(`SELECT certificate_key FROM ocop.certificate WHERE certificate_serial = '${serial}'`)}`, {}, async page => {
    assert.ok(await page.locator('.verify img').evaluate(image => image.complete && image.naturalWidth > 0));
    await page.locator('.verify a').first().click();
    assert.match(await page.locator('h1').innerText(), /CÒN HIỆU LỰC/);
  });
});
