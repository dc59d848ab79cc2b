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
/** Wide and light, then as a phone at night: the page is the same, its rules are others. */
async function look(page, path) {
  await page.setViewportSize(desktop);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(base + path);
  for (const [size, colorScheme] of [[desktop, 'light'], [phone, 'dark']]) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    await page.evaluate(() => Promise.all(document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished.catch(() => {}))));
    await check(page, `${path}, ${size.width} px, ${colorScheme}`);
    await fits(page, path);
  }
}
for (const [login, paths] of Object.entries(visits)) {
  test(`axe finds nothing and nothing sticks out for ${login}, wide and on a phone, light and dark`, async () => {
    await as(login, paths[0], {}, async page => {
      for (const path of paths.map(path => path.split('?')[0])) {
        await look(page, path);
        if (/\/(products|producers|zones|plots|certificates)$/.test(path) && await page.locator('.work-table').count()) {
          const row = await firstRow(page);
          await look(page, row);
          const isEdited = await page.locator('.work-title .button.primary').count();
          for (const part of [path.startsWith('/en') ? '/history' : '/lich-su', ...(isEdited ? [path.startsWith('/en') ? '/edit' : '/sua'] : [])]) await look(page, row + part);
        }
      }
    });
  });
}
