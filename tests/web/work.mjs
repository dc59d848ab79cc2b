// How the tests of the work pages get in, and what every page of them must keep to.
import assert from 'node:assert/strict';
import { base, onPage } from './browser.mjs';

export const password = 'ba cây dừa xanh'; // of the demo's accounts (programme/accounts/operator.hpp)

export async function enter(page, login, path = '/quan-ly') {
  await page.goto(`${base}/dang-nhap?next=${encodeURIComponent(path)}`);
  await page.fill('#login', login);
  await page.fill('#password', password);
  await page.click('main .button.primary');
  await page.waitForURL(`**${path.split('?')[0]}*`);
}
export const as = (login, path, options, use) => onPage('/dang-nhap', options, async page => { await enter(page, login, path); await use(page); });
export const fits = async (page, where) => {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window + 1, `${where}: ${content} px in ${window}`);
};
export const firstRow = page => page.locator('.work-table tbody th a').first().getAttribute('href');
