import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { base, closeBrowser, names, onPage, phone, summary } from './browser.mjs';

after(closeBrowser);

test('without scripts the same address gives list, filters and a picture of the same view', async () => {
  await onPage('/?q=keo+dua&at=2025-06-30', { scripts: false }, async page => {
    assert.match((await names(page))[0], /^Kẹo dừa/);
    assert.equal(await page.locator('#q').inputValue(), 'keo dua');
    const picture = await page.locator('ocop-map img').getAttribute('src');
    assert.match(picture, /^\/tiles\/\w+\/view\.png\?bbox=.*at=2025-06-30/);
    const answer = await fetch(base + picture);
    assert.equal(answer.status, 200, `${picture} answered ${answer.status}`);
    assert.equal(answer.headers.get('content-type'), 'image/png');
  });
});

// The picture, read pixel by pixel: how often each colour stands inside a unit's outline.
const coloursOf = async (picture, outlines) => {
  let found;
  const bbox = new URLSearchParams(picture.slice(picture.indexOf('?'))).get('bbox').split(',').map(Number);
  const read = page => page.evaluate(([[west, south, east, north], outlines]) => {
    const image = document.images[0], canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const drawing = canvas.getContext('2d', { willReadFrequently: true });
    drawing.drawImage(image, 0, 0);
    const { data } = drawing.getImageData(0, 0, canvas.width, canvas.height);
    const up = lat => Math.log(Math.tan((90 + lat) * Math.PI / 360)) * 180 / Math.PI;  // Mercator, in degrees of longitude
    const scale = Math.max((east - west) / canvas.width, (up(north) - up(south)) / canvas.height);
    // each unit in a colour of its own on a second canvas, so that a pixel tells whose it is; blends along the lines are nobody's
    const plan = document.createElement('canvas');
    plan.width = canvas.width;
    plan.height = canvas.height;
    const planning = plan.getContext('2d', { willReadFrequently: true });
    const whose = new Map(), counts = outlines.map(() => ({}));
    outlines.forEach((geometry, unit) => {
      const shape = new Path2D(), colour = (unit + 1) * 0x9E3779 & 0xFFFFFF;
      for (const ring of (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates).flat()) {
        ring.forEach(([lon, lat], i) => shape[i ? 'lineTo' : 'moveTo'](canvas.width / 2 + (lon - (west + east) / 2) / scale, canvas.height / 2 - (up(lat) - (up(south) + up(north)) / 2) / scale));
        shape.closePath();
      }
      planning.fillStyle = `#${colour.toString(16).padStart(6, '0')}`;
      planning.fill(shape, 'evenodd');
      whose.set(colour, counts[unit]);
    });
    const owners = planning.getImageData(0, 0, canvas.width, canvas.height).data;
    const rgb = (of, at) => of[at] << 16 | of[at + 1] << 8 | of[at + 2];
    for (let y = 0; y < canvas.height; y += 2) for (let x = 0; x < canvas.width; x += 2) {
      const at = 4 * (y * canvas.width + x), mine = owners[at + 3] === 255 && whose.get(rgb(owners, at));
      if (!mine) continue;
      const colour = `#${rgb(data, at).toString(16).padStart(6, '0')}`.toUpperCase();
      mine[colour] = (mine[colour] ?? 0) + 1;
    }
    return counts;
  }, [bbox, outlines]);
  await onPage(picture, {}, async page => { found = await read(page); });
  return found;
};

for (const [by, at, frame] of [['commune', '2025-06-30', 'commune@2025-06-30'], ['commune', '2025-07-01', 'commune@2025-07-01'], ['district', '2025-07-01', 'district-old']]) {
  for (const measure of ['products', 'producers', 'stars', 'zone_area_ha']) {
    for (const dark of measure === 'stars' ? [false, true] : [false]) {
      test(`without scripts the picture shows ${measure} by ${by} on ${at} in the colours of the legend${dark ? ', dark' : ''}`, async () => {
        const answer = await fetch(`${base}/api/statistics/units?frame=${frame}&measure=${measure}&at=${at}&f=geojson`);
        assert.equal(answer.status, 200);
        const units = (await answer.json()).features.filter(unit => unit.geometry);
        let picture, legend, said;
        await onPage(`/?by=${by}&measure=${measure}&at=${at}`, { scripts: false, dark }, async page => {
          picture = await page.locator('ocop-map img').evaluate(image => image.currentSrc.replace(/^https?:\/\/[^/]+/, ''));
          legend = await page.locator(`.swatches .${dark ? 'dark' : 'light'}`).evaluateAll(all => all.map(swatch => swatch.getAttribute('fill').toUpperCase()));
          said = await page.locator('.swatches li').allInnerTexts();
        });
        const breaks = new URLSearchParams(picture.slice(picture.indexOf('?'))).get('breaks').split(',').map(Number);
        assert.equal(said.length, breaks.length + 1);
        // What the legend says is what the picture was asked for: "≥ 20" is its last class.
        assert.equal(+said.at(-1).replace(/[^\d,]/g, '').replace(',', '.'), breaks.at(-1));
        const found = await coloursOf(picture, units.map(unit => unit.geometry));
        const seen = new Set();
        units.forEach(({ properties }, i) => {
          const [colour, times] = legend.map(colour => [colour, found[i][colour] ?? 0]).sort((a, b) => b[1] - a[1])[0];
          if (times < 20) return;  // a ward under its own name
          const expected = breaks.filter(edge => properties.value >= edge).length;
          assert.equal(colour, legend[expected], `${properties.name}: ${properties.value}`);
          seen.add(colour);
        });
        assert.ok(seen.size >= 3, `only ${seen.size} colours in ${picture}`);
      });
    }
  }
}

test('without scripts the chosen unit fills the picture, and what the picture does not follow is said', async () => {
  await onPage('/?unit=829@2025-06-30&star=4&q=keo&at=2025-06-30', { scripts: false }, async page => {
    const picture = await page.locator('ocop-map img').getAttribute('src');
    assert.match(picture, /unit=829@/);
    const [west, south, east, north] = new URLSearchParams(picture.slice(picture.indexOf('?'))).get('bbox').split(',').map(Number);
    assert.ok(east - west < .5 && north - south < .4, picture);
    assert.equal((await fetch(base + picture)).status, 200);
    const note = await page.locator('.picture-note').innerText();
    assert.match(note, /từ khóa, hạng sao/);
    assert.doesNotMatch(note, /nhóm sản phẩm/);
  });
  await onPage('/', { scripts: false }, async page => assert.doesNotMatch(await page.locator('.picture-note').innerText(), /chưa theo/));
});

test('without scripts and without lines of the day there is a reason, not a broken picture', async () => {
  for (const by of ['commune', 'none']) {
    await onPage(`/?at=1980-01-01&by=${by}`, { scripts: false }, async page => assert.equal(await page.locator('ocop-map img').count(), 0));
  }
  await onPage('/?by=none', { scripts: false }, async page => {
    const picture = await page.locator('ocop-map img').getAttribute('src');
    assert.match(picture, /measure=none/);
    assert.equal((await fetch(base + picture)).status, 200);
  });
});

test('without scripts the filters are one form, and the result is a page', async () => {
  await onPage('/', { scripts: false }, async page => {
    await page.locator('#star-4').check({ force: true });
    await page.selectOption('#state', 'in_force');
    await page.click('.filter-actions button');
    await page.waitForURL(/star=4/);
    assert.equal(await page.locator('#items .star:not(.star-4)').count(), 0);
    assert.ok((await names(page)).length > 0);
    assert.match(await summary(page), /sản phẩm/);
    await page.locator('#items a').first().click();
    await page.waitForURL(/\/products\//);
    assert.ok(await page.locator('.record-name').first().isVisible());
    await page.locator('.facts a').first().click();
    await page.waitForURL(/\/producers\//);
    assert.ok((await page.locator('.items a').count()) > 0);
  });
});

test('without scripts a phone shows picture, then list, without a sheet', async () => {
  await onPage('/', { scripts: false, size: phone }, async page => {
    assert.ok(await page.locator('.sheet-handle').isHidden());
    assert.ok((await names(page)).length > 0);
  });
});

test('the first list weighs at most 100 KB', async () => {
  await onPage('/', { scripts: true }, async page => {
    const client = await page.context().newCDPSession(page);
    await client.send('Network.enable');
    await client.send('Network.setCacheDisabled', { cacheDisabled: true });
    const addresses = new Map();
    let bytes = 0;
    const parts = [];
    client.on('Network.responseReceived', event => addresses.set(event.requestId, event.response.url));
    client.on('Network.loadingFinished', event => {
      const path = new URL(addresses.get(event.requestId) ?? 'x:/').pathname;
      if (/^\/assets\/map|^\/tiles|^\/styles|^\/fonts|^\/sprites|^\/events/.test(path)) return;  // the map, which comes after
      bytes += event.encodedDataLength;
      parts.push(`${path} ${event.encodedDataLength}`);
    });
    await page.reload({ waitUntil: 'load' });
    await page.waitForTimeout(1000);
    assert.ok(bytes > 10_000 && bytes <= 100 * 1024, `${bytes} bytes: ${parts.join(', ')}`);
  });
});
