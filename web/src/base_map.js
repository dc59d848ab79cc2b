// What every map of the pages needs: its stylesheet, and a style of the tile daemon whose addresses are the page's own host.

export const stylesheet = href => new Promise(done => {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = href;
  link.onload = link.onerror = done;
  document.head.append(link);
});

/** The service's addresses may be absolute; a page behind another name asks its own host. */
export function ownAddresses(style) {
  const own = text => text.replace(/^https?:\/\/[^/]+/, '').replace(/^\//, `${location.origin}/`);
  style.glyphs = own(style.glyphs);
  style.sprite = own(style.sprite);
  for (const source of Object.values(style.sources)) source.tiles = source.tiles.map(own);
  return style;
}
