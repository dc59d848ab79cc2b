// The papers of the procedure as files, made of what the record holds when they are asked for.
import { card, h } from './dossier_parts.js';

const line = (words, name, address) => h('li', {}, name, ' ', h('a', { href: `${address}.pdf`, target: '_blank', rel: 'noopener' }, 'PDF', h('span', { className: 'visually-hidden' }, `: ${name}`)), ' ',
  h('a', { href: `${address}.docx` }, 'DOCX', h('span', { className: 'visually-hidden' }, `: ${name}`)));

/** What a dossier has by now and the acting role may read. */
export function documentsOf({ words, id, dossier, role }) {
  const { t } = words, at = kind => `/api/dossiers/${id}/documents/${kind}`, filed = dossier.state !== 'draft';
  const kinds = ['registration', role !== 'R14' && 'self-assessment', filed && dossier.review?.commune_report_no && 'commune-report', dossier.meeting && 'commune-meeting', filed && 'bundle-list', dossier.outcome?.certificate && 'certificate'].filter(Boolean);
  return card(t('documents'), { id: 'documents' }, h('ul', { className: 'links' }, kinds.map(kind => line(words, t(`document_${kind}`), at(kind)))));
}

/** Of a session: once a result is there. */
export function documentsOfSession(words, session) {
  const { t } = words, scored = session.dossiers.filter(dossier => dossier.result);
  if (!scored.length) return null;
  const decided = scored.some(dossier => !['council_scoring', 'council_rescoring'].includes(dossier.state) && [3, 4].includes(dossier.result.star));
  return card(t('documents'), { className: 'panel-card screen-only' }, h('ul', { className: 'links' },
    ['minutes', 'ranking', ...(decided ? ['decision', 'product-list'] : [])].map(kind => line(words, t(`document_${kind}`), `/api/council-sessions/${session.id}/documents/${kind}`))));
}
