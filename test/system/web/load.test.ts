/** The page loads: without an error, under a policy without inline scripts, and small. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { browserView, PHONE, TABLET, takePicture, untilReady, WIDE } from './browser.ts';

const view = browserView();
const MOST_OF_FIRST_LOAD = 1024 * 1024;

describe.each([
  ['wide', WIDE],
  ['tablet', TABLET],
  ['phone', PHONE],
])('%s', (size, viewport) => {
  test.each(['light', 'dark'] as const)('%s', async (colorScheme) => {
    const page = await view.open('', { viewport, colorScheme });
    await untilReady(page);
    expect(await page.title()).toMatch(/pml4/);
    await takePicture(page, `load-${size}-${colorScheme}`);
    // Nothing is wider than the screen.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
  });
});

test('all that is loaded before the page can be used is less than 1 MiB, compressed', async () => {
  const page = await view.newPage();
  const sizes = new Map<string, Promise<number>>();
  page.on('response', (response) => {
    const size = response.body().then((body) => gzipSync(body).length);
    sizes.set(new URL(response.url()).pathname, size);
  });
  await page.goto(view.server.url);
  await untilReady(page);
  const total = (await Promise.all(sizes.values())).reduce((sum, size) => sum + size, 0);
  console.log(`first load: ${sizes.size} files, ${total.toLocaleString('en')} bytes`);
  expect([...sizes.keys()]).toContain('/programs/shm_demo');
  expect(total).toBeLessThan(MOST_OF_FIRST_LOAD);
});

describe('the policy', () => {
  test('is in the page itself, for hosts that send no header', async () => {
    const page = await view.open();
    const policy = await page.getAttribute('meta[http-equiv="Content-Security-Policy"]', 'content');
    expect(policy).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'");
    const header = (await page.request.get(view.server.url)).headers()['content-security-policy'];
    expect(header).toContain(policy!);
  });

  test.each([
    [
      'an inline script',
      (): void => {
        const script = document.createElement('script');
        script.textContent = 'document.title = "inline"';
        document.head.append(script);
      },
      /inline script/,
    ],
    ['code from text', (): void => void setTimeout('document.title = "text"', 0), /unsafe-eval/],
    [
      'a file of another host',
      (): void => void fetch('http://localhost:1/x').catch(() => {}),
      /violates the document|connect-src/,
    ],
    [
      'a picture of another host',
      (): void => {
        document.body.append(Object.assign(new Image(), { src: 'http://localhost:1/x.png' }));
      },
      /img-src|image/,
    ],
  ])('forbids %s', async (_, act, pattern) => {
    view.expectMessage(pattern);
    const page = await view.open();
    await untilReady(page);
    const violation = page.waitForEvent('console', (message) => pattern.test(message.text()));
    await page.evaluate(act);
    await violation;
    expect(await page.title()).toMatch(/pml4/);
  });
});
