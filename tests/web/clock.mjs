// Another day for what the pages show and do: the database's business day, for the daemon behind the pages alone (its clerks, which forget
// and remind, go by the real one), and the browser's own clock.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const database = process.env.OCOPMAP_TEST_DATABASE;
assert.ok(database, 'OCOPMAP_TEST_DATABASE is not set: ./dev test sets it');
export const sql = text => execFileSync('psql', ['--no-psqlrc', '-qAtX', '-v', 'ON_ERROR_STOP=1', '-c', text, database], { encoding: 'utf8' }).trim();

const zone = 'Asia/Ho_Chi_Minh';
export const today = new Date().toLocaleDateString('sv-SE', { timeZone: zone });
export const daysAfter = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86400e3).toISOString().slice(0, 10);
export const monthsAfter = (day, months) => sql(`SELECT (date '${day}' + interval '${months} months')::date`);
export const shown = day => day.split('-').reverse().join('/');

const [, head, real] = /(CREATE FUNCTION pub\.business_date\(\) RETURNS date\nLANGUAGE sql STABLE PARALLEL SAFE AS) \$\$ SELECT (.*?) \$\$;/s.exec(
  readFileSync(new URL('../../data/migrations/0001_foundation.sql', import.meta.url), 'utf8'));
const tell = body => sql(`${head.replace('CREATE', 'CREATE OR REPLACE')} $$ SELECT ${body} $$`);

/** use() at that day; pages of it take the option `at`. */
export async function onDay(day, use) {
  tell(`CASE WHEN current_setting('application_name') = 'ocopmap-api' THEN date '${day}' ELSE ${real} END`);
  try { await use({ at: `${day}T09:00:00+07:00` }); } finally { tell(real); }
}
/** What the clock does on that day. */
export const tick = day => Number(sql(`SELECT workflow.tick('${day}')`));
