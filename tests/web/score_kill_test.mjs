// The browser is killed at random moments while somebody scores: at most the keystroke that was just made is lost. The rounds: 12, or
// OCOPMAP_TEST_ROUNDS. Answers reach no server until the last round, so that the browser's own store is what keeps them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { base } from './browser.mjs';
import { api, criteriaOf, current, emptySheet, inSync, ready, shownAnswers } from './score.mjs';
import { enter } from './work.mjs';

const { chromium } = createRequire(new URL('../../web/package.json', import.meta.url))('playwright-core');
const rounds = Number(process.env.OCOPMAP_TEST_ROUNDS ?? 12);
const seed = Number(process.env.OCOPMAP_TEST_SEED ?? Date.now() % 1e6);

/** Numbers that a seed gives again (mulberry32). */
function random(state) {
  return () => {
    state = (state + 0x6D2B79F5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A browser with a profile that stays, whose processes can be killed as one. */
async function start(profile) {
  const child = spawn(process.env.CHROMIUM ?? '/usr/bin/chromium', ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'], { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  const address = await new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', data => {
      said += data;
      const found = /DevTools listening on (ws:\S+)/.exec(said);
      if (found) resolve(found[1]);
    });
    child.once('exit', code => reject(new Error(`the browser ended with ${code}: ${said.slice(-500)}`)));
  });
  const browser = await chromium.connectOverCDP(address);
  const context = browser.contexts()[0];
  const kill = async () => {
    process.kill(-child.pid, 'SIGKILL');
    await ended;
    await browser.close().catch(() => {});
  };
  return { context, page: await context.newPage(), kill };
}

test(`${rounds} times killed while scoring (seed ${seed}): at most one keystroke is lost each time, and in the end the server has all`, async () => {
  const next = random(seed), whole = (from, to) => from + Math.floor(next() * (to - from + 1));
  const profile = mkdtempSync(join(tmpdir(), 'ocop-score-'));
  let running = await start(profile);
  try {
    await enter(running.page, 'demo.r12', '/quan-ly/cham-diem');
    const cookies = await running.context.cookies();
    const sheet = await emptySheet(running.page, 0);
    const criteria = criteriaOf(sheet.set_no);
    const address = `${base}/quan-ly/cham-diem/${sheet.id}`;
    const open = async hash => {
      await running.context.addCookies(cookies);  // a killed browser forgets those of the last half minute
      await running.page.route(`**/api/score-sheets/${sheet.id}`, route => (route.request().method() === 'PATCH' ? route.abort() : route.continue()));
      await running.page.goto('about:blank');  // another # alone would not load the page
      await running.page.goto(`${address}#${hash}`);
      await ready(running.page);
    };
    let expected = {}, lost = 0, made = 0;
    for (let round = 0; round < rounds; ++round) {
      const from = whole(0, criteria.length - 9);
      await open(criteria[from].code);
      const there = await shownAnswers(running.page);
      assert.deepEqual(there, expected, `round ${round}: what the store gives back is not what was there`);
      // one state for every number of keystrokes that were kept
      const states = [expected];
      let isOver = false;
      const killed = (async () => {
        await new Promise(resolve => { setTimeout(resolve, whole(0, 900)); });  // the moment is the test's matter
        isOver = true;
        await running.kill();
      })();
      try {
        for (let at = from; at < from + 8 && !isOver; ++at) {
          const { code, options } = criteria[at];
          const { option } = options[whole(0, options.length - 1)];
          states.push({ ...states.at(-1), [code]: option });
          made += 1;
          await running.page.keyboard.press(String(option));
          // whoever scores sees the page go on before the next key
          await running.page.waitForFunction(of => document.getElementById('grading').dataset.current !== of, code);
        }
      } catch (problem) {
        if (!isOver) throw problem;
      }
      await killed;
      running = await start(profile);
      await open(criteria[0].code);
      const kept = await shownAnswers(running.page);
      const number = states.findLastIndex(state => JSON.stringify(Object.entries(state).sort()) === JSON.stringify(Object.entries(kept).sort()));
      assert.ok(number >= states.length - 2, `round ${round}: ${states.length - 1} keystrokes, of which ${number < 0 ? 'something else' : number} were kept\n${JSON.stringify(kept)}\n${JSON.stringify(states.at(-1))}`);
      lost += states.length - 1 - number;
      expected = kept;
    }
    assert.deepEqual((await api.get(running.page, `/api/score-sheets/${sheet.id}`)).answers, {}, 'nothing has reached the server yet');
    await running.page.unrouteAll();
    await running.page.reload();
    await ready(running.page);
    await inSync(running.page, 'server');
    assert.deepEqual((await api.get(running.page, `/api/score-sheets/${sheet.id}`)).answers, expected);
    console.log(`${made} keystrokes in ${rounds} rounds, ${lost} lost`);
    assert.ok(await current(running.page));
  } finally {
    await running.kill().catch(() => {});
    rmSync(profile, { recursive: true, force: true });
  }
});
