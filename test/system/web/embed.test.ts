/** The page in other people's pages: the element and the plain frame, from another origin, and who may not frame it. */
import { createServer, type Server } from 'node:http';
import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listenOnLoopback } from '../../../src/cli/listener.ts';
import { browserView, OTHER_HOST, takePicture } from './browser.ts';

const view = browserView();
let host: Server;
let origin: string;
/** What the other page has in its body. */
let body = '';

beforeAll(async () => {
  host = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html');
    const script = `<script src="${view.server.origin}/pml4-machine.js"></script>`;
    response.end(
      request.url === '/'
        ? `<!doctype html><link rel=icon href=data:,><style>* { color: red; }</style>${script}${body}`
        : '',
    );
  });
  origin = `http://localhost:${await listenOnLoopback(host, 0)}`;
});
afterAll(() => {
  host.close();
  host.closeAllConnections();
});

const FRAME = 'pml4-machine iframe';

async function open(element: string): Promise<[Page, FrameLocator]> {
  body = element;
  const page = await view.newPage();
  await page.goto(`${origin}/`);
  return [page, page.frameLocator(FRAME)];
}

const untilReady = (frame: FrameLocator): Promise<void> =>
  frame.locator('[data-move="step"][aria-disabled="false"]').waitFor();
const setAttributes = (page: Page, attributes: Readonly<Record<string, string>>): Promise<void> =>
  page.locator('pml4-machine').evaluate((element, given) => {
    for (const [name, value] of Object.entries(given)) element.setAttribute(name, value);
  }, attributes);

test('the element stands where its attributes say, without what opens programs', async () => {
  const [page, frame] = await open(
    '<pml4-machine program="shm_demo" position="16.10" tid="101" address="0x7ffff7ffe000"></pml4-machine>',
  );
  await frame.locator('button.process[aria-pressed="true"]', { hasText: '101' }).waitFor();
  expect(await frame.locator('.timeline-text').innerText()).toMatch(/^#10\/\d+\s16$/);
  expect(await frame.getByRole('textbox', { name: 'address' }).first().inputValue()).toBe('0x7ffff7ffe000');
  expect(await frame.getByTitle('Open a lesson or a program').count()).toBe(0);
  expect(await frame.getByRole('button', { name: 'Copy link' }).count()).toBe(0);
  expect(await page.locator(FRAME).getAttribute('title')).toBe('pml4: shm_demo');
  await takePicture(page, 'embed-element');
});

test('attributes that change move the machine, in the same page', async () => {
  const [page, frame] = await open(
    '<pml4-machine program="shm_demo" show="code,status,timeline,controls"></pml4-machine>',
  );
  await untilReady(frame);
  const loads: string[] = [];
  page.on('framenavigated', (one) => void loads.push(one.url()));
  page.on('request', (request) => void (request.url().includes('favicon') || loads.push(request.url())));
  const length = await page.evaluate(() => history.length);
  await setAttributes(page, { position: '26.11', tid: '100' });
  await expect.poll(() => frame.locator('.timeline-text').innerText()).toMatch(/^#11\/\d+\s26$/);
  expect(loads.filter((url) => !url.includes('#'))).toEqual([]);
  expect(await page.evaluate(() => history.length)).toBe(length);

  expect(await frame.getByRole('heading', { name: 'Registers' }).count()).toBe(0);
  await setAttributes(page, { show: 'registers, controls' });
  await frame.getByRole('heading', { name: 'Registers' }).waitFor();
  expect(await frame.getByRole('heading', { name: 'Code' }).count()).toBe(0);

  await setAttributes(page, { program: 'copy_on_write', position: '0.1', show: 'picture,status' });
  await frame.locator('button.process[title^="copy_on_write"]').waitFor();
});

test('a link that was copied is an attribute, too', async () => {
  const link = 'https://somewhere.example/pml4/#v=1&program=vfork&at=0.1';
  const [, frame] = await open(`<pml4-machine link="${link}" show="status"></pml4-machine>`);
  await frame.locator('button.process[title^="vfork"]').waitFor();
  expect(await frame.locator('.panel').count()).toBe(0);
});

test('what is wrong is one line in the frame', async () => {
  const [, frame] = await open('<pml4-machine program="no such" show="picture"></pml4-machine>');
  await frame.getByText("the link is for 'no such', which is no program of this page").waitFor();
});

test('the focus goes into the frame and out of it, and keys are heard there', async () => {
  const [page, frame] = await open(
    '<button id="before">before</button><pml4-machine program="shm_demo"></pml4-machine><button id="after">after</button>',
  );
  await untilReady(frame);
  const focused = () => page.evaluate(() => document.activeElement?.tagName);
  expect(await focused()).toBe('BODY');
  await page.locator('#before').focus();
  await page.keyboard.press('Tab');
  await expect.poll(focused).toBe('PML4-MACHINE');
  await page.keyboard.press('s');
  await expect.poll(() => frame.locator('.timeline-text').innerText()).toMatch(/\s1$/);
  await page.locator('#after').focus();
  await page.keyboard.press('Shift+Tab');
  await expect.poll(focused).toBe('PML4-MACHINE');
  await page.locator('#before').focus();
  await page.locator('pml4-machine').evaluate((element: HTMLElement) => element.focus());
  await expect.poll(focused).toBe('PML4-MACHINE');
});

test('it is as large as it is made, and shows one panel at a time when it is narrow', async () => {
  const [page, frame] = await open(
    '<pml4-machine program="shm_demo" style="width: 380px; height: 500px"></pml4-machine>',
  );
  await frame.locator('.shell.narrow').waitFor();
  await untilReady(frame);
  const size = () => page.locator(FRAME).evaluate((element) => [element.clientWidth, element.clientHeight]);
  expect(await size()).toEqual([380, 500]);
  await takePicture(page, 'embed-narrow');
  await page.locator('pml4-machine').evaluate((element: HTMLElement) => {
    element.style.width = '1200px';
  });
  await frame.locator('.shell:not(.narrow)').waitFor();
  expect(await size()).toEqual([1200, 500]);
});

test('neither page has the styles of the other', async () => {
  const [page, frame] = await open('<p>text</p><pml4-machine program="shm_demo"></pml4-machine>');
  await untilReady(frame);
  const colourOf = (element: Element) => getComputedStyle(element).color;
  expect(await page.locator('p').evaluate(colourOf)).toBe('rgb(255, 0, 0)');
  expect(await frame.locator('.timeline-text').evaluate(colourOf)).not.toBe('rgb(255, 0, 0)');
});

test('the example', async () => {
  const page = await view.open('/embed-example.html', { viewport: { width: 1200, height: 1500 } });
  const [first, second] = [page.frameLocator(FRAME), page.frameLocator('main > iframe')];
  await untilReady(first);
  await untilReady(second);
  await expect.poll(() => first.locator('button.process').count()).toBe(2);
  await takePicture(page, 'embed-example');
});

test('a page of another computer may not frame it, nor ask it by another name', async () => {
  view.expectMessage(/frame-ancestors|ERR_BLOCKED_BY_RESPONSE|421|Cross-Origin-Opener-Policy/);
  body = `<iframe src="${view.server.origin}/"></iframe>`;
  const page = await view.newPage();
  await page.goto(origin.replace('localhost', OTHER_HOST));
  await expect.poll(() => page.frames()[1]?.url()).toMatch(/^chrome-error:/);
  const answer = await page.goto(view.server.origin.replace('127.0.0.1', OTHER_HOST));
  expect([answer?.status(), (await answer?.text())?.trim()]).toEqual([
    421,
    `this is a server for this computer alone: ask it as 127.0.0.1:${new URL(view.server.origin).port}`,
  ]);
});
