/** axe finds nothing serious: on wide, middle and narrow screens, light and dark, with what opens on demand. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserView, PHONE, TABLET, takePicture, untilReady, WIDE } from './browser.ts';

const view = browserView();
const SERIOUS: readonly (string | null | undefined)[] = ['serious', 'critical'];

/** One line for each finding of what matches: the rule, and where. */
async function findings(page: Page, what = 'html'): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).include(what).analyze();
  return violations
    .filter(({ impact }) => SERIOUS.includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target}`));
}

/** The demo behind its fork: two processes, a shared frame, events behind and ahead. */
const FORKED = '/#v=1&program=shm_demo&at=16.10&tid=100&address=0x7ffff7ffe000';

describe.each([
  ['wide', WIDE],
  ['tablet', TABLET],
  ['phone', PHONE],
])('%s', (size, viewport) => {
  test.each(['light', 'dark'] as const)('%s', async (colorScheme) => {
    const page = await view.open(FORKED, { viewport, colorScheme, reducedMotion: 'reduce' });
    await untilReady(page);
    const found = await findings(page);
    await takePicture(page, `forked-${size}-${colorScheme}`);
    expect(found).toEqual([]);
  });
});

test.each([
  ['light', WIDE],
  ['dark', PHONE],
] as const)('every panel, %s', async (colorScheme, viewport) => {
  const page = await view.open(FORKED, { viewport, colorScheme, reducedMotion: 'reduce' });
  await untilReady(page);
  const found: string[] = [];
  for (const name of await page.getByRole('tab').allInnerTexts()) {
    const tab = page.getByRole('tab', { name, exact: true });
    await tab.click();
    const panel = await tab.getAttribute('aria-controls');
    found.push(...(await findings(page, `[id="${panel}"]`)).map((finding) => `${name}: ${finding}`));
    await takePicture(page, `panel-${name.toLowerCase().replaceAll(' ', '-')}-${colorScheme}`);
  }
  expect(found).toEqual([]);
});

test.each(['light', 'dark'] as const)('dialogs, a lesson, a frame, and the end of a run, %s', async (colorScheme) => {
  const page = await view.open('/', { colorScheme, reducedMotion: 'reduce' });
  await untilReady(page);
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  expect(await findings(page, 'dialog'), 'keys').toEqual([]);
  await page.keyboard.press('Escape');
  await page.goto(new URL('/#v=1&lesson=shared-page&step=2', view.server.url).href);
  await page.locator('.lesson').waitFor();
  await untilReady(page);
  expect(await findings(page, '.lesson'), 'lesson').toEqual([]);
  await page.goto(new URL('/#v=1&program=use_after_munmap', view.server.url).href);
  await page.locator('button.process[title^="use_after_munma"]').waitFor();
  await page.locator('[data-move="end"]').click();
  await page.locator('[data-move="end"][aria-disabled="true"]').waitFor();
  expect(await findings(page), 'end').toEqual([]);
  await page.goto(new URL('/#v=1&program=no_such', view.server.url).href);
  await page.locator('.status-error').waitFor();
  expect(await findings(page, '.top'), 'a wrong link').toEqual([]);
  await page.goto(new URL('/embed-example.html', view.server.url).href);
  await page.frameLocator('pml4-machine iframe').locator('[data-move="step"][aria-disabled="false"]').waitFor();
  expect(await findings(page), 'embedded').toEqual([]);
});
