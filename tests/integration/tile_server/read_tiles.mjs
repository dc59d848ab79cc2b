// The tiles of a folder as the npm packages read them. Each line of its file "list": file, z, x, y, and layer=features.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(new URL('../../../web/package.json', import.meta.url));
const load = (name) => import(require.resolve(name));
const [{ VectorTile, classifyRings }, { PbfReader }] = [await load('@mapbox/vector-tile'), await load('pbf')];

const folder = process.argv[2];
let wrong = 0;
for (const line of readFileSync(join(folder, 'list'), 'utf8').trim().split('\n')) {
  const [file, z, x, y, ...layers] = line.split(' ');
  const say = (what) => { wrong++; console.error(`${line}: ${what}`); };
  const tile = new VectorTile(new PbfReader(readFileSync(join(folder, file))));
  const expected = Object.fromEntries(layers.map((one) => one.split('=')).map(([name, count]) => [name, Number(count)]));
  const found = Object.fromEntries(Object.values(tile.layers).map((layer) => [layer.name, layer.length]));
  if (JSON.stringify(Object.entries(found).sort()) !== JSON.stringify(Object.entries(expected).sort())) say(`reads ${JSON.stringify(found)}`);
  for (const layer of Object.values(tile.layers)) {
    if (layer.version !== 2 || layer.extent !== 4096) say(`version ${layer.version}, extent ${layer.extent}`);
    for (let i = 0; i < layer.length; i++) {
      const feature = layer.feature(i);
      const parts = feature.loadGeometry();
      if (!parts.length || parts.some((part) => !part.length)) say(`${layer.name} ${i} has no geometry`);
      if (feature.type === 3 && classifyRings(parts).flat().length !== parts.length) say(`${layer.name} ${i} has a ring without area`);
      const { geometry } = feature.toGeoJSON(Number(x), Number(y), Number(z));
      if (!geometry.coordinates.flat(4).every(Number.isFinite)) say(`${layer.name} ${i} is no GeoJSON`);
    }
  }
}
process.exit(wrong ? 1 : 0);
