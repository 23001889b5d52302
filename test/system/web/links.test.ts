/** Links: one that is copied opens in another profile at exactly the same state; one that is wrong is one line. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserView, takePicture, untilReady } from './browser.ts';

const view = browserView('--seed', '7', 'fixtures/arguments', 'one', 'two words');

/** What a page shows of a state: its status, position, registers, walks. */
async function shownState(page: Page): Promise<Record<string, string>> {
  await untilReady(page);
  await page.getByRole('tab', { name: 'Registers' }).click();
  return {
    timeline: await page.locator('.timeline-text').innerText(),
    process: await page.locator('button.process.selected').innerText(),
    registers: await page.locator('.group.right .panel-body').innerText(),
    picture: await page.locator('.group.centre .panel-body').innerText(),
  };
}

async function copiedLink(page: Page): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByText('Link copied').waitFor();
  const url = await page.evaluate(() => navigator.clipboard.readText());
  expect(page.url()).toBe(url);
  return url;
}

const runTo = async (page: Page, goal: string): Promise<void> => {
  await page.getByRole('combobox', { name: 'Run to the next' }).selectOption(goal);
  await untilReady(page);
};

test('the demo behind its fork, with the child and the shared page selected', async () => {
  const page = await view.open('/');
  await untilReady(page);
  await runTo(page, 'fork');
  await page.locator('button.process', { hasText: '101' }).click();
  await page.getByRole('textbox', { name: 'address' }).first().fill('0x7ffff7ffe000');
  await page.keyboard.press('Enter');
  await page.locator('button.process[aria-pressed="true"]', { hasText: '101' }).waitFor();
  const url = await copiedLink(page);
  expect(new URL(url).hash).toMatch(/^#v=1&program=shm_demo&at=\d+\.\d+&tid=101&address=0x7ffff7ffe000$/);
  const before = await shownState(page);
  const other = await view.open(url);
  await other.locator('button.process[aria-pressed="true"]', { hasText: '101' }).waitFor();
  expect(await shownState(other)).toEqual(before);
  await takePicture(other, 'links-demo');
});

test('another place of the same run opens without loading it anew', async () => {
  const page = await view.open('/#v=1&program=copy_on_write');
  await untilReady(page);
  const loads: string[] = [];
  page.on('request', (request) => !request.url().includes('favicon') && loads.push(request.url()));
  await runTo(page, 'cow');
  const url = await copiedLink(page);
  const there = await shownState(page);
  await page.getByRole('button', { name: 'Step back' }).click();
  await untilReady(page);
  expect(await shownState(page)).not.toEqual(there);
  await page.evaluate(() => history.replaceState(null, '', '#v=1&program=copy_on_write'));
  await page.evaluate((hash) => void (location.hash = hash), new URL(url).hash);
  await expect.poll(() => shownState(page)).toEqual(there);
  expect(loads).toEqual([]);
});

test('the program that the server was given, with its arguments and its seed', async () => {
  const page = await view.open(view.server.url);
  await untilReady(page);
  await page.locator('[data-move="end"]').click();
  await page.locator('[data-move="end"][aria-disabled="true"]').waitFor();
  // It exits with the number of its words.
  await expect.poll(() => page.locator('button.process').getAttribute('title')).toBe('arguments: exits with status 3');
  const url = await copiedLink(page);
  expect(new URL(url).hash).toMatch(/^#v=1&given=arguments&at=\d+\.\d+/);
});

test('a lesson, at its step', async () => {
  const page = await view.open('/#v=1&lesson=shared-page&step=2');
  await page
    .locator('.lesson')
    .getByText(/^2 of \d+$/)
    .waitFor();
  await untilReady(page);
  const before = await page.locator('.lesson').innerText();
  const url = await copiedLink(page);
  expect(new URL(url).hash).toMatch(/^#v=1&lesson=shared-page&step=2&at=/);
  const other = await view.open(url);
  await expect.poll(() => other.locator('.lesson').innerText()).toBe(before);
});

test('links that follow each other quickly: the last one is where the page stands', async () => {
  const page = await view.open('/#v=1&lesson=shared-page&step=3');
  for (const name of ['vfork', 'thread', 'copy_on_write'])
    await page.evaluate((hash) => void (location.hash = hash), `#v=1&program=${name}`);
  await page.locator('button.process[title^="copy_on_write"]').waitFor();
  await untilReady(page);
  expect(await page.locator('button.process').first().getAttribute('title')).toMatch(/^copy_on_write/);
});

describe('of a program of the user', () => {
  test('it is in the link', async () => {
    const page = await view.open('/');
    await untilReady(page);
    const bytes = await (await page.request.get(`${view.server.origin}/programs/private_demo`)).body();
    await page.locator('.open-button').click();
    await page.getByRole('dialog').getByRole('tab', { name: 'Your own' }).click();
    await page
      .locator('input[type="file"]')
      .setInputFiles({ name: 'mine', mimeType: 'application/octet-stream', buffer: bytes });
    await page.getByRole('dialog').getByRole('button', { name: 'Open', exact: true }).click();
    await page.locator('button.process[title^="mine"]').waitFor();
    await runTo(page, 'fork');
    const url = await copiedLink(page);
    expect(new URL(url).hash).toMatch(/^#v=1&name=mine&elf=[\w-]{500,4000}&at=/);
    const before = await shownState(page);
    const other = await view.open(url);
    expect(await shownState(other)).toEqual(before);
  });

  test('assembled in the page: its source is in the link, too', async () => {
    const page = await view.open('/');
    await untilReady(page);
    await page.getByRole('tab', { name: 'Editor' }).click();
    const editor = page.getByRole('textbox', { name: 'Assembly source' });
    await editor.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(
      'global _start\n_start:\n  mov eax, 60\n  mov edi, 42  ; my own answer\n  syscall\n',
    );
    await editor.press('Control+Enter');
    await expect
      .poll(() => page.locator('button.process').first().getAttribute('title'), { timeout: 60_000 })
      .toMatch(/status 42$/);
    await page.locator('[data-move="start"]').click();
    await untilReady(page);
    const url = await copiedLink(page);
    expect(new URL(url).hash).toMatch(/^#v=1&name=\w+&elf=[\w-]{200,4000}&source-name=[\w.]+&source=[\w-]{50,500}/);
    const other = await view.open(url);
    await untilReady(other);
    await other.getByText('; my own answer').first().waitFor();
    await other.locator('[data-move="end"]').click();
    await expect.poll(() => other.locator('button.process').first().getAttribute('title')).toMatch(/status 42$/);
  });

  test('typed input is in the link', async () => {
    const page = await view.open('/#v=1&program=empty&typed=0.1:hello%0A');
    await untilReady(page);
    const url = await copiedLink(page);
    expect(new URL(url).hash).toMatch(/^#v=1&program=empty&typed=0\.1:hello%0A&at=0\.1/);
  });
});

describe('a wrong link is one line, and the page goes on', () => {
  test.each([
    ['#v=9&program=shm_demo', "the link is of version '9'; this page knows version 1"],
    ['#nonsense', "the link does not begin with 'v=1': it is none of pml4's"],
    ['#v=1&program=no_such', "the link is for 'no_such', which is no program of this page"],
    ['#v=1&program=https://example.com/evil', "the link has 'https://example.com/evil' where a name should be"],
    ['#v=1&lesson=none', "the link is for the lesson 'none', which is none of this page"],
    ['#v=1&program=shm_demo&at=5.20', /^the link's position 5\.20 is none of this run/],
    ['#v=1&program=shm_demo&tid=4711', 'the link selects 4711, and there is no such process here'],
    ['#v=1&program=shm_demo&show=picture,kitchen', "the link shows 'kitchen', which is no part of the page"],
    ['#v=1&given=other', "the link is for 'other', and this page's server has 'arguments'"],
    ['#v=1&name=x&elf=AAAA', 'the program in the link is damaged'],
    ['#v=1&name=x&elf=y0jNyckHAA', /^x: not an ELF file/],
  ])('%s', async (fragment, message) => {
    const page = await view.open(`/${fragment}`);
    await page.locator('.status-error').filter({ hasText: message }).waitFor();
    await untilReady(page);
    await page.getByRole('button', { name: 'Step', exact: true }).click();
    await untilReady(page);
    expect(await page.locator('.status-error').count()).toBe(0);
  });
});
