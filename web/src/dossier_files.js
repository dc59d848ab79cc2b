// Evidence: a file or a photo from the phone's camera goes up in pieces that outlive a cut line (tus), then stands on the dossier.
import { Upload } from 'tus-js-client';
import { sizeText, uploadProblem, uploadRules } from './files.js';
import { Refusal, field, h, isoDay, select } from './dossier_parts.js';

const PIECE = 4 * 1024 * 1024, RETRIES = [0, 1000, 3000, 10000];
const TYPES = 'jpg jpeg png webp heic pdf docx xlsx';

/** Sends a file; resolves to its facts {sha256, …}. tell(text) says how far it is. */
export function sendFile(page, file, tell) {
  return new Promise((resolve, reject) => {
    const upload = new Upload(file, {
      endpoint: '/api/files/uploads', chunkSize: PIECE, retryDelays: RETRIES, removeFingerprintOnSuccess: true,
      headers: { 'X-CSRF-Token': page.csrf }, metadata: { filename: file.name },
      onProgress: (done, total) => tell(done, total),
      onSuccess: async () => {
        const answer = await fetch(upload.url, { headers: { 'Tus-Resumable': '1.0.0' } }).catch(() => null);
        if (answer?.ok) resolve((await answer.json()).file); else reject(new Refusal(answer?.status ?? 0, {}));
      },
      onError: error => {
        let problem = {};
        try { problem = JSON.parse(error.originalResponse?.getBody() || '{}'); } catch { /* not our words */ }
        reject(new Refusal(error.originalResponse?.getStatus() ?? 0, problem));
      },
    });
    upload.findPreviousUploads().then(found => {
      if (found.length) upload.resumeFromPreviousUpload(found[0]);
      upload.start();
    });
  });
}

/** Two buttons: a file, or a photo from the camera. took(facts) hears of what was stored. */
export function fileButtons(page, words, label, took, { isReady = () => true, takes = TYPES } = {}) {
  const endings = takes.split(' '), accept = endings.map(one => `.${one}`).join(',');
  const status = h('span', { className: 'file-figure', role: 'status' }), said = h('p', { className: 'said', role: 'alert' });
  const take = async input => {
    const [file] = input.files;
    input.value = '';
    if (!file || !isReady()) return;
    said.textContent = uploadProblem(page, file, label, endings);
    if (said.textContent) return;
    try {
      const stored = await sendFile(page, file, (done, total) => {
        status.textContent = words.t('file_sending', { name: file.name, percent: Math.floor(100 * done / Math.max(1, total)), total: sizeText(total, page.lang) });
      });
      await took(stored, file.name);
      status.textContent = words.t('file_sent', { name: file.name });
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      status.textContent = '';
      said.textContent = problem.status === 0 ? words.t('file_lost', { name: file.name }) : words.t('file_refused', { name: file.name, why: problem.in(page) });
    }
  };
  const chooser = (text, attributes) => {
    const input = h('input', { type: 'file', className: 'visually-hidden', ...attributes, ariaLabel: `${text}: ${label}`, onchange: event => take(event.target) });
    return h('label', { className: 'button small' }, text, input);
  };
  return h('div', { className: 'file-choice' }, h('div', { className: 'inline' }, chooser(words.t('file_choose'), { accept }), takes === TYPES && chooser(words.t('file_camera'), { accept: 'image/*', capture: 'environment' })), h('small', { className: 'hint' }, uploadRules(page, endings)), status, said);
}

/** One paper of a dossier, with whether it is still good. */
export function paperOf(words, paper, more = null) {
  const ended = paper.valid_to && paper.valid_to < isoDay();
  const name = paper.sha256 ? h('a', { href: `/api/files/${paper.sha256}` }, words.code('evidence_kind', paper.kind)) : words.code('evidence_kind', paper.kind);
  return h('li', {}, h('div', {}, h('span', {}, name, paper.criterion ? ` · ${words.t('criterion', { code: paper.criterion })}` : ''),
    h('small', { className: 'muted' }, [paper.media_type?.split('/').pop().toUpperCase(), paper.bytes && words.size(paper.bytes), !paper.sha256 && words.t('file_none')].filter(Boolean).join(', ')),
    paper.valid_to && h('small', { className: ended ? 'state-expired' : 'muted' }, words.t(ended ? 'paper_ended' : 'paper_until', { date: words.day(paper.valid_to) }))), more);
}

/** The form that adds a paper; criterion is given where it stands at one. */
export function paperForm(page, words, api, dossier, criterion, added) {
  const kinds = Object.entries(page.grading.lists.evidence_kind ?? {});
  const kind = field(words.t('paper_kind'), select([['', words.t('choose')], ...kinds]), { required: true });
  const until = field(words.t('paper_valid_to'), h('input', { type: 'date' }), { hint: words.t('paper_valid_to_hint') });
  const form = h('div', { className: 'paper-form' }, kind.entry, until.entry,
    fileButtons(page, words, criterion ? words.t('criterion', { code: criterion }) : words.t('papers'), async stored => {
      await api('POST', '/api/records/evidences', { dossier_key: dossier, evidence_kind: kind.input.value, ...(criterion && { evidence_criterion_code: criterion }),
        evidence_file: stored.sha256, ...(until.input.value && { evidence_valid_to: until.input.value }) });
      until.input.value = '';
      await added();
    }, { isReady: () => {
      if (kind.input.value) return true;
      kind.wrong(words.t('paper_kind_wanted'));
      kind.input.focus();
      return false;
    } }));
  return h('details', { className: 'act' }, h('summary', {}, words.t('paper_add')), form);
}

/** Takes a paper off a draft. */
export async function retirePaper(api, id) {
  const answer = await fetch(`/api/records/evidences/${id}`, { headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Refusal(answer.status, await answer.json().catch(() => ({})));
  await api('DELETE', `/api/records/evidences/${id}`, undefined, { 'If-Match': answer.headers.get('ETag') });
}
