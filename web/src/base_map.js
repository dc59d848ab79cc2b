// What every map of the pages needs: its stylesheet, and a style of the tile daemon whose addresses are the page's own host.

export const stylesheet = href => new Promise(done => {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = href;
  link.onload = link.onerror = done;
  document.head.append(link);
});

/** The style of our own tiles as ground to work on: without what the public map counts and shows. */
export async function groundStyle(address) {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const answer = await fetch(`${address}${dark ? '-dark' : ''}.json`);
  if (!answer.ok) throw new Error(`style answered ${answer.status}`);
  const style = ownAddresses(await answer.json());
  style.layers = style.layers.filter(layer => !/-(choropleth|no-data)$/.test(layer.id) && !['products', 'producers', 'sales_points'].includes(layer.source));
  return style;
}

/** The service's addresses may be absolute; a page behind another name asks its own host. */
export function ownAddresses(style) {
  const own = text => text.replace(/^https?:\/\/[^/]+/, '').replace(/^\//, `${location.origin}/`);
  style.glyphs = own(style.glyphs);
  style.sprite = own(style.sprite);
  for (const source of Object.values(style.sources)) source.tiles = source.tiles.map(own);
  return style;
}
