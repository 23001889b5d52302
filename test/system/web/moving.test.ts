/** The machine is moved by buttons, keys and the slider, forwards and backwards; and a guest that spins can be stopped. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { tinyElf } from '../../helpers/tiny-elf.ts';
import { browserView, PHONE, TABLET, takePicture, untilReady, WIDE } from './browser.ts';

const view = browserView();

const position = async (page: Page): Promise<{ event: number; instruction: number }> => {
  const text = (await page.getByRole('slider', { name: 'Position in the run' }).getAttribute('aria-valuetext'))!;
  const [, event, instruction] = /event (\d+) .*instruction ([\d,]+)/.exec(text)!;
  return { event: Number(event), instruction: Number(instruction.replaceAll(',', '')) };
};
const processes = async (page: Page): Promise<string[]> =>
  (await page.locator('.process').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
const status = (page: Page): Promise<string> => page.getByRole('status').innerText();
const press = async (page: Page, key: string): Promise<void> => {
  await page.keyboard.press(key);
  await page.locator('.status-text.ready').waitFor();
};

test('the demo to its end, back to its fork, and to its start', async () => {
  const page = await view.open();
  await untilReady(page);
  expect(await position(page)).toMatchObject({ instruction: 0 });
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByText('the end of the run').waitFor();
  // As published: the parent exits with 0; the child's comparison is of a truncated number, and it exits with 1.
  expect(await processes(page)).toEqual(['100 exits with status 0', '101 exits with status 1']);
  expect(await position(page)).toMatchObject({ instruction: 200_000_054 });
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByText('the beginning of the run').waitFor();
  await page.getByRole('combobox', { name: 'Run to the next' }).selectOption('fork');
  await expect.poll(() => status(page)).toContain('fork');
  expect(await processes(page)).toHaveLength(2);
  await page.getByRole('button', { name: 'Step back', exact: true }).click();
  await expect.poll(() => processes(page)).toHaveLength(1);
});

test('by keys alone: steps there and back, events, a page fault, the list of keys', async () => {
  const page = await view.open();
  await untilReady(page);
  for (let i = 1; i <= 5; i++) {
    await press(page, 's');
    expect((await position(page)).instruction).toBe(i);
  }
  for (let i = 4; i >= 0; i--) {
    await press(page, 'S');
    expect((await position(page)).instruction).toBe(i);
  }
  await press(page, 'e');
  const first = await position(page);
  await press(page, 'e');
  const second = await position(page);
  expect(second.event).toBeGreaterThan(first.event);
  await press(page, 'E');
  expect(await position(page)).toEqual(first);
  await press(page, 'p');
  expect(await status(page)).toMatch(/page fault/);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('the slider reaches every event by arrow keys, and counts instructions instead when asked to', async () => {
  const page = await view.open();
  await untilReady(page);
  const slider = page.getByRole('slider', { name: 'Position in the run' });
  await slider.focus();
  const { event } = await position(page);
  for (let i = 0; i < 4; i++) {
    const before = await position(page);
    await page.keyboard.press('ArrowRight');
    await expect.poll(async () => (await position(page)).event).toBeGreaterThan(before.event);
  }
  await page.keyboard.press('Home');
  await expect.poll(async () => (await position(page)).event).toBe(event);
  await page.getByRole('button', { name: 'by events' }).click();
  await slider.focus();
  await page.keyboard.press('End');
  await expect.poll(async () => (await position(page)).instruction).toBe(200_000_054);
});

describe('what cannot be loaded is told in a line', () => {
  test.each([
    ['the program', '**/programs/shm_demo', /^programs\/shm_demo: 404/],
    ['the list of programs', '**/programs.json', /^programs.json: 404/],
  ])('%s', async (_, url, expected) => {
    view.expectMessage(/404/);
    const page = await view.newPage();
    await page.route(url, (route) => route.fulfill({ status: 404 }));
    await page.goto(view.server.url);
    await page.locator('.status-error').waitFor();
    expect(await page.locator('.status-error').innerText()).toMatch(expected);
  });

  test("the machine's worker", async () => {
    view.expectMessage(/404|worker/i);
    const page = await view.newPage();
    await page.route('**/assets/main-*.js', (route) => route.fulfill({ status: 404 }));
    await page.goto(view.server.url);
    await page.locator('.status-error').waitFor();
    expect(await page.locator('.status-error').innerText()).toMatch(/^the machine could not be started: /);
  });
});

describe('a guest that spins', () => {
  const spin = async (): Promise<Page> => {
    const page = await view.newPage();
    // jmp $
    const program = tinyElf({
      entry: 0x401000n,
      segments: [{ address: 0x401000n, bytes: Uint8Array.of(0xeb, 0xfe), flags: 5 }],
    });
    await page.route('**/programs/shm_demo', (route) => route.fulfill({ body: Buffer.from(program) }));
    await page.goto(view.server.url);
    await untilReady(page);
    return page;
  };

  test('is stopped by Escape, and stepped back from there', async () => {
    const page = await spin();
    await page.keyboard.press('r');
    await page.locator('.status-text', { hasText: /Running: instruction/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.status-text', { hasText: /^stopped$/ }).waitFor();
    const stopped = await position(page);
    expect(stopped.instruction).toBeGreaterThan(1000);
    await press(page, 'S');
    expect((await position(page)).instruction).toBe(stopped.instruction - 1);
  });

  test('leaves the page alone: it answers while the guest runs', async () => {
    const page = await spin();
    await page.keyboard.press('r');
    await page.locator('.status-text', { hasText: /Running: instruction/ }).waitFor();
    await page.getByRole('tab', { name: 'Stack' }).click();
    await page.getByRole('region', { name: 'Stack' }).waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.locator('.status-text', { hasText: /^stopped$/ }).waitFor();
  });
});

test.each([
  ['wide', WIDE],
  ['tablet', TABLET],
  ['phone', PHONE],
] as const)('the middle of the run, %s', async (size, viewport) => {
  const page = await view.open('', { viewport });
  await untilReady(page);
  await press(page, 'f');
  for (let i = 0; i < 2; i++) await press(page, 'e');
  await takePicture(page, `middle-${size}`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
});
