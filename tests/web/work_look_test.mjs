// Every kind of work page, for each kind of person: accessible, and nothing sticks out on a phone.
import { after, test } from 'node:test';
import { check } from './axe.mjs';
import { base, closeBrowser, desktop, phone } from './browser.mjs';
import { as, firstRow, fits } from './work.mjs';

after(closeBrowser);

const visits = {
  'demo.r02': ['/quan-ly', '/quan-ly/products', '/quan-ly/plots', '/quan-ly/plots/moi', '/quan-ly/representatives-private'],
  'demo.r04': ['/quan-ly', '/quan-ly/producers', '/quan-ly/zones', '/quan-ly/zones/moi'],
  'demo.r08': ['/quan-ly', '/quan-ly/certificates', '/quan-ly/post-inspections/moi', '/en/manage', '/en/manage/products?dossier_state='],
  'demo.r16': ['/quan-ly', '/quan-ly/tai-khoan', '/quan-ly/tai-khoan/moi', '/quan-ly/viec-nen', '/en/manage/accounts', '/en/manage/jobs'],
  'demo.r14': ['/quan-ly/representatives', '/quan-ly/representatives-private'],
  'demo.r15': ['/quan-ly', '/quan-ly/zones', '/quan-ly/plots'],
};
for (const [login, paths] of Object.entries(visits)) {
  for (const [what, size, dark] of [['desktop', desktop, false], ['phone, dark', phone, true]]) {
    test(`axe finds nothing and nothing sticks out for ${login}, ${what}`, async () => {
      await as(login, '/quan-ly', { size, dark }, async page => {
        for (const path of paths.map(path => path.split('?')[0])) {
          await page.goto(base + path);
          await check(page, `${login} ${path}`);
          await fits(page, path);
          if (/\/(products|producers|zones|plots|certificates)$/.test(path) && await page.locator('.work-table').count()) {
            const row = await firstRow(page);
            for (const part of ['', path.startsWith('/en') ? '/history' : '/lich-su', ...(await page.locator('.work-title .button.primary').count() ? [path.startsWith('/en') ? '/edit' : '/sua'] : [])]) {
              await page.goto(base + row + part);
              await check(page, row + part);
              await fits(page, row + part);
            }
          }
        }
      });
    });
  }
}

