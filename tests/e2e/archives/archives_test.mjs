// What `ocopmap tiles export` writes, read by others: PMTiles by the npm package pmtiles, MBTiles by sqlite3 and GDAL; compared with
// what the daemon sends. And archives behind the front door.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

const require = createRequire(new URL('../../../web/package.json', import.meta.url));
const { PMTiles, tileIdToZxy, zxyToTileId } = require('pmtiles');
const { OCOPMAP_TEST_URL: front, OCOPMAP_TEST_TILES_URL: daemon, OCOPMAP_TEST_CLI: command, OCOPMAP_TEST_STATE: state } = process.env;
assert.ok(front && daemon && command && state, 'OCOPMAP_TEST_… are not set: ./dev test sets them');

const folder = mkdtempSync(join(tmpdir(), 'ocopmap-archives-'));
const served = join(state, 'archives');
mkdirSync(served, { recursive: true });
after(() => rmSync(folder, { recursive: true, force: true }));

const ocopmap = (...options) => execFileSync(command, ['tiles', ...options, '--url', daemon], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const refused = (...options) => {
  try {
    ocopmap(...options);
  } catch (error) {
    return { code: error.status, text: error.stderr };
  }
  assert.fail(`ocopmap tiles ${options.join(' ')} was not refused`);
};

/** A file as the package wants to read it. */
class Source {
  constructor(path) { this.path = path; }
  getKey() { return this.path; }
  async getBytes(offset, length) {
    const file = await open(this.path);
    try {
      const buffer = Buffer.alloc(length);
      const { bytesRead } = await file.read(buffer, 0, length, offset);
      return { data: buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + bytesRead) };
    } finally {
      await file.close();
    }
  }
}

/** All tiles of the zooms that a box touches, by the package's own numbers. */
function tilesOf([west, south, east, north], first, last) {
  const out = [];
  for (let z = first; z <= last; z++) {
    const column = (lon) => Math.min(2 ** z - 1, Math.floor((lon + 180) / 360 * 2 ** z));
    const row = (lat) => Math.floor((1 - Math.asinh(Math.tan(lat * Math.PI / 180)) / Math.PI) / 2 * 2 ** z);
    for (let x = column(west); x <= column(east); x++) for (let y = row(north); y <= row(south); y++) out.push([z, x, y]);
  }
  return out;
}

const get = async (path) => {
  const answer = await fetch(daemon + path, { headers: { 'Accept-Encoding': 'identity' } });
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
};

/** Every tile of the archive is the daemon's, and what the daemon has not is not in it. */
async function compare(archive, header, path, suffix) {
  let found = 0;
  for (const [z, x, y] of tilesOf([header.minLon, header.minLat, header.maxLon, header.maxLat], header.minZoom, header.maxZoom)) {
    assert.deepEqual(tileIdToZxy(zxyToTileId(z, x, y)), [z, x, y]);
    const [ours, theirs] = [await get(`${path}/${z}/${x}/${y}${suffix}`), await archive.getZxy(z, x, y)];
    assert.equal(theirs !== undefined, ours.status === 200, `${path}/${z}/${x}/${y}: ${ours.status}`);
    if (theirs) assert.ok(ours.bytes.equals(Buffer.from(theirs.data)), `${z}/${x}/${y} differs`);
    if (theirs) found++;
  }
  return found;
}

test('the npm package finds in PMTiles what the daemon sent', async () => {
  const file = join(folder, 'boundaries.pmtiles');
  ocopmap('export', file, '--layer', 'boundaries', '--zoom', '5-12');
  assert.ok(!existsSync(file + '.part'));
  const archive = new PMTiles(new Source(file));
  const header = await archive.getHeader();
  assert.deepEqual([header.specVersion, header.tileType, header.tileCompression, header.internalCompression, header.clustered, header.minZoom, header.maxZoom],
    [3, 1, 2, 2, true, 5, 12]);
  const metadata = await archive.getMetadata();
  const json = JSON.parse((await get('/tiles/boundaries.json')).bytes);
  assert.deepEqual(metadata.vector_layers, json.vector_layers);
  assert.equal(metadata.name, json.name);
  const found = await compare(archive, header, '/tiles/boundaries', '.mvt');
  assert.ok(found > 50, `${found} tiles`);
  assert.equal(header.numAddressedTiles, found);
  assert.ok(header.numTileContents <= header.numTileEntries && header.numTileEntries <= found);
});

test('pictures as they were on a day', async () => {
  const file = join(folder, 'ocop.pmtiles');
  ocopmap('export', file, '--style', 'ocop', '--format', 'webp', '--zoom', '9-10', '--bbox', '106.0,9.8,106.8,10.4', '--at', '2025-06-30');
  const archive = new PMTiles(new Source(file));
  const header = await archive.getHeader();
  assert.deepEqual([header.tileType, header.tileCompression], [4, 1]);
  assert.ok(await compare(archive, header, '/tiles/ocop', '.webp?at=2025-06-30') > 4);
});

test('equal pictures lie in an archive once', async () => {
  const file = join(folder, 'pictures.pmtiles');
  ocopmap('export', file, '--style', 'ocop', '--zoom', '5-6');
  const archive = new PMTiles(new Source(file));
  const header = await archive.getHeader();
  assert.ok(header.numTileContents < header.numAddressedTiles, 'the sea is there once');
});

test('SQLite and GDAL read MBTiles', async () => {
  const file = join(folder, 'zones.mbtiles');
  ocopmap('export', file, '--layer', 'zones', '--zoom', '9-12');
  const sql = (text) => execFileSync('sqlite3', ['-readonly', file, text], { encoding: 'utf8' }).trim();
  assert.equal(sql('PRAGMA integrity_check'), 'ok');
  assert.equal(sql('PRAGMA application_id'), String(0x4d504258));
  assert.equal(sql("SELECT value FROM metadata WHERE name = 'format'"), 'pbf');
  assert.deepEqual(JSON.parse(sql("SELECT value FROM metadata WHERE name = 'json'")).vector_layers, JSON.parse((await get('/tiles/zones.json')).bytes).vector_layers);
  const rows = sql('SELECT zoom_level, tile_column, tile_row, hex(tile_data) FROM tiles').split('\n');
  assert.ok(rows.length > 20);
  for (const row of rows) {
    const [z, x, south_up, hex] = row.split('|');
    const theirs = await get(`/tiles/zones/${z}/${x}/${2 ** z - 1 - south_up}.mvt`);
    assert.ok(gunzipSync(Buffer.from(hex, 'hex')).equals(theirs.bytes), `${z}/${x}/${south_up} counted from the south`);
  }
  // GDAL shows the largest zoom: as many pieces as its tiles have features.
  const told = execFileSync('ogrinfo', ['-ro', '-so', '-oo', 'CLIP=NO', file, 'zones'], { encoding: 'utf8' });
  let features = 0;
  for (const row of rows.filter((one) => one.startsWith('12|'))) {
    const [z, x, south_up] = row.split('|');
    const json = JSON.parse((await get(`/tiles/explain/zones/${z}/${x}/${2 ** z - 1 - south_up}`)).bytes);
    features += json.layers[0].features;
  }
  assert.equal(Number(told.match(/Feature Count: (\d+)/)[1]), features);
  const names = execFileSync('ogr2ogr', ['-f', 'CSV', '/vsistdout/', file, 'zones', '-select', 'code'], { encoding: 'utf8' }).trim().split('\n').slice(1);
  assert.ok(new Set(names).size > 10);
});

test('the front door serves a folder of archives', async () => {
  const file = join(served, 'places.pmtiles');
  ocopmap('export', file, '--layer', 'places', '--zoom', '9-11', '--bbox', '106.0,9.8,106.8,10.4');
  const json = await (await fetch(`${front}/archives/places.json`)).json();
  assert.equal(json.tiles[0], `${front}/archives/places/{z}/{x}/{y}.mvt`);
  assert.deepEqual([json.minzoom, json.maxzoom], [9, 11]);
  let seen = 0;
  for (const [z, x, y] of tilesOf(json.bounds, 9, 11)) {
    const ours = await get(`/tiles/places/${z}/${x}/${y}.mvt`);
    const answer = await fetch(`${front}/archives/places/${z}/${x}/${y}.mvt`);
    assert.equal(answer.status, ours.status);
    if (answer.status !== 200) continue;
    seen++;
    assert.equal(answer.headers.get('content-encoding'), 'gzip');
    assert.equal(answer.headers.get('content-type'), 'application/vnd.mapbox-vector-tile');
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(ours.bytes));  // fetch opens gzip
    const plain = await fetch(answer.url, { headers: { 'Accept-Encoding': 'identity' } });
    assert.equal(plain.headers.get('content-encoding'), null);
    assert.ok(Buffer.from(await plain.arrayBuffer()).equals(ours.bytes));
    assert.notEqual(plain.headers.get('etag'), answer.headers.get('etag'));
    assert.equal((await fetch(answer.url, { headers: { 'If-None-Match': answer.headers.get('etag') } })).status, 304);
  }
  assert.ok(seen > 5);
  for (const [path, status] of [['places/3/0/0.mvt', 404], ['places/9/0/0.mvt', 404], ['places/9/512/0.mvt', 400], ['places/9/407/241.png', 404], ['none/9/407/241.mvt', 404],
    ['none.json', 404], ['places.json?at=2025-06-30', 400]]) {
    const answer = await fetch(`${front}/archives/${path}`);
    assert.equal(answer.status, status, path);
    assert.equal((await answer.json()).status, status);
  }
  assert.equal((await get('/archives/..%2f..%2farchives%2fplaces.json')).status, 404);
  // It may be replaced while it is served.
  ocopmap('export', file, '--layer', 'places', '--zoom', '10', '--bbox', '106.0,9.8,106.8,10.4');
  assert.equal((await (await fetch(`${front}/archives/places.json`)).json()).maxzoom, 10);
});

test('what is no archive is the operator\'s trouble, not the visitor\'s mistake', async () => {
  writeFileSync(join(served, 'broken.pmtiles'), readFileSync(command).subarray(0, 100000));
  const answer = await fetch(`${front}/archives/broken.json`);
  assert.ok(answer.status >= 500, String(answer.status));
  assert.equal((await fetch(`${front}/archives/places.json`)).status, 200);
});

test('seeding, and what is wrong in its options', async () => {
  const said = ocopmap('seed', '--layer', 'zones', '--zoom', '7-14');
  assert.match(said, /tiles made in/);
  assert.match(ocopmap('seed', '--layer', 'zones', '--zoom', '7-14'), /^0 tiles made/);
  assert.deepEqual(refused('seed', '--layer', 'roads').code, 3);
  for (const [options, code, text] of [[['seed', '--bbox', '106.7,9,106,10'], 2, 'west,south,east,north'], [['seed', '--zoom', '9-5'], 2, 'FIRST-LAST'],
    [['export', join(folder, 'a.zip'), '--layer', 'zones'], 2, '.pmtiles or .mbtiles'], [['export', join(folder, 'a.pmtiles')], 2, '--style'],
    [['export', join(folder, 'a.pmtiles'), '--layer', 'zones', '--zoom', '1-3'], 2, 'within 7-14'],
    [['export', join(folder, 'a.pmtiles'), '--layer', 'zones', '--bbox', '1,1,2,2'], 2, 'touches'],
    [['export', join(folder, 'a.pmtiles'), '--layer', 'zones', '--at', 'soon'], 2, 'at'],
    [['export', '/nowhere/a.pmtiles', '--layer', 'zones'], 2, 'cannot be written'], [['explain', '9/1/1', '--layer', 'zones'], 3, 'outside']]) {
    const answer = refused(...options);
    assert.equal(answer.code, code, options.join(' ') + answer.text);
    assert.ok(answer.text.includes(text), answer.text);
  }
  assert.ok(!existsSync(join(folder, 'a.pmtiles')) && !existsSync(join(folder, 'a.pmtiles.part')));
  try {
    execFileSync(command, ['tiles', 'seed', '--url', 'http://127.0.0.1:9'], { stdio: 'pipe' });
    assert.fail();
  } catch (error) {
    assert.equal(error.status, 1);
  }
});

test('a tile explained', () => {
  const said = ocopmap('explain', '9/407/241', '--layer', 'communes,products');
  assert.match(said, /communes: \d+ features from \d+ rows/);
  assert.match(said, /largest +bytes +geometry +vertices/);
  assert.equal(JSON.parse(ocopmap('explain', '9/407/241', '--json')).tile, '9/407/241');
});

test('what is the operator\'s does not pass the front door', async () => {
  assert.equal((await fetch(`${front}/tiles/seed`, { method: 'POST', body: '{}' })).status, 404);
  assert.equal((await fetch(`${front}/tiles/explain/zones/9/407/241`)).status, 404);
  assert.equal((await fetch(`${front}/tiles/explain/zones/9/407/241?at=2025-06-30`)).status, 404);
});
