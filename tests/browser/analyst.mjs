// What an analyst does, in a real Chromium. Called by tests/browser/run:
// node analyst.mjs MODULES URL DATA_DIRECTORY OUTPUT_FOLDER

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { launch } from './browser.mjs';

const [modules, start, data, out] = process.argv.slice(2);
const need = createRequire(join(modules, 'here.js'));
const axe = need.resolve('axe-core/axe.min.js');
const origin = new URL(start).origin;
const PURPOSE = 'sozialmonitoring-06432';
const PAGES = ['/auswertung', `/auswertung/frage?zweck=${PURPOSE}&kennzahl=children-in-benefits`,
  `/auswertung/frage?zweck=${PURPOSE}&kennzahl=*&art=persons&dienst=kita`,
  `/auswertung/frage?zweck=${PURPOSE}&kennzahl=children-in-benefits&wie=breite&breite=viel`,
  '/auswertung/fruehwarnung', '/auswertung/bedarf', '/auswertung/verlauf'];
let browser;
// The address of a released table, from the first test on.
let result;

before(async () => { ({ browser } = await launch(modules)); });
after(() => browser.close());

// Somebody of the county who signed in, and everything their pages asked for and complained about.
async function signedIn(options = {}, who = 'analyst') {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const asked = [];
  const complaints = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${origin}/anmelden?weiter=/auswertung`);
  const token = (await readFile(join(data, '06432', who, 'token'), 'utf8')).trim();
  await page.fill('#name', `${who}-06432`);
  await page.fill('#secret', token);
  await Promise.all([page.waitForURL('**/auswertung'), page.click('main button[type=submit]')]);
  const close = async () => {
    assert.ok(asked.every((url) => new URL(url).origin === origin || url.startsWith('data:')), asked.join(' '));
    assert.deepEqual(complaints, []);
    await context.close();
  };
  return { page, close };
}

const shot = (page, name) => page.screenshot({ path: join(out, `analyst-${name}.png`), fullPage: true });
const overflow = (page) => page.evaluate(() =>
  document.documentElement.scrollWidth - document.documentElement.clientWidth);

// WCAG 2.2 AA and best practices, as far as axe can tell.
async function audit(page, what) {
  // The page's policy lets no foreign script in; the debugger does.
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Runtime.evaluate', { expression: await readFile(axe, 'utf8') });
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  const told = violations.map((own) =>
    `${own.id}: ${own.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 200)}`).join(' | ')}`);
  assert.deepEqual(told, [], what);
}

async function answered(page) {
  await page.waitForURL('**/auswertung/ergebnis/**', { timeout: 30000 });
  return new URL(page.url()).pathname;
}

test('an analyst prices, asks, reads, downloads and cites', async () => {
  const { page, close } = await signedIn();
  assert.match(await page.locator('h1').innerText(), /Darmstadt-Dieburg/);
  for (const chapter of ['Bevölkerung', 'Arbeit', 'Leistungen', 'Hilfen']) {
    assert.ok(await page.locator('h2', { hasText: chapter }).count() >= 1, chapter);
  }
  assert.ok(await page.locator('.a-tables a').count() >= 4, 'what the plan released can be read');
  await shot(page, 'catalogue');

  // An earlier year, which nothing was released of: a price that changes while one chooses.
  await page.goto(`${origin}/auswertung/frage?zweck=${PURPOSE}&kennzahl=children-in-benefits&jahr=2024`);
  const price = page.locator('#preis');
  const usual = await price.locator('.a-facts').innerText();
  assert.match(usual, /10\s*%\s+der Obergrenze/);
  await page.check('#wie-breite');
  await page.fill('#breite', '25');
  await page.waitForFunction((old) => document.querySelector('#preis .a-facts')?.innerText !== old, usual);
  assert.match(await price.locator('.a-facts').innerText(), /±\s*(25|24|2\d) Personen/);
  await shot(page, 'price');
  await page.check('#wie-ueblich');
  await page.waitForFunction((old) => document.querySelector('#preis .a-facts')?.innerText === old, usual);

  const [sent] = await Promise.all([page.waitForRequest((own) => own.method() === 'POST'),
    price.locator('.a-ask button').click()]);
  await page.waitForURL('**/auswertung/anfrage/**');
  assert.match(await page.locator('h1').innerText(), /wird berechnet/);
  await shot(page, 'progress');
  await page.reload();
  result = await answered(page);
  assert.match(await page.locator('h1').innerText(), /Kinder unter 15.*2024/);
  assert.match(await page.locator('#zitat').innerText(), /95-%-Intervall.*Freigabe Nr\. \d+/s);
  await page.selectOption('#zeile', { index: 3 });
  await page.click('text=Zitat zeigen');
  assert.match(page.url(), /zeile=3/);
  await shot(page, 'result');

  // The same form once more pays nothing and leads to the same answer.
  const again = await page.request.post(`${origin}/auswertung/frage`, {
    data: sent.postData(), headers: { 'content-type': 'application/x-www-form-urlencoded' }, maxRedirects: 5,
  });
  assert.equal(new URL(again.url()).pathname, result);

  for (const ending of ['csv', 'xlsx']) {
    const link = page.locator(`a[href$=".${ending}"]`).first();
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    assert.match(download.suggestedFilename(), new RegExp(`^children-in-benefits\\.2024.*\\.${ending}$`));
    const start = (await readFile(await download.path())).subarray(0, 3).toString('latin1');
    assert.match(start, ending === 'csv' ? /^\xef\xbb\xbf/ : /^PK/);
  }

  await page.goto(`${origin}/auswertung/verlauf`);
  const mine = page.locator('tbody tr', { hasText: 'Sie' });
  assert.equal(await mine.count(), 1, 'one question of mine');
  assert.match(await mine.innerText(), /2024/);
  assert.ok(await page.locator('tbody tr', { hasText: 'Freigabeplan' }).count() >= 2);
  await shot(page, 'history');
  await close();
});

test('changes are told in words, and need is marked as a model', async () => {
  const { page, close } = await signedIn();
  // The whole county, which is sure enough to be compared, in two years.
  for (const year of [2024, 2025]) {
    await page.goto(`${origin}/auswertung/frage?zweck=${PURPOSE}&kennzahl=children-in-benefits&jahr=${year}&gruppe=*`);
    await page.locator('.a-ask button').click();
    await answered(page);
  }
  await page.goto(`${origin}/auswertung/fruehwarnung`);
  const verdicts = await page.locator('tbody tr td:last-child').allInnerTexts();
  assert.ok(verdicts.length > 0, 'two years of one table are compared');
  for (const verdict of verdicts) assert.match(verdict, /^(deutlich (gestiegen|gesunken)|unklar)$/);
  const clear = verdicts.filter((own) => own.startsWith('deutlich')).length;
  assert.ok(verdicts.slice(0, clear).every((own) => own.startsWith('deutlich')), 'clear ones first');
  assert.match(await page.locator('#fazit').innerText(), new RegExp(`^${clear} von \\d+`));
  await shot(page, 'warning');
  await page.goto(`${origin}/auswertung/bedarf`);
  assert.match(await page.locator('h1').innerText(), /Modell/);
  assert.match(await page.locator('#rechnung').innerText(), /^Modell/);
  assert.equal(await page.locator('thead th').count(), 2 + 5, 'five years');
  assert.ok(await page.locator('#annahmen ~ ul li').count() >= 3);
  await shot(page, 'need');
  await close();
});

test('no page violates what axe knows, light, dark and in English', async () => {
  for (const scheme of ['light', 'dark']) {
    const { page, close } = await signedIn({ colorScheme: scheme });
    for (const path of [...PAGES, result]) {
      await page.goto(origin + path);
      await audit(page, `${scheme} ${path}`);
    }
    await shot(page, `result-${scheme}`);
    await page.goto(origin + PAGES[1]);
    await shot(page, `price-${scheme}`);
    await close();
  }
  const { page, close } = await signedIn();
  await page.goto(`${origin}/sprache?zu=en&weiter=/auswertung`);
  for (const path of [...PAGES, result]) {
    await page.goto(origin + path);
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    await audit(page, `English ${path}`);
  }
  await page.goto(`${origin}/sprache?zu=de&weiter=/auswertung`);
  await close();
});

test('the keyboard alone prices and asks', async () => {
  const { page, close } = await signedIn();
  await page.goto(`${origin}/auswertung/frage?zweck=${PURPOSE}&kennzahl=day-care-hours&jahr=2024`);
  const tabTo = async (wanted) => {
    for (let tries = 0; tries < 80; tries += 1) {
      await page.keyboard.press('Tab');
      const seen = await page.evaluate((selector) => {
        const own = document.activeElement;
        if (!own || !own.matches(selector)) return false;
        const style = getComputedStyle(own);
        return style.outlineStyle !== 'none' || style.boxShadow !== 'none' ? 'seen' : 'unseen';
      }, wanted);
      if (seen) { assert.equal(seen, 'seen', `${wanted} shows that it has the focus`); return; }
    }
    assert.fail(`${wanted} is not reached`);
  };
  await tabTo('#jahr');
  await tabTo('[name=wie]');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.ok(await page.isChecked('#wie-anteil'));
  await tabTo('#anteil');
  await page.keyboard.type('8');
  await page.waitForFunction(() => /\b8\s*%/.test(document.querySelector('#preis .a-facts')?.innerText ?? ''));
  await tabTo('.a-ask button');
  await page.keyboard.press('Enter');
  await answered(page);
  await close();
});

test('without JavaScript everything works', async () => {
  const { page, close } = await signedIn({ javaScriptEnabled: false });
  await page.goto(`${origin}/auswertung/frage?zweck=${PURPOSE}&kennzahl=housing-cost&jahr=2024`);
  await page.check('#wie-anteil');
  await page.fill('#anteil', '9');
  await page.click('text=Preis zeigen');
  assert.match(await page.locator('#preis').innerText(), /\b9\s*%/);
  await page.locator('.a-ask button').click();
  await answered(page);
  // A question of one's own.
  await page.goto(`${origin}/auswertung/frage?zweck=${PURPOSE}&kennzahl=*&jahr=2024`);
  await page.check('#art-persons');
  await page.check('#dienst-kita');
  await page.check('#nach-sex');
  await page.click('text=Preis zeigen');
  await shot(page, 'own-question');
  assert.match(await page.locator('#preis').innerText(), /Freie Frage: Personen/);
  await close();
});

test('a telephone and a page twice as large have everything', async () => {
  for (const [name, width, height] of [['telephone', 360, 740], ['large', 640, 450]]) {
    const { page, close } = await signedIn({ viewport: { width, height } });
    for (const path of [...PAGES, result]) {
      await page.goto(origin + path);
      assert.ok(await overflow(page) <= 0, `${name} ${path}: ${await overflow(page)} pixels too wide`);
      await shot(page, `${name}-${path.split('?')[0].split('/')[2] ?? 'catalogue'}`);
    }
    await close();
  }
});

test('pages are light, guarded and quick', async () => {
  const { page, close } = await signedIn();
  const measured = {};
  for (const path of [...PAGES, result]) {
    let weight = 0;
    const bodies = [];
    const listen = (response) => bodies.push(response.body().then((body) => { weight += gzipSync(body).length; }, () => {}));
    page.on('response', listen);
    const response = await page.goto(origin + path);
    page.off('response', listen);
    await Promise.all(bodies);
    const heads = response.headers();
    assert.match(heads['content-security-policy'], /default-src 'none'/);
    assert.match(heads['content-security-policy'], /frame-ancestors 'none'/);
    assert.doesNotMatch(heads['content-security-policy'], /unsafe|\*/);
    assert.equal(heads['x-content-type-options'], 'nosniff');
    assert.equal(heads['cache-control'], 'no-store');
    assert.ok(weight < 100_000, `${path}: ${weight} bytes`);
    // Told and not asserted: how busy the machine is decides it.
    const first = [];
    for (let times = 0; times < 5; times += 1) {
      await page.goto(origin + path);
      first.push(await page.evaluate(() => {
        const own = performance.getEntriesByType('navigation')[0];
        return own.responseStart - own.requestStart;
      }));
    }
    measured[path] = { gzip_bytes: weight, first_byte_ms: first.sort((a, b) => a - b)[2] };
  }
  await writeFile(join(out, 'analyst-measured.json'), JSON.stringify(measured, null, 2));
  await close();
});

test('who is no analyst finds no such page', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${origin}/auswertung`);
  assert.match(page.url(), /\/anmelden\?weiter=/);
  const token = (await readFile(join(data, '06432', 'operator', 'token'), 'utf8')).trim();
  await page.fill('#name', 'operator-06432');
  await page.fill('#secret', token);
  await Promise.all([page.waitForNavigation(), page.click('main button[type=submit]')]);
  const response = await page.goto(`${origin}/auswertung`);
  assert.equal(response.status(), 404);
  await context.close();
});
