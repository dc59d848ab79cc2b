// Dossiers under the earlier decisions, as far as there is more of them than paper: entered by the province, worked on by commune and
// district in their pages, ended where their score card would be wanted, decided on paper; expired by the clock, and renewed under today's.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { base, closeBrowser, onPage } from './browser.mjs';
import { daysAfter, monthsAfter, onDay, shown, sql, tick, today } from './clock.mjs';
import { act, api, as, begin, best, desk, document, inState, look, newProduct, numbers, paper, phone, read, ready, saved, visit, writeReview } from './dossier.mjs';
import { as as signedIn, fits } from './work.mjs';

const products = [];
after(async () => {
  if (products.length) sql(`UPDATE ocop.product SET publish_status = 'hidden' WHERE product_key = ANY ('{${products}}')`);  // others count what is public
  await closeBrowser();
});
const product = (name, on) => { const key = newProduct(`${name} ${Date.now()}`, on); products.push(key); return key; };

/** The province enters a row of the record; its key. */
async function enterRecord(entity, values, what) {
  let key;
  await signedIn('demo.r08', `/quan-ly/${entity}/moi`, {}, async page => {
    for (const [column, value] of Object.entries(values)) {
      const field = page.locator(`#f-${column}`);
      if (await field.evaluate(one => one.localName) === 'select') await field.selectOption(String(value)); else await field.fill(String(value));
    }
    if (what) await look(page, what);
    await page.click('.form-actions .button.primary');
    await page.waitForURL(/done=created/);
    await fits(page, `a new row of ${entity}`);
    key = Number(new URL(page.url()).pathname.split('/').at(-1));
  });
  return key;
}
const enterDossier = (of, regime, state, submitted, what) => enterRecord('dossiers', { product_key: of, legal_regime_code: regime, registration_kind: 'first', dossier_state: state, submitted_at: `${submitted}T08:00` }, what);

/** Commune: received, reviewed, proposed, each by whose it is. Documents bear the days of then. */
async function throughCommune(dossier, name, review, propose) {
  await visit(dossier, 'demo.r04', '', async page => {
    await act(page, 'accept', 'received');
    await writeReview(page);
  });
  await visit(dossier, 'demo.r05', `${name}, the leader of the commune`, async page => {
    await act(page, 'review', 'commune_reviewed', document('31/BC-UBND', review));
    await (await begin(page, 'propose', document('32/TTr-UBND', propose))).locator('button[type=submit]').click();
    await page.locator('#bundle').waitFor();
  }, { size: phone });
}
const districtRecords = (dossier, name, mean, received, decided) => visit(dossier, 'demo.r06', '', async page => {
  await act(page, 'receive_district', 'district_scoring', document('12/BN', received));
  const form = await begin(page, 'decide_district', async form => {
    await document('40/QĐ-UBND', decided)(form);
    await form.getByLabel('Tổng điểm trung bình').fill('101');
  });
  await form.locator('button[type=submit]').click();
  await form.locator('.entry.wrong').waitFor();  // 0 to 100
  await form.getByLabel('Tổng điểm trung bình').fill(String(mean));
  await form.locator('button[type=submit]').click();
  await inState(page, 'district_decided');
  await look(page, `${name}, the result of the district`);
}, { size: phone });

/** The province has it, and gets no further than the advisory team: no card of that decision is published. */
async function heldWithoutCard(dossier, rubric, how = {}) {
  await visit(dossier, 'demo.r08', '', async page => {
    const form = await begin(page, 'assign');
    const coming = sql(`SELECT code FROM workflow.round WHERE proposals_until >= '2026-04-30' ORDER BY proposals_until DESC LIMIT 1`);
    await form.getByLabel('Đợt đánh giá').selectOption(coming);
    await form.getByLabel('Phiên họp Hội đồng').selectOption({ index: 1 });
    await form.locator('button[type=submit]').click();
    await inState(page, 'advisory_review');
  }, how);
  await visit(dossier, 'demo.r09', '', async page => {
    assert.match(await page.locator('#against-report').innerText(), new RegExp(`Chưa công bố bộ tiêu chí ${rubric}`));
    await look(page, `no card of ${rubric}`);
  }, how);
  await visit(dossier, 'demo.r08', '', async page => {
    await act(page, 'return', 'returned', form => form.getByLabel('Lý do').fill('Hội đồng đã chấm trên giấy: nhập kết quả giấy'));
  }, how);
}
/** The council's result as it stands on paper: dossier, result, certificate. */
async function onPaper(of, regime, { star, mean, decision, on, submitted, by = 'province' }) {
  const dossier = await enterDossier(of, regime, 'certified', submitted);
  await enterRecord('grading-results', { dossier_key: dossier, mean_total: mean, awarded_star: star, minutes_no: '5/BB-HĐ', decision_no: decision, decision_date: on, decision_authority: by });
  const until = monthsAfter(on, 36);  // 36 months, under each of the decisions
  await enterRecord('certificates', { product_key: of, certificate_serial: `GIAY-${dossier}`, issued_on: on, valid_to: until, star, decision_no: decision, decided_by: 'UBND tỉnh' });
  return { dossier, until };
}
/** The producer files the renewal of a certificate that ends on that day, in its days of today's decision. */
async function renew(of, until) {
  const day = daysAfter(until, -150);
  await onDay(day, async clock => {
    let id;
    await as('demo.r02', desk, clock, async page => {
      await page.getByText('Lập hồ sơ mới', { exact: true }).click();
      await page.locator('.new-dossier select').first().selectOption(String(of));
      await page.getByLabel('Loại đăng ký').selectOption('again');
      await page.getByRole('button', { name: 'Lập hồ sơ' }).click();
      await page.waitForURL(/ho-so\/\d+$/);
      await inState(page, 'draft');
      id = Number(page.url().split('/').at(-1));
      const { regime, previous_certificate_no: before, rubric } = await read(page, id);
      assert.equal(regime, 'qd26_2026', 'what is filed now comes under today\'s decision');
      assert.ok(before, 'the certificate of before is named');
      const { criteria } = await (await page.request.get(`${base}/api/rubrics/${rubric.id}/sets/${rubric.set}`)).json();
      assert.equal((await api(page, 'PATCH', `/api/dossiers/${id}`, { answers: numbers(best(criteria)), sample_quantity: 5, business_result_note: 'Doanh thu tăng', business_plan_note: 'Mở rộng' })).status, 200);
      await page.reload();
      await ready(page);
      const evidence = page.locator('#evidence');
      await evidence.locator('.act > summary').click();
      for (const kind of ['business_registration', 'facility_certificate']) {
        await evidence.getByLabel('Loại giấy tờ').selectOption(kind);
        await evidence.getByLabel('Chọn tệp: Minh chứng').setInputFiles(paper(`${kind}-${id}.pdf`));
        await page.waitForFunction(name => window.document.querySelector('#evidence [role=status].file-figure').textContent.includes(name), `Đã thêm “${kind}-${id}.pdf”`);
      }
      await act(page, 'submit', 'submitted');
    });
    await visit(id, 'demo.r04', 'a renewal at the commune', async page => act(page, 'accept', 'received'), clock);
  });
}
const publicStar = async of => (await (await fetch(`${base}/api/products/${of}`)).json()).star;

test('Quyết định 148/QĐ-TTg: commune, district with three stars, its certificate, expiry and renewal under today\'s decision', async () => {
  // so that it is in force today; nobody here asks whether that decision was
  const decided = monthsAfter(daysAfter(today, 300), -36), received = daysAfter(decided, -60);
  const of = product('Kẹo dừa 148', daysAfter(decided, -200));
  const dossier = await enterDossier(of, 'qd148_2023', 'submitted', daysAfter(decided, -100), 'a dossier of paper is entered');
  await throughCommune(dossier, '148', daysAfter(decided, -80), daysAfter(decided, -75));
  await districtRecords(dossier, '148', 61.5, received, decided);
  let until;
  await visit(dossier, 'demo.r08', '148, the province', async page => {
    assert.match(await page.locator('#against-receive').innerText(), /Huyện gửi tỉnh từ 70 điểm/);
    await act(page, 'certify_district', 'certified');
    assert.doesNotMatch(await page.locator('.step-line').innerText(), /Tỉnh|Tổ tư vấn/);  // what it never came through is not on its way
    await look(page, '148, certified by the district');
    const { outcome } = await read(page, dossier);
    assert.equal(outcome.decision_authority, 'district');
    assert.deepEqual([outcome.certificate.star, outcome.certificate.issued_on, outcome.certificate.valid_to], [3, decided, monthsAfter(decided, 36)]);
    until = outcome.certificate.valid_to;
  });
  assert.equal(await publicStar(of), 3);
  await onPage(`/products/${of}`, { size: phone }, async page => assert.match(await page.locator('main').innerText(), /40\/QĐ-UBND[\s\S]*UBND huyện/));
  await renew(of, until);
  tick(daysAfter(until, -150));
  await visit(dossier, 'demo.r02', '148, expiring', page => inState(page, 'expiring'), { size: phone, at: `${daysAfter(until, -150)}T09:00:00+07:00` });
  tick(daysAfter(until, -1));
  await visit(dossier, 'demo.r02', '', page => inState(page, 'expiring'));
  tick(until);
  await visit(dossier, 'demo.r08', '148, expired', async page => {
    await inState(page, 'expired');
    assert.match(await page.locator('#outcome').innerText(), new RegExp(shown(until)));
  }, { at: `${until}T09:00:00+07:00` });

  // from 70 points on the district sends up
  const second = await enterDossier(product('Kẹo dừa 148 bốn sao', daysAfter(decided, -200)), 'qd148_2023', 'commune_reviewed', daysAfter(decided, -100));
  await visit(second, 'demo.r06', '', async page => {
    // proposed on paper: what the commune wrote is not entered
    assert.match(await page.locator('#against-receive_district').innerText(), /Xã chưa có văn bản đề nghị/);
  });
});

test('Quyết định 1048 and 781/QĐ-TTg: the district certifies nothing; what the province decided on paper has ended long ago', async () => {
  const of = product('Kẹo dừa 781', '2021-01-05');
  const dossier = await enterDossier(of, 'qd781_2020', 'submitted', '2021-03-01');
  await throughCommune(dossier, '781', '2021-03-15', '2021-03-20');
  await districtRecords(dossier, '781', 72, '2021-04-01', '2021-06-03');
  await visit(dossier, 'demo.r08', '781, the province', async page => {
    assert.equal(await page.locator('[data-action=certify_district]').count(), 0);
    await act(page, 'receive', 'province_received');
  });
  await heldWithoutCard(dossier, 'QD781-2020');
  const paper = await onPaper(of, 'qd781_2020', { star: 4, mean: 72, decision: '1500/QĐ-UBND', on: '2021-08-20', submitted: '2021-03-01' });
  assert.equal(paper.until, '2024-08-20');
  await visit(paper.dossier, 'demo.r08', '781, from paper', async page => {
    assert.match(await page.locator('#outcome').innerText(), /1500\/QĐ-UBND[\s\S]*20\/08\/2024/);
  });
  tick(today);
  await visit(paper.dossier, 'demo.r02', '781, expired', page => inState(page, 'expired'), { size: phone });
  assert.equal(await publicStar(of), null, 'what has ended shows no star');
  await onPage(`/products/${of}`, {}, async page => assert.match(await page.locator('main').innerText(), /Đã hết hạn\s+Quyết định 1500\/QĐ-UBND/));
  // its days of renewal are over: what is filed now is refused as a renewal, and taken as a first one
  await as('demo.r02', desk, {}, async page => {
    const renewal = await api(page, 'POST', '/api/dossiers', { product: of, registration_kind: 'again' });
    assert.equal(renewal.status, 201);
    await page.goto(`${base}${desk}/${renewal.json.id}`);
    await inState(page, 'draft');
    assert.match(await page.locator('#against-submit').innerText(), /nộp từ 22\/02\/2024 đến 22\/04\/2024/);  // 180 and 120 days before
    await page.getByLabel('Loại đăng ký').selectOption('first');
    await saved(page);
    await page.reload();
    await inState(page, 'draft');
    assert.doesNotMatch(await page.locator('#against-submit').innerText(), /22\/02\/2024/);
  });
});

test('Quyết định 148 as 1489/QĐ-TTg changed it: two levels, open until 21/07/2026; the result of paper, expiry and renewal', async () => {
  const of = product('Kẹo dừa 1489', '2025-08-01');
  const dossier = await enterDossier(of, 'qd148_1489_2025', 'submitted', '2026-01-10');
  await throughCommune(dossier, '1489', '2026-02-02', '2026-02-05');
  // a district that has ended reaches nothing of after
  await signedIn('demo.r06', `${desk}/${dossier}`, {}, page => page.waitForSelector('#grading[data-state=failed]'));
  await visit(dossier, 'demo.r08', '1489, after its last day', async page => {
    assert.equal(await page.locator('[data-action=receive_district]').count(), 0);
    assert.match(await page.locator('#against-receive').innerText(), /phải xong trước hết ngày 21\/07\/2026/);  // 60 days from 22/05/2026
  });
  await onDay('2026-07-21', async clock => {
    await visit(dossier, 'demo.r08', '', page => act(page, 'receive', 'province_received'), clock);
    await heldWithoutCard(dossier, 'QD148-2023', clock);
  });
  const paper = await onPaper(of, 'qd148_1489_2025', { star: 4, mean: 78.25, decision: '77/QĐ-UBND', on: '2026-03-16', submitted: '2026-01-10' });
  assert.equal(paper.until, '2029-03-16');
  assert.equal(await publicStar(of), 4);
  await visit(paper.dossier, 'demo.r08', '1489, from paper', async page => {
    assert.match(await page.locator('#outcome').innerText(), /77\/QĐ-UBND[\s\S]*16\/03\/2029/);
  });
  await renew(of, paper.until);
  tick(paper.until);
  await visit(paper.dossier, 'demo.r02', '1489, expired', page => inState(page, 'expired'), { size: phone });
});
