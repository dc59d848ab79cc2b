import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const axe = require('axe-core').source;

/** Fails with everything axe-core finds on the page as it stands. */
export async function check(page, where) {
  // Evaluated through the debugger, which the policy of the page does not bind.
  if (!await page.evaluate(() => Boolean(globalThis.axe))) await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const said = violations.map(v => `${v.id}: ${v.help}\n    ${v.nodes.slice(0, 3).map(n => `${n.target} ${n.failureSummary?.split('\n')[1] ?? ''}`).join('\n    ')}`);
  assert.deepEqual(said, [], `${where}\n  ${said.join('\n  ')}`);
}

/** In light and in dark, on one page: colours follow the reader's choice as it changes. use(scheme) looks at more. */
export async function checkBoth(page, where, use = async () => {}) {
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(() => Promise.all(document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished.catch(() => {}))));
    await check(page, `${where}, ${colorScheme}`);
    await use(colorScheme);
  }
}
