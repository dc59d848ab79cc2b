// Two dialogs of a sheet: what the keys do, and the way to a criterion by its number.
import { make } from './score_view.js';

const KEYS = [['1 … 9', 'key_digit'], ['0', 'key_none'], ['Backspace', 'key_clear'], ['j ↓ →', 'key_next'], ['k ↑ ←', 'key_previous'], ['c', 'key_comment'], ['Esc', 'key_back'], ['g', 'key_go'], ['s', 'key_end'], ['?', 'key_help']];

const dialogOf = (title, closeWord, ...content) => {
  const heading = make('h2', { id: `dialog-${title.length}-${content.length}`, textContent: title });
  const close = make('button', { type: 'button', className: 'button', textContent: closeWord });
  const dialog = make('dialog', { className: 'score-dialog' }, heading, ...content, close);
  dialog.setAttribute('aria-labelledby', heading.id);
  close.addEventListener('click', () => dialog.close());
  return dialog;
};

export function keyDialog(t) {
  const list = make('dl', { className: 'score-keys' }, ...KEYS.flatMap(([keys, word]) => [make('dt', {}, ...keys.split(' ').map(key => (key === '…' ? ' … ' : make('kbd', { textContent: key })))), make('dd', { textContent: t(word) })]));
  return dialogOf(t('keys_title'), t('close'), list);
}

export function goDialog(sheet) {
  const { t } = sheet;
  const input = make('input', { id: 'score-go', autocomplete: 'off', inputMode: 'decimal', maxLength: 10 });
  const said = make('p', { className: 'said', role: 'alert' });
  const list = make('ul', { className: 'score-go-list' });
  const form = make('form', { className: 'form' }, make('p', { className: 'entry' }, make('label', { htmlFor: input.id, textContent: t('go_label') }), input), said, list);
  const dialog = dialogOf(t('go_title'), t('close'), form);
  const go = code => {
    dialog.close();
    sheet.enqueue(() => sheet.show(code));
  };
  form.addEventListener('submit', event => {
    event.preventDefault();
    const typed = input.value.trim();
    const found = sheet.criterion(typed) ?? sheet.criteria.find(one => one.code.startsWith(typed));
    if (found && typed) go(found.code); else said.textContent = t('go_none', { typed, codes: sheet.criteria.map(one => one.code).join(', ') });
  });
  const links = sheet.criteria.map(criterion => {
    const link = make('a', { href: `#${criterion.code}`, textContent: sheet.label(criterion) });
    link.addEventListener('click', event => { event.preventDefault(); go(criterion.code); });
    const state = make('span', { className: 'muted' });
    list.append(make('li', {}, link, state));
    return { criterion, state };
  });
  return {
    dialog,
    open: () => { input.value = ''; said.textContent = ''; dialog.showModal(); input.focus(); },
    update: () => { for (const { criterion, state } of links) state.textContent = sheet.answers[criterion.code] === undefined ? t('unanswered') : t('answered'); },
  };
}
