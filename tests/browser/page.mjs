// What a planner and a clerk see, in a real Chromium. Called by tests/browser/run:
// node page.mjs MODULES URL DATA_DIRECTORY OUTPUT_FOLDER

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { launch } from './browser.mjs';

const [modules, start, data, out] = process.argv.slice(2);
const origin = new URL(start).origin;
let browser;

before(async () => { ({ browser } = await launch(modules)); });
after(() => browser.close());

// A page with everything noted that it asked for and complained about.
async function open(url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const asked = [];
  const complaints = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  const response = await page.goto(url);
  return { page, asked, complaints, response, close: () => context.close() };
}

async function files(folder, wanted) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && wanted(entry.name))
    .map((entry) => join(entry.parentPath, entry.name)).sort();
}

// German numbers as the page writes them: thousands with a point, decimals with a comma, a true minus.
const number = (text) =>
  Number(text.replaceAll('\u2212', '-').replaceAll('.', '').replace(',', '.'));

// The cells of a CSV file for German spreadsheets; none of ours holds a semicolon in quotes.
const rows = (csv) => csv.replace(/^\ufeff/, '').trim().split(/\r?\n/).map((line) =>
  line.split(';').map((cell) => cell.replace(/^"(.*)"$/, '$1').replaceAll('""', '"')));

const tables = (page) => page.locator('section.card:has(a[href$=".csv"])');

test('a planner sees map, bars and tables, without JavaScript and without another host', async () => {
  const { page, asked, complaints, response, close } = await open(start, { javaScriptEnabled: false });
  assert.equal(response.status(), 200);
  assert.match(response.headers()['content-security-policy'], /default-src 'none'/);
  assert.equal(await page.locator('script').count(), 0);
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  assert.match(await page.locator('h1').innerText(), /Darmstadt-Dieburg/);
  assert.match(await page.locator('.banner').innerText(), /erfunden/);

  const first = page.locator('section.card.mapped');
  assert.equal(await first.count(), 1, 'one indicator is by municipality');
  const areas = first.locator('figure.map svg title');
  assert.ok(await areas.count() >= 23, 'every municipality has a name in the map');
  assert.equal(await first.locator('.numbers tbody tr').count(), 23);
  assert.equal(await tables(page).count(), 5, 'four of the county, and the quality of its links');
  for (const label of await page.locator('figure svg').evaluateAll((drawn) =>
    drawn.map((svg) => svg.getAttribute('role')))) {
    assert.equal(label, 'img');
  }
  assert.ok(asked.every((url) => new URL(url).origin === origin), asked.join(' '));
  assert.deepEqual(complaints, []);
  await page.screenshot({ path: join(out, 'page.png'), fullPage: true });
  await close();
});

test('what is downloaded is what is shown', async () => {
  const { page, close } = await open(start);
  for (const card of await tables(page).all()) {
    const heading = await card.locator('h2').innerText();
    const csv = await page.request.get(origin + await card.locator('a[href$=".csv"]').getAttribute('href'));
    const [head, ...lines] = rows(await csv.text());
    const column = (name) => head.findIndex((own) => own === name || own.startsWith(`${name} `));
    const value = column('wert') >= 0 ? column('wert') : column('Wert');
    const shown = await card.locator('.numbers tbody tr').all();
    assert.equal(lines.length, shown.length, heading);
    const released = lines.map((line) => line[value]).filter((cell) => cell !== '').map(number)
      .sort((a, b) => a - b);
    const seen = (await card.locator('.numbers .value').allInnerTexts()).map(number).sort((a, b) => a - b);
    assert.equal(released.length, seen.length, heading);
    released.forEach((own, at) =>
      assert.ok(Math.abs(own - seen[at]) <= 0.0051, `${heading}: ${own} and ${seen[at]}`));
    const workbook = await page.request.get(origin + await card.locator('a[href$=".xlsx"]').getAttribute('href'));
    assert.equal((await workbook.body()).subarray(0, 2).toString(), 'PK', heading);
  }
  const all = await page.locator('a[download][href^="/projects/"][href$=".xlsx"]').getAttribute('href');
  assert.equal((await (await page.request.get(origin + all)).body()).subarray(0, 2).toString(), 'PK');
  await close();
});

test('the budget says what is spent and what is left', async () => {
  const { page, close } = await open(start);
  const budget = page.locator('section:has(#budget)');
  assert.match(await budget.innerText(), /80\s*%/, 'two runs of the plan: .1 and .3 of .5');
  assert.match(await budget.innerText(), /20\s*%/);
  await close();
});

test('four parties see the same person, and only the first sees a name', async () => {
  const { page, close } = await open(start);
  const views = page.locator('li.view');
  assert.equal(await views.count(), 4);
  const office = views.nth(0);
  const cells = async (name) => (await office.locator(`tr:has(th:text-is("${name}")) td`).allInnerTexts())
    .map((text) => text.trim()).filter((text) => text.length > 3);
  const secrets = [...await cells('nachname'), ...await cells('aktenzeichen'), ...await cells('geburtsdatum')];
  assert.ok(secrets.length >= 4, 'the department knows who it is');
  for (const at of [1, 2, 3]) {
    const text = await views.nth(at).innerText();
    for (const secret of secrets) {
      assert.ok(!text.includes(secret), `view ${at + 1} holds what only the department knows`);
    }
  }
  assert.ok(await views.nth(1).locator('figure.bits svg').count() >= 4, 'two deliveries, two views each');
  const person = (await views.nth(2).locator('.caption code').first().innerText()).trim();
  assert.ok((await views.nth(1).innerText()).includes(person), 'the link map joins the second and the third');
  await page.locator('section.exhibit').screenshot({ path: join(out, 'four-views.png') });
  await close();
});

test('narrow, dark and printed', async () => {
  const narrow = await open(start, { viewport: { width: 360, height: 740 } });
  const overflow = await narrow.page.evaluate(() =>
    document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(overflow <= 0, `${overflow} pixels wider than a telephone`);
  await narrow.page.screenshot({ path: join(out, 'narrow.png'), fullPage: true });
  await narrow.close();

  const dark = await open(start, { colorScheme: 'dark' });
  const [paper, ink] = await dark.page.evaluate(() => {
    const style = getComputedStyle(document.body);
    return [style.backgroundColor, style.color].map((colour) =>
      colour.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0));
  });
  assert.ok(paper < 200 && ink > 500, 'light letters on dark paper');
  await dark.page.screenshot({ path: join(out, 'dark.png'), fullPage: true });
  await dark.close();

  const printed = await open(start);
  await printed.page.emulateMedia({ media: 'print' });
  assert.equal(await printed.page.locator('nav.counties').isVisible(), false);
  assert.equal(await printed.page.locator('p.download >> nth=0').isVisible(), false);
  assert.ok(await printed.page.locator('section.card.mapped figure.map svg').first().isVisible());
  const pdf = await printed.page.pdf({ path: join(out, 'page.pdf'), format: 'A4' });
  const pages = (pdf.toString('latin1').match(/\/Type\s*\/Page\b/g) ?? []).length;
  assert.ok(pages >= 4 && pages <= 20, `${pages} pages`);
  await printed.close();
});

test('every county has its page, and an unknown one has none', async () => {
  const { page, close } = await open(start);
  await page.getByRole('link', { name: 'Wetteraukreis' }).click();
  assert.match(await page.locator('h1').innerText(), /Wetteraukreis/);
  assert.equal(await tables(page).count(), 4);
  assert.equal(await page.locator('.mapped .numbers tbody tr').count(), 25);
  assert.equal((await page.request.get(`${origin}/projects/county-99999`)).status(), 404);
  await close();
});

test('a clerk reads the report beside the file', async () => {
  const reports = await files(data, (name) => name.endsWith('.bericht.html'));
  assert.ok(reports.length >= 30, `${reports.length} reports of fifteen departments`);
  const report = reports.find((path) => path.includes('jugendamt') && path.includes('06432'));
  const { page, asked, complaints, close } = await open(pathToFileURL(report).href, { javaScriptEnabled: false });
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  assert.equal(await page.locator('script').count(), 0);
  const text = await page.locator('body').innerText();
  assert.match(text, /Was das Haus verlässt/i);
  assert.match(text, /Quittung/i);
  // Exactly as they travel: the manifest's subjects are random, so a sample is recognised by form.
  assert.ok((text.match(/\b[0-9a-f]{32}\b/g) ?? []).length >= 2, 'sample rows with their random ids');
  const laid = (await readFile(report.replace(/\.bericht\.html$/, ''))).toString('utf8').split('\n');
  const column = laid[0].split('\t').indexOf('nachname');
  const names = new Set(laid.slice(1).map((line) => line.split('\t')[column]).filter((name) => name?.length > 5));
  assert.ok(names.size > 5);
  for (const name of names) {
    assert.ok(!new RegExp(`(^|[^\\p{L}])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}([^\\p{L}]|$)`, 'u').test(text),
      'a surname stands in the report');
  }
  assert.deepEqual(complaints, []);
  assert.deepEqual(asked.filter((url) => !url.startsWith('file:')), []);
  await page.screenshot({ path: join(out, 'report.png'), fullPage: true });
  await close();
});
