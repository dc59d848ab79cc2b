// What upload fields and imports say alike.
export const element = (name, { role, ariaLabel, ...properties } = {}) => {
  const made = Object.assign(document.createElement(name), properties);
  if (role) made.setAttribute('role', role);
  if (ariaLabel) made.setAttribute('aria-label', ariaLabel);
  return made;
};

/** "1,2 MB": thousands, as the pages of the server write it. */
export function sizeText(bytes, lang) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.floor(bytes / 1000).toLocaleString(lang)} KB`;
  return `${(bytes / 1e6).toLocaleString(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} MB`;
}
