// Papers that were signed elsewhere: PDFs attached to the sheet, the minutes or the decision that they sign.
import { fileButtons } from './dossier_files.js';
import { card, field, h, select } from './dossier_parts.js';

export function signedSection({ page, words, api, id, dossier, show }) {
  const { t } = words, { signed_files: files, signable } = dossier;
  if (!files.length && !signable.length) return null;
  const nameOf = one => t(`signed_${one.about}`, { n: one.sheet ?? '' });
  const of = field(t('signed_of'), select(signable.map((one, i) => [i, nameOf(one)])));
  return card(t('signed'), { id: 'signed' }, h('p', { className: 'hint' }, t('signed_about')),
    files.length > 0 && h('ul', { className: 'rows' }, files.map(one => h('li', {}, h('div', {}, h('a', { href: `/api/files/${one.file}` }, one.name ?? nameOf(one)),
      h('small', { className: 'muted' }, [nameOf(one), one.member, words.size(one.bytes), words.clock(one.at)].filter(Boolean).join(' · ')),
      h('small', { className: 'muted' }, t('signed_file')), h('code', { className: 'hash' }, one.file), h('small', { className: 'muted' }, t('signed_signs')), h('code', { className: 'hash' }, one.signs))))),
    signable.length > 0 && h('details', { className: 'act screen-only' }, h('summary', {}, t('signed_add')), of.entry, fileButtons(page, words, t('signed'), async stored => {
      const { about, sheet } = signable[of.input.value];
      await show(await api('POST', `/api/dossiers/${id}/signed-files`, { about, file: stored.sha256, ...(sheet && { sheet }) }));
    }, { takes: 'pdf' })));
}
