// What the tests of the scoring pages share. Points and stars that they expect are read from the card's own files.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { base } from './browser.mjs';

const table = name => {
  const [head, ...rows] = readFileSync(new URL(`../../data/rubrics/qd26-2026/${name}.csv`, import.meta.url), 'utf8').trim().split('\n').map(line => line.split(','));
  return rows.map(row => Object.fromEntries(head.map((column, i) => [column, row[i]])));
};
const scales = Map.groupBy ? Map.groupBy(table('scales'), row => row.scale) : table('scales').reduce((out, row) => out.set(row.scale, [...out.get(row.scale) ?? [], row]), new Map());
/** The criteria of a set that are answered, in the order of the card: {code, part, options: [{option, case, points, min_star}]}. */
export const criteriaOf = set => table('criteria').filter(row => Number(row.set) === set && row.scale)
  .map(({ code, part, scale }) => ({ code, part, options: scales.get(scale).map(row => ({ option: Number(row.option), case: Number(row.case), points: Number(row.points), minStar: Number(row.min_star) })) }));
export const totalOf = (criteria, answers) => criteria.reduce((sum, { code, options }) => sum + (options.find(one => one.option === answers[code])?.points ?? 0), 0);

export const api = {
  async get(page, path) {
    const answer = await page.request.get(base + path);
    assert.equal(answer.status(), 200, `${path}: ${await answer.text()}`);
    return answer.json();
  },
  async send(page, method, path, data) {
    const { csrf_token: csrf } = await api.get(page, '/api/session');
    return page.request.fetch(base + path, { method, data, headers: { 'X-CSRF-Token': csrf } });
  },
};
/** An open sheet of whoever is signed in, the nth, emptied: tests may run twice on one record. */
export async function emptySheet(page, nth, wanted = () => true) {
  const open = [];
  for (const row of await api.get(page, '/api/score-sheets')) if (row.is_open && wanted(row)) open.push(row.id);
  assert.ok(open.length > nth, `${open.length} open sheets, the test wants number ${nth}`);
  const id = open[nth];
  const { answers } = await api.get(page, `/api/score-sheets/${id}`);
  const emptied = await api.send(page, 'PATCH', `/api/score-sheets/${id}`, { answers: Object.fromEntries(Object.keys(answers).map(code => [code, null])) });
  assert.equal(emptied.status(), 200, await emptied.text());
  return api.get(page, `/api/score-sheets/${id}`);
}
export const openSheet = async (page, id) => {
  await page.goto(`${base}/quan-ly/cham-diem/${id}`);
  await ready(page);
};
export const ready = page => page.waitForSelector('#grading[data-state="ready"]');
/** The page keeps itself for when there is no network. */
export const kept = page => page.waitForSelector('#grading[data-kept="true"]');
export const inSync = (page, state) => page.waitForSelector(`#grading[data-sync="${state}"]`);
export const current = page => page.getAttribute('#grading', 'data-current');
/** A keystroke, and until the page has gone on from it. */
export async function press(page, key) {
  const before = await current(page);
  await page.keyboard.press(key);
  await page.waitForFunction(code => document.getElementById('grading').dataset.current !== code, before);
}
export const shownAnswers = page => page.evaluate(() => Object.fromEntries([...document.querySelectorAll('.score-options input:checked')].map(input => [input.name.replace('option-', ''), Number(input.value)])));
