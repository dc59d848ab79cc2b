// Small things that the scoring pages write alike.
import { element } from './files.js';

export const make = (name, properties = {}, ...children) => {
  const made = element(name, properties);
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
};
export const notice = (text, isBad = false) => make('p', { className: isBad ? 'notice bad' : 'notice', role: isBad ? 'alert' : undefined, textContent: text });
export const dayOf = (iso, lang) => new Date(iso.length === 10 ? `${iso}T00:00` : iso).toLocaleDateString(lang === 'vi' ? 'vi-VN' : 'en-GB', { day: '2-digit', month: '2-digit', year: 'numeric' });
export const timeOf = (date, lang) => date.toLocaleTimeString(lang === 'vi' ? 'vi-VN' : 'en-GB', { hour: '2-digit', minute: '2-digit' });
