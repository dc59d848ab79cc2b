// A dossier's whole way as people go it, under Quyết định 26/2026/QĐ-TTg: from the producer's draft to a public certificate.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { base, closeBrowser, onPage } from './browser.mjs';
import { daysAfter, monthsAfter, onDay, shown, sql, tick, today } from './clock.mjs';
import { act, api, as, best, desk, document, file, forFourStars, hurry, inState, look, lowest, newProduct, numbers, paper, phone, read as readOf, ready, saved, score as scoreOf, total, visit as visitOf, writeReview } from './dossier.mjs';
import { caller } from './work.mjs';

after(async () => {
  if (story.product) sql(`UPDATE ocop.product SET publish_status = 'hidden' WHERE product_key = ${story.product}`);  // others count what is public
  await closeBrowser();
});

/** The dossier that this file makes; its tests follow one another. */
const story = { name: `Nước màu dừa chuyện ${Date.now()}` };
const address = () => `${desk}/${story.id}`;
const visit = (...rest) => visitOf(story.id, ...rest);
const score = (...rest) => scoreOf(story.id, ...rest);
const read = page => readOf(page, story.id);
const readAs = async (login, id) => (await (await caller(login))('GET', `/api/dossiers/${id}`)).json;

test('the desk: the producer makes a dossier for a product', async () => {
  story.product = String(newProduct(story.name));
  await as('demo.r02', desk, { size: phone }, async page => {
    await page.getByText('Lập hồ sơ mới', { exact: true }).click();
    await look(page, 'desk of the producer');
    await page.getByRole('button', { name: 'Lập hồ sơ' }).click();
    assert.match(await page.locator('.new-dossier .said').first().innerText(), /chọn sản phẩm/);
    await page.locator('.new-dossier select').first().selectOption(story.product);
    await page.getByLabel('Loại đăng ký').selectOption('upgrade');
    await page.getByLabel('Mang sang mọi thứ từ hồ sơ trước').uncheck();
    await page.getByRole('button', { name: 'Lập hồ sơ' }).click();
    await page.waitForURL(/ho-so\/\d+$/);
    await inState(page, 'draft');
    story.id = Number(page.url().split('/').at(-1));
    assert.equal((await read(page)).regime, 'qd26_2026');
    await look(page, 'an empty draft');
    // what cannot be done yet is said with its reason
    const submit = page.locator('[data-action=submit]');
    assert.equal(await submit.getAttribute('aria-disabled'), 'true');
    assert.match(await page.locator('#against-submit').innerText(), /còn thiếu \d+ mục/);
    await submit.focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('.action-form:not([hidden])').count(), 0);
    assert.match(await page.locator('#missing').innerText(), /Mẫu 01: cần 5 sản phẩm mẫu[\s\S]*còn \d+ tiêu chí chưa tự chấm[\s\S]*giấy đăng ký kinh doanh/);
    await page.click('#missing [data-item=sample_quantity]');
    assert.equal(await page.evaluate(() => document.activeElement.name), 'sample_quantity');
  });
});

test('what is typed outlives a killed page and a cut line', async () => {
  await visit('demo.r02', '', async page => {
    await inState(page, 'draft');
    await page.route('**/api/**', route => route.abort('connectionreset'));
    await page.getByLabel('Kết quả thực hiện').fill('Sản lượng 12 tấn, doanh thu 1,4 tỷ đồng.');
    await page.getByLabel('Số sản phẩm mẫu').fill('5');
    await page.locator('.score-group summary').first().click();
    await page.locator('.criterion').first().locator('input[type=radio]').last().check();
    await page.waitForFunction(() => document.querySelector('[data-saved]').dataset.saved === 'waiting');
    assert.match(await page.locator('[data-saved]').innerText(), /Mất mạng: \d thay đổi vẫn giữ trên máy này/);
    await look(page, 'a draft without a line');
    // The page is killed before anything was sent.
    const crashed = page.waitForEvent('crash');
    const session = await page.context().newCDPSession(page);
    session.send('Page.crash').catch(() => {});
    await crashed;
    const again = await page.context().newPage();
    await again.goto(base + address());
    await inState(again, 'draft');
    assert.match(await again.locator('.notice[role=status]').innerText(), /Đã khôi phục 3 thay đổi chưa gửi/);
    assert.equal(await again.getByLabel('Kết quả thực hiện').inputValue(), 'Sản lượng 12 tấn, doanh thu 1,4 tỷ đồng.');
    await saved(again);
    const dossier = await read(again);
    assert.equal(dossier.self.business_result_note, 'Sản lượng 12 tấn, doanh thu 1,4 tỷ đồng.');
    assert.equal(dossier.sample_quantity, 5);
    assert.equal(Object.keys(dossier.self.answers).length, 1);
  }, { size: phone });
  await visit('demo.r02', '', async page => {
    await page.context().setOffline(true);
    await page.getByLabel('Kế hoạch phát triển sản phẩm').fill('Mở rộng vùng nguyên liệu thêm 20 ha.');
    await page.waitForFunction(() => document.querySelector('[data-saved]').dataset.saved === 'waiting');
    await page.context().setOffline(false);  // it goes on by itself
    await saved(page);
    assert.equal((await read(page)).self.business_plan_note, 'Mở rộng vùng nguyên liệu thêm 20 ha.');
    await page.reload();
    await inState(page, 'draft');
    assert.equal(await page.getByLabel('Kế hoạch phát triển sản phẩm').inputValue(), 'Mở rộng vùng nguyên liệu thêm 20 ha.');
  }, { size: phone });
});

test('a file whose line is cut is sent on from where it was: no byte lost, none twice', async () => {
  const content = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(10_000_000), Buffer.from('\n%%EOF\n')]);
  await visit('demo.r02', '', async page => {
    const begun = [], pieces = [];
    page.on('request', request => {
      if (request.method() === 'POST' && request.url().endsWith('/api/files/uploads')) begun.push(request.url());
      if (request.method() === 'PATCH' && request.url().includes('/api/files/uploads/')) pieces.push(Number(request.headers()['upload-offset']));
    });
    const line = await page.context().newCDPSession(page);
    const set = offline => line.send('Network.emulateNetworkConditions', { offline, latency: 5, downloadThroughput: -1, uploadThroughput: 4_000_000 });
    await line.send('Network.enable');
    await set(false);
    const evidence = page.locator('#evidence');
    await evidence.locator('.act > summary').click();
    await evidence.getByLabel('Loại giấy tờ').selectOption('story');
    const name = file('câu chuyện.pdf', content);
    await evidence.getByLabel('Chọn tệp: Minh chứng').setInputFiles(name);
    await page.waitForFunction(() => Number(/: (\d+) %/.exec(window.document.querySelector('#evidence [role=status].file-figure').textContent)?.[1]) >= 50);
    await set(true);
    await page.waitForFunction(() => /Mất kết nối khi tải/.test(window.document.querySelector('#evidence .file-choice [role=alert]').textContent));
    await look(page, 'a file without a line');
    const sent = pieces.length;
    await set(false);
    await evidence.getByLabel('Chọn tệp: Minh chứng').setInputFiles(name);
    await page.waitForFunction(() => window.document.querySelector('#evidence [role=status].file-figure').textContent.includes('Đã thêm “câu chuyện.pdf”'));
    assert.equal(begun.length, 1, 'one upload');
    assert.ok(pieces[sent] > 0, `it goes on at ${pieces[sent]}, not from the beginning`);
    const { sha256, bytes } = (await read(page)).evidence.find(one => one.kind === 'story');
    assert.equal(sha256, createHash('sha256').update(content).digest('hex'));
    assert.equal(bytes, content.length);
    assert.ok(content.equals(await (await page.request.get(`${base}/api/files/${sha256}`)).body()));
  }, { size: phone });
});

test('the producer scores, sees why it is not more stars, adds papers and files', async () => {
  await visit('demo.r02', '', async page => {
    const { rubric } = await read(page);
    const { criteria } = await (await page.request.get(`${base}/api/rubrics/${rubric.id}/sets/${rubric.set}`)).json();
    story.criteria = criteria;
    const scores = best(criteria);
    // the label bears no electronic code: below the minimum of four stars (criterion 2.3 of every card)
    scores['2.3'] = criteria.find(criterion => criterion.code === '2.3').options.filter(option => (option.min_star ?? 0) < 4).at(-1);
    assert.equal((await api(page, 'PATCH', `/api/dossiers/${story.id}`, { answers: numbers(scores) })).status, 200);
    await page.reload();
    await ready(page);
    const grade = await page.locator('#grade').innerText();
    assert.match(grade, new RegExp(`${total(scores)} điểm mà chỉ 3 sao`));
    assert.match(grade, /Để được 4 sao còn phải đạt mức tối thiểu:[\s\S]*\(2\.3\): cần “/);
    await page.locator('#grade a').first().click();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'c-2.3');
    const last = page.locator('[id="c-2.3"]');
    await last.locator('.act > summary', { hasText: 'Ghi chú' }).click();
    await last.getByLabel('Ghi chú cho tiêu chí 2.3').fill('Nhãn in mã QR từ tháng 1.');
    await saved(page);
    assert.equal((await read(page)).self.notes['2.3'], 'Nhãn in mã QR từ tháng 1.');
    await page.getByLabel('Số giấy chứng nhận trước').fill('12/QĐ-UBND');
    const evidence = page.locator('#evidence');
    await evidence.locator('.act > summary').click();
    await evidence.getByLabel('Chọn tệp: Minh chứng').setInputFiles(paper('sớm.pdf'));
    assert.match(await evidence.locator('.entry.wrong .said').innerText(), /chọn loại giấy tờ trước/);
    for (const kind of ['business_registration', 'facility_certificate']) {
      await evidence.getByLabel('Loại giấy tờ').selectOption(kind);
      await evidence.getByLabel('Chọn tệp: Minh chứng').setInputFiles(paper(`${kind}.pdf`));
      await page.waitForFunction(name => document.querySelector('#evidence [role=status].file-figure').textContent.includes(name), `Đã thêm “${kind}.pdf”`);
    }
    assert.equal(await evidence.locator('input[capture=environment]').count(), 1);
    await saved(page);
    await look(page, 'a draft that is complete');
    assert.match(await page.locator('#missing h2').innerText(), /Đã đủ để nộp/);
    await act(page, 'submit', 'submitted');
    assert.match(await page.locator('#history').innerText(), /Nộp hồ sơ → Đã nộp[\s\S]*Chủ thể OCOP/);
  }, { size: phone });
});

test('the commune receives it, asks for a supplement, is answered, reviews and proposes', async () => {
  await visit('demo.r04', 'the commune and a filed dossier', async page => {
    await act(page, 'accept', 'received');
    await page.click('[data-action=ask_supplement]');
    const form = page.locator('.action-form form');
    await form.waitFor();
    await form.locator('button[type=submit]').click();
    assert.match(await form.innerText(), /Hãy ghi lý do, ít nhất 5 ký tự/);
    await look(page, 'a refused form');
    await form.getByLabel('Lý do').fill('Thiếu hợp đồng liên kết nguyên liệu');
    await form.getByLabel('Về giấy tờ').selectOption('material_origin');
    await form.getByLabel('Cần bổ sung gì').fill('Hợp đồng với nhà vườn năm 2026');
    await form.locator('button[type=submit]').click();
    await inState(page, 'supplement_commune');
  });
  await visit('demo.r02', 'a supplement that is asked for', async page => {
    assert.match(await page.locator('#against-answer_supplement').innerText(), /Còn 1 yêu cầu chưa trả lời/);
    const asked = page.locator('#supplements');
    await asked.getByLabel('Trả lời của bạn').fill('Đã thêm hợp đồng với 12 nhà vườn.');
    await saved(page);
    await asked.locator('.act > summary').click();
    await asked.getByLabel('Loại giấy tờ').selectOption('material_origin');
    await asked.getByLabel('Chọn tệp: Minh chứng').setInputFiles(paper('hợp đồng.pdf'));
    await page.waitForFunction(() => document.querySelector('#supplements .rows li'));
    await act(page, 'answer_supplement', 'received');
  }, { size: phone });
  await visit('demo.r05', '', async page => {
    assert.match(await page.locator('#against-review').innerText(), /Mẫu 03 chưa có đánh giá nguyên liệu địa phương/);
  });
  await visit('demo.r04', 'the review of the commune', async page => {
    await writeReview(page);
  });
  await visit('demo.r05', 'the leader of the commune', async page => {
    await act(page, 'review', 'commune_reviewed', document('31/BC-UBND'));
    await page.click('[data-action=propose]');
    const form = page.locator('.action-form form');
    await document('32/TTr-UBND')(form);
    await form.locator('button[type=submit]').click();
    assert.match(await form.innerText(), /Hãy đánh dấu ô xác nhận trước/);
    await form.locator('.sure input').check();
    await form.locator('button[type=submit]').click();
    await page.locator('#bundle').waitFor();
    assert.match(await page.locator('#bundle').innerText(), /hợp đồng\.pdf[\s\S]*[0-9a-f]{64}[\s\S]*Mã băm của cả bộ/);
    await look(page, 'a proposed dossier');
  });
});

test('the province receives and assigns it; the advisory team visits and reports', async () => {
  await visit('demo.r08', 'the province', async page => {
    await act(page, 'receive', 'province_received');
    await page.click('[data-action=assign]');
    const form = page.locator('.action-form form');
    await form.waitFor();
    const late = await form.getByLabel('Đợt đánh giá').locator('option').evaluateAll(options => options.map(option => option.value).find(value => value.endsWith(`${new Date().getFullYear()}-2`)));
    await form.getByLabel('Phiên họp Hội đồng').selectOption({ index: 1 });
    if (late) {  // a round that took proposals until October
      await form.getByLabel('Đợt đánh giá').selectOption(late);
      await form.locator('button[type=submit]').click();
      await form.locator('.entry.wrong').waitFor();
      assert.match(await form.locator('.entry.wrong .said').innerText(), /chuyển sang đợt sau/);
      await look(page, 'an assignment that is refused');
    }
    await form.getByLabel('Đợt đánh giá').selectOption(`${new Date().getFullYear() + 1}-1`);
    await form.locator('button[type=submit]').click();
    await inState(page, 'advisory_review');
  });
  await visit('demo.r09', '', async page => {
    assert.match(await page.locator('#against-report').innerText(), /chưa ghi ý kiến thẩm định/);
    await page.getByLabel('Ý kiến thẩm định').fill('Cơ sở sạch, đúng như hồ sơ.');
    await page.getByLabel('Ngày khảo sát thực tế').fill(today);
    await page.getByRole('button', { name: 'Lấy vị trí điện thoại' }).click();
    await saved(page);
    assert.match(await page.locator('#appraisal').innerText(), /10\.24000, 106\.37000, sai số khoảng 12 m\. [Cc]ách địa điểm đã khai [\d.]+ m/);
    await look(page, 'the advisory team');
    await act(page, 'report', 'council_scoring', document('5/BC-TTV'));
  }, { size: phone, geolocation: { latitude: 10.24, longitude: 106.37, accuracy: 12 }, permissions: ['geolocation'] });
});

test('five members score: one takes no part, one is too far off, the secretary has it scored again; minutes, decision, certificate', async () => {
  const four = forFourStars(story.criteria), low = lowest(story.criteria);
  const points = total(four);
  assert.ok(points >= 70 && points < 90, `${points} points are four stars`);
  assert.ok(points - total(low) > 10);
  await score('demo.r10', null);
  await score('demo.r12', four);
  await score('demo.r10.2', four);
  await visit('demo.r11', 'the secretary while sheets are open', async page => {
    assert.match(await page.locator('#sheets').innerText(), /2\/4 phiếu đã ký[\s\S]*Không tham gia \(xung đột lợi ích\)/);
    assert.match(await page.locator('#against-rescore').innerText(), /còn 2 phiếu chưa ký/);
  });
  await score('demo.r10.3', four);
  await score('demo.r10.4', low);
  await visit('demo.r12', 'minutes that are held up', async page => {
    assert.match(await page.locator('#against-sign_minutes').innerText(), /Chênh lệch \d+ vượt 10 điểm/);
  });
  await visit('demo.r11', '', async page => {
    await act(page, 'rescore', 'council_rescoring', form => form.getByLabel('Lý do').fill('Một phiếu chênh quá xa, đã thảo luận'));
    assert.match(await page.locator('#sheets').innerText(), /Chấm lại vì: Một phiếu chênh quá xa/);
  });
  for (const member of ['demo.r12', 'demo.r10.2', 'demo.r10.3', 'demo.r10.4']) await score(member, four);
  await as('demo.r12', '/quan-ly/hoi-dong', {}, async page => {
    await look(page, 'the ranking');
    const row = page.locator('.ranking tbody tr', { has: page.locator(`a[href$="/${story.id}"]`) });
    assert.match(await row.innerText(), new RegExp(`${points}[\\s\\S]*4 sao`));
    await page.getByRole('button', { name: 'Sản phẩm' }).click();
    assert.equal(await page.locator('.ranking th[aria-sort=ascending]').innerText(), 'Sản phẩm ▲');
  });
  await visit('demo.r12', 'the chair', async page => { await act(page, 'sign_minutes', 'minutes_signed', document('7/BB-HĐ')); });
  await visit('demo.r13', 'the decision', async page => {
    assert.match(await page.locator('#outcome').innerText(), new RegExp(`${points} điểm: 4 sao`));
    await act(page, 'decide', 'decided', document('100/QĐ-UBND'));
  });
  let product = 0;
  await visit('demo.r08', '', async page => {
    await act(page, 'certify', 'certified');
    await look(page, 'a certified dossier');
    const { outcome, product: { id } } = await read(page);
    assert.equal(outcome.certificate.star, 4);
    assert.equal(outcome.certificate.issued_on, today);
    product = id;
    story.outcome = outcome;
  });
  await onPage(`/products/${product}`, {}, async page => { assert.match(await page.locator('main').innerText(), /100\/QĐ-UBND/); });
});

test('its certificate comes near its end: the renewal begins with what was there, is filed in its days and decided, and the former certificate ends there', async () => {
  const { certificate: { valid_to: until, issued_on: issued } } = story.outcome;
  assert.equal(issued, today);
  assert.equal(until, monthsAfter(today, 36));  // Điều 4 khoản 3
  const leaves = story.criteria.filter(criterion => criterion.options.length).length;
  let id;
  await onDay(daysAfter(until, -181), clock => as('demo.r02', desk, clock, async page => {
    await page.getByText('Lập hồ sơ mới', { exact: true }).click();
    await page.locator('.new-dossier select').first().selectOption(story.product);
    await page.getByLabel('Loại đăng ký').selectOption('again');
    await page.getByRole('button', { name: 'Lập hồ sơ' }).click();
    await page.waitForURL(/ho-so\/\d+$/);
    await inState(page, 'draft');
    id = Number(page.url().split('/').at(-1));
    assert.match(await page.locator('#carried').innerText(), new RegExp(`4 giấy tờ mang sang[\\s\\S]*${leaves} điểm tự chấm giữ nguyên[\\s\\S]*hãy cập nhật`));
    const last = story.criteria.find(criterion => criterion.code === '2.3').options.at(-1);
    assert.equal((await api(page, 'PATCH', `/api/dossiers/${id}`, { answers: { 2.3: last.option } })).status, 200);
    await page.reload();
    await inState(page, 'draft');
    assert.match(await page.locator('#carried').innerText(), /1 điểm tự chấm đã đổi: 2\.3/);
    // a day too early: 180 to 120 days before (Điều 6)
    assert.match(await page.locator('#against-submit').innerText(), new RegExp(`nộp từ ${shown(daysAfter(until, -180))} đến ${shown(daysAfter(until, -120))}`));
    await look(page, 'a renewal, too early');
  }));
  const day = daysAfter(until, -150), on = { document_date: day };
  tick(day);
  await onDay(day, async clock => {
    await visit('demo.r02', 'a certificate near its end', page => inState(page, 'expiring'), { ...clock, size: phone });
    await visitOf(id, 'demo.r02', '', page => act(page, 'submit', 'submitted'), { ...clock, size: phone });
    await hurry(id, 'demo.r04', 'accept');
    const opinions = Object.fromEntries(['material', 'labour', 'idea', 'identity'].map(one => [`commune_${one}_opinion`, 'Như lần trước']));
    assert.equal((await (await caller('demo.r04'))('PUT', `/api/dossiers/${id}/review`, opinions)).status, 200);
    await hurry(id, 'demo.r05', 'review', { document_no: '41/BC-UBND', ...on });
    await hurry(id, 'demo.r05', 'propose', { document_no: '42/TTr-UBND', ...on });
    await hurry(id, 'demo.r08', 'receive');
    const round = `${day.slice(0, 4)}-9`;
    sql(`INSERT INTO workflow.round (code, proposals_until, decide_until) VALUES ('${round}', '${day}', '${until}') ON CONFLICT DO NOTHING`);
    const session = sql(`INSERT INTO ocop.council_session (council_key, session_date) SELECT council_key, '${day}' FROM ocop.council WHERE external_id = 'demo-council-1' RETURNING council_session_key`);
    const term = sql("SELECT council_end_date FROM ocop.council WHERE external_id = 'demo-council-1'");
    sql("UPDATE ocop.council SET council_end_date = NULL WHERE external_id = 'demo-council-1'");  // the demo's council ends before
    try {
      await hurry(id, 'demo.r08', 'assign', { round, session: Number(session) });
    } finally {
      sql(`UPDATE ocop.council SET council_end_date = nullif('${term}', '')::date WHERE external_id = 'demo-council-1'`);
    }
    // a renewal needs the team's opinion, and no second visit
    assert.equal((await (await caller('demo.r09'))('PUT', `/api/dossiers/${id}/appraisal`, { opinion: 'Cơ sở vẫn như trước', photos: [] })).status, 200);
    await hurry(id, 'demo.r09', 'report', { document_no: '15/BC-TTV', ...on });
    const four = forFourStars(story.criteria);
    for (const member of ['demo.r10', 'demo.r10.2', 'demo.r10.3', 'demo.r10.4', 'demo.r12']) await scoreOf(id, member, four);
    await hurry(id, 'demo.r12', 'sign_minutes', { document_no: '17/BB-HĐ', ...on });
    await hurry(id, 'demo.r13', 'decide', { document_no: '200/QĐ-UBND', ...on });
    const { outcome } = await hurry(id, 'demo.r08', 'certify');
    assert.deepEqual([outcome.certificate.star, outcome.certificate.issued_on, outcome.certificate.valid_to], [4, day, monthsAfter(day, 36)]);
    assert.equal((await readAs('demo.r08', story.id)).outcome.certificate.valid_to, day, 'the former one ends where the new one begins');
    tick(day);
    await visit('demo.r02', '', page => inState(page, 'expired'), clock);
    tick(outcome.certificate.valid_to);
  });
  await visitOf(id, 'demo.r08', 'a certificate that has ended', page => inState(page, 'expired'), { at: `${monthsAfter(day, 36)}T09:00:00+07:00` });
});

test('seats, rounds and the calendar; publishing takes another person', async () => {
  await as('demo.r08', '/quan-ly/bo-tieu-chi', {}, async page => {
    await look(page, 'rubrics');
    const code = `2031-${1 + Date.now() % 99}`;
    const rounds = page.locator('#rounds');
    await rounds.locator('.act > summary').click();
    await rounds.getByRole('button', { name: 'Thêm đợt' }).click();
    assert.match(await rounds.innerText(), /Hãy ghi năm và số thứ tự/);
    await rounds.getByLabel('Mã đợt').fill(code);
    await rounds.getByLabel('Nhận đề nghị đến').fill('2031-04-30');
    await rounds.getByLabel('Quyết định trước').fill('2031-06-30');
    await rounds.getByRole('button', { name: 'Thêm đợt' }).click();
    await rounds.getByText(code, { exact: true }).waitFor();
    const calendar = page.locator('#calendar');
    await calendar.locator('.act > summary').click();
    await calendar.locator('input[type=date]').fill('2031-05-02');
    await calendar.getByLabel('Tên ngày').fill('Nghỉ bù');
    await calendar.getByRole('button', { name: 'Thêm ngày' }).click();
    await calendar.getByRole('button', { name: 'Bỏ ngày 02/05/2031' }).click();
    await calendar.getByRole('button', { name: 'Bỏ ngày 02/05/2031' }).waitFor({ state: 'detached' });
    assert.match(await page.locator('#rubrics').innerText(), /Công bố cần hai người/);
  });
  await as('demo.r08', '/quan-ly/hoi-dong', {}, async page => {
    const member = page.locator('.members li', { hasText: 'Thư ký' });
    await member.locator('summary').click();
    await member.getByLabel('Tên đăng nhập').fill('demo.r02');
    await member.getByRole('button', { name: 'Giao ghế' }).click();
    await member.locator('[role=alert]', { hasText: 'R11' }).first().waitFor();
  });
});
