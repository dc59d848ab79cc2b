// What the pages of a dossier, the council and the rubrics are made of: elements, words, days, and calls whose refusals are said in words.
import { say } from './view.js';

/** An element. Properties that begin with on are listeners, what the element knows is set, the rest are attributes; data goes in as text only. */
export function h(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (key in made && !['form', 'list'].includes(key)) made[key] = value;
    else made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false && child !== ''));
  return made;
}

/** Words and days of one page. */
export function wordsOf(page) {
  const t = (key, values) => say(page, `gr_${key}`, values);
  const day = text => (text ? text.slice(0, 10).split('-').reverse().join('/') : '');
  const clock = text => {
    if (!text) return '';
    const at = new Date(text);
    return `${day(isoDay(at))} ${at.toLocaleTimeString('vi-VN', { hour: '2-digit', minute: '2-digit', timeZone: ZONE })}`;
  };
  return {
    t, day, clock,
    of: both => (page.lang === 'vi' ? both.vi ?? both.title_vi ?? both.name_vi : both.en || both.title_en || both.name_en || both.vi || both.title_vi || both.name_vi) ?? '',
    code: (list, code) => page.grading.lists[list]?.[code] ?? code ?? '',
    role: code => (code === 'system' ? t('role_system') : page.texts[`role_${code}`] ?? code ?? ''),
    number: value => (value === null || value === undefined || value === '' ? '' : Number(value).toLocaleString(page.lang === 'vi' ? 'vi-VN' : 'en-GB', { maximumFractionDigits: 2 })),
    size: bytes => `${Math.max(1, Math.round(bytes / 1000)).toLocaleString(page.lang)} KB`,
  };
}

const ZONE = 'Asia/Ho_Chi_Minh';  // the days of the law end here, wherever the device is
export const isoDay = (at = new Date()) => at.toLocaleDateString('sv-SE', { timeZone: ZONE });
export const dayAfter = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86400e3).toISOString().slice(0, 10);
const daysBetween = (from, to) => Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86400e3);

/** A due day in words; overdue is told in words and in colour. */
export function dueOf(words, due) {
  if (!due) return null;
  const left = daysBetween(isoDay(), due.slice(0, 10)), date = words.day(due);
  const [key, tone] = left < 0 ? ['due_over', 'late'] : left === 0 ? ['due_today', 'soon'] : left <= 3 ? ['due_soon', 'soon'] : ['due_on', 'far'];
  return h('span', { className: `due due-${tone}` }, words.t(key, { date, n: Math.abs(left) }));
}

/** A refused or lost call. status 0: no line. fields: [{field, vi, en}]. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail ?? String(status));
    this.status = status;
    this.fields = [];
    // A refusal of the workflow says "vi (en); vi (en)", and its fields know the English half: so each field gets both.
    let rest = problem.detail ?? '';
    for (const { field, value, allowed } of problem.errors ?? []) {
      const end = rest.indexOf(` (${allowed})`);
      this.fields.push({ field, value, en: allowed, vi: end < 0 ? allowed : rest.slice(0, end) });
      if (end >= 0) rest = rest.slice(end + allowed.length + 3).replace(/^; /, '');
    }
  }
  in(page) {
    if (this.status === 0) return say(page, 'gr_lost');
    if (this.status === 401) return say(page, 'gr_signed_out');
    const said = this.fields.map(field => (page.lang === 'vi' ? field.vi : field.en));
    return said.length && said.every(Boolean) ? said.join('; ') : this.message;
  }
}

export const callsOf = page => async (method, path, body, headers = {}) => {
  let answer;
  try {
    answer = await fetch(path, {
      method, headers: { Accept: 'application/json', ...(method !== 'GET' && { 'X-CSRF-Token': page.csrf }), ...(body && { 'Content-Type': 'application/json' }), ...headers },
      body: body && JSON.stringify(body),
    });
  } catch {
    throw new Refusal(0, {});
  }
  const json = answer.status === 204 ? null : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, json ?? {});
  return json;
};

let ids = 0;
/** A labelled field with help below and room for what is wrong with it: {entry, input, wrong(text)}. */
export function field(label, input, { hint = '', required = false } = {}) {
  input.id ||= `g-${++ids}`;
  const said = h('p', { className: 'said', id: `${input.id}-said` });
  const help = hint ? h('small', { className: 'hint', id: `${input.id}-hint` }, hint) : null;
  input.setAttribute('aria-describedby', [help?.id, said.id].filter(Boolean).join(' '));
  const entry = h('div', { className: 'entry' }, h('label', { htmlFor: input.id }, label, required && h('span', { className: 'req', ariaHidden: 'true' }, ' *')), input, help, said);
  if (required) input.setAttribute('aria-required', 'true');
  const wrong = text => {
    said.textContent = text;
    entry.classList.toggle('wrong', Boolean(text));
    if (text) input.setAttribute('aria-invalid', 'true'); else input.removeAttribute('aria-invalid');
  };
  input.addEventListener('input', () => wrong(''));
  return { entry, input, wrong, label };
}
export const select = (options, properties = {}) => h('select', properties, options.map(([value, text]) => h('option', { value }, text)));
export const card = (title, properties, ...children) => h('section', { className: 'panel-card', ...properties }, h('h2', { tabIndex: -1 }, title), ...children);
export const facts = pairs => h('dl', { className: 'fact-list' }, pairs.filter(([, value]) => value !== null && value !== undefined && value !== '')
  .map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
export const table = (heads, rows, properties = {}) => h('table', { className: 'work-table', ...properties },
  h('thead', {}, h('tr', {}, heads.map(head => h('th', { scope: 'col' }, head)))),
  h('tbody', {}, rows.map(cells => h('tr', {}, cells.map((cell, i) => h(i ? 'td' : 'th', { ...(i ? {} : { scope: 'row' }), 'data-head': typeof heads[i] === 'string' ? heads[i] : heads[i].textContent }, cell))))));
/** A button that is busy while it works, so that nobody presses it twice; what goes wrong is said beside it. */
export function doing(page, text, act, properties = {}) {
  const said = h('span', { className: 'said', role: 'alert' });
  const button = h('button', { type: 'button', className: 'button', ...properties, onclick: async () => {
    said.textContent = '';
    button.disabled = true;
    try { await act(); } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      said.textContent = problem.in(page);
    } finally { button.disabled = false; }
  } }, text);
  return h('span', { className: 'inline' }, button, said);
}
