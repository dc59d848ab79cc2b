import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const axe = require('axe-core').source;

/** Fails with everything axe-core finds on the page as it stands. */
export async function check(page, where) {
  // Evaluated through the debugger, which the policy of the page does not bind.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const said = violations.map(v => `${v.id}: ${v.help}\n    ${v.nodes.slice(0, 3).map(n => `${n.target} ${n.failureSummary?.split('\n')[1] ?? ''}`).join('\n    ')}`);
  assert.deepEqual(said, [], `${where}\n  ${said.join('\n  ')}`);
}
