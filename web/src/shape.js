// A place of a record on a map: shown, or drawn, moved, typed and taken from a file. The textarea of the form is the truth: one
// position a line; the map writes into it and reads from it, so that whoever types sees the map follow.
import { Map as MapLibre, setWorkerUrl } from 'maplibre-gl';
import { TerraDraw, TerraDrawModeUndoRedo, TerraDrawPointMode, TerraDrawPolygonMode, TerraDrawSelectMode, TerraDrawSessionUndoRedo } from 'terra-draw';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';
import { groundStyle, stylesheet } from './base_map.js';
import { say } from './view.js';

const HOLE = /^(lỗ|hole)$/i;
const SNAP_PX = { corner: 14, edge: 9 };
const NEIGHBOURS_FROM = 13;  // zoom
const CLOSE = .15;           // degrees
const figure = value => String(+value.toPrecision(10));
const round = value => Math.round(value * 1e9) / 1e9;  // as fine as the drawing keeps them
let css = null;

/** Lines of coordinates → GeoJSON, or null while they are none. The server reads them the same way (api/workplace/words.cpp). */
export function geometryOf(text, kind) {
  const rings = [];
  let ring = [], hole = false, good = true;
  const end = () => {
    if (!ring.length) return;
    if (ring.length < 3) good = false;
    ring.push(ring[0]);
    if (hole && rings.length) rings.at(-1).push(ring); else rings.push([ring]);
    ring = [];
    hole = false;
  };
  for (const line of text.split('\n').map(line => line.trim())) {
    if (!line) { end(); continue; }
    if (HOLE.test(line)) { end(); hole = true; continue; }
    let words = line.split(/[\s;]+/).map(word => word.replace(/,$/, '')).filter(Boolean);
    if (words.length === 1) words = line.split(',');
    const [x, y] = words.map(word => Number(word.replace(',', '.')));
    if (words.length !== 2 || !Number.isFinite(x) || !Number.isFinite(y)) return null;
    if (kind === 'point') return { type: 'Point', coordinates: [x, y] };
    ring.push([x, y]);
  }
  end();
  return good && rings.length ? { type: 'MultiPolygon', coordinates: rings } : null;
}

export function linesOf(geometry) {
  if (!geometry) return '';
  const line = at => `${figure(at[0])}, ${figure(at[1])}`;
  if (geometry.type === 'Point') return line(geometry.coordinates);
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  return polygons.map(rings => rings.map((ring, i) => (i ? 'lỗ\n' : '') + ring.slice(0, -1).map(line).join('\n')).join('\n\n')).join('\n\n');
}

const positions = geometry => geometry.type === 'Point' ? [geometry.coordinates] : geometry.coordinates.flat(geometry.type === 'Polygon' ? 1 : 2);
function boundsOf(geometries) {
  const all = geometries.flatMap(positions);
  if (!all.length) return null;
  const xs = all.map(at => at[0]), ys = all.map(at => at[1]);
  return [[Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]];
}

export async function openShape(place, page) {
  css ??= stylesheet(page.assets.map_css);
  setWorkerUrl(page.assets.worker);
  const [style] = await Promise.all([groundStyle(page.style), css]);
  const shapes = (page.shapes ?? []).map(shape => shape.geometry);
  place.querySelector('.no-map')?.remove();
  const frame = document.createElement('div');
  frame.className = 'shape-frame';
  const canvas = document.createElement('div');
  canvas.className = 'canvas';
  frame.append(canvas);
  place.append(frame);
  const editor = place.dataset.edit ? new Editor(place, page, frame) : null;
  const bounds = boundsOf(editor ? [editor.geometry].filter(Boolean) : shapes) ?? (editor && await editor.whereOthersAre()) ?? page.bounds;
  const map = new MapLibre({
    container: canvas, style, attributionControl: false, dragRotate: false, pitchWithRotate: false, maxPitch: 0, minZoom: 6, maxZoom: 20,
    maxBounds: [[103.5, 7.8], [109.5, 12.4]], fadeDuration: 0, bounds, fitBoundsOptions: { padding: 48, maxZoom: bounds[0][0] === bounds[1]?.[0] ? 14 : 17 },
    locale: { 'Map.Title': say(page, 'shape_map') }, cooperativeGestures: false,
  });
  map.touchZoomRotate.disableRotation();
  const name = place.closest('fieldset')?.querySelector('legend').textContent.replace('*', '').trim();
  map.getCanvas().setAttribute('aria-label', name ? `${say(page, 'shape_map')}: ${name}` : say(page, 'shape_map'));
  const colours = Object.fromEntries(['primary', 'accent', 'danger', 'focus', 'surface'].map(name => [name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()]));
  await new Promise(done => (map.loaded() ? done() : map.once('load', done)));
  const outline = (id, data, colour, fill) => {
    map.addSource(id, { type: 'geojson', data });
    map.addLayer({ id: `${id}-fill`, type: 'fill', source: id, filter: ['!=', ['geometry-type'], 'Point'], paint: { 'fill-color': colour, 'fill-opacity': fill } });
    map.addLayer({ id: `${id}-line`, type: 'line', source: id, filter: ['!=', ['geometry-type'], 'Point'], paint: { 'line-color': colour, 'line-width': 2 } });
    map.addLayer({ id: `${id}-point`, type: 'circle', source: id, filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 8, 'circle-color': colour, 'circle-stroke-color': '#FFFFFF', 'circle-stroke-width': 2.5 } });
  };
  const collection = geometries => ({ type: 'FeatureCollection', features: geometries.map(geometry => ({ type: 'Feature', properties: {}, geometry })) });
  if (editor) {
    outline('neighbours', collection([]), colours.accent, .06);
    await editor.start(map, colours, collection, outline);
  } else {
    outline('shape', collection(shapes), colours.primary, .25);
    const others = await Promise.all((page.overlaps ?? []).map(address => fetch(address).then(found => (found.ok ? found.json() : null), () => null)));
    const column = page.shapes?.[0]?.column;
    outline('overlaps', collection(others.map(row => row?.[column]).filter(Boolean)), colours.danger, .15);
  }
  place.ocopShape = editor ?? { map };  // for tests and the curious
  place.dataset.state = 'ready';
}

class Editor {
  constructor(place, page, frame) {
    Object.assign(this, { place, page, frame, kind: place.dataset.edit, column: place.dataset.column, neighbours: [] });
    this.text = document.getElementById(`f-${this.column}`);
    this.system = document.getElementById(`c-${this.column}`);
    this.geometry = this.system.value ? null : geometryOf(this.text.value, this.kind);
  }

  /** A new place is most likely near the ones there are: theirs, if they lie close together. */
  async whereOthersAre() {
    if (this.column !== this.page.place) return null;
    const answer = await fetch(`${this.page.records}?limit=20`).catch(() => null);
    const bounds = answer?.ok ? boundsOf((await answer.json()).items.map(row => row[this.column]).filter(Boolean)) : null;
    return bounds && bounds[1][0] - bounds[0][0] < CLOSE && bounds[1][1] - bounds[0][1] < CLOSE ? bounds : null;
  }

  async start(map, colours, collection, outline) {
    this.map = map;
    this.collection = collection;
    const snapping = { toCustom: (event, context) => this.snap(event, context) };
    const { primary, accent, focus } = colours;
    this.draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 9 }),
      undoRedo: { modeLevel: new TerraDrawModeUndoRedo(), sessionLevel: new TerraDrawSessionUndoRedo() },
      modes: [
        new TerraDrawPolygonMode({ snapping, showCoordinatePoints: true, styles: { fillColor: primary, outlineColor: primary, outlineWidth: 3, fillOpacity: .2, closingPointColor: accent, closingPointWidth: 8, snappingPointColor: focus } }),
        new TerraDrawPointMode({ styles: { pointColor: primary, pointWidth: 9, pointOutlineColor: '#FFFFFF', pointOutlineWidth: 3 } }),
        new TerraDrawSelectMode({
          allowManualDeselection: false,
          flags: {
            polygon: { feature: { draggable: false, selfIntersectable: true, coordinates: { midpoints: { draggable: true }, draggable: true, deletable: true, snappable: snapping } } },
            point: { feature: { draggable: true } },
          },
          styles: { selectedPolygonColor: primary, selectedPolygonFillOpacity: .2, selectedPolygonOutlineColor: primary, selectedPolygonOutlineWidth: 3, selectionPointColor: '#FFFFFF', selectionPointOutlineColor: primary, selectionPointWidth: 7, selectionPointOutlineWidth: 3, midPointColor: accent, midPointWidth: 5, midPointOutlineColor: '#FFFFFF', midPointOutlineWidth: 2, selectedPointColor: primary, selectedPointWidth: 9, selectedPointOutlineColor: '#FFFFFF', selectedPointOutlineWidth: 3 },
        }),
      ],
    });
    this.draw.start();
    outline('held', collection([]), primary, .2);
    this.toolbar();
    this.show(this.geometry);
    this.draw.on('change', (ids, type, context) => { if (type !== 'styling' && context?.origin !== 'api') this.later(); });
    this.draw.on('finish', (id, context) => {
      if (context.action === 'draw') {
        if (this.kind === 'point') this.keepOne(id);
        this.mode('select', id);
      }
      this.later();
    });
    this.draw.on('history', () => this.later());
    this.text.addEventListener('input', event => { if (event.isTrusted) this.typed(); });
    this.system.addEventListener('change', () => this.typed());
    if (this.column === this.page.place) {
      map.on('moveend', () => this.look());
      this.look();
    }
    if (this.system.value) this.typed();
    else if (!this.geometry) this.mode('draw');
    this.measure();
  }

  // --- buttons and words ---
  toolbar() {
    const bar = document.createElement('div');
    bar.className = 'shape-tools';
    bar.setAttribute('role', 'toolbar');
    bar.setAttribute('aria-label', this.place.closest('fieldset').querySelector('legend').textContent.replace('*', '').trim());
    const add = (name, action) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'button small';
      button.dataset.tool = name;
      button.textContent = say(this.page, `shape_${name}`);
      button.addEventListener('click', action);
      bar.append(button);
      return button;
    };
    this.buttons = {
      draw: add(this.kind === 'point' ? 'place' : 'draw', () => this.mode('draw')),
      edit: add('edit', () => this.mode('select')),
      undo: add('undo', () => { this.draw.undo(); this.later(); }),
      redo: add('redo', () => { this.draw.redo(); this.later(); }),
      clear: add('clear', () => { this.hold(null); this.draw.clear(); this.write(null); this.mode('draw'); }),
      file: add('file', () => this.chooser.click()),
    };
    this.chooser = document.createElement('input');
    Object.assign(this.chooser, { type: 'file', hidden: true, accept: '.geojson,.json,.kml,.kmz,.gpkg,.zip' });
    this.chooser.setAttribute('aria-label', `${say(this.page, 'shape_file')} ${say(this.page, 'shape_file_kinds')}`);
    this.buttons.file.title = say(this.page, 'shape_file_kinds');
    this.chooser.addEventListener('change', () => this.file());
    this.told = document.createElement('p');
    this.told.className = 'shape-said';
    this.told.setAttribute('role', 'status');
    this.figure = document.createElement('p');
    this.figure.className = 'shape-figure';
    this.figure.setAttribute('role', 'status');
    this.frame.before(bar, this.told);
    this.frame.after(this.figure);
    bar.append(this.chooser);
  }
  say(key, values) { this.told.textContent = key ? say(this.page, key, values) : ''; }

  mode(which, id) {
    if (which === 'select') {
      this.draw.setMode('select');
      const feature = id ?? this.features()[0]?.id;
      if (feature !== undefined) this.draw.selectFeature(feature);
      this.say(this.kind === 'point' ? 'shape_placing' : 'shape_editing');
    } else {
      this.draw.setMode(this.kind === 'point' ? 'point' : 'polygon');
      this.say(this.kind === 'point' ? 'shape_placing' : 'shape_drawing');
    }
    this.buttons.draw.setAttribute('aria-pressed', String(which === 'draw'));
    this.buttons.edit.setAttribute('aria-pressed', String(which === 'select'));
    if (this.kind === 'area') this.buttons.draw.textContent = say(this.page, this.features().length ? 'shape_draw_more' : 'shape_draw');
  }

  // --- the drawing and the text ---
  features() {
    return this.draw.getSnapshot().filter(feature => ['polygon', 'point'].includes(feature.properties.mode) && !feature.properties.currentlyDrawing
      && !Object.keys(feature.properties).some(name => /^(selectionPoint|midPoint|closingPoint|snappingPoint|coordinatePoint)/.test(name) && feature.properties[name] === true));
  }
  keepOne(id) { this.draw.removeFeatures(this.features().filter(feature => feature.id !== id).map(feature => feature.id)); }
  /** A shape that the drawing cannot hold (with holes) is only shown. */
  hold(geometry) {
    this.held = geometry;
    this.map.getSource('held').setData(this.collection(geometry ? [geometry] : []));
  }
  show(geometry) {
    this.draw.clear();
    this.hold(null);
    if (!geometry) return;
    if (geometry.type === 'Point') {
      this.draw.addFeatures([{ type: 'Feature', properties: { mode: 'point' }, geometry: { type: 'Point', coordinates: geometry.coordinates.map(round) } }]);
    } else {
      const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
      if (polygons.some(rings => rings.length > 1)) {
        this.hold(geometry);
        this.say('shape_holes');
        return;
      }
      const bad = this.draw.addFeatures(polygons.map(([ring]) => ({ type: 'Feature', properties: { mode: 'polygon' }, geometry: { type: 'Polygon', coordinates: [ring.map(at => at.map(round))] } })))
        .some(result => !result.valid);
      if (bad) { this.draw.clear(); this.hold(geometry); return; }
    }
    this.mode('select');
  }
  later() {
    cancelAnimationFrame(this.frameAsked);
    this.frameAsked = requestAnimationFrame(() => { if (!this.held) this.write(this.drawn()); });
  }
  drawn() {
    const found = this.features();
    if (!found.length) return null;
    return this.kind === 'point' ? found.at(-1).geometry : { type: 'MultiPolygon', coordinates: found.map(feature => feature.geometry.coordinates) };
  }
  write(geometry) {
    const lines = linesOf(geometry);
    if (lines === this.text.value.trim() && !this.system.value) return;
    this.geometry = geometry;
    this.text.value = lines;
    this.system.value = '';
    this.text.dispatchEvent(new Event('input', { bubbles: true }));
    this.measure();
    if (this.kind === 'area') this.buttons.draw.textContent = say(this.page, geometry ? 'shape_draw_more' : 'shape_draw');
  }
  /** Somebody types: the map follows. */
  typed() {
    clearTimeout(this.typing);
    this.typing = setTimeout(async () => {
      let geometry = geometryOf(this.text.value, this.kind);
      if (geometry && this.system.value) geometry = (await this.ask(JSON.stringify(geometry), this.system.value).catch(() => null))?.features[0].geometry ?? null;
      if (!geometry) { if (this.text.value.trim()) this.say('shape_bad_text'); return; }
      this.geometry = geometry;
      this.show(geometry);
      this.map.fitBounds(boundsOf([geometry]), { padding: 48, maxZoom: 17, animate: false });
      this.measure();
    }, 400);
  }

  // --- what the server knows ---
  async ask(body, system = '') {
    const answer = await fetch(`/api/shapes${system ? `?crs=${encodeURIComponent(system)}` : ''}`, { method: 'POST', headers: { 'X-CSRF-Token': this.page.csrf, 'Content-Type': 'application/octet-stream' }, body });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.detail ?? said.title);
    return said;
  }
  measure() {
    clearTimeout(this.measuring);
    if (this.kind !== 'area') return;
    if (!this.geometry) { this.figure.textContent = ''; return; }
    this.measuring = setTimeout(async () => {
      const asked = this.geometry;
      try {
        const { area_ha: area, problem } = (await this.ask(JSON.stringify(asked))).features[0].properties;
        if (asked !== this.geometry) return;
        this.figure.textContent = problem ? say(this.page, 'shape_problem') : say(this.page, 'shape_area', { n: new Intl.NumberFormat(this.page.lang, { maximumFractionDigits: 4 }).format(area) });
        this.figure.classList.toggle('bad', Boolean(problem));
      } catch { this.figure.textContent = ''; }
    }, 250);
  }
  async file() {
    const [file] = this.chooser.files;
    this.chooser.value = '';
    if (!file) return;
    try {
      const { features } = await this.ask(file);
      const fits = features.filter(feature => (this.kind === 'point') === (feature.geometry.type === 'Point'));
      if (!fits.length) throw new Error(say(this.page, 'shape_bad_text'));
      if (fits.length === 1) this.take(fits[0]); else this.choose(fits);
    } catch (problem) {
      this.say('shape_bad_file', { why: problem.message });
    }
  }
  take({ geometry }) {
    this.show(geometry);
    this.write(geometry);
    this.map.fitBounds(boundsOf([geometry]), { padding: 48, maxZoom: 17, animate: false });
  }
  choose(features) {
    this.picker?.remove();
    const select = document.createElement('select');
    select.setAttribute('aria-label', say(this.page, 'shape_choose', { n: features.length }));
    select.append(new Option(say(this.page, 'shape_choose', { n: features.length }), ''), ...features.map((feature, i) => new Option(feature.properties.name, i)));
    select.addEventListener('change', () => { if (select.value) { this.take(features[+select.value]); select.remove(); } });
    this.told.after(select);
    this.picker = select;
    select.focus();
  }

  // --- neighbours, and the pull of their corners and edges ---
  async look() {
    if (this.map.getZoom() < NEIGHBOURS_FROM || this.kind !== 'area') return;
    const box = this.map.getBounds();
    const asked = `${this.page.records}?limit=200&bbox=${[box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map(v => v.toFixed(5))}`;
    if (asked === this.asked) return;
    this.asked = asked;
    const answer = await fetch(asked).catch(() => null);
    if (!answer?.ok || asked !== this.asked) return;
    const { items } = await answer.json();
    this.neighbours = items.filter(row => Object.values(row)[0] !== this.page.id && row[this.column]).map(row => row[this.column]);
    this.map.getSource('neighbours').setData(this.collection(this.neighbours));
    this.place.dataset.neighbours = String(this.neighbours.length);
  }
  snap(event, { project }) {
    const here = { x: event.containerX, y: event.containerY };
    const rings = this.neighbours.flatMap(geometry => geometry.coordinates.flat(1));
    let best = null, least = SNAP_PX.corner;
    for (const at of rings.flat(1)) {
      const point = project(at[0], at[1]), far = Math.hypot(point.x - here.x, point.y - here.y);
      if (far < least) { least = far; best = at; }
    }
    if (best) return best.slice(0, 2).map(round);
    least = SNAP_PX.edge;
    for (const ring of rings) {
      for (let i = 0; i + 1 < ring.length; ++i) {
        const a = project(ring[i][0], ring[i][1]), b = project(ring[i + 1][0], ring[i + 1][1]);
        const length = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
        const along = length ? Math.max(0, Math.min(1, ((here.x - a.x) * (b.x - a.x) + (here.y - a.y) * (b.y - a.y)) / length)) : 0;
        const far = Math.hypot(a.x + along * (b.x - a.x) - here.x, a.y + along * (b.y - a.y) - here.y);
        if (far < least) { least = far; best = [0, 1].map(axis => ring[i][axis] + along * (ring[i + 1][axis] - ring[i][axis])); }
      }
    }
    return best?.map(round);
  }
}
