// The pages of the grading procedure but for scoring: the desk, a dossier, the council's sessions, rubrics with rounds and calendar.
import { openCouncil } from './dossier_council.js';
import { openDesk } from './dossier_desk.js';
import { openDossier } from './dossier_page.js';
import { openRubrics } from './dossier_rubrics.js';
import { Refusal, callsOf, h, wordsOf } from './dossier_parts.js';

const VIEWS = { dossiers: openDesk, dossier: openDossier, council: openCouncil, rubrics: openRubrics };

export async function openGrading(place, page) {
  const desk = { page, words: wordsOf(page), api: callsOf(page) }, { t } = desk.words, { view } = page.grading;
  place.classList.add('grading');
  place.append(h('p', { className: 'muted', role: 'status' }, t('reading')));
  try {
    await VIEWS[view](place, desk);
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem;
    place.dataset.state = 'failed';
    place.replaceChildren(h('h1', {}, t(`title_${view}`)), h('div', { className: 'notice bad', role: 'alert' }, h('p', {}, problem.status === 404 ? t('not_yours') : problem.in(page))),
      h('p', {}, problem.status === 0 ? h('button', { type: 'button', className: 'button', onclick: () => location.reload() }, t('again')) : h('a', { href: page.grading.hrefs.dossiers }, t('title_dossiers'))));
  }
}
