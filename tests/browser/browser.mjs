// A real Chromium, somebody who signs in, and what every page behind the sign-in has to hold.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const USUAL = { viewport: { width: 1280, height: 900 } };

// Starts the system's browser with the driver from `modules`.
export async function launch(modules) {
  const need = createRequire(join(modules, 'here.js'));
  const { chromium } = need('playwright-core');
  const axe = await readFile(need.resolve('axe-core/axe.min.js'), 'utf8');
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
      '--disable-component-update'],
  });
  return { browser, axe };
}

// Somebody with a name and a token signs in at a unit; everything their pages ask for and complain
// about is noted.
export async function signIn({ browser }, origin, name, token, options = {}) {
  const context = await browser.newContext({ ...USUAL, ...options });
  const page = await context.newPage();
  const asked = [];
  const complaints = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${origin}/anmelden`);
  await page.fill('#name', name);
  await page.fill('#secret', token);
  await page.press('#secret', 'Enter');
  await page.waitForURL((url) => url.pathname !== '/anmelden');
  // Nothing was asked of another host, and nothing went wrong.
  const close = async () => {
    assert.deepEqual(asked.filter((url) => !url.startsWith('data:') && new URL(url).origin !== origin), []);
    assert.deepEqual(complaints, []);
    await context.close();
  };
  return { page, close };
}

// What is against WCAG 2.2 AA and best practices on a page, as far as a program can tell.
export async function violations({ axe }, page, what) {
  // The page's policy lets no foreign script in; the debugger does.
  const debug = await page.context().newCDPSession(page);
  await debug.send('Runtime.evaluate', { expression: axe });
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  return violations.map((own) => `${what}: ${own.id}: ${own.nodes.slice(0, 3).map((node) =>
    `${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 240)}`).join(' | ')}`);
}

// By how many pixels a page is wider than its window.
export const overflow = (page) => page.evaluate(() =>
  document.documentElement.scrollWidth - document.documentElement.clientWidth);

// The heads that every page has, and the word that lets no script but our own run.
export function guarded(response, what) {
  const heads = response.headers();
  const policy = heads['content-security-policy'] ?? '';
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'",
    "frame-ancestors 'none'", "base-uri 'none'"]) {
    assert.ok(policy.includes(part), `${what}: ${part} in ${policy}`);
  }
  assert.ok(!policy.includes('unsafe'), what);
  assert.equal(heads['x-content-type-options'], 'nosniff', what);
  assert.equal(heads['x-frame-options'], 'DENY', what);
  assert.equal(heads['cache-control'], 'no-store', what);
}

// What a page weighs with its style and script, compressed, in bytes.
export async function weight(page, origin, address) {
  let bytes = 0;
  for (const path of [address, '/kern.css', '/staff.css', '/staff.js']) {
    const answer = await page.request.get(origin + path);
    assert.equal(answer.status(), 200, path);
    bytes += gzipSync(await answer.body()).length;
  }
  return bytes;
}
