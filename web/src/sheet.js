// <ocop-sheet>: on a phone the list is a sheet over the map with three heights (peek, half, full); elsewhere a column.
import { readPage, say } from './view.js';

const HEIGHTS = ['peek', 'half', 'full'];

class OcopSheet extends HTMLElement {
  connectedCallback() {
    this.handle = this.querySelector('.sheet-handle');
    this.handle.hidden = false;
    this.phone = matchMedia('(max-width: 44.99rem)');
    const dress = () => { document.body.classList.toggle('sheets', this.phone.matches); this.set(this.height ?? 'half'); };
    this.phone.addEventListener('change', dress);
    addEventListener('resize', () => this.set(this.height));
    dress();
    this.handle.addEventListener('click', () => { if (!this.moved) this.set(HEIGHTS[(HEIGHTS.indexOf(this.height) + 1) % 3]); });
    this.handle.addEventListener('keydown', event => {
      const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.set(HEIGHTS[Math.min(2, Math.max(0, HEIGHTS.indexOf(this.height) + step))]);
    });
    this.handle.addEventListener('pointerdown', event => this.drag(event));
    this.addEventListener('focusin', event => { if (this.height === 'peek' && event.target !== this.handle && event.target.matches(':focus-visible')) this.set('half'); });
  }
  drop(height) {
    const own = this.offsetHeight;
    return { full: 0, half: own * .5, peek: own - Math.min(own, 112) }[height];
  }
  set(height) {
    this.height = height;
    this.dataset.height = height;
    this.style.setProperty('--sheet-drop', `${Math.round(this.drop(height))}px`);
    const open = height === 'full';
    this.handle.setAttribute('aria-expanded', String(height !== 'peek'));
    this.handle.querySelector('.visually-hidden').textContent = say(readPage(), open ? 'sheet_shorter' : 'sheet_taller');
  }
  drag(event) {
    const from = event.clientY, start = this.drop(this.height);
    this.moved = false;
    this.handle.setPointerCapture(event.pointerId);
    const move = e => {
      if (Math.abs(e.clientY - from) > 5) this.moved = true;
      if (!this.moved) return;
      this.classList.add('is-dragging');
      this.style.setProperty('--sheet-drop', `${Math.max(0, start + e.clientY - from)}px`);
    };
    const end = e => {
      this.handle.removeEventListener('pointermove', move);
      this.classList.remove('is-dragging');
      if (!this.moved) return;
      const now = start + e.clientY - from;
      this.set(HEIGHTS.reduce((best, height) => Math.abs(this.drop(height) - now) < Math.abs(this.drop(best) - now) ? height : best));
      setTimeout(() => { this.moved = false; });
    };
    this.handle.addEventListener('pointermove', move);
    this.handle.addEventListener('pointerup', end, { once: true });
    this.handle.addEventListener('pointercancel', end, { once: true });
  }
}
customElements.define('ocop-sheet', OcopSheet);
