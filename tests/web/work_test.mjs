// The work pages: what producers, officials and planners do all day, by mouse, by keyboard, on a phone and without scripts.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { check } from './axe.mjs';
import { base, closeBrowser, onPage, phone } from './browser.mjs';
import { as, firstRow, fits, password } from './work.mjs';

after(closeBrowser);

const keptDraft = page => page.waitForFunction(() => document.getElementById('work-form')?.dataset.kept);
const shapeReady = (page, column = 'plot_geom') => page.waitForFunction(name => document.querySelector(`ocop-shape[data-column=${name}]`)?.dataset.state === 'ready', column);
const save = page => page.click('.form-actions .button.primary');
/** A square of about 100 m at a place where the demo has no plots, each test its own. */
const square = (lon, lat, side = .001) => [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side]];
const lines = ring => ring.map(at => `${at[0].toFixed(6)}, ${at[1].toFixed(6)}`).join('\n');
const record = async (page, path) => (await page.request.get(base + path)).json();
async function fillPlot(page, code) {
  await page.fill('#f-plot_code', code);
  for (const select of await page.locator('#work-form select[required]').all()) {
    if (!await select.inputValue()) await select.selectOption({ index: 1 });
  }
}

test('a visitor signs in first and then stands where they wanted to be', async () => {
  await onPage('/quan-ly/plots', { scripts: false }, async page => {
    assert.match(page.url(), /\/dang-nhap\?next=/);
    await page.fill('#login', 'demo.r02');
    await page.fill('#password', password);
    await page.click('main .button.primary');
    assert.match(page.url(), /\/quan-ly\/plots$/);
  });
});

test('a producer draws a plot with the mouse; its area is told, undone and redone', async () => {
  const code = `VE-${Date.now()}`;
  await as('demo.r02', '/quan-ly/plots/moi', {}, async page => {
    await fillPlot(page, code);
    await shapeReady(page);
    const place = page.locator('ocop-shape[data-column=plot_geom]');
    await place.evaluate(element => element.ocopShape.map.jumpTo({ center: [106.7301, 9.9501], zoom: 16 }));
    await place.locator('canvas').first().scrollIntoViewIfNeeded();
    const at = await place.locator('canvas').first().boundingBox();
    const click = async (x, y) => { await page.mouse.move(at.x + at.width / 2 + x, at.y + at.height / 2 + y, { steps: 4 }); await page.mouse.down(); await page.mouse.up(); };
    for (const [x, y] of [[-80, -60], [80, -60], [80, 60], [-80, 60], [-80, -60]]) await click(x, y);
    await page.waitForFunction(() => document.getElementById('f-plot_geom').value.split('\n').length === 4);
    await page.waitForFunction(() => /ha/.test(document.querySelector('.shape-figure').textContent));
    // 160 x 120 pixels at zoom 16: 78271.517 m / 2^16 a pixel on the equator, for tiles of 512 px.
    const metres = 78271.51696 / 2 ** 16 * Math.cos(9.9501 * Math.PI / 180);
    const expected = 160 * 120 * metres ** 2 / 10_000;
    const told = Number((await page.locator('.shape-figure').innerText()).replace(/[^\d,]/g, '').replace(',', '.'));
    assert.ok(Math.abs(told / expected - 1) < .02, `${told} ha, ${expected} expected`);
    await page.click('[data-tool=undo]');
    await page.waitForFunction(() => document.getElementById('f-plot_geom').value.split('\n').length !== 4);
    await page.click('[data-tool=redo]');
    await page.waitForFunction(() => document.getElementById('f-plot_geom').value.split('\n').length === 4);
    const typed = await page.inputValue('#f-plot_geom');
    await save(page);
    await page.waitForURL(/done=created/);
    assert.match(await page.locator('[role=status]').first().innerText(), /Đã thêm/);
    const row = await record(page, new URL(page.url()).pathname.replace('/quan-ly', '/api/records'));
    assert.equal(row.plot_code, code);
    assert.deepEqual(row.plot_geom.coordinates[0][0].slice(0, 4).map(p => p.map(v => +v.toFixed(6))), typed.split('\n').map(line => line.split(', ').map(v => +(+v).toFixed(6))));
  });
});

test('a producer enters a plot by keyboard alone, in VN-2000 with its meridian', async () => {
  await as('demo.r02', '/quan-ly/plots/moi', {}, async page => {
    await fillPlot(page, `PHIM-${Date.now()}`);
    await shapeReady(page);
    await page.locator('.by-text summary').first().focus();
    await page.keyboard.press('Enter');
    await page.selectOption('#c-plot_geom', 'EPSG:9210');
    await page.focus('#f-plot_geom');
    await page.keyboard.type('586500, 1132500\n586600, 1132500\n586600, 1132600\n586500, 1132600');
    await page.waitForFunction(() => /0,99|1 ha|1,0/.test(document.querySelector('.shape-figure').textContent));  // 100 m by 100 m
    await page.focus('.form-actions .button.primary');
    await page.keyboard.press('Enter');
    await page.waitForURL(/done=created/);
    const row = await record(page, new URL(page.url()).pathname.replace('/quan-ly', '/api/records'));
    const [lon, lat] = row.plot_geom.coordinates[0][0][0];
    // `echo 586500 1132500 | cs2cs EPSG:9210 EPSG:4326` says 10.239944 106.541385, by another set of parameters, at most a metre off.
    assert.ok(Math.abs(lon - 106.541385) < 2e-5 && Math.abs(lat - 10.239944) < 2e-5, `${lon}, ${lat}`);
    const east = row.plot_geom.coordinates[0][0][1][0] - lon;
    assert.ok(Math.abs(east * 111_320 * Math.cos(lat * Math.PI / 180) - 100) < 1, `${east} degrees for 100 m`);
  });
});

test('a file becomes an outline: GeoJSON and KML, and what is no file is said', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ocop-shape-'));
  const ring = square(106.71, 9.96);
  const closed = [...ring, ring[0]];
  writeFileSync(join(folder, 'thua.geojson'), JSON.stringify({ type: 'Feature', properties: { name: 'Thửa 1' }, geometry: { type: 'Polygon', coordinates: [closed] } }));
  writeFileSync(join(folder, 'thua.kml'), `<kml xmlns="http://www.opengis.net/kml/2.2"><Document>${[0, 1].map(n => `<Placemark><name>Thửa ${n}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>${closed.map(at => [at[0] + n / 100, at[1]].join(',')).join(' ')}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>`).join('')}</Document></kml>`);
  writeFileSync(join(folder, 'thua.zip'), 'PK no archive');
  await as('demo.r02', '/quan-ly/plots/moi', {}, async page => {
    await shapeReady(page);
    const file = page.locator('ocop-shape[data-column=plot_geom] input[type=file]');
    await file.setInputFiles(join(folder, 'thua.geojson'));
    await page.waitForFunction(() => document.getElementById('f-plot_geom').value.split('\n').length === 4);
    assert.deepEqual((await page.inputValue('#f-plot_geom')).split('\n').map(line => line.split(', ').map(Number)), ring.map(at => at.map(v => +v.toPrecision(10))));
    await file.setInputFiles(join(folder, 'thua.kml'));
    await page.locator('ocop-shape[data-column=plot_geom] select').selectOption({ label: 'Thửa 1' });
    await page.waitForFunction(() => document.getElementById('f-plot_geom').value.startsWith('106.72'));
    await file.setInputFiles(join(folder, 'thua.zip'));
    await page.waitForFunction(() => /Không đọc được tệp/.test(document.querySelector('.shape-said').textContent));
    await keptDraft(page);
    await page.reload();
    await page.click('.notice.draft button');
  });
});

test('overlapping ground is told in words and the neighbour is one link away', async () => {
  const ring = square(106.70, 9.97);
  await as('demo.r02', '/quan-ly/plots/moi', { scripts: false }, async page => {
    const codes = [`CHONG-A-${Date.now()}`, `CHONG-B-${Date.now()}`];
    for (const code of codes) {
      await page.goto(`${base}/quan-ly/plots/moi`);
      await fillPlot(page, code);
      await page.locator('.by-text summary').first().click();
      await page.fill('#f-plot_geom', lines(code === codes[0] ? ring : ring.map(([lon, lat]) => [lon + .0005, lat])));
      await save(page);
      assert.match(page.url(), /done=created/);
    }
    const said = await page.locator('#overlaps').innerText();
    assert.match(said, new RegExp(`${codes[0]}: chồng 50 %`));
    await page.locator('#overlaps a', { hasText: codes[0] }).first().click();
    assert.match(await page.locator('h1').innerText(), new RegExp(codes[0]));
  });
});

test('without scripts a wrong form comes back with its errors beside the fields and what was typed', async () => {
  await as('demo.r02', '/quan-ly/plots/moi', { scripts: false }, async page => {
    await page.fill('#f-plot_code', '');
    await page.locator('.by-text summary').first().click();
    await page.fill('#f-plot_geom', '106.71, 9.97\nkhông phải số');
    await save(page);
    const problems = await page.locator('#problems').innerText();
    assert.match(problems, /Chưa lưu được/);
    assert.match(problems, /Dòng 2/);
    assert.equal(await page.inputValue('#f-plot_geom'), '106.71, 9.97\nkhông phải số');
    assert.equal(await page.getAttribute('#f-plot_geom', 'aria-invalid'), 'true');
    await fillPlot(page, `KHONG-JS-${Date.now()}`);
    await page.fill('#f-plot_geom', lines(square(106.69, 9.98)));
    await save(page);
    assert.match(page.url(), /done=created/);
    assert.match(await page.locator('[role=status]').first().innerText(), /Đã thêm/);
  });
});

test('errors are summed up on top, where the focus goes, and axe finds nothing', async () => {
  await as('demo.r02', '/quan-ly/products/moi', {}, async page => {
    await save(page);
    await page.waitForSelector('#problems');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'problems');
    await check(page, 'a form with errors');
    await page.locator('#problems a').first().click();
    assert.match(await page.evaluate(() => document.activeElement?.id), /^f-/);
  });
});

test('what was typed is there again after a reload, until it is thrown away', async () => {
  const name = `Nháp ${Date.now()}`;
  await as('demo.r02', '/quan-ly/products', {}, async page => {
    const row = await firstRow(page);
    await page.goto(`${base}${row}/sua`);
    const before = await page.inputValue('#f-name');
    await page.fill('#f-name', name);
    await keptDraft(page);
    await page.reload();
    assert.equal(await page.inputValue('#f-name'), name);
    assert.match(await page.locator('.notice.draft').innerText(), /bản nháp của bạn/);
    await check(page, 'with a draft');
    assert.notEqual((await record(page, row.replace('/quan-ly', '/api/records'))).name, name);
    await page.click('.notice.draft button');
    await page.waitForFunction(() => !document.querySelector('.notice.draft'));
    assert.equal(await page.inputValue('#f-name'), before);
  });
});

test('drafts hold neither sealed numbers nor sensitive data', async () => {
  await as('demo.r02', '/quan-ly/representatives-private', {}, async page => {
    const row = await firstRow(page);
    await page.goto(`${base}${row}/sua`);
    const address = await page.inputValue('#f-legal_rep_permanent_address');
    await page.fill('#f-legal_rep_permanent_address', 'Địa chỉ chỉ gõ thử');
    await keptDraft(page);
    await page.reload();
    assert.equal(await page.inputValue('#f-legal_rep_permanent_address'), address);
    await page.click('.notice.draft button');
  });
});

test('two officers change one record: each field is chosen, and nothing is lost', async () => {
  let row, address;
  await as('demo.r04', '/quan-ly/supports', { scripts: false }, async page => { row = await firstRow(page); });
  await as('demo.r04', row, {}, async mine => {
    await mine.goto(`${base}${row}/sua`);
    address = `Ấp của tôi ${Date.now()}`;
    await mine.fill('#f-support_programme', address);
    await mine.fill('#reason', 'sửa tên theo giấy phép');
    await as('demo.r08', row, { scripts: false }, async theirs => {
      await theirs.goto(`${base}${row}/sua`);
      await theirs.fill('#f-support_programme', `Của tỉnh ${address}`);
      await save(theirs);
      assert.match(theirs.url(), /done=saved/);
    });
    await save(mine);
    await mine.waitForSelector('.versus');
    assert.match(await mine.locator('h1').innerText(), /Hai người cùng sửa/);
    await check(mine, 'a conflict');
    const side = mine.locator('.versus', { hasText: address });
    assert.match(await side.innerText(), /Của tỉnh/);
    await side.locator('input[value=mine]').check();
    await save(mine);
    await mine.waitForURL(/done=saved/);
    assert.equal((await record(mine, row.replace('/quan-ly', '/api/records'))).support_programme, address);
    await mine.goto(`${base}${row}/lich-su`);
    const story = await mine.locator('.history li').first().innerText();
    assert.match(story, new RegExp(`Của tỉnh ${address}[\\s\\S]*${address}`));
    assert.match(story, /sửa tên theo giấy phép/);
    assert.match(story, /Cán bộ xã/);
    await check(mine, 'a history');
  });
});

test('what is no longer used can be brought back', async () => {
  await as('demo.r02', '/quan-ly/plots', { scripts: false }, async page => {
    const row = await firstRow(page);
    await page.goto(base + row);
    await page.click('.retire summary');
    await page.fill('#retire-reason', 'thử ngừng dùng');
    await page.click('.retire .button.danger');
    assert.match(await page.locator('.notice.bad').first().innerText(), /Đã ngừng dùng/);
    await page.goto(`${base}/quan-ly/plots?retired=true`);
    assert.ok(await page.locator(`.work-table a[href="${row}"]`).count());
    await page.goto(base + row);
    await page.click('.notice.bad button');
    assert.match(await page.locator('[role=status]').first().innerText(), /Đã lấy lại/);
  });
});

test('a refusal says which role, which reach and who may', async () => {
  await as('demo.r15', '/quan-ly', {}, async page => {
    const answer = await page.goto(`${base}/quan-ly/producers`);
    assert.equal(answer.status(), 403);
    assert.match(await page.locator('main').innerText(), /Cán bộ quy hoạch, GIS.*Chủ thể OCOP/s);
    await check(page, 'a refusal');
  });
  let elsewhere;
  await as('demo.r08', '/quan-ly/producers', { scripts: false }, async page => { elsewhere = await page.locator('.work-table tbody th a').evaluateAll(all => all.map(a => a.getAttribute('href'))); });
  await as('demo.r02', '/quan-ly', { scripts: false }, async page => {
    const own = (await record(page, '/api/records/producers')).items.map(row => `/quan-ly/producers/${row.producer_key}`);
    const answer = await page.goto(base + elsewhere.find(row => !own.includes(row)));
    assert.equal(answer.status(), 404);
    assert.match(await page.locator('main').innerText(), /chỉ dữ liệu của/);
    assert.equal((await page.goto(`${base}/quan-ly/supports/moi`)).status(), 403);
    assert.match(await page.locator('main').innerText(), /Những vai trò sửa được: Cán bộ xã, Cán bộ OCOP tỉnh/);
  });
});

test('an inspector sees people masked: no full number on any page, no history, nothing to open', async () => {
  await as('demo.r14', '/quan-ly/representatives', {}, async page => {
    const row = await firstRow(page);
    const shown = await record(page, row.replace('/quan-ly', '/api/records'));
    assert.match(shown.contact_person_phone, /^[•\s.+-]+\d{3}$/);
    for (const path of ['/quan-ly/representatives', row, '/quan-ly/representatives-private']) {
      assert.equal((await page.goto(base + path)).status(), 200, path);
      const text = await page.locator('main').innerText();
      assert.doesNotMatch(text, /(\d[\s.-]?){6}/, `${path} shows a number`);
      assert.match(text, /đã che/, path);
      assert.equal(await page.locator('details.reveal').count(), 0);
      await check(page, `${path}, masked`);
    }
    assert.equal((await page.goto(`${base}${row}/lich-su`)).status(), 403);
    const sheet = await (await page.request.get(`${base}/quan-ly/representatives?f=csv`)).text();
    assert.ok(sheet.includes(shown.contact_person_phone));
    assert.doesNotMatch(sheet.replaceAll(/^[^,]*,/gm, ''), /\d{6}/);
  });
});

test('a form of another site does nothing', async () => {
  await as('demo.r02', '/quan-ly/products', { scripts: false }, async page => {
    const row = await firstRow(page);
    const answer = await page.request.post(base + row, { form: { action: 'retire', version: '1' } });
    assert.equal(answer.status(), 403);
    assert.match(await answer.text(), /tải lại trang/);
  });
});

test('a list is searched, filtered, sorted and taken along', async () => {
  await as('demo.r08', '/quan-ly/products', { scripts: false }, async page => {
    const total = Number((await page.locator('.work-title .muted').innerText()).match(/^[\d.]+/)[0].replace('.', ''));
    await page.fill('#list-q', 'keo dua');
    await page.click('.filter-buttons .button');
    for (const name of await page.locator('.work-table tbody th').allInnerTexts()) assert.match(name.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('đ', 'd'), /keo dua/i);
    await page.goto(`${base}/quan-ly/products?sort=-name`);
    const csv = await (await page.request.get(`${base}/quan-ly/products?f=csv`)).text();
    assert.equal(csv.trim().split('\r\n').length - 1, total);
    const book = await (await page.request.get(`${base}/quan-ly/products?q=keo+dua&f=xlsx`)).body();
    assert.equal(book.subarray(0, 2).toString(), 'PK');
  });
});

test('the dictionary shows every field of data/dictionary.csv, and the demo carries them all', async () => {
  for (const [path, none] of [['/tu-dien', /Mục nào cũng có hàng dùng đến/], ['/en/dictionary', /Every field is carried/]]) {
    await onPage(path, {}, async page => {
      const { readFileSync } = await import('node:fs');
      const numbers = readFileSync(new URL('../../data/dictionary.csv', import.meta.url), 'utf8').split('\n').filter(line => /^\d+,/.test(line)).map(line => line.split(',')[0]);
      const shown = await page.locator('.fields th small').evaluateAll(all => all.map(small => small.textContent.split(' ')[0]));
      assert.deepEqual([...shown].sort(), [...numbers].sort());
      assert.match(await page.locator('.work-title').innerText(), none);
      await check(page, path);
    });
  }
  await onPage('/tu-dien', { size: phone }, async page => {
    for (const entity of await page.locator('.dictionary details').all()) await entity.evaluate(details => { details.open = true; });
    await fits(page, 'the dictionary, opened');
  });
});
