// How it stands with what was typed, in words: on this device, on its way, saved.
import { h } from './dossier_parts.js';

export function savedLine(words, page) {
  const element = h('p', { className: 'saved-line', role: 'status', 'data-saved': 'nothing' }, words.t('saved_nothing'));
  const now = () => new Date().toLocaleTimeString('vi-VN', { hour: '2-digit', minute: '2-digit' });
  return {
    element,
    tell(state, { n, problem } = {}) {
      element.dataset.saved = state;
      element.textContent = words.t(`saved_${state}`, { time: now(), n, why: problem?.in(page) });
      element.classList.toggle('is-waiting', ['waiting', 'refused', 'unkept'].includes(state));
    },
  };
}
