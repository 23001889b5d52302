/**
 * `npm run bench:web`: the browser view in Debian's Chromium. What is loaded before the page can be used, and after how
 * long; what a step takes with all panels in view, from the key to the frame that shows it; frames a second while a guest
 * spins. Times are milliseconds. Option: --rounds N, of the first load, whose median counts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { fixed, median } from './measure.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STEPS = 20;
/** No answer means that there is nothing more in that direction. */
const PATIENCE_MS = 1000;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const rounds = Number(values.rounds);

const server = spawn(process.execPath, [join(ROOT, 'dist/cli.js'), 'serve', '--port', '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let browser: Browser | undefined;
try {
  const [line] = await once(server.stdout, 'data');
  const url = /http:\S+/.exec(String(line))![0];
  const isRoot = process.getuid?.() === 0;
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: isRoot ? ['--no-sandbox'] : [],
  });
  await firstLoad(browser, url);
  await steps(browser, url);
  await spinning(browser, url);
} finally {
  await browser?.close();
  server.kill();
}

async function openPage(on: Browser, url: string): Promise<Page> {
  const context = await on.newContext({ viewport: { width: 1440, height: 900 }, serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.goto(url);
  await ready(page);
  return page;
}

async function ready(page: Page): Promise<void> {
  await page.waitForSelector('[data-move="step"][aria-disabled="false"]');
}

async function firstLoad(on: Browser, url: string): Promise<void> {
  const times: number[] = [];
  let sizes: { path: string; bytes: number }[] = [];
  for (let i = 0; i < rounds; i++) {
    const context = await on.newContext({ viewport: { width: 1440, height: 900 }, serviceWorkers: 'block' });
    const page = await context.newPage();
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(request.url()));
    const started = performance.now();
    await page.goto(url);
    await ready(page);
    times.push(performance.now() - started);
    const loaded = [...asked];
    await context.close();
    sizes = await Promise.all(loaded.map(compressedSize));
  }
  sizes.sort((a, b) => b.bytes - a.bytes);
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(`first load: ${fixed(total / 1024, 0)} KiB compressed in ${sizes.length} files, usable after ${fixed(median(times), 0)} ms`); // biome-ignore format: one line
  for (const { path, bytes } of sizes.slice(0, 4)) console.log(`  ${fixed(bytes / 1024, 0).padStart(5)} KiB ${path}`);
}

async function compressedSize(url: string): Promise<{ path: string; bytes: number }> {
  const body = new Uint8Array(await (await fetch(url)).arrayBuffer());
  return { path: new URL(url).pathname, bytes: gzipSync(body, { level: 9 }).length };
}

/** From the key to the frame after the one that has the new position. */
async function steps(on: Browser, url: string): Promise<void> {
  const page = await openPage(on, url);
  const measure = async (key: string): Promise<number[]> => {
    const times: number[] = [];
    for (let i = 0; i < STEPS; i++) {
      const time = await page.evaluate(
        async ({ pressed, patience }) => {
          const text = (): string | null => document.querySelector('.timeline-text')!.textContent;
          const before = text();
          const started = performance.now();
          document.body.dispatchEvent(new KeyboardEvent('keydown', { key: pressed, bubbles: true, cancelable: true }));
          while (text() === before && performance.now() - started < patience)
            await new Promise<void>((resolve) => {
              const { port1, port2 } = new MessageChannel();
              port1.onmessage = () => resolve();
              port2.postMessage(0);
            });
          await new Promise(requestAnimationFrame);
          return performance.now() - started;
        },
        { pressed: key, patience: PATIENCE_MS },
      );
      if (time >= PATIENCE_MS) break;
      times.push(time);
    }
    return times.sort((a, b) => a - b);
  };
  for (const [title, key] of [
    ['step', 's'],
    ['step back', 'S'],
    ['next event', 'e'],
    ['previous event', 'E'],
  ]) {
    // biome-ignore format: a table
    const times = await measure(key);
    console.log(`${title}: ${fixed(median(times), 1)} ms in the median, ${fixed(times.at(-1) ?? 0, 1)} at most, of ${times.length}`); // biome-ignore format: one line
  }
  await page.context().close();
}

/** Nothing but the page's own work is beside the guest's. */
async function spinning(on: Browser, url: string): Promise<void> {
  const context = await on.newContext({ viewport: { width: 1440, height: 900 }, serviceWorkers: 'block' });
  const page = await context.newPage();
  const program = spinner();
  await page.route('**/programs/shm_demo', (route) => route.fulfill({ body: Buffer.from(program) }));
  await page.goto(url);
  await ready(page);
  await page.keyboard.press('r');
  await page.waitForTimeout(500);
  const frames = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const started = performance.now();
        let count = 0;
        const next = (): void => {
          count++;
          if (performance.now() - started < 2000) requestAnimationFrame(next);
          else resolve((count * 1000) / (performance.now() - started));
        };
        requestAnimationFrame(next);
      }),
  );
  const started = performance.now();
  await page.keyboard.press('Escape');
  await ready(page);
  console.log(`a spinning guest: ${fixed(frames, 0)} frames a second meanwhile, stopped after ${fixed(performance.now() - started, 0)} ms`); // biome-ignore format: one line
  await context.close();
}

/** jmp $, in an ELF file of 128 bytes. */
function spinner(): Uint8Array {
  const file = new Uint8Array(0x80);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 62, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, 0x400078n, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, 1, true);
  view.setUint32(68, 5, true);
  view.setBigUint64(80, 0x400000n, true);
  view.setBigUint64(88, 0x400000n, true);
  view.setBigUint64(96, 0x80n, true);
  view.setBigUint64(104, 0x80n, true);
  view.setBigUint64(112, 0x1000n, true);
  file.set([0xeb, 0xfe], 0x78);
  return file;
}
