// How the tests of the work pages get in, and what every page of them must keep to.
import assert from 'node:assert/strict';
import { base, onPage, requests } from './browser.mjs';

export const password = 'ba cây dừa xanh'; // of the demo's accounts (programme/accounts/operator.hpp)

/** By the form, as people do. */
export async function enter(page, login, path = '/quan-ly') {
  await page.goto(`${base}/dang-nhap?next=${encodeURIComponent(path)}`);
  await page.fill('#login', login);
  await page.fill('#password', password);
  await page.click('main .button.primary');
  await page.waitForURL(`**${path.split('?')[0]}*`);
}
const sessions = new Map();
/** The cookies of a session of that login: one a file, as long as it lives. */
async function cookiesOf(login) {
  const kept = sessions.get(login);
  if (kept && (await kept.get(`${base}/api/session`)).ok()) return (await kept.storageState()).cookies;
  const asked = await requests();
  const answer = await asked.post(`${base}/api/session`, { data: { login, password } });
  assert.equal(answer.status(), 200, `${login}: ${await answer.text()}`);
  sessions.set(login, asked);
  return (await asked.storageState()).cookies;
}
/** Asks as somebody who is signed in: (method, path, body) → {status, json}. */
export async function caller(login) {
  await cookiesOf(login);
  const asked = sessions.get(login), { csrf_token: csrf } = await (await asked.get(`${base}/api/session`)).json();
  return async (method, path, data) => {
    const answer = await asked.fetch(base + path, { method, data, headers: { 'X-CSRF-Token': csrf } });
    return { status: answer.status(), json: await answer.json().catch(() => null) };
  };
}
/** On a page of somebody who is signed in; signing in itself is account_test.mjs's. */
export const as = async (login, path, options, use) => onPage(path, { ...options, storageState: { cookies: await cookiesOf(login), origins: [] } }, use);
export const fits = async (page, where) => {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window + 1, `${where}: ${content} px in ${window}`);
};
export const firstRow = page => page.locator('.work-table tbody th a').first().getAttribute('href');
