// The only file that knows MapLibre. It draws the view that the page describes (page data: date, colours, layers,
// filter) over the style of the tile daemon, and follows the changes that /events announces.
import { Map as MapLibre, setWorkerUrl } from 'maplibre-gl';
import { ownAddresses, stylesheet } from './base_map.js';
import { say } from './view.js';
export { timeline } from './timeline.js';

const SYMBOLS = { product: ['products-star', 'products-star-figure', 'products-name'], cluster: ['products-cluster', 'products-cluster-count'] };
const LAST_ZOOM = 14;  // of the tiles of points
const MEMBERS = 12;    // a cluster of so many is listed, not zoomed into

/** West, south, east, north of the cell in which a place lies, of so many along the world. */
function cellOf([lon, lat], count) {
  const x = Math.floor((lon + 180) / 360 * count);
  const y = Math.floor((1 - Math.asinh(Math.tan(lat * Math.PI / 180)) / Math.PI) / 2 * count);
  const latitude = row => Math.atan(Math.sinh(Math.PI * (1 - 2 * row / count))) * 180 / Math.PI;
  return [x / count * 360 - 180, latitude(y + 1), (x + 1) / count * 360 - 180, latitude(y)];
}
const GROUPS = {
  products: [...SYMBOLS.product, ...SYMBOLS.cluster], producers: ['producers'], sales_points: ['sales_points'],
  zones: ['zones-tint', 'zones-pattern', 'zones-outline', 'zones-label'], rivers: ['rivers', 'shoreline'],
  labels: ['communes-label', 'communes-name', 'districts-label', 'provinces-label'],
};

export class OcopMap {
  static async create(place, page, hooks) {
    const self = new OcopMap();
    Object.assign(self, { place, page, hooks, dark: matchMedia('(prefers-color-scheme: dark)'), bases: new Map() });
    setWorkerUrl(page.assets.worker);
    const [style] = await Promise.all([self.style(), stylesheet(page.assets.map_css)]);
    const canvas = document.createElement('div');
    canvas.className = 'canvas';
    place.append(canvas);
    const view = self.viewOfAddress();
    self.map = new MapLibre({
      container: canvas, style, attributionControl: false, dragRotate: false, pitchWithRotate: false, maxPitch: 0,
      minZoom: 6, maxZoom: 18, maxBounds: [[103.5, 7.8], [109.5, 12.4]], fadeDuration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 200,
      ...(view ?? { bounds: page.unit?.bounds ?? page.bounds, fitBoundsOptions: { padding: self.padding(), maxZoom: 13 } }),
      locale: { 'Map.Title': say(page, 'map') }, refreshExpiredTiles: false,
    });
    self.map.touchZoomRotate.disableRotation();
    self.map.getCanvas().setAttribute('aria-label', `${say(page, 'map')}. ${say(page, 'map_help')}`);
    self.buttons();
    self.listen();
    place.ocopMap = self;  // for tests and the curious
    return self;
  }

  padding() {
    const sheet = document.body.classList.contains('sheets') ? document.getElementById('panel') : null;
    const covered = sheet ? Math.min(sheet.offsetHeight - (parseFloat(sheet.style.getPropertyValue('--sheet-drop')) || 0), this.place.offsetHeight * .6) : 0;
    const legend = document.getElementById('legend');
    const beside = !sheet && legend?.open && this.place.offsetWidth > 700 ? legend.offsetWidth : 0;
    const card = document.getElementById('card');
    const over = !sheet && card && !card.hidden ? card.getBoundingClientRect() : null;
    const below = over && over.width > this.place.offsetWidth * .6;
    return {
      top: 16, left: 16 + beside, right: 16 + (over && !below ? over.width : 0),
      bottom: 16 + Math.max(0, covered, below ? Math.min(over.height, this.place.offsetHeight * .6) : 0),
    };
  }

  /** The server's style of this date and theme, kept. */
  async base() {
    const address = `/styles/${this.page.style}${this.dark.matches ? '-dark' : ''}.json${this.page.at_given ? `?at=${this.page.at}` : ''}`;
    if (!this.bases.has(address)) {
      const response = await fetch(address);
      if (!response.ok) throw new Error(`${address} answered ${response.status}`);
      this.bases.set(address, await response.json());
    }
    return structuredClone(this.bases.get(address));
  }

  /** The style with this view's colours, filter and layers put in. */
  async style() {
    const { page } = this;
    const style = await this.base();
    const colour = page.choropleth;
    const theme = this.dark.matches ? 'dark' : 'light';
    ownAddresses(style);
    if (colour) {
      style.layers = style.layers.filter(layer => layer.id !== `${colour.layer}-no-data` && (colour.layer === 'districts' || layer.id !== 'districts-line-former'));
      const units = style.sources[colour.layer];
      if (units && colour.units_at) units.tiles = units.tiles.map(tile => tile.replace(/\?.*$/, '') + `?at=${colour.units_at}`);
      const figures = Object.entries(colour.values);
      const figure = figures.length ? ['match', ['get', 'code'], ...figures.flat(), 0] : ['literal', 0];
      const steps = ['step', figure, colour.colours[theme][0], ...colour.breaks.flatMap((edge, index) => [edge, colour.colours[theme][index + 1]])];
      for (const layer of style.layers) {
        if (layer.id === `${colour.layer}-choropleth`) { layer.paint = { 'fill-color': figures.length ? steps : colour.colours[theme][0] }; delete layer.filter; }
        if (layer.id === `${colour.layer}-label` && figures.length) {
          const name = ['coalesce', ['get', 'short_name'], ['get', 'name']];
          const words = Object.fromEntries(figures.map(([code, value]) => [code, page.figures[code] ?? String(value)]));
          layer.layout['text-field'] = ['format', name, {}, '\n', {}, ['match', ['get', 'code'], ...Object.entries(words).flat(), '–'], { 'text-font': ['literal', ['Noto Sans Bold']] }];
          layer.layout['symbol-sort-key'] = ['-', figure];
        }
      }
    } else {
      style.layers = style.layers.filter(layer => !/-(choropleth|no-data)$/.test(layer.id));
    }
    if (page.features) {  // a filtered list: the map shows exactly its products
      style.sources.products = { type: 'geojson', data: page.features, cluster: true, clusterRadius: 44, clusterMaxZoom: 14 };
    }
    if (page.features) style.layers.sort((a, b) => (a.source === 'products') - (b.source === 'products'));  // found products lie on top
    const early = page.features || !colour;
    for (const layer of style.layers) {
      if (layer.source !== 'products') continue;
      if (page.features) delete layer['source-layer'];
      if (early && layer.id !== 'products-name') delete layer.minzoom;
    }
    if (early) for (const layer of style.layers) if (layer.id === 'communes-label' && page.features) layer.minzoom = 10;
    if (page.unit?.is_drawn) {
      const chosen = { type: 'line', source: colour.layer, 'source-layer': colour.layer, filter: ['==', ['get', 'code'], page.unit.code], layout: { 'line-join': 'round' } };
      const { 'text-color': ink, 'text-halo-color': halo } = style.layers.find(layer => layer.id === 'provinces-label').paint;
      style.layers.splice(style.layers.findIndex(layer => layer.type === 'symbol'), 0,
        { ...chosen, id: 'chosen-halo', paint: { 'line-color': halo, 'line-width': 4.5 } }, { ...chosen, id: 'chosen', paint: { 'line-color': ink, 'line-width': 2.2 } });
    }
    const near = (new URLSearchParams(location.search).get('near') ?? '').split(',').map(Number);
    if (near.length === 2) {
      style.sources.near = { type: 'geojson', data: { type: 'Point', coordinates: near } };
      const focus = getComputedStyle(document.documentElement).getPropertyValue('--focus').trim();
      style.layers.push({ id: 'near', type: 'circle', source: 'near', paint: { 'circle-radius': 7, 'circle-color': focus, 'circle-stroke-width': 3, 'circle-stroke-color': '#FFFFFF' } });
    }
    if (page.hide_products) style.layers = style.layers.filter(layer => layer.source !== 'products');
    const shown = new Set(page.layers);
    for (const [group, ids] of Object.entries(GROUPS)) {
      for (const layer of style.layers) if (ids.includes(layer.id)) layer.layout = { ...layer.layout, visibility: shown.has(group) ? 'visible' : 'none' };
    }
    return style;
  }

  /** Another view of the page: colours, filter, date, layers. */
  async update(page) {
    if (page === this.page) return;
    const moved = page.unit?.bounds && page.unit.code !== this.page.unit?.code;
    this.page = page;
    this.wanted = null;
    this.previewed = false;
    this.unitsHidden = null;
    this.popup?.remove();
    if (moved) this.fit(page.unit.bounds);
    try {
      this.map.setStyle(await this.style(), { diff: true });
    } catch (problem) {
      console.warn('map style:', problem.message);
    }
  }

  /** Shows the tiles of another day, with the figures that they carry; resolves when they stand. Days that come meanwhile wait, the last
      one wins. The page stays as it is until update(). */
  preview(day) {
    if (this.previewing) {
      this.wanted = day;
      return this.previewing;
    }
    this.previewing = this.draw(day).then(() => {
      this.previewing = null;
      const next = this.wanted;
      this.wanted = null;
      this.place.dataset.previewed = String(+(this.place.dataset.previewed ?? 0) + 1);
      return next && next !== day ? this.preview(next) : undefined;
    });
    return this.previewing;
  }
  draw(day) {
    const { map, page } = this;
    if (page.choropleth && !this.previewed) {  // the figures of the tiles in place of the page's
      const { layer, breaks, colours } = page.choropleth;
      const figure = ['get', page.choropleth.measure === 'producers' ? 'producers' : 'products'];
      const steps = colours[this.dark.matches ? 'dark' : 'light'];
      map.setPaintProperty(`${layer}-choropleth`, 'fill-color', ['step', ['coalesce', figure, 0], steps[0], ...breaks.flatMap((edge, index) => [edge, steps[index + 1]])]);
      if (map.getLayer(`${layer}-label`)) map.setLayoutProperty(`${layer}-label`, 'text-field', ['format', ['coalesce', ['get', 'short_name'], ['get', 'name']], {}, '\n', {}, ['to-string', figure], { 'text-font': ['literal', ['Noto Sans Bold']] }]);
      this.previewed = true;
    }
    const isVisible = layer => layer.layout?.visibility !== 'none';
    const hides = day < page.boundaries_from;  // there are no units of that day
    if (hides !== Boolean(this.unitsHidden)) {
      this.unitsHidden ??= map.getStyle().layers.filter(layer => /^(provinces|districts|communes)$/.test(layer.source) && isVisible(layer)).map(layer => layer.id);
      for (const id of this.unitsHidden) map.setLayoutProperty(id, 'visibility', hides ? 'none' : 'visible');
      if (!hides) this.unitsHidden = null;
    }
    const { sources, layers } = map.getStyle();
    const zoom = map.getZoom();
    const drawn = Object.keys(sources).filter(id => /\.mvt/.test(sources[id].tiles?.[0] ?? '') && !/^(shoreline|rivers)$/.test(id) &&
      layers.some(layer => layer.source === id && isVisible(layer) && zoom >= (layer.minzoom ?? 0) && zoom < (layer.maxzoom ?? 24)));
    for (const id of drawn) map.getSource(id).setTiles(sources[id].tiles.map(tile => `${tile.replace(/\?.*$/, '')}?at=${day}`));
    return new Promise(resolve => {
      const events = ['sourcedata', 'error', 'render'];
      const look = ({ type }) => {
        if (!drawn.every(id => !map.getSource(id) || map.isSourceLoaded(id))) return;
        for (const event of events) map.off(event, look);
        if (type === 'render') { resolve(); return; }
        map.once('render', resolve);
        map.triggerRepaint();
      };
      for (const event of events) map.on(event, look);
      map.triggerRepaint();
    });
  }

  setLayers(layers) {
    this.page.layers = layers;
    for (const [group, ids] of Object.entries(GROUPS)) {
      for (const id of ids) if (this.map.getLayer(id)) this.map.setLayoutProperty(id, 'visibility', layers.includes(group) ? 'visible' : 'none');
    }
  }

  viewOfAddress() {
    const [zoom, lat, lon] = (new URLSearchParams(location.search).get('view') ?? '').split('/').map(Number);
    return Number.isFinite(zoom) && Number.isFinite(lat) && Number.isFinite(lon) ? { zoom, center: [lon, lat] } : null;
  }
  restore() {
    const view = this.viewOfAddress();
    if (view) this.map.jumpTo(view);
  }
  show(lon, lat, zoom) {
    this.map.easeTo({ center: [lon, lat], zoom: Math.max(zoom ?? 0, this.map.getZoom(), 11.5), padding: this.padding(), duration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 500 });
  }
  home() { this.fit(this.page.bounds); }
  fit(bounds) { this.map.fitBounds(bounds, { padding: this.padding(), maxZoom: 13, animate: !matchMedia('(prefers-reduced-motion: reduce)').matches }); }

  buttons() {
    const box = document.createElement('div');
    box.className = 'map-buttons';
    const add = (icon, label, action) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.title = say(this.page, label);
      button.setAttribute('aria-label', say(this.page, label));
      const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
      svg.setAttribute('class', 'icon');
      svg.setAttribute('aria-hidden', 'true');
      const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
      use.setAttribute('href', this.page.assets.icons + icon);
      svg.append(use);
      button.append(svg);
      button.addEventListener('click', action);
      box.append(button);
    };
    add('#icon-plus', 'map_zoom_in', () => this.map.zoomIn());
    add('#icon-minus', 'map_zoom_out', () => this.map.zoomOut());
    add('#icon-house', 'map_home', () => this.home());
    this.place.append(box);
  }

  listen() {
    const { map } = this;
    map.on('moveend', () => {
      this.popup?.remove();
      const centre = map.getCenter();
      clearTimeout(this.moved);
      this.moved = setTimeout(() => this.hooks.moved(`${map.getZoom().toFixed(2)}/${centre.lat.toFixed(4)}/${centre.lng.toFixed(4)}`), 250);
    });
    map.on('click', event => this.click(event));
    map.on('mousemove', event => {
      const hit = map.queryRenderedFeatures(event.point, { layers: this.present([...GROUPS.products, ...GROUPS.sales_points, ...GROUPS.producers]) });
      map.getCanvas().style.cursor = hit.length ? 'pointer' : '';
    });
    map.on('error', event => console.warn('map:', event.error?.message));
    this.dark.addEventListener('change', () => this.update({ ...this.page }));
    this.follow();
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) { this.events?.close(); this.events = null; } else if (!this.events) { this.refresh(null); this.follow(); }
    });
  }

  present(ids) { return ids.filter(id => this.map.getLayer(id)); }

  async click(event) {
    const { map, page } = this;
    this.popup?.remove();
    const near = [[event.point.x - 6, event.point.y - 6], [event.point.x + 6, event.point.y + 6]];
    const find = ids => map.queryRenderedFeatures(near, { layers: this.present(ids) })[0];
    const cluster = find(SYMBOLS.cluster);
    if (cluster) {
      const source = map.getSource('products');
      const zoom = page.features ? await source.getClusterExpansionZoom(cluster.properties.cluster_id) : map.getZoom() + 2;
      if (cluster.properties.point_count <= MEMBERS || zoom > LAST_ZOOM + 1) this.members(cluster, event.lngLat);
      else map.easeTo({ center: cluster.geometry.coordinates, zoom });
      return;
    }
    const product = find(SYMBOLS.product);
    if (product) { this.hooks.open(product.properties.id ?? product.id); return; }
    const producer = find(GROUPS.producers);
    if (producer) { location.assign(`${page.prefix}/producers/${producer.properties.id ?? producer.id}`); return; }
    const shop = find(GROUPS.sales_points);
    if (shop) { this.say(event.lngLat, shop.properties.name, say(page, 'layer_sales_points')); return; }
    const zone = find(GROUPS.zones);
    if (zone) { this.say(event.lngLat, zone.properties.name, say(page, 'layer_zones')); return; }
    if (!page.choropleth) return;
    const unit = map.queryRenderedFeatures(event.point, { layers: this.present([`${page.choropleth.layer}-choropleth`]) })[0];
    if (!unit) return;
    const { code, name } = unit.properties;
    const address = new URL(location.href);
    address.searchParams.set('unit', `${code}@${page.choropleth.units_at ?? page.at}`);
    for (const name of ['product', 'after', 'near']) address.searchParams.delete(name);
    this.say(event.lngLat, name, say(page, 'unit_value', { measure: page.measure_label, n: page.figures[code] ?? '0' }),
      { label: say(page, 'products_here'), act: () => this.hooks.go(address.href) });
  }

  /** What a cluster stands for: its cell's products, which the list of the record names. */
  async members(cluster, place) {
    const { map, page } = this;
    const title = say(page, 'cluster_members', { n: cluster.properties.point_count });
    let found;
    if (page.features) {
      const leaves = await map.getSource('products').getClusterLeaves(cluster.properties.cluster_id, MEMBERS, 0);
      found = leaves.map(leaf => ({ id: leaf.properties.id ?? leaf.id, ...leaf.properties }));
    } else {
      const zoom = Math.min(Math.floor(map.getZoom()), LAST_ZOOM);
      const box = cellOf(cluster.geometry.coordinates, 2 ** zoom * (cluster.properties.cells ?? 16));
      const query = new URLSearchParams({ bbox: box.join(','), limit: String(MEMBERS), sortby: '-star,name', skipGeometry: 'true', f: 'json', ...(page.at_given ? { datetime: page.at } : {}) });
      const response = await fetch(`/ogc/collections/products/items?${query}`).catch(() => null);
      if (!response?.ok) { this.say(place, title, say(page, 'error_network')); return; }
      found = (await response.json()).features.map(feature => ({ id: feature.id, ...feature.properties }));
    }
    this.say(place, title, '');
    const list = document.createElement('ul');
    list.className = 'members';
    for (const { id, name, star } of found) {
      const item = document.createElement('li');
      const link = document.createElement('a');
      link.href = `${page.prefix}/products/${id}`;
      link.textContent = star ? `${name} (${star}★)` : name;
      link.addEventListener('click', event => { event.preventDefault(); this.popup?.remove(); this.hooks.open(id); });
      item.append(link);
      list.append(item);
    }
    const rest = cluster.properties.point_count - found.length;
    if (rest > 0) {
      const item = document.createElement('li');
      item.className = 'muted';
      item.textContent = say(page, 'cluster_more', { n: rest });
      list.append(item);
    }
    this.popup.append(list);
    list.querySelector('a')?.focus({ preventScroll: true });
  }

  /** A small note at a place of the map. */
  say(place, title, detail, action) {
    const note = document.createElement('div');
    note.className = 'popup';
    note.setAttribute('role', 'status');
    const strong = document.createElement('strong');
    strong.className = 'popup-title';
    strong.textContent = title;
    const span = document.createElement('span');
    span.textContent = detail;
    note.append(strong, span);
    if (action) {
      const link = document.createElement('a');
      link.href = '#results';
      link.textContent = action.label;
      link.addEventListener('click', event => { event.preventDefault(); note.remove(); action.act(); });
      note.append(link);
    }
    const put = () => {
      const point = this.map.project(place);
      note.style.left = `${point.x}px`;
      note.style.top = `${Math.max(point.y, 110)}px`;
    };
    put();
    this.place.append(note);
    this.popup = note;
  }

  /** Server-sent events of the tile daemon: what changed in the record is drawn anew. */
  follow() {
    this.events = new EventSource('/events');
    this.events.addEventListener('change', event => {
      let layer = '*';
      try { layer = JSON.parse(event.data).layer ?? '*'; } catch { /* a bell without words: everything */ }
      this.refresh(layer === '*' ? null : [layer]);
    });
    this.events.addEventListener('style', async () => {  // a palette was edited
      this.bases.clear();
      this.map.setStyle(await this.style(), { diff: true });
      this.hooks.changed();
    });
    let was = true;
    this.events.addEventListener('open', () => { if (!was) this.refresh(null); was = true; });
    this.events.addEventListener('error', () => { was = false; });
  }
  refresh(layers) {
    this.stale = this.stale === undefined ? layers : this.stale && layers ? [...new Set([...this.stale, ...layers])] : null;
    clearTimeout(this.refreshing);
    this.refreshing = setTimeout(() => {
      const touched = this.stale;
      this.stale = undefined;
      for (const [id, source] of Object.entries(this.map.getStyle()?.sources ?? {})) {
        if (touched && !touched.includes(id)) continue;
        if (source.type === 'vector') this.map.refreshTiles(id);
        else if (source.type === 'geojson') this.map.getSource(id).setData(source.data);
      }
      this.place.dataset.refreshed = String(+(this.place.dataset.refreshed ?? 0) + 1);
      this.hooks.changed();
    }, 150);
  }

  /** For print: what the canvas shows, as a picture. */
  snapshot() {
    this.place.querySelector('.print-map')?.remove();
    this.map.redraw();
    const image = new Image();
    image.className = `print-map${this.dark.matches ? ' is-dark' : ''}`;
    image.alt = this.page.picture_alt;
    image.src = this.map.getCanvas().toDataURL('image/png');
    this.place.append(image);
  }
}
