/** The picture in Chromium: one frame with two arrows, the steps of a break, a frame's details, by keys alone, saved as SVG. */
import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserView, PHONE, TABLET, takePicture, untilReady, WIDE } from './browser.ts';

const view = browserView();

const SHARED = '0x7ffff7ffe000';
const frames = (page: Page, kind: string): Locator => page.locator(`.drawing [data-frame][data-kind="${kind}"]`);
const arrowsTo = async (page: Page, frame: string): Promise<string[]> =>
  (await page.locator(`.drawing [data-arrow-to="${frame}"]`).evaluateAll((all) => all.map((one) => one.getAttribute('data-arrow-from')!))).sort(); // biome-ignore format: one line
const openFrames = (page: Page): Promise<string[]> =>
  page.locator('.drawing .frame.open').evaluateAll((all) => all.map((one) => one.getAttribute('data-frame')!));
const bytesOf = async (page: Page, frame: string): Promise<string> =>
  (await page.locator(`.drawing [data-frame="${frame}"] .bytes`).first().textContent())!.trim();

async function openProgram(page: Page, name: string): Promise<void> {
  await page.locator('.open-button').click();
  await page.getByRole('tab', { name: 'Programs' }).click();
  await page.getByRole('searchbox', { name: 'Search programs' }).fill(name);
  await page.locator('.card', { has: page.locator(`code:text-is("${name}")`) }).click();
  await expect.poll(() => page.locator('.open-button').innerText()).toContain(name);
  await untilReady(page);
}
async function runTo(page: Page, goal: string, text: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Run to the next' }).selectOption(goal);
  await page.getByText(text).first().waitFor();
  await untilReady(page);
}
async function select(page: Page, address: string): Promise<void> {
  const field = page.getByRole('textbox', { name: 'address' });
  await field.fill(address);
  await field.press('Enter');
  await page.getByRole('button', { name: 'pinned' }).waitFor();
}

test('the demo: after the fork one frame with two arrows; the parent writes, its bytes are there; a step back takes them away', async () => {
  const page = await view.open();
  await untilReady(page);
  await runTo(page, 'fork', 'fork: process 101');
  await select(page, SHARED);
  await expect.poll(() => frames(page, 'shared').count()).toBe(1);
  const frame = (await frames(page, 'shared').getAttribute('data-frame'))!;
  expect(await arrowsTo(page, frame)).toEqual([`100:${SHARED}`, `101:${SHARED}`]);
  expect(await frames(page, 'shared').locator('[data-opens]').getAttribute('aria-label')).toContain(
    '2 mappings: 100, 101',
  );
  expect(await bytesOf(page, frame)).toBe('00 00 00 00 00 00 00 00');
  await takePicture(page, 'picture-shared');
  await page.getByRole('combobox', { name: 'Run to the next' }).selectOption('store');
  await expect.poll(() => bytesOf(page, frame)).toBe('be ba fe ca ef be ad de');
  const changed = page.locator(`.drawing [data-frame="${frame}"] .byte-changed`);
  expect((await changed.allTextContents()).join('')).toBe('be ba fe ca ef be ad de');
  await page.getByRole('button', { name: 'Step back' }).click();
  await expect.poll(() => bytesOf(page, frame)).toBe('00 00 00 00 00 00 00 00');
  expect(await arrowsTo(page, frame)).toHaveLength(2);
});

test('the private twin: one frame, and two after the break; its four steps, there and back, by keys', async () => {
  const page = await view.open();
  await untilReady(page);
  await openProgram(page, 'private_demo');
  await runTo(page, 'fork', 'fork: process 101');
  await select(page, SHARED);
  const [old] = await openFrames(page);
  expect(await openFrames(page)).toEqual([old]);
  expect(await page.locator(`[data-frame="${old}"]`).getAttribute('data-kind')).toBe('copy on write');
  await runTo(page, 'cow', 'copy-on-write break');
  await expect.poll(() => openFrames(page)).toHaveLength(2);
  const [copy] = (await openFrames(page)).filter((one) => one !== old);
  expect(await arrowsTo(page, copy)).toEqual([`100:${SHARED}`]);
  expect(await arrowsTo(page, old)).toEqual([`101:${SHARED}`]);

  const stepper = page.locator('.stepper');
  const stage = (): Promise<string | null> => stepper.getAttribute('data-stage');
  const text = (): Promise<string> => stepper.locator('.stepper-text').innerText();
  expect(await stage()).toBe('entry');
  await stepper.getByRole('button', { name: 'Back' }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect.poll(stage).toBe('frame');
  expect(await text()).toContain('all 4096 bytes');
  expect(await page.locator('.drawing .copy').count()).toBe(1);
  expect(await arrowsTo(page, copy)).toEqual([]);
  expect(await arrowsTo(page, old)).toHaveLength(2);
  await takePicture(page, 'picture-copy');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(stage).toBe('meet');
  expect(await text()).toContain('error code P W U');
  expect(await openFrames(page)).toEqual([old]);
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
  await expect.poll(stage).toBe('again');
  await expect.poll(() => bytesOf(page, copy)).toBe('be ba fe ca ef be ad de');
  expect(await bytesOf(page, old)).toBe('00 00 00 00 00 00 00 00');
  // The machine itself has not moved.
  expect(await page.getByRole('slider', { name: 'Position in the run' }).getAttribute('aria-valuetext')).toContain(
    'event 11 ',
  );
});

test('by keys alone: to a page, which Enter selects; to its bits, to its frame, and its details', async () => {
  const page = await view.open();
  await untilReady(page);
  await runTo(page, 'fork', 'fork: process 101');
  const focused = (name: string): Promise<string | null> =>
    page.evaluate((one) => document.activeElement!.getAttribute(one), name);
  await page.getByRole('button', { name: 'save SVG' }).focus();
  for (let i = 0; i < 8 && (await focused('data-stop')) !== 'space100'; i++) await page.keyboard.press('Tab');
  expect(await focused('aria-label')).toMatch(/^Page 0x401000 of process 100: frame 0x00201000/);
  await page.keyboard.press('ArrowDown');
  expect(await focused('aria-label')).toMatch(/^Page 0x402000 of process 100/);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Page 0x402000 of process 100/, pressed: true }).waitFor();
  await page.keyboard.press('ArrowDown');
  expect(await focused('aria-label')).toMatch(/^Process 100: PML4 entry 0 leads to the table/);
  for (let i = 0; i < 7; i++) await page.keyboard.press('ArrowDown');
  expect(await focused('data-bit')).not.toBeNull();
  while ((await focused('data-bit')) !== 'P') await page.keyboard.press('ArrowLeft');
  expect(await focused('aria-label')).toMatch(/^P, present \(bit 0\) is set/);
  expect(await page.getByRole('tooltip').innerText()).toMatch(/^P, present/);
  for (let i = 0; i < 8 && (await focused('data-opens')) === null; i++) await page.keyboard.press('ArrowRight');
  expect(await focused('data-opens')).not.toBeNull();
  await page.keyboard.press('Enter');
  const details = page.locator('.frame-details');
  expect(await details.locator('h4').innerText()).toBe('2 entries');
  await details.getByRole('button', { name: /Who wrote byte/ }).click();
  await expect.poll(() => details.getByRole('status').innerText()).not.toMatch(/^(looking…)?$/);
});

test.each(['light', 'dark'] as const)(
  "nothing that axe objects to, with the steps of a fault and a frame's details: %s",
  async (colorScheme) => {
    const page = await view.open('', { colorScheme, reducedMotion: 'reduce' });
    await untilReady(page);
    await openProgram(page, 'private_demo');
    await runTo(page, 'cow', 'copy-on-write break');
    await page.locator('.stepper').waitFor();
    await page.locator('.drawing .frame.open').first().click();
    await page.locator('.frame-details').waitFor();
    const { violations } = await new AxeBuilder({ page }).include('.picture-panel').analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0].html])).toEqual([]);
    await takePicture(page, `picture-details-${colorScheme}`);
  },
);

test('what is pinned stays, until another program is opened; then the selection follows its events', async () => {
  const page = await view.open();
  await untilReady(page);
  const field = page.getByRole('textbox', { name: 'address' });
  await select(page, 'rsp');
  const pinned = await field.inputValue();
  await runTo(page, 'fork', 'fork: process 101');
  expect(await field.inputValue()).toBe(pinned);
  await page.getByRole('button', { name: 'pinned' }).click();
  await expect.poll(() => field.inputValue()).toBe(SHARED);
  await page.getByRole('button', { name: 'pin', exact: true }).click();
  await openProgram(page, 'copy_on_write');
  await runTo(page, 'cow', 'copy-on-write break');
  await expect.poll(() => page.locator('.drawing .page.selected').count()).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'pin', exact: true }).waitFor();
});

test('an address that is none says why; as text, the picture is read', async () => {
  const page = await view.open();
  await untilReady(page);
  const field = page.getByRole('textbox', { name: 'address' });
  await field.fill('nowhere');
  await field.press('Enter');
  await expect.poll(() => page.locator('.address-problem').innerText()).toMatch(/nowhere/);
  await select(page, '0x8000000000000000');
  await expect.poll(() => page.locator('.address-problem').innerText()).toMatch(/not canonical/);
  await page.getByRole('button', { name: 'as text' }).click();
  expect(await page.locator('.picture-text').innerText()).toMatch(/Process 100: page table at 0x[0-9a-f]{8}, 4 areas/);
});

test('saved as SVG: a file of its own, without a variable, which Chromium draws', async () => {
  const page = await view.open('', { colorScheme: 'dark' });
  await untilReady(page);
  await runTo(page, 'fork', 'fork: process 101');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'save SVG' }).click();
  const download = await saving;
  expect(download.suggestedFilename()).toBe('shm_demo-event-10.svg');
  const svg = readFileSync(await download.path(), 'utf8');
  expect(svg).not.toMatch(/var\(|class=|tabindex/);
  const parsed = await page.evaluate((text) => {
    const found = new DOMParser().parseFromString(text, 'image/svg+xml');
    return {
      error: found.querySelector('parsererror')?.textContent,
      title: found.querySelector('title')?.textContent,
      description: found.querySelector('desc')?.textContent,
      frames: found.querySelectorAll('[data-frame]').length,
    };
  }, svg);
  expect(parsed).toMatchObject({ error: undefined, title: 'shm_demo at event 10, instruction 16', frames: 4 });
  expect(parsed.description).toContain('2 mappings: 100, 101');
  const viewer = await view.newPage({ viewport: { width: 900, height: 800 } });
  await viewer.setContent(`<body style="margin:0">${svg.replace(/^<\?xml.*\?>/, '')}`);
  await takePicture(viewer, 'picture-saved');
});

describe.each([
  ['wide', WIDE],
  ['tablet', TABLET],
  ['phone', PHONE],
] as const)('%s', (name, viewport) => {
  test.each(['light', 'dark'] as const)('%s', async (colorScheme) => {
    const page = await view.open('', { viewport, colorScheme, reducedMotion: 'reduce' });
    await untilReady(page);
    await runTo(page, 'fork', 'fork: process 101');
    await expect.poll(() => frames(page, 'shared').count()).toBe(1);
    expect(await arrowsTo(page, (await frames(page, 'shared').getAttribute('data-frame'))!)).toHaveLength(
      name === 'phone' ? 1 : 2,
    );
    if (name === 'phone') {
      await page.getByRole('button', { name: '101', exact: true }).click();
      await expect.poll(() => page.locator('.drawing .column').getAttribute('data-pid')).toBe('101');
      expect(await frames(page, 'shared').count()).toBe(1);
    }
    await takePicture(page, `picture-${name}-${colorScheme}`);
  });
});
