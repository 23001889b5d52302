/** Lessons, and what can be tried with a program: private twin, schedules, story. */
import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { LESSONS } from '../../../src/web/lessons/index.ts';
import { browserView, PHONE, takePicture, untilReady } from './browser.ts';

const view = browserView();
const WAIT = { timeout: 30_000 };

const lesson = (page: Page) => page.getByRole('region', { name: 'Lesson' });
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

/** The machine has come to a step: its words are there, and nothing is under way. */
async function atStep(page: Page, title: string): Promise<void> {
  await lesson(page).getByRole('heading', { name: title, exact: true }).waitFor(WAIT);
  await expect.poll(() => lesson(page).locator('.lesson-text').count(), WAIT).toBe(1);
  await untilReady(page);
  await expect.poll(() => lesson(page).locator('.lesson-nav button:not(:disabled)').count(), WAIT).toBeGreaterThan(0);
}

const next = (page: Page) => lesson(page).locator('.lesson-nav').getByRole('button', { name: 'Next' }).click();

/** Answers the open question; returns what is said of it. */
async function answer(page: Page, isRight: (option: string) => boolean): Promise<string> {
  const options = lesson(page).getByRole('radio');
  const labels = await lesson(page).locator('label.option').allInnerTexts();
  await options.nth(labels.findIndex(isRight)).click();
  const feedback = lesson(page).locator('.feedback p');
  await feedback.waitFor(WAIT);
  await untilReady(page);
  return await feedback.innerText();
}

async function tryTool(page: Page, name: string): Promise<void> {
  await untilReady(page);
  await button(page, /^Try/).click();
  await button(page, new RegExp(`^${name}`)).click();
}

async function openProgram(page: Page, name: string): Promise<void> {
  await untilReady(page);
  await page.getByTitle('Open a lesson or a program').click();
  await page.getByRole('tab', { name: 'Programs' }).click();
  await page.getByRole('searchbox', { name: 'Search programs' }).fill(name);
  await page.locator('.card', { hasText: name }).first().click();
  await untilReady(page);
}

test('the demo’s lesson, from the invitation to its end, with right and wrong answers', async () => {
  const page = await view.open();
  await untilReady(page);
  await button(page, 'Start the lesson').click();
  const [demo] = LESSONS;
  await atStep(page, demo.steps[0].title);
  // While a prediction is open, the future is not told.
  expect(await page.locator('.group.events').innerText()).not.toContain('exited with 1');
  expect(await answer(page, (option) => option.includes('no fault'))).toMatch(/^Not so\..*demand zero/);
  await next(page);
  await atStep(page, demo.steps[1].title);
  await next(page);
  await atStep(page, demo.steps[2].title);
  expect(await answer(page, (option) => option.includes('where it is now in 100'))).toMatch(/^Right\./);
  await next(page);
  await atStep(page, demo.steps[3].title);
  await takePicture(page, 'lesson-after-the-fork');
  expect(await answer(page, (option) => option === 'one')).toMatch(/^Right\. One: frame/);
  await next(page);
  await atStep(page, demo.steps[4].title);
  expect(await answer(page, (option) => option === '0xdeadbeefcafebabe')).toMatch(/^Right\./);
  await next(page);
  await atStep(page, demo.steps[5].title);
  await next(page);
  await atStep(page, demo.steps[6].title);
  expect(await answer(page, (option) => option.includes('exits with 0'))).toMatch(/^Not so\..*exits with 1/);
  await next(page);
  await atStep(page, demo.steps[7].title);
  expect(await lesson(page).locator('.score').innerText()).toBe('3 of 5 predicted');
  // Back again, and to any step.
  await lesson(page).getByRole('button', { name: 'Back' }).click();
  await atStep(page, demo.steps[6].title);
  await button(page, 'Step 1: A promise').click();
  await atStep(page, demo.steps[0].title);
});

test('a lesson by keys alone, on a phone', async () => {
  const page = await view.open('#v=1&lesson=private-twin', { viewport: PHONE });
  await atStep(page, 'Before the fork');
  const first = lesson(page).getByRole('radio').first();
  await first.focus();
  await page.keyboard.press('ArrowDown');
  expect(await lesson(page).locator('.feedback p').count()).toBe(0);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await lesson(page).locator('.feedback p').waitFor(WAIT);
  await takePicture(page, 'lesson-phone');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
});

test('a link opens a lesson; another program ends it', async () => {
  const page = await view.open('#v=1&lesson=copy-on-write');
  await atStep(page, 'Before the first store');
  await openProgram(page, 'lost_update');
  await expect.poll(() => lesson(page).count(), WAIT).toBe(0);
});

test('a question anywhere', async () => {
  const page = await view.open();
  await untilReady(page);
  await button(page, 'No, thanks').click();
  await button(page, /^Next event/).click();
  await tryTool(page, 'Quiz me here');
  const question = page.getByRole('region', { name: 'Question' });
  await question.getByRole('radio').first().click();
  await question.locator('.feedback p').waitFor(WAIT);
  expect(await question.locator('.option.right').count()).toBe(1);
});

test('rerun as private: two frames, and the child finds something else', async () => {
  const page = await view.open('#v=1&program=shm_demo_fixed');
  await tryTool(page, 'What would MAP_PRIVATE do');
  const shared = page.getByRole('region', { name: 'MAP_SHARED' });
  const twin = page.getByRole('region', { name: 'MAP_PRIVATE' });
  await twin.locator('.outcome').waitFor(WAIT);
  await expect.poll(() => shared.innerText(), WAIT).toMatch(/101 exited with 0/);
  await expect.poll(() => twin.innerText(), WAIT).toMatch(/101 exited with 1/);
  expect(await twin.innerText()).toContain('Child read: 0x0000000000000000');
  // The mapping differs, then comes the break, which only one of them has.
  for (const text of ['MAP_PRIVATE|MAP_ANONYMOUS', 'copy-on-write break']) {
    await button(page, 'Next difference').click();
    await expect.poll(() => page.locator('.compare tr.current').innerText(), WAIT).toContain(text);
  }
  await expect.poll(() => shared.locator('figcaption').innerText(), WAIT).toMatch(/1 frame$/);
  await expect.poll(() => twin.locator('figcaption').innerText(), WAIT).toMatch(/2 frames$/);
  await takePicture(page, 'compare');
});

test('what shares nothing is not offered a private twin', async () => {
  const page = await view.open('#v=1&program=copy_on_write');
  await untilReady(page);
  await button(page, /^Try/).click();
  expect(await button(page, /^What would MAP_PRIVATE do/).isDisabled()).toBe(true);
});

test('schedules of lost_update: more than one outcome, and a seed that is opened gives its own again', async () => {
  const page = await view.open('#v=1&program=lost_update');
  await tryTool(page, 'Explore schedules');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Runs').first().selectOption('20');
  await dialog.getByRole('button', { name: 'Explore' }).click();
  await expect
    .poll(() => dialog.getByRole('status').innerText(), { timeout: 60_000 })
    .toMatch(/^20 runs, \d+ outcomes$/);
  const rows = dialog.getByRole('row');
  expect(await rows.count()).toBeGreaterThan(2);
  await takePicture(page, 'explore');
  const row = rows.nth(2);
  const outcome = /total = \d+/.exec(await row.innerText())![0];
  await row.getByRole('button', { name: /^Open seed/ }).click();
  await untilReady(page);
  await button(page, /^End/).click();
  await expect.poll(() => page.locator('.group.terminal').innerText(), WAIT).toContain(outcome);
});

test('the story is saved as one file, which opens without a word on the console', async () => {
  const page = await view.open();
  const [download] = await Promise.all([page.waitForEvent('download', WAIT), tryTool(page, 'Save the story')]);
  expect(download.suggestedFilename()).toBe('shm_demo-story.html');
  const path = await download.path();
  const html = readFileSync(path, 'utf8');
  expect(html).toContain('MAP_PRIVATE');
  // With the source's own lines.
  expect(html).toContain('shared_memory_demo.asm');
  const other = await view.newPage();
  await other.setContent(html);
  expect(await other.title()).toMatch(/shm_demo/);
  expect(await other.locator('svg').count()).toBeGreaterThan(5);
});

describe('accessible', () => {
  test.each([
    ['dialog[open]', (page: Page) => page.getByTitle('Open a lesson or a program').click()],
    ['.lesson-panel', (page: Page) => button(page, 'Start the lesson').click()],
    ['dialog.compare', (page: Page) => tryTool(page, 'What would MAP_PRIVATE do')],
    ['dialog.explore', (page: Page) => tryTool(page, 'Explore schedules')],
  ])('%s', async (part, open) => {
    // Colours on their way from one to another are no colours to judge.
    const page = await view.open('', { reducedMotion: 'reduce' });
    await untilReady(page);
    await open(page);
    await page.locator(part).waitFor(WAIT);
    await untilReady(page);
    const { violations } = await new AxeBuilder({ page }).include(part).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });
});
