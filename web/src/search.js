// <ocop-search>: suggestions under the search box (ARIA 1.2 combobox); Enter without a choice searches the list.
import { addressWith, readPage, say } from './view.js';

const ICON = { product: '#icon-sprout', producer: '#icon-factory', place: '#icon-map-pin' };

class OcopSearch extends HTMLElement {
  connectedCallback() {
    const data = document.getElementById('page-data');
    if (!data) return;
    this.page = readPage();
    this.input = this.querySelector('input');
    this.list = document.createElement('div');
    this.list.id = 'suggestions';
    this.list.className = 'suggestions';
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', this.input.labels[0].textContent);
    this.list.hidden = true;
    this.append(this.list);
    for (const [name, value] of Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': 'suggestions' })) {
      this.input.setAttribute(name, value);
    }
    this.chosen = -1;
    this.input.addEventListener('input', () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), 120);
    });
    this.input.addEventListener('keydown', event => this.key(event));
    this.input.addEventListener('blur', () => setTimeout(() => this.close(), 150));
    this.querySelector('form').addEventListener('ocop-close', () => this.close());
    this.list.addEventListener('pointerdown', event => event.preventDefault());
    this.list.addEventListener('click', event => {
      const option = event.target.closest('[role="option"]');
      if (option) this.take(+option.dataset.index);
    });
  }

  async ask() {
    const q = this.input.value.trim();
    this.asking?.abort();
    if (q.length < 2) { this.close(); return; }
    this.asking = new AbortController();
    try {
      const at = readPage().at;
      const response = await fetch(`/api/suggest?q=${encodeURIComponent(q)}&limit=8&at=${at}`, { signal: this.asking.signal });
      if (!response.ok) { this.close(); return; }
      const { items } = await response.json();
      if (document.activeElement === this.input) this.show(items);
    } catch (problem) {
      if (problem.name !== 'AbortError') this.close();
    }
  }

  show(items) {
    this.items = items;
    this.chosen = -1;
    const icons = this.page.assets.icons;
    this.list.replaceChildren(...items.map((item, index) => {
      const option = document.createElement('div');
      option.id = `suggestion-${index}`;
      option.setAttribute('role', 'option');
      option.setAttribute('aria-selected', 'false');
      option.dataset.index = index;
      const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
      icon.setAttribute('class', 'icon');
      icon.setAttribute('aria-hidden', 'true');
      const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
      use.setAttribute('href', icons + (ICON[item.kind] ?? ICON.place));
      icon.append(use);
      const label = document.createElement('span');
      label.textContent = item.label;
      const detail = document.createElement('span');
      detail.className = 'detail';
      detail.textContent = this.detail(item);
      label.append(detail);
      option.append(icon, label);
      return option;
    }));
    if (items.length === 0) {
      const none = document.createElement('p');
      none.className = 'none';
      none.setAttribute('role', 'option');
      none.setAttribute('aria-disabled', 'true');
      none.setAttribute('aria-selected', 'false');
      none.textContent = say(this.page, 'search_none');
      this.list.append(none);
    }
    this.list.hidden = false;
    this.input.setAttribute('aria-expanded', 'true');
    this.input.removeAttribute('aria-activedescendant');
    document.getElementById('announce').textContent = say(this.page, items.length ? 'search_count' : 'search_none', { n: items.length });
  }

  detail(item) {
    const known = key => this.page.texts[key] ?? '';
    const more = item.kind === 'product' ? item.detail
      : item.kind === 'producer' ? known(`kind_${item.detail}`)
      : item.is_former ? say(this.page, 'place_today', { name: item.today.map(unit => unit.name).join(', ') }) : '';
    return [known(`kind_${item.kind}`), more].filter(Boolean).join(' · ');
  }

  key(event) {
    if (event.key === 'Escape' && !this.list.hidden) { event.preventDefault(); event.stopPropagation(); this.close(); return; }
    if (event.key === 'Enter' && this.chosen >= 0 && !this.list.hidden) { event.preventDefault(); this.take(this.chosen); return; }
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    if (this.list.hidden) { this.ask(); return; }
    const options = [...this.list.querySelectorAll('[data-index]')];
    if (!options.length) return;
    // Whoever chooses from this list is not to be given another one under the finger.
    clearTimeout(this.timer);
    this.asking?.abort();
    options[this.chosen]?.setAttribute('aria-selected', 'false');
    this.chosen = event.key === 'ArrowDown' ? (this.chosen + 1) % options.length : (this.chosen <= 0 ? options.length : this.chosen) - 1;
    options[this.chosen].setAttribute('aria-selected', 'true');
    options[this.chosen].scrollIntoView({ block: 'nearest' });
    this.input.setAttribute('aria-activedescendant', options[this.chosen].id);
  }

  take(index) {
    const item = this.items[index];
    this.close();
    const home = this.page.home;
    if (item.kind === 'producer') { location.assign(`${this.page.prefix}/producers/${item.id}`); return; }
    const address = item.kind === 'product'
      ? addressWith({ q: item.label, product: item.id, unit: null, class: null, star: null, state: null, near: null, after: null }, new URL(home + location.search, location.href))
      : addressWith({ q: null, unit: item.unit, product: null, near: null, after: null, view: null }, new URL(home + location.search, location.href));
    this.input.value = item.kind === 'product' ? item.label : '';
    if (document.body.classList.contains('home')) document.dispatchEvent(new CustomEvent('ocop-go', { detail: { address, focus: item.kind === 'product' ? '#card' : '#results', zoom: 12 } }));
    else location.assign(address);
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.list.hidden = true;
    this.chosen = -1;
    this.input.setAttribute('aria-expanded', 'false');
    this.input.removeAttribute('aria-activedescendant');
  }
}
customElements.define('ocop-search', OcopSearch);
