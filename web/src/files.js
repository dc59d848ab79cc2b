// What upload fields and imports say alike.
import { say } from './view.js';

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

/** What a field that takes these endings is told about files: "Ảnh JPG, PNG đến 15 MB; PDF đến 30 MB." */
export function uploadRules(page, endings) {
  if (!page.upload_rules) return '';  // this server stores no files
  const { picture_names, document_names, picture_bytes: picture, document_bytes: document } = page.upload_rules;
  const taken = names => names.split(', ').filter(name => endings.includes(name.toLowerCase())).join(', ');
  const facts = { pictures: taken(picture_names), documents: taken(document_names), picture: sizeText(picture, page.lang), document: sizeText(document, page.lang) };
  return say(page, !facts.documents ? 'upload_rules_pictures' : facts.pictures ? 'upload_rules' : 'upload_rules_documents', facts);
}
/** Looked at before it is sent, so that nobody sends 30 MB to be refused; empty: nothing against it. */
export function uploadProblem(page, file, label, endings) {
  if (!page.upload_rules) return '';
  const ending = file.name.includes('.') ? file.name.split('.').pop().toLowerCase() : '';
  const most = page.upload_rules.pictures.includes(ending) ? page.upload_rules.picture_bytes : page.upload_rules.document_bytes;
  const facts = { label, name: file.name, size: sizeText(file.size, page.lang), most: sizeText(most, page.lang), allowed: uploadRules(page, endings) };
  if (ending && !endings.includes(ending)) return say(page, 'upload_refused_type', facts);
  if (file.size === 0) return say(page, 'upload_refused_empty', facts);
  return file.size > most ? say(page, 'upload_refused_size', facts) : '';
}
