// What proves a criterion: its evidence, what the producer scored itself, the advisory team's opinion, the producer and its zones on a map.
// Where there is room all of it stands beside the criterion, papers and map too; else papers are links and the map unfolds.
import { dayOf, make } from './score_view.js';

const PDF = 'application/pdf';
const isPicture = one => one.media_type?.startsWith('image/');
const STAY = 300;  // milliseconds with a criterion before its papers are read: whoever scores by keys goes on at once
const thumb = (one, width) => `/api/files/${one.sha256}/thumb?w=${width}`;

export class Proof {
  constructor(sheet) {
    this.sheet = sheet;
    this.wide = matchMedia('(min-width: 75rem)');
    this.title = make('h2', { id: 'proof-title' });
    this.of = make('div', { className: 'score-of' });
    this.words = make('div', { className: 'score-words', tabIndex: 0 }, this.title, this.of, this.opinion());
    this.place = make('section', { className: 'score-proof panel-card' }, this.words, this.map());
    this.place.setAttribute('aria-labelledby', 'proof-title');
    this.wide.addEventListener('change', () => {
      if (this.criterion) this.show(this.criterion);
      this.unfold();
    });
  }
  /** The map stands open where there is room for it. */
  unfold() { if (this.wide.matches) this.mapFold.open = true; }
  pictures() { return this.sheet.view.evidence.filter(one => one.sha256 && isPicture(one)).map(one => thumb(one, 1280)); }

  show(criterion) {
    const { sheet } = this, { t, view } = sheet;
    this.criterion = criterion;
    this.words.scrollTop = 0;
    this.title.textContent = t('proof_of', { code: criterion.code });
    // a heading's evidence is also its criteria's
    const belongs = one => one.criterion && (one.criterion === criterion.code || criterion.code.startsWith(`${one.criterion}.`));
    const own = view.evidence.filter(belongs), others = view.evidence.filter(one => !belongs(one));
    this.of.replaceChildren(make('h3', { textContent: t('evidence') }), own.length ? this.list(own) : make('p', { className: 'hint', textContent: t('no_evidence') }));
    const self = view.self[criterion.code];
    const option = self && criterion.options.find(one => one.option === self.option);
    this.of.append(make('h3', { textContent: t('self') }), make('p', { className: self ? '' : 'hint', textContent: !self ? t('no_self') : option ? `${sheet.text(option)} (${t('points', { n: sheet.number(option.points) })})` : t('none_reached') }));
    if (self?.note) this.of.append(make('p', { className: 'as-typed', textContent: self.note }));
    if (others.length) {
      const more = make('details', { className: 'act' }, make('summary', { textContent: t('other_evidence', { n: others.length }) }));
      more.addEventListener('toggle', () => { if (more.open && more.children.length === 1) more.append(this.list(others)); });
      this.of.append(more);
    }
  }
  list(evidence) { return make('ul', { className: 'score-evidence' }, ...evidence.map(one => make('li', {}, ...this.item(one)))); }
  item(one) {
    const { t, page, lang } = this.sheet;
    const kind = page.grading.lists.evidence_kind?.[one.kind] ?? one.kind;
    const facts = [one.criterion ? t('evidence_of', { code: one.criterion }) : '', one.valid_to ? t('valid_to', { day: dayOf(one.valid_to, lang) }) : ''].filter(Boolean).join(' · ');
    const out = [];
    if (!one.media_type) out.push(make('span', { textContent: kind }), make('span', { className: 'hint', textContent: t(one.sha256 ? 'file_gone' : 'no_file') }));
    else {
      const link = make('a', { href: `/api/files/${one.sha256}`, target: '_blank', rel: 'noopener' });
      if (isPicture(one)) {
        const picture = make('img', { src: thumb(one, 1280), alt: kind, loading: 'lazy' });
        picture.addEventListener('error', () => picture.replaceWith(make('span', { className: 'hint', textContent: t('picture_gone') })), { once: true });
        link.append(picture);
        out.push(link, make('span', { textContent: kind }));
      } else {
        link.textContent = kind;
        out.push(link, make('span', { className: 'muted', textContent: one.media_type === PDF ? t('pdf') : one.media_type }));
        if (one.media_type === PDF && this.wide.matches && navigator.pdfViewerEnabled) out.push(this.framed(one, kind));
      }
    }
    if (facts) out.push(make('span', { className: 'muted', textContent: facts }));
    return out;
  }

  /** A PDF in the page. Asked for first: of what failed a frame would show the browser's own words. */
  framed(one, kind) {
    const { t } = this.sheet, address = `/api/files/${one.sha256}`;
    const place = make('div', { className: 'score-pdf' }, make('p', { className: 'hint', textContent: t('pdf_opening') }));
    const open = async () => {
      const answer = place.isConnected && await fetch(address, { method: 'HEAD' }).catch(() => null);
      if (!place.isConnected) return;
      if (answer?.ok) place.replaceChildren(make('iframe', { src: address, title: t('pdf_here', { kind }) }));
      else place.replaceChildren(make('p', { className: 'hint', textContent: t(answer ? 'file_gone' : 'pdf_no_line') }));
      if (!answer) addEventListener('online', open, { once: true });
    };
    setTimeout(open, STAY);
    return place;
  }

  opinion() {
    const { t, view, lang, number } = { ...this.sheet, number: value => this.sheet.number(value) };
    const opinion = view.appraisal;
    return make('div', { className: 'score-opinion' }, make('h3', { textContent: t('opinion') }),
      make('p', { className: opinion?.opinion ? 'as-typed' : 'hint', textContent: opinion?.opinion || t('no_opinion') }),
      opinion?.visited_on ? make('p', { className: 'muted', textContent: [t('visited', { day: dayOf(opinion.visited_on, lang) }), opinion.distance_m === null ? '' : t('visit_distance', { m: number(Math.round(opinion.distance_m)) })].filter(Boolean).join(' · ') }) : null);
  }

  /** Drawn when it is opened: the map's code is large. */
  map() {
    const { t, view, page } = this.sheet;
    const { lon, lat, address } = view.producer;
    const shapes = [...view.zones, ...(lon === null ? [] : [{ type: 'Point', coordinates: [lon, lat] }])].map(geometry => ({ geometry }));
    const fold = this.mapFold = make('details', { className: 'act score-map' }, make('summary', { textContent: t('map', { n: view.zones.length }) }));
    if (address) fold.append(make('p', { textContent: address }));
    if (!shapes.length) fold.append(make('p', { className: 'hint', textContent: t('no_place') }));
    const open = async () => {
      if (!fold.open || !shapes.length || fold.querySelector('ocop-shape')) return;
      const place = make('ocop-shape', { className: 'shape-view' });
      fold.querySelector('.no-line')?.remove();
      fold.append(place);
      try {
        if (!navigator.onLine) throw new Error('no network');  // its code may be kept, its ground is not
        const { openShape } = await import(page.assets.shape);
        await openShape(place, { ...page, shapes });
      } catch (problem) {
        console.warn('map:', problem.message);
        place.replaceWith(make('p', { className: 'hint no-line', textContent: t('map_failed') }));
        addEventListener('online', open, { once: true });
      }
    };
    fold.addEventListener('toggle', open);
    return fold;
  }
}
