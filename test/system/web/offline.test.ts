/** Without a network: what was loaded once works, at any path of a host; a newer version takes the place of an older one. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listenOnLoopback } from '../../../src/cli/listener.ts';
import { webServer } from '../../../src/cli/web-server.ts';
import { browserView, ServeProcess, untilReady } from './browser.ts';

const BUILT = join(import.meta.dirname, '../../../dist/web');
const UNREACHABLE = /ERR_CONNECTION_REFUSED|ERR_FAILED|ERR_INTERNET_DISCONNECTED/;
const view = browserView();

/** All files that are to be kept are. */
const untilKept = (page: Page): Promise<unknown> =>
  page.evaluate(async () => void (await navigator.serviceWorker.ready));

const keptPaths = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const caching = await Promise.all(names.map(async (name) => await (await caches.open(name)).keys()));
    return caching.flat().map(({ url }) => new URL(url).pathname + new URL(url).search);
  });

test('loaded once, the page works when its server has gone, with every program', async () => {
  const server = await ServeProcess.start();
  const page = await view.newPage();
  await page.goto(server.url);
  await untilReady(page);
  await untilKept(page);
  await server.stop();
  view.expectMessage(UNREACHABLE);
  await page.reload();
  await untilReady(page);
  await page.getByTitle('Open a lesson or a program').click();
  await page.getByRole('tab', { name: 'Programs' }).click();
  await page.locator('.card', { hasText: 'copy_on_write' }).first().click();
  await page.locator('button.process[title^="copy_on_write"]').waitFor();
  const answer = await page.evaluate(async () => (await fetch('sources/copy_on_write.asm')).text());
  expect(answer).toContain('%include "linux.inc"');
});

test('what few need is kept when it was used', async () => {
  const page = await view.open();
  await untilReady(page);
  await untilKept(page);
  const isKept = async () => (await keptPaths(page)).some((path) => path.startsWith('/THIRD-PARTY.txt'));
  expect(await isKept()).toBe(false);
  await page.reload();
  await untilReady(page);
  await page.evaluate(async () => void (await (await fetch('THIRD-PARTY.txt')).text()));
  expect(await isKept()).toBe(true);
});

test('what is not one of its files is asked for each time', async () => {
  const page = await view.open();
  await untilReady(page);
  await untilKept(page);
  await page.reload();
  await untilReady(page);
  const path = (response: { url(): string }) => new URL(response.url()).pathname === '/given/program';
  view.expectMessage(/404/);
  const [response] = await Promise.all([page.waitForResponse(path), page.evaluate(() => fetch('given/program'))]);
  expect([response.status(), response.fromServiceWorker()]).toEqual([404, false]);
});

let home: string;
let server: Server;
let origin: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'pml4-offline-'));
  cpSync(BUILT, join(home, 'courses/pml4'), { recursive: true });
  writeFileSync(
    join(home, 'index.html'),
    '<!doctype html><link rel=icon href=data:,><title>another page of the same host</title>',
  );
  server = webServer(home, new Map());
  origin = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(home, { recursive: true });
});

test('in a directory of a host, beside pages of others; a new version removes what it does not need', async () => {
  const page = await view.newPage();
  await page.goto(`${origin}/courses/pml4/`);
  await untilReady(page);
  await untilKept(page);
  const before = await keptPaths(page);
  expect(before.every((path) => path.startsWith('/courses/pml4/'))).toBe(true);

  // A version with another page, as a build would make it.
  const directory = join(home, 'courses/pml4');
  const html = readFileSync(join(directory, 'index.html'), 'utf8').replace('<title>pml4', '<title>the new pml4');
  writeFileSync(join(directory, 'index.html'), html);
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256').update(html).digest('hex').slice(0, 16);
  const worker = readFileSync(join(directory, 'service-worker.js'), 'utf8');
  writeFileSync(
    join(directory, 'service-worker.js'),
    worker.replace(/"index\.html":"\w+"/, `"index.html":"${hash}"`).replace(/"favicon\.svg":"\w+",/, ''),
  );

  await page.reload();
  await untilReady(page);
  expect(await page.title()).toMatch(/^the new pml4/);
  // The new worker begins when no page of the old one is left.
  await page.evaluate(async () => {
    const registration = (await navigator.serviceWorker.getRegistration())!;
    await registration.update();
    const worker = registration.installing ?? registration.waiting;
    if (worker?.state === 'installing')
      await new Promise((resolve) => worker.addEventListener('statechange', resolve, { once: true }));
  });
  await page.goto(`${origin}/`);
  expect(await page.title()).toBe('another page of the same host');
  await page.waitForTimeout(200);
  await page.goto(`${origin}/courses/pml4/`);
  await untilReady(page);
  await untilKept(page);
  await expect.poll(async () => (await keptPaths(page)).filter((path) => path.includes('favicon'))).toEqual([]);
  const after = await keptPaths(page);
  expect(after.filter((path) => path.includes('index.html'))).toEqual([`/courses/pml4/index.html?${hash}`]);
  expect(after).toHaveLength(before.length - 1);
});
