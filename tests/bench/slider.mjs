// The date slider in Chromium: every month it has, one after the other, each waited for until the map shows it. Prints the milliseconds of each as JSON.
import { browser, closeBrowser, mapReady, onPage } from '../web/browser.mjs';

await browser();
await onPage('/', {}, async page => {
  page.setDefaultTimeout(120_000);
  await mapReady(page);
  await page.locator('#timeline').waitFor();
  const times = await page.evaluate(async () => {
    const range = document.getElementById('timeline-range');
    const { ocopMap } = document.querySelector('ocop-map');
    const times = [];
    for (let month = +range.min; month <= +range.max; ++month) {
      const began = performance.now();
      range.value = month;
      range.dispatchEvent(new Event('input', { bubbles: true }));
      await ocopMap.previewing;
      times.push(performance.now() - began);
    }
    return times;
  });
  console.log(JSON.stringify(times));
});
await closeBrowser();
