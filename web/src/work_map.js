// The record's rows on a map, as tiles of whoever is signed in. What is in view stands beside it as links, for keyboards and ears.
import { Map as MapLibre, NavigationControl, Popup, setWorkerUrl } from 'maplibre-gl';
import { groundStyle, stylesheet } from './base_map.js';
import { say } from './view.js';

const LISTED = 40;
const isGroup = ['has', 'point_count'];
const ours = id => `record-${id}`;  // the ground has layers of its own, zones among them
const parts = ['fill', 'line', 'point', 'group', 'number'];

export async function openWorkMap(place, page) {
  setWorkerUrl(page.assets.worker);
  const [style] = await Promise.all([groundStyle(page.style), stylesheet(page.assets.map_css)]);
  place.querySelector('.no-map')?.remove();
  const at = new URLSearchParams(location.hash.slice(1)).get('map')?.split('/').map(Number);
  const view = at?.length === 3 && at.every(Number.isFinite) ? { zoom: at[0], center: [at[2], at[1]] } : { bounds: page.bounds, fitBoundsOptions: { padding: 40, maxZoom: 15 } };
  const canvas = document.createElement('div');
  canvas.className = 'canvas';
  place.append(canvas);
  const map = new MapLibre({
    container: canvas, style, ...view, attributionControl: false, dragRotate: false, pitchWithRotate: false, maxPitch: 0, minZoom: 6, maxZoom: 19,
    maxBounds: [[103.5, 7.8], [109.5, 12.4]], fadeDuration: 0, cooperativeGestures: false,
    locale: { 'Map.Title': say(page, 'shape_map'), 'NavigationControl.ZoomIn': say(page, 'map_zoom_in'), 'NavigationControl.ZoomOut': say(page, 'map_zoom_out') },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  map.getCanvas().setAttribute('aria-label', say(page, 'shape_map'));
  await new Promise(done => (map.loaded() ? done() : map.once('load', done)));
  const font = style.layers.find(layer => layer.layout?.['text-font'])?.layout['text-font'];
  const root = getComputedStyle(document.documentElement);
  for (const layer of page.layers) addLayer(map, layer, { colour: root.getPropertyValue(`--map-${layer.colour}`).trim(), font, lastZoom: page.last_zoom });

  const boxes = [...document.querySelectorAll('.work-map-layers input')];
  const show = () => {
    for (const box of boxes) for (const part of parts) map.setLayoutProperty(`${ours(box.value)}-${part}`, 'visibility', box.checked ? 'visible' : 'none');
    const to = new URL(location);
    if (![...to.searchParams.keys()].some(name => name !== 'show')) {  // conditions of a list hold for its layer alone
      to.searchParams.set('show', boxes.filter(box => box.checked).map(box => box.value).join(','));
      history.replaceState(null, '', to);
    }
  };
  for (const box of boxes) box.addEventListener('change', show);
  show();

  const layersOf = kinds => page.layers.flatMap(layer => kinds.map(kind => `${ours(layer.id)}-${kind}`));
  map.on('click', event => {
    const near = [[event.point.x - 5, event.point.y - 5], [event.point.x + 5, event.point.y + 5]];
    const found = map.queryRenderedFeatures(near, { layers: layersOf(parts) });
    const group = found.find(feature => feature.properties.point_count);
    if (group) {
      map.easeTo({ center: group.geometry.coordinates, zoom: map.getZoom() + 2, duration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 300 });
      return;
    }
    const links = linksOf(page, found).slice(0, 8);
    if (!links.length) return;
    const list = document.createElement('ul');
    list.className = 'links';
    list.append(...links);
    new Popup({ closeButton: true, maxWidth: '18rem', locale: {} }).setLngLat(event.lngLat).setDOMContent(list).addTo(map);
  });
  for (const layer of layersOf(parts)) {
    map.on('mouseenter', layer, () => { map.getCanvas().style.cursor = 'pointer'; });
    map.on('mouseleave', layer, () => { map.getCanvas().style.cursor = ''; });
  }
  map.on('moveend', () => {
    const { lng, lat } = map.getCenter();
    history.replaceState(null, '', `${location.search}#map=${map.getZoom().toFixed(2)}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
  });
  const list = document.getElementById('in-view'), said = document.getElementById('in-view-said');
  map.on('idle', () => {
    const found = map.queryRenderedFeatures({ layers: layersOf(parts) });
    const grouped = found.some(feature => feature.properties.point_count);
    const links = linksOf(page, found);
    list.replaceChildren(...links.slice(0, LISTED));
    said.textContent = grouped ? say(page, 'work_js_map_grouped')
      : !links.length ? say(page, 'work_js_map_none')
        : links.length > LISTED ? say(page, 'work_js_map_more', { n: LISTED, m: links.length }) : say(page, 'work_js_map_count', { n: links.length });
    place.dataset.state = 'ready';
  });
  map.on('error', event => {
    if (event.error?.status === 401) location.reload();  // the session has ended: the page leads to where one signs in
    else if (event.sourceId) said.textContent = say(page, 'work_js_map_failed');
  });
  place.ocopMap = map;  // for tests and the curious
}

function addLayer(map, { id, tiles }, { colour, font, lastZoom }) {
  const source = ours(id);
  map.addSource(source, { type: 'vector', tiles: [location.origin + tiles], minzoom: 0, maxzoom: lastZoom });
  const common = { source, 'source-layer': id };
  const isPoint = ['==', ['geometry-type'], 'Point'];
  map.addLayer({ id: `${source}-fill`, type: 'fill', ...common, filter: ['!', isPoint], paint: { 'fill-color': colour, 'fill-opacity': .28 } });
  map.addLayer({ id: `${source}-line`, type: 'line', ...common, filter: ['!', isPoint], paint: { 'line-color': colour, 'line-width': 1.8 } });
  map.addLayer({ id: `${source}-point`, type: 'circle', ...common, filter: ['all', isPoint, ['!', isGroup]], paint: { 'circle-radius': 6, 'circle-color': colour, 'circle-stroke-color': '#FFFFFF', 'circle-stroke-width': 2 } });
  map.addLayer({ id: `${source}-group`, type: 'circle', ...common, filter: isGroup, paint: { 'circle-radius': ['interpolate', ['linear'], ['sqrt', ['get', 'point_count']], 1, 11, 40, 26], 'circle-color': colour, 'circle-opacity': .85, 'circle-stroke-color': '#FFFFFF', 'circle-stroke-width': 2 } });
  if (font) {
    map.addLayer({ id: `${source}-number`, type: 'symbol', ...common, filter: isGroup, layout: { 'text-field': ['to-string', ['get', 'point_count']], 'text-font': font, 'text-size': 12, 'text-allow-overlap': true }, paint: { 'text-color': '#FFFFFF' } });
  }
}

/** A link a row, each row once, by layer and name. */
function linksOf(page, features) {
  const seen = new Map();
  for (const { sourceLayer: of, id, properties } of features) if (id !== undefined) seen.set(`${of}/${id}`, { of, id, name: properties.label ?? String(id) });
  const collator = new Intl.Collator(page.lang, { numeric: true });
  return [...seen.values()].sort((a, b) => collator.compare(a.of, b.of) || collator.compare(a.name, b.name)).map(({ of, id, name }) => {
    const layer = page.layers.find(one => one.id === of);
    const item = document.createElement('li'), link = document.createElement('a'), kind = document.createElement('span');
    link.href = `${layer.href}/${id}`;
    link.className = 'link-main';
    link.textContent = name;
    kind.className = 'muted';
    kind.textContent = ` ${layer.title}`;
    item.append(link, kind);
    return item;
  });
}
