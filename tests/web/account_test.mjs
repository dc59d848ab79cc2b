// Signing in and the account, as forms: with and without scripts, in both languages, and nothing for axe to say.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, test } from 'node:test';
import { check as axe, checkBoth } from './axe.mjs';
import { closeBrowser, desktop, onPage, phone } from './browser.mjs';
import { fits, password } from './work.mjs';

after(closeBrowser);

const check = async (page, where) => {
  await axe(page, where);
  await fits(page, where);
};

async function signIn(page, login, code = '') {
  await page.fill('#login', login);
  await page.fill('#password', password);
  if (code) await page.fill('#code', code);
  await page.click('main .button.primary');
}

/** RFC 6238 by Node's own HMAC. */
function totp(base32, step) {
  const bits = [...base32].map(c => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map(b => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
const stepNow = () => Math.floor(Date.now() / 30_000);

test('axe finds nothing on the pages before signing in, wide and on a phone, light and dark', async () => {
  for (const path of ['/dang-nhap', '/en/sign-in', '/dang-ky', '/en/sign-up', '/mat-khau-moi', '/en/new-password']) {
    await onPage(path, {}, async page => {
      for (const size of [desktop, phone]) {
        await page.setViewportSize(size);
        await checkBoth(page, `${path}, ${size.width} px`);
        await fits(page, `${path}, ${size.width} px`);
      }
    });
  }
});

test('without a script: a wrong password is said and what was typed stays; then the account, and out again', async () => {
  await onPage('/tai-khoan', { scripts: false }, async page => {
    assert.match(page.url(), /\/dang-nhap\?next=\/tai-khoan$/);
    await page.fill('#login', 'demo.r05');
    await page.fill('#password', 'không phải mật khẩu');
    await page.click('main .button.primary');
    assert.match(await page.locator('[role=alert]').innerText(), /không đúng/);
    assert.equal(await page.inputValue('#login'), 'demo.r05');
    assert.equal(await page.inputValue('#password'), '');
    await signIn(page, 'demo.r05');
    assert.match(page.url(), /\/tai-khoan$/);
    assert.match(await page.locator('main').innerText(), /Lãnh đạo UBND xã/);
    await page.click('.account-head .button');
    assert.match(await page.locator('[role=status]').innerText(), /đã đăng xuất/);
    await page.goto(new URL('/tai-khoan', page.url()).href);
    assert.match(page.url(), /dang-nhap/);
  });
});

test('a sign-in goes on to a place of ours and to no other', async () => {
  await onPage('/en/sign-in?next=//evil.example/', { scripts: false }, async page => {
    await signIn(page, 'demo.r15');
    assert.match(page.url(), /\/en\/account$/);
    assert.match(await page.locator('main').innerText(), /Planner, GIS officer/);
  });
});

test('the account: roles, second factor, password, sessions, keys, and axe', async () => {
  await onPage('/dang-nhap', {}, async page => {
    await signIn(page, 'demo.r09');
    await check(page, '/tai-khoan');
    await page.fill('#factor-current', password);
    await page.click('text=Bật xác thực hai bước');
    assert.match(await page.locator('.qr path').getAttribute('d'), /^M4 4h7v1h-7z/); // the finder pattern, after a quiet zone of four
    await check(page, 'with the QR code');
    const secret = await page.locator('code.secret').innerText();
    const step = stepNow();
    await page.fill('#code', totp(secret, step));
    await page.click('main .button.primary');
    const codes = await page.locator('.codes code').allInnerTexts();
    assert.equal(codes.length, 10);
    await page.fill('#key-name', 'Máy thử');
    await page.click('text=Tạo khóa');
    assert.match(await page.locator('code.secret').innerText(), /^ocop_\w{6}_[\w-]{43}$/);
    await check(page, 'with a key');

    await page.click('.account-head .button');
    await signIn(page, 'demo.r09');
    assert.match(await page.locator('[role=alert]').innerText(), /mã xác thực/);
    await check(page, 'the code is asked for');
    await signIn(page, 'demo.r09', totp(secret, step)); // replayed
    assert.match(await page.locator('[role=alert]').innerText(), /chưa dùng lần nào/);
    await signIn(page, 'demo.r09', totp(secret, step + 1));
    assert.match(page.url(), /\/tai-khoan$/);
    await page.fill('#factor-current', password);
    await page.click('text=Tắt xác thực hai bước');
    assert.match(await page.locator('[role=status]').innerText(), /Đã tắt/);
    await page.click('text=Thu hồi');
    assert.match(await page.locator('[role=status]').innerText(), /Đã thu hồi/);
  });
});

test('a script signs in, acts and signs out through the front door', async () => {
  await onPage('/dang-nhap', {}, async page => {
    const seen = await page.evaluate(async secret => {
      const call = async (method, body, headers = {}) => {
        const response = await fetch('/api/session', { method, body: body && JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...headers } });
        return { status: response.status, body: response.status === 200 ? await response.json() : null };
      };
      const me = await call('POST', { login: 'demo.r12', password: secret });
      const token = { 'X-CSRF-Token': me.body.csrf_token };
      const statuses = [me.status];
      for (const [method, body, headers] of [['PATCH', { grant: me.body.acting_grant.id }, {}], ['PATCH', { grant: me.body.acting_grant.id }, token],
        ['DELETE', null, {}], ['DELETE', null, token], ['GET', null, {}]]) statuses.push((await call(method, body ?? undefined, headers)).status);
      return { statuses, cookie: document.cookie };
    }, password);
    assert.deepEqual(seen, { statuses: [200, 403, 200, 403, 204, 401], cookie: '' });
  });
});

test('a producer signs up and the officer of the commune confirms', async () => {
  const name = `Cơ sở thử ${Date.now()}`;
  await onPage('/dang-ky', { scripts: false }, async page => {
    await page.fill('#producer', name);
    await page.selectOption('#kind', 'household');
    await page.selectOption('#commune', { label: 'Phường An Hội' });
    await page.fill('#contact', 'Lê Thị Thử');
    await page.fill('#phone', '0912 345 678');
    await page.check('[name=consent]');
    await page.click('main .button.primary');
    assert.match(await page.locator('[role=status]').innerText(), /Đã nhận đăng ký số \d+/);
  });
  await onPage('/dang-nhap', { size: phone }, async page => {
    await signIn(page, 'demo.r04.28777');
    await check(page, 'the officer\'s account');
    const row = page.locator('.rows li', { hasText: name });
    assert.match(await row.innerText(), /Lê Thị Thử/);
    await row.locator('[name=reason]').fill('chỉ là thử');
    await row.locator('button', { hasText: 'Từ chối' }).click();
    assert.match(await page.locator('[role=status]').innerText(), /Đã từ chối/);
    assert.equal(await page.locator('.rows li', { hasText: name }).count(), 0);
  });
});
