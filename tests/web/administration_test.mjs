// Administrators: find an account, make one, give and end a role, lock and unlock; by forms alone, in both languages, on a phone.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { check } from './axe.mjs';
import { base, closeBrowser, desktop, onPage, phone } from './browser.mjs';
import { as, fits } from './work.mjs';

after(closeBrowser);

const list = '/quan-ly/tai-khoan';
const alert = page => page.locator('[role=alert]').innerText();
const said = (page, pattern) => page.locator('[role=status]', { hasText: pattern }).waitFor();
/** A login that no earlier run of this test took. */
const fresh = () => `thu.${Date.now().toString(36)}`;

async function make(page, login) {
  await page.goto(`${base}${list}/moi`);
  await page.fill('#login', login);
  await page.fill('#name', 'Người Thử Trang');
  await page.locator('main form .button.primary').click();
  await said(page, /chỉ hiện một lần/);
  return page.locator('code.secret').innerText();
}

for (const [what, size] of [['desktop', desktop], ['phone', phone]]) {
  test(`an account is made, given a role, locked, unlocked and its role ended, without a script, ${what}`, async () => {
    const login = fresh();
    await as('demo.r16', list, { size, scripts: false }, async page => {
      const code = await make(page, login);
      assert.match(code, /^[A-Z2-9]{4}(-[A-Z2-9]{4})+$/);
      await page.getByRole('link', { name: 'Giao vai trò cho tài khoản này' }).click();

      await page.locator('#give > summary').click();
      await page.selectOption('#g-role', 'R10');
      await page.selectOption('#g-unit', { index: 1 });
      await page.fill('#g-to', '2099-01-01');
      await page.locator('#give .button.primary').click();
      assert.match(await alert(page), /quyết định/, 'a council wants its decision');
      assert.equal(await page.inputValue('#g-role'), 'R10', 'what was typed stays');
      assert.equal(await page.inputValue('#g-to'), '2099-01-01');
      await page.fill('#g-document', 'QĐ 12/QĐ-UBND');
      await page.locator('#give .button.primary').click();
      await said(page, /Đã giao vai trò/);
      const grant = page.locator('#roles .rows li').first();
      assert.match(await grant.innerText(), /Ủy viên Hội đồng[^]*đến hết 31\/12\/2098[^]*demo\.r16[^]*QĐ 12/);
      await fits(page, 'one account');

      await grant.locator('summary').click();
      await grant.locator('.button.danger').click();
      await said(page, /Đã ghi ngày kết thúc/);
      assert.match(await grant.innerText(), /đã kết thúc/i);
      assert.equal(await grant.locator('summary').count(), 0, 'an ended grant stays, and is ended once');

      await page.getByText('Khóa tài khoản …').click();
      await page.getByRole('button', { name: 'Khóa tài khoản' }).click();
      await said(page, /Đã khóa tài khoản/);
      await page.getByRole('button', { name: 'Mở khóa' }).click();
      await said(page, /Đã mở khóa/);

      await page.goto(`${base}${list}?q=${login}`);
      assert.equal(await page.locator('.work-table tbody tr').count(), 1);
      assert.match(await page.locator('.work-table tbody').innerText(), /chờ đặt mật khẩu/);
      await fits(page, 'the list');
    });
  });
}

test('a code issued here opens the account once', async () => {
  const login = fresh();
  let code;
  await as('demo.r16', list, { scripts: false }, async page => { code = await make(page, login); });
  const set = page => (async () => {
    await page.fill('#login', login);
    await page.fill('#code', code);
    await page.fill('#password', 'ghe xuồng ba lá về chợ');
    await page.locator('main form .button.primary').click();
  })();
  await onPage('/mat-khau-moi', { scripts: false }, async page => {
    await set(page);
    await said(page, /./);
    assert.match(page.url(), /dang-nhap/);
  });
  await onPage('/mat-khau-moi', { scripts: false }, async page => {
    await set(page);
    assert.match(await alert(page), /[Mm]ã/);
  });
});

test('the list is filtered by role and unit, its filter is in the address, and it speaks English', async () => {
  await as('demo.r16', `${list}?role=R16`, { scripts: false }, async page => {
    assert.ok(await page.locator('details.more-filters[open]').count());
    assert.match(await page.locator('.work-table tbody').innerText(), /demo\.r16/);
    assert.doesNotMatch(await page.locator('.work-table tbody').innerText(), /demo\.r04/);
    await page.goto(`${base}/en/manage/accounts?role=R16`);
    assert.match(await page.locator('main').innerText(), /Administrator/);
    await page.goto(`${base}/en/manage/accounts?q=khong-co-ai-ten-nay`);
    assert.match(await page.locator('.empty').innerText(), /No accounts/);
  });
});

test('one does nothing to one’s own account, and nobody else gets in', async () => {
  await as('demo.r16', `${list}?q=demo.r16`, { scripts: false }, async page => {
    await page.locator('.work-table tbody th a').first().click();
    assert.match(await page.locator('main').innerText(), /tài khoản của chính bạn/);
    assert.equal(await page.locator('#give').count(), 0);
    assert.equal(await page.getByRole('button', { name: 'Khóa tài khoản' }).count(), 0);
    await page.locator('#roles .rows summary').first().click();
    await page.locator('#roles .rows .button.danger').first().click();
    assert.match(await alert(page), /vai trò quản trị cuối cùng/);
  });
  await as('demo.r04', '/quan-ly', { scripts: false }, async page => {
    for (const path of [list, `${list}/moi`, '/quan-ly/viec-nen', '/en/manage/jobs']) {
      assert.equal((await page.goto(base + path)).status(), 403, path);
    }
  });
});

test('by keyboard: a role is given and ended with Enter alone, and axe finds nothing', async () => {
  const login = fresh();
  await as('demo.r16', list, {}, async page => {
    await make(page, login);
    await page.getByRole('link', { name: 'Giao vai trò cho tài khoản này' }).click();
    await page.locator('#give > summary').focus();
    await page.keyboard.press('Enter');
    await page.selectOption('#g-role', 'R17');
    await page.locator('#give .button.primary').focus();
    await page.keyboard.press('Enter');
    await said(page, /Đã giao vai trò/);
    await page.locator('#roles .rows summary').first().focus();
    await page.keyboard.press('Enter');
    await page.evaluate(() => { for (const act of document.querySelectorAll('details.act')) act.open = true; });
    await check(page, 'one account, all of it open');
    await page.locator('#roles .rows .button.danger').first().focus();
    await page.keyboard.press('Enter');
    await said(page, /Đã ghi ngày kết thúc/);
  });
});

test('the background work says what the record knows', async () => {
  await as('demo.r16', '/quan-ly/viec-nen', { scripts: false }, async page => {
    const text = await page.locator('main').innerText();
    for (const part of [/Thư gửi đi/, /Mục đã niêm phong/, /Tệp đang giữ/, /Đăng ký chờ xã/, /Nhập dữ liệu/]) assert.match(text, part);
    assert.match(await page.locator('nav.rail [aria-current]').innerText(), /Việc chạy nền/);
  });
});
