// One view of the page: the address says all of it (search, filters, date, colours, layers, position of the map).
const ORDER = ['q', 'star', 'state', 'class', 'unit', 'near', 'at', 'by', 'measure', 'layers', 'product', 'after', 'view'];

export const readPage = (root = document) => JSON.parse(root.getElementById('page-data').textContent);

const text = (page, key, values = {}) =>
  (page.texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
export const say = (page, key, values) => text(page, key, values);

/** What the form says, without what is the default anyway, in one order: the same view has one address. */
export function addressOfForm(form, page) {
  const data = new FormData(form);
  const parameters = new URLSearchParams();
  const put = (name, value, otherwise = '') => { if (value && value !== otherwise) parameters.set(name, value); };
  put('q', (data.get('q') ?? '').trim());
  put('star', data.getAll('star').join(','));
  put('state', data.get('state'), page.defaults.state);
  put('class', data.get('class'));
  put('unit', data.get('unit'));
  put('at', data.get('at'), page.today);
  put('by', data.get('by'), page.defaults.by);
  put('measure', data.get('measure'), page.defaults.measure);
  put('layers', data.getAll('layer').join(',') || 'none', page.defaults.layers);
  const now = new URLSearchParams(location.search);
  for (const kept of ['near', 'view', 'product']) if (now.has(kept)) parameters.set(kept, now.get(kept));
  return withParameters(page.home, parameters);
}

export function withParameters(path, parameters) {
  const ordered = ORDER.filter(name => parameters.get(name)).map(name =>
    `${name}=${encodeURIComponent(parameters.get(name)).replaceAll('%2C', ',').replaceAll('%2F', '/').replaceAll('%40', '@').replaceAll('%20', '+')}`);
  return ordered.length ? `${path}?${ordered.join('&')}` : path;
}

/** The address now, with some parameters changed (null: taken out). */
export function addressWith(changes, base = location.href) {
  const url = new URL(base, location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') url.searchParams.delete(name); else url.searchParams.set(name, value);
  }
  return withParameters(url.pathname, url.searchParams);
}
