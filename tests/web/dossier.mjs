// What the stories of dossiers share: who works on one, how a step is taken, what every page of the way must keep to.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from './axe.mjs';
import { base, desktop } from './browser.mjs';
import { sql, today } from './clock.mjs';
import { as as signedIn, caller, fits, password } from './work.mjs';

export const phone = { width: 390, height: 844 };
export const desk = '/quan-ly/ho-so';
const folder = mkdtempSync(join(tmpdir(), 'ocop-dossier-'));
const shots = process.env.OCOPMAP_SHOTS;  // a folder: each step is kept there as a picture
export const file = (name, content) => { const path = join(folder, name); writeFileSync(path, content); return path; };
export const paper = name => file(name, `%PDF-1.7\n% ${name} ${Date.now()}\n%%EOF\n`);

export const ready = page => page.waitForFunction(() => document.getElementById('grading')?.dataset.state === 'ready');
export const inState = (page, state) => page.waitForFunction(wanted => document.getElementById('grading')?.dataset.dossier === wanted, state);
export const saved = page => page.waitForFunction(() => document.querySelector('[data-saved]')?.dataset.saved === 'saved');
export const read = async (page, id) => (await page.request.get(`${base}/api/dossiers/${id}`)).json();

/** Accessible and within the page, wide and on a phone; kept as a picture when somebody wants to look. */
export async function look(page, what) {
  for (const [size, viewport] of [['desktop', desktop], ['phone', phone]]) {
    await page.setViewportSize(viewport);
    await fits(page, `${what}, ${size}`);
    if (shots) await page.screenshot({ path: join(shots, `${what.replaceAll(/[ ,:]+/g, '-')}-${size}.png`), fullPage: true });
  }
  await check(page, what);
}
export const as = (login, path, options, use) => signedIn(login, path, options, async page => {
  page.setDefaultTimeout(40_000);
  await ready(page);
  await use(page);
});
/** The page of a dossier, looked at when it is given a name. */
export const visit = (id, login, what, use, options = {}) => {
  assert.ok(id, 'there is a dossier: the tests of a story follow one another');
  return as(login, `${desk}/${id}`, options, async page => {
    if (what) await look(page, what);
    await use(page);
  });
};
/** Takes a step as a person does: button, form, confirmation. fill(form) types what it asks for. */
export async function act(page, action, state, fill = async () => {}) {
  const form = await begin(page, action, fill);
  await form.locator('button[type=submit]').click();
  await inState(page, state);
}
/** As far as that, not sent. */
export async function begin(page, action, fill = async () => {}) {
  await page.click(`[data-action=${action}]`);
  const form = page.locator('.action-form form');
  await form.waitFor();
  await fill(form);
  const sure = form.locator('.sure input');
  if (await sure.count()) await sure.check();
  return form;
}
export const document = (no, day = today) => async form => {
  await form.getByLabel('Số văn bản').fill(no);
  await form.getByLabel('Ngày văn bản').fill(day);
};
/** Mẫu 03, as the commune's officer types it. */
export async function writeReview(page) {
  for (const [name, text] of [['material', 'Mật hoa lấy tại xã'], ['labour', '14 lao động tại xã'], ['idea', 'Ý tưởng của chủ thể'], ['identity', 'Nghề có từ lâu ở xứ dừa']]) await page.fill(`[name=commune_${name}_opinion]`, text);
  await saved(page);
}
/** Calls the API as the page would. */
export async function api(page, method, path, body) {
  const csrf = await page.evaluate(() => JSON.parse(document.getElementById('page-data').textContent).csrf);
  const answer = await page.request.fetch(base + path, { method, headers: { 'X-CSRF-Token': csrf, 'Content-Type': 'application/json' }, data: body && JSON.stringify(body) });
  return { status: answer.status(), json: await answer.json().catch(() => null) };
}
/** A product of the producer demo.r02 that nothing is known of yet. */
export const newProduct = (name, on = today) => Number(sql(`
  INSERT INTO ocop.product (producer_key, name, class_code, registered_on, is_demo, publish_status)
  SELECT g.producer_key, '${name}', 'I.3.c', '${on}', true, 'public' FROM auth.role_grant g JOIN auth.account a USING (account_key) WHERE a.login = 'demo.r02' RETURNING product_key`));

// --- points -------------------------------------------------------------------------------------------------------------------

const answered = criteria => criteria.filter(criterion => criterion.options.length);
const most = options => options.reduce((top, option) => (Number(option.points) > Number(top.points) ? option : top));
/** For each criterion the least option that four stars ask for; where they ask for none, the best. */
export const forFourStars = criteria => Object.fromEntries(answered(criteria).map(criterion => {
  const asked = criterion.options.filter(option => option.min_star && option.min_star <= 4);
  return [criterion.code, most(asked.length ? asked : criterion.options)];
}));
export const best = criteria => Object.fromEntries(answered(criteria).map(criterion => [criterion.code, most(criterion.options)]));
export const lowest = criteria => Object.fromEntries(answered(criteria).map(criterion => [criterion.code, criterion.options[0]]));
export const numbers = options => Object.fromEntries(Object.entries(options).map(([code, option]) => [code, option.option]));
export const total = options => Object.values(options).reduce((sum, option) => sum + Number(option.points), 0);

/** A member of the council answers and signs their sheet of a dossier; without options they declare a conflict of interest. How the page of a
 *  sheet does it is score_test.mjs's. */
export async function score(id, login, options) {
  const call = await caller(login), { json: sheets } = await call('GET', '/api/score-sheets');
  const mine = sheets.find(one => [one.dossier?.id, one.dossier].includes(id) && one.is_open);
  assert.ok(mine, `a sheet of ${login} in ${JSON.stringify(sheets).slice(0, 300)}`);
  const path = `/api/score-sheets/${mine.id}`;
  if (!options) {
    assert.equal((await call('POST', `${path}/conflict`, { reason: 'Là người nhà của chủ thể' })).status, 204);
    return;
  }
  assert.equal((await call('PATCH', path, { answers: numbers(options) })).status, 200);
  assert.equal((await call('POST', `${path}/signature`, { own_password: password })).status, 201);
}
/** Takes a step past the pages, where another test walks them. */
export async function hurry(id, login, action, given = {}) {
  const { status, json } = await (await caller(login))('POST', `/api/dossiers/${id}/steps`, { action, ...given });
  assert.equal(status, 200, `${login}, ${action}: ${JSON.stringify(json)}`);
  return json;
}
