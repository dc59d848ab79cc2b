// Hearing from each other as people do it: forms without scripts, both languages, phone and dark, and nothing for axe to say.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { check } from './axe.mjs';
import { base, closeBrowser, desktop, onPage, phone } from './browser.mjs';

after(closeBrowser);
const password = 'ba cây dừa xanh'; // of the demo's accounts (programme/accounts/operator.hpp)
const hostile = `<script>alert(1)</script>'"&<b>đậm</b>`;

async function signIn(page, login) {
  await page.goto(base + '/dang-nhap');
  await page.fill('#login', login);
  await page.fill('#password', password);
  await page.click('main .button.primary');
}
async function looked(page, where) {
  await check(page, where);
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window + 1, `${where}: ${content} px in ${window}`);
}
/** A product of the demo that is published. */
async function product() {
  return (await (await fetch(`${base}/api/products?limit=1`)).json()).items[0].id;
}

for (const [what, size, dark] of [['desktop', desktop, false], ['phone', phone, true]]) {
  test(`axe finds nothing on what everybody reads, ${what}, ${dark ? 'dark' : 'light'}`, async () => {
    await onPage('/thong-tin', { size, dark }, async page => {
      for (const path of ['/thong-tin', '/tin-tuc', '/van-ban', '/huong-dan', '/hoi-dap', '/phan-hoi', `/phan-hoi?product=${await product()}`, '/en/legal-texts', '/en/questions', '/en/feedback']) {
        await page.goto(base + path);
        await looked(page, path);
      }
      await page.goto(base + '/van-ban');
      await page.click('.articles h2 a');
      await looked(page, 'a legal text');
    });
  });
  test(`axe finds nothing on what officials work with, ${what}, ${dark ? 'dark' : 'light'}`, async () => {
    await onPage('/dang-nhap', { size, dark }, async page => {
      await signIn(page, 'demo.r08');
      for (const path of ['/thong-bao', '/trao-doi', `/trao-doi/products/${await product()}`, '/quan-ly/phan-hoi', '/quan-ly/noi-dung', '/quan-ly/noi-dung/new/legal', '/en/notifications', '/en/manage/content']) {
        await page.goto(base + path);
        await looked(page, path);
      }
      await page.goto(base + '/quan-ly/noi-dung');
      await page.click('.rows a');
      await looked(page, 'the edit page');
    });
  });
}

test('legal texts: found without accents, in force by the day that is asked about', async () => {
  await onPage('/van-ban', { scripts: false }, async page => {
    await page.fill('#content-q', 'truy xuat nguon goc');
    await page.click('.find .button');
    assert.deepEqual(await page.locator('.articles h2').allInnerTexts(), ['Thông tư 02/2024/TT-BKHCN: quản lý truy xuất nguồn gốc sản phẩm, hàng hóa']);
    await page.click('.articles h2 a');
    assert.match(await page.locator('.facts').innerText(), /Đang có hiệu lực/);
    await page.fill('#content-at', '2024-05-31');
    await page.click('.find .button');
    assert.match(await page.locator('.facts').innerText(), /Chưa có hiệu lực/);
  });
  await onPage('/?q=chung%20nhan', { scripts: false }, async page => {
    await page.click('#results a[href^="/thong-tin"]');
    assert.ok(await page.locator('.articles li').count() > 0);
  });
});

test('a consumer complains without a script, the officer answers, the code tells; what was typed comes out as text', async () => {
  const id = await product();
  const said = `Hộp bị móp ${Date.now()} ${hostile}`;
  let address = '';
  await onPage(`/products/${id}`, { scripts: false }, async page => {
    await page.click('a[href^="/phan-hoi?product="]');
    await page.check('[name=kind][value=complaint]');
    await page.fill('#body', 'ngắn');
    await page.fill('#contact', '0911 000 111');
    await page.click('main .button.primary');
    assert.match(await page.locator('[role=alert]').innerText(), /đủ chữ/);
    assert.equal(await page.inputValue('#contact'), '0911 000 111'); // what was typed stays
    await page.fill('#body', said);
    await page.click('main .button.primary');
    assert.match(page.url(), /\/phan-hoi\/PH(-[2-9A-HJ-NP-Z]{4}){3}\?done=sent$/);
    address = new URL(page.url()).pathname;
    assert.match(await page.locator('main').innerText(), /Đã nhận/);
  });
  await onPage('/dang-nhap', { scripts: false }, async page => {
    await signIn(page, 'demo.r08');
    await page.goto(base + '/quan-ly/phan-hoi');
    await page.locator('.rows a').first().click();
    const text = await page.locator('main').innerText();
    assert.ok(text.includes(said) && text.includes('0911 000 111'), text);
    await page.fill('#answer', `Xin lỗi bạn. ${hostile}`);
    await page.click('text=Gửi trả lời');
    assert.match(await page.locator('[role=status]').innerText(), /Đã lưu/);
  });
  await onPage('/phan-hoi', { scripts: false }, async page => {
    await page.fill('#code', address.split('/').pop().toLowerCase());
    await page.locator('form[method=get] .button').last().click();
    const text = await page.locator('main').innerText();
    assert.ok(text.includes('Đã trả lời') && text.includes(hostile), text);
    assert.ok(!text.includes('0911'));
  });
  await onPage('/phan-hoi/PH-2222-2222-2222', { scripts: false }, async (page, response) => {
    assert.equal(response.status(), 404);
    assert.match(await page.locator('[role=alert]').innerText(), /không có phản hồi/i);
  });
});

test('producer and officer talk on a product; the one who is told sees a number on the bell', async () => {
  const word = `Nhãn mới ${Date.now()} ${hostile}`;
  let at = '';
  await onPage('/dang-nhap', { scripts: false }, async page => {
    await signIn(page, 'demo.r02');
    const list = await (await page.context().request.get(base + '/api/records/products?limit=1')).json();
    at = `/trao-doi/products/${list.items[0].product_key}`;
    await page.goto(base + at);
    await page.fill('#message-body', word);
    await page.click('main .button.primary');
    assert.ok((await page.locator('.talk').innerText()).includes(word));
  });
  await onPage('/dang-nhap', { scripts: false, size: phone }, async page => {
    await signIn(page, 'demo.r08');
    await page.goto(base + '/trao-doi');
    assert.ok((await page.locator('.rows li').first().innerText()).includes('Nhãn mới'));
    await page.locator('.rows a').first().click();
    assert.ok((await page.locator('.talk').innerText()).includes(word));
    await page.fill('#message-body', 'Đã xem, đúng rồi.');
    await page.click('main .button.primary');
  });
  await onPage('/dang-nhap', {}, async page => {
    await signIn(page, 'demo.r02');
    const bell = page.locator('.top-links a[href="/thong-bao"] .badge');
    for (let n = 0; n < 50 && await bell.count() === 0; ++n) await page.reload(); // the dispatcher is another thread
    assert.match(await bell.innerText(), /^(\d+|99\+)$/);
    await page.click('.top-links a[href="/thong-bao"]');
    assert.match(await page.locator('.is-unread').first().innerText(), /Tin nhắn mới/);
    await page.click('text=Đánh dấu đã đọc tất cả');
    assert.equal(await page.locator('.is-unread').count(), 0);
    assert.equal(await bell.count(), 0);
    await page.uncheck('[name=mail_message]');
    await page.click('main form.form .button');
    assert.match(await page.locator('[role=status]').innerText(), /Đã lưu/);
    assert.equal(await page.isChecked('[name=mail_message]'), false);
  });
});

test('an official writes, previews, publishes and withdraws; a question is answered', async () => {
  const title = `Tin thử ${Date.now()} ${hostile}`;
  await onPage('/hoi-dap', { scripts: false }, async page => {
    await page.fill('#question', `Bao giờ nhận hồ sơ đợt ${title}?`);
    await page.click('#ask .button');
    assert.match(await page.locator('[role=status]').innerText(), /Đã nhận câu hỏi/);
  });
  await onPage('/dang-nhap', { scripts: false }, async page => {
    await signIn(page, 'demo.r16');
    await page.goto(base + '/quan-ly/noi-dung?state=draft');
    assert.ok((await page.locator('.rows li').first().innerText()).includes('Chờ trả lời'));
    await page.goto(base + '/quan-ly/noi-dung/new/news');
    await page.fill('#title_vi', title);
    await page.fill('#body_vi', `Một **hai** [ba](https://example.vn) ${hostile}\n\n<iframe src="//evil.example"></iframe>`);
    await page.click('text=Xem trước');
    assert.equal(await page.locator('.prose strong').first().innerText(), 'hai');
    assert.equal(await page.locator('.prose iframe').count(), 0);
    assert.equal(await page.inputValue('#title_vi'), title);
    await page.click('main .button.primary');
    await page.click('text=Lưu và công bố');
    assert.match(await page.locator('[role=status]').innerText(), /Đã lưu/);
    await page.click('text=Xem như người dân');
    assert.equal(await page.locator('h1').innerText(), title);
    assert.equal(await page.locator('.prose script, .prose b, .prose iframe').count(), 0);
    await page.click('text=Sửa bài này');
    await page.click('text=Lưu và rút xuống');
    assert.ok(await page.locator('details').filter({ hasText: 'Tin thử' }).count() > 0); // earlier versions are there
  });
  await onPage('/dang-nhap', { scripts: false }, async page => {
    await signIn(page, 'demo.r04');
    const response = await page.goto(base + '/quan-ly/noi-dung');
    assert.equal(response.status(), 403);
  });
});
