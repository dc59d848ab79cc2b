// The slider of days: months from 2004 to today. While it moves only the map follows, from the tiles of each
// day; where it is left, the page does.
import { addressWith, say } from './view.js';

const FIRST = '2004-01-01';
const FRAME = 100;  // milliseconds a month while it plays: ten months a second

const months = day => +day.slice(0, 4) * 12 + +day.slice(5, 7) - 1;
const dayOf = month => `${Math.floor(month / 12)}-${String(month % 12 + 1).padStart(2, '0')}-01`;
const words = day => day.split('-').reverse().join('/');

/** page() and map() give those of now; go(address) shows another view. */
export function timeline({ page, map, go }) {
  let playing = null;
  const range = () => document.getElementById('timeline-range');
  const play = () => document.getElementById('timeline-play');
  const today = () => page().today;
  /** The last step is today, whatever its day of the month. */
  const chosen = () => (+range().value === +range().max ? today() : dayOf(+range().value));

  function show() {
    const day = chosen();
    range().setAttribute('aria-valuetext', words(day));
    document.getElementById('timeline-day').textContent = words(day);
    return map()?.preview(day);
  }
  function leave() {
    const day = chosen();
    if (day !== page().at) go(addressWith({ at: day === today() ? null : day, after: null }));
  }
  function dressPlay() {
    const name = say(page(), playing ? 'timeline_stop' : 'timeline_play');
    play().setAttribute('aria-label', name);
    play().title = name;
    play().classList.toggle('is-playing', Boolean(playing));
  }
  async function run() {
    const mine = playing = {};
    dressPlay();
    if (+range().value === +range().max) range().value = range().min;
    while (mine === playing && +range().value < +range().max) {
      const next = new Promise(resolve => setTimeout(resolve, FRAME));
      range().value = +range().value + 1;
      await Promise.all([show(), next]);
    }
    if (mine !== playing) return;
    stop();
  }
  function stop() {
    playing = null;
    dressPlay();
    leave();
  }

  document.addEventListener('input', event => { if (event.target.id === 'timeline-range') { playing = null; dressPlay(); show(); } });
  document.addEventListener('change', event => { if (event.target.id === 'timeline-range') leave(); });
  document.addEventListener('click', event => { if (event.target.closest?.('#timeline-play')) { if (playing) stop(); else run(); } });

  /** Views whose figures stand in the tiles of every day. */
  const serves = ({ features, hide_products: hides, choropleth }) => !features && !hides && (!choropleth || /^(products|producers)$/.test(choropleth.measure));

  /** Between the controls and the map. */
  function build() {
    const make = (name, properties, ...inside) => { const made = Object.assign(document.createElement(name), properties); made.append(...inside); return made; };
    const place = make('div', { id: 'timeline', className: 'timeline' });
    place.append(make('button', { type: 'button', className: 'button small icon-only', id: 'timeline-play' }));
    const range = make('input', { type: 'range', id: 'timeline-range', step: 1 });
    range.setAttribute('aria-describedby', 'at-help');
    place.prepend(make('label', { htmlFor: 'timeline-range' }, say(page(), 'timeline')));
    place.append(range, make('output', { id: 'timeline-day' }));
    document.getElementById('controls').after(place);
    dressPlay();
    return place;
  }

  /** Puts the slider where the page is. */
  return function dress() {
    const place = document.getElementById('timeline') ?? build();
    place.hidden = !map() || !serves(page());
    range().min = months(FIRST);
    range().max = months(today()) + (today().endsWith('-01') ? 0 : 1);
    range().value = page().at === today() ? range().max : months(page().at);
    range().setAttribute('aria-valuetext', words(page().at));
    document.getElementById('timeline-day').textContent = words(page().at);
  };
}
