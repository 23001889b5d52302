/**
 * The panels around the picture: what they show is what the engine says, and each can be used by mouse and by keys:
 * code with breakpoints, registers, stack, memory, stop points, system calls, page faults, the terminal.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { FIXTURES_DIR } from '../../../asm/programs.ts';
import { Session } from '../../../src/web/worker/session.ts';
import { comparableStrace, fixtures } from '../../helpers/fixtures.ts';
import { browserView, PHONE, takePicture, untilReady } from './browser.ts';

const view = browserView();
const ECHO = join(import.meta.dirname, '../../debug/native/echo');

async function openDemo(): Promise<Page> {
  const page = await view.open();
  await untilReady(page);
  return page;
}
const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true }).click();
const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const idle = (page: Page) => page.locator('.status-text.ready').waitFor();
async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
    await idle(page);
  }
}
const instruction = async (page: Page): Promise<number> => {
  const text = await page.getByRole('slider', { name: 'Position in the run' }).getAttribute('aria-valuetext');
  return Number(/instruction ([\d,]+)/.exec(text!)![1].replaceAll(',', ''));
};

describe('code', () => {
  test('the source, its current line, and a breakpoint by click', async () => {
    const page = await openDemo();
    const code = panel(page, 'Code');
    await expect.poll(() => code.locator('.code-row[aria-current="true"]').innerText()).toContain('mov rax, 9');
    const gutter = code.getByRole('button', { name: 'Breakpoint at line 39' });
    await gutter.click();
    await expect.poll(() => gutter.getAttribute('aria-pressed')).toBe('true');
    await press(page, 'r');
    expect(await page.getByRole('status').first().innerText()).toContain('breakpoint');
    expect(await code.locator('.code-row[aria-current="true"]').innerText()).toContain('mov qword [r12], 0');
    // The line under the list foresees the page fault that follows.
    expect(await code.getByTestId('next-instruction').innerText()).toContain(
      'writes 8 bytes at 0x7ffff7ffe000 → page fault: demand zero',
    );
    await press(page, 'e');
    expect(await page.getByRole('status').first().innerText()).toContain('demand zero');
    await gutter.click();
    await expect.poll(() => gutter.getAttribute('aria-pressed')).toBe('false');
  });

  test('a breakpoint by keyboard, at an instruction', async () => {
    const page = await openDemo();
    const code = panel(page, 'Code');
    await code.getByRole('button', { name: 'Instructions' }).focus();
    await page.keyboard.press('Enter');
    await code.locator('.code-row.selected .code-gutter').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const gutter = code.getByRole('button', { name: 'Breakpoint at 0x401008' });
    await expect.poll(() => gutter.getAttribute('aria-pressed')).toBe('true');
    await press(page, 'r');
    expect(await instruction(page)).toBe(2);
    // No other one of the list is reached by Tab.
    expect(await code.locator('.code-gutter[tabindex="0"]').count()).toBe(1);
  });

  test("after the fork the child's line is marked, too", async () => {
    const page = await openDemo();
    await press(page, 'f', 's', 's');
    const marked = panel(page, 'Code').locator('.code-row.here');
    await expect.poll(() => marked.count()).toBe(2);
    expect((await marked.locator('.code-marks').allInnerTexts()).join()).toMatch(/process 10[01].*process 10[01]/s);
  });

  test('a jump is a link to where it leads, and there is a way back', async () => {
    const page = await openDemo();
    const code = panel(page, 'Code');
    await code.getByRole('button', { name: 'Instructions' }).click();
    await code.getByRole('button', { name: '_start.mmap_failed' }).first().click();
    await code.getByRole('button', { name: 'Back to RIP' }).waitFor();
    await expect.poll(() => code.locator('.code-label').allInnerTexts()).toContain('_start.mmap_failed:');
    await code.getByRole('button', { name: 'Back to RIP' }).click();
    await expect.poll(() => code.locator('.code-row[aria-current="true"]').innerText()).toContain('mov eax, 9');
  });
});

test('registers: what a step has changed is marked, with what it was; flags are explained', async () => {
  const page = await openDemo();
  await press(page, 'e', 's');
  const registers = panel(page, 'Registers');
  const changed = () => registers.locator('tr.is-changed').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-register'))); // biome-ignore format: one line
  await expect.poll(changed).toEqual(['rax', 'rip']);
  const rax = registers.locator('[data-register="rax"]');
  expect(await rax.innerText()).toMatch(/changed, before: 0x0.*0{15}9/s);
  await registers.getByRole('button', { name: 'dec' }).click();
  expect(await rax.locator('.register-value').innerText()).toBe('9');
  await registers.getByRole('button', { name: /^ZF 0/ }).focus();
  expect(await registers.locator('.flag-help').innerText()).toContain('ZF = 0: the result was not zero');
  await press(page, 's');
  expect(await registers.getByRole('button', { name: /^ZF 1, changed/ }).count()).toBe(1);
  expect(await registers.locator('.flag-help').innerText()).toContain('ZF = 1: the result was zero: equal.');
});

test('stack and memory: words have meanings, an address leads to its bytes, a changed byte gives another course', async () => {
  const page = await openDemo();
  await tab(page, 'Stack');
  const stack = panel(page, 'Stack');
  expect(await stack.locator('tbody tr').first().innerText()).toMatch(/rsp[\s\S]*argc/);
  await stack.locator('.stack-value button').first().click();
  await tab(page, 'Memory');
  const memory = panel(page, 'Memory');
  await expect.poll(async () => (await memory.locator('.memory-text').allInnerTexts()).join('')).toContain('shm_demo');
  await memory.getByRole('textbox', { name: 'Address' }).fill('nowhere');
  await page.keyboard.press('Enter');
  expect(await memory.getByRole('alert').innerText()).toBe('No symbol "nowhere" in current context.');
  await memory.getByRole('textbox', { name: 'Address' }).fill('msg_parent');
  await page.keyboard.press('Enter');
  const cell = memory.getByRole('gridcell', { name: '0x402000: 50' });
  await cell.waitFor();
  // `P` of the message becomes `Q`; keys that move the machine are digits here.
  await memory.getByRole('button', { name: 'Edit' }).click();
  await cell.focus();
  await page.keyboard.press('5');
  await page.keyboard.press('1');
  await memory.getByRole('gridcell', { name: '0x402000: 51' }).waitFor();
  await page.getByRole('button', { name: 'End', exact: true }).first().click();
  await expect.poll(() => panel(page, 'Terminal').innerText()).toContain('Qarent wrote: 0xDEADBEEF');
});

test('who wrote a byte is found by looking back, also from the other process, and can be gone to', async () => {
  const page = await openDemo();
  await press(page, 'O', 'O');
  await page.locator('.process', { hasText: '101' }).click();
  await tab(page, 'Memory');
  const memory = panel(page, 'Memory');
  await memory.getByRole('textbox', { name: 'Address' }).fill('r12');
  await page.keyboard.press('Enter');
  await memory.getByText('qword 0xdeadbeefcafebabe').waitFor();
  await memory.getByRole('button', { name: 'Who wrote it?' }).click();
  await expect
    .poll(() => memory.getByRole('status').innerText())
    .toMatch(/^process 100, at 0x401066, instruction 20\./);
  await memory.getByRole('button', { name: 'Go there' }).click();
  await expect.poll(() => panel(page, 'Code').locator('.code-row[aria-current="true"]').innerText()).toContain('mov [r12], rax'); // biome-ignore format: one line
});

test('stop points as they are typed: with a condition, on memory, on events; off and away', async () => {
  const page = await openDemo();
  await tab(page, 'Breakpoints');
  const stops = panel(page, 'Breakpoints, watchpoints, catchpoints');
  await stops.getByLabel('Break at').fill('_start.wait_loop if rcx == 99999990');
  await page.keyboard.press('Enter');
  await stops.getByText('if rcx == 99999990').waitFor();
  await stops.getByLabel('Catch').selectOption('fork');
  await stops.getByRole('button', { name: 'Add' }).last().click();
  await stops.getByRole('checkbox', { name: /catch fork/ }).uncheck();
  await press(page, 'r');
  await expect.poll(() => page.getByRole('status').first().innerText()).toContain('breakpoint');
  expect(await panel(page, 'Registers').count()).toBe(0);
  expect(await stops.getByText('1 hit').count()).toBe(1);
  await stops.getByRole('button', { name: /^Remove breakpoint/ }).click();
  await expect.poll(() => stops.locator('.stop-point').count()).toBe(1);
  await stops.getByLabel('Break at').fill('nowhere.asm:7');
  await page.keyboard.press('Enter');
  await page.getByText('nowhere.asm:7: no code there').waitFor();
});

test("system calls: both processes' lanes hold what strace recorded; a click goes there", async () => {
  const page = await openDemo();
  const calls = panel(page, 'System calls');
  expect((await calls.locator('.calls-head').allInnerTexts()).map((text) => text.trim().split(/\s+/)[0])).toEqual(['100', '101']); // biome-ignore format: one line
  const lines = await calls.locator('.call').evaluateAll((buttons) =>
    buttons.map((button) => {
      const pid = button.querySelector('.visually-hidden')!.textContent!.match(/\d+/)![0];
      return `${pid}  ${[...button.querySelectorAll('.call-what, .call-result')].map((part) => part.textContent).join('')}`;
    }),
  );
  const fixture = fixtures.find(({ name }) => name === 'shm_demo')!;
  expect(comparableStrace(fixture, lines.join('\n'))).toBe(comparableStrace(fixture, fixture.strace));
  expect(await calls.locator('.calls-sleep').count()).toBe(1);
  expect(await calls.locator('.calls-fork').count()).toBe(1);
  await calls.getByRole('button', { name: /write\(1, "Parent wrote/ }).click();
  await expect.poll(() => panel(page, 'Terminal').locator('.terminal-screen').getAttribute('data-printed')).toBe('1');
  expect(await calls.locator('[aria-current="step"]').innerText()).toContain('Parent wrote');
  // By keys, to the row above: fork.
  await calls.locator('[aria-current="step"]').focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect.poll(() => calls.locator('[aria-current="step"]').innerText()).toContain('fork()');
  await takePicture(page, 'panels-wide');
});

test('page faults: as many as the engine tells of, and a click goes there and selects the address', async () => {
  const session = new Session();
  const program = readFileSync(join(FIXTURES_DIR, 'shm_demo'));
  const { newEvents } = await session.open({ path: 'shm_demo', program }, {}, 10_000);
  const told = newEvents.filter(({ detail }) => detail.kind === 'fault');
  const page = await openDemo();
  await press(page, 'End');
  await tab(page, 'Page faults');
  const faults = panel(page, 'Page faults');
  await expect.poll(() => faults.getByTestId('fault-count').innerText()).toBe(`${told.length} page faults`);
  expect(await faults.locator('.fault').count()).toBe(told.length);
  const zero = faults.getByRole('button', { name: /demand zero/ });
  expect(await zero.innerText()).toMatch(/0x7ffff7ffe000 rw-s shared, anonymous[\s\S]*nothing[\s\S]*P\s*RW\s*US/);
  await zero.click();
  await expect.poll(() => page.getByRole('status').first().innerText()).not.toContain('end of the run');
  await expect.poll(() => instruction(page)).toBe(12);
  await tab(page, 'Memory');
  await panel(page, 'Memory').locator('[aria-selected="true"][data-at="140737354129408"]').waitFor();
});

describe('terminal', () => {
  test('shows all at the end, and less after a step back', async () => {
    const page = await openDemo();
    const terminal = panel(page, 'Terminal');
    const shown = () => terminal.locator('.xterm-accessibility-tree').innerText();
    await terminal.getByText('Nothing has been printed yet.').waitFor();
    await press(page, 'End');
    await expect.poll(shown).toContain('Child read: 0x????????????????');
    await press(page, 'Home', 'O', 'e');
    const isFirstLine = async () => /Parent wrote: 0xDEADBEEF(?![\s\S]*Child read)/.test(await shown());
    await expect.poll(isFirstLine).toBe(true);
  });

  test('a line for the program that waits for one, echoed, answered and taken back', async () => {
    const page = await view.open();
    await untilReady(page);
    await page.locator('.open-button').click();
    await page.getByRole('dialog').getByRole('tab', { name: 'Your own' }).click();
    await page.locator('input[type="file"]').setInputFiles(ECHO);
    await page.getByRole('dialog').getByRole('button', { name: 'Open', exact: true }).click();
    await expect.poll(() => page.locator('.open-button').innerText()).toContain('echo');
    await untilReady(page);
    const terminal = panel(page, 'Terminal');
    await page.locator('body').press('r');
    await terminal.getByLabel('The program waits for input').fill('hello there');
    await page.keyboard.press('Enter');
    // What was typed, and what the program has written.
    await expect.poll(async () => (await terminal.locator('.terminal-screen').innerText()).match(/hello there/g)?.length ?? 0).toBeGreaterThanOrEqual(2); // biome-ignore format: one line
    // In the terminal itself: keys go to the program, and none of them moves the machine.
    await terminal.locator('.xterm-helper-textarea').focus();
    await page.keyboard.type('sees\n');
    await expect.poll(() => terminal.locator('.terminal-screen').getAttribute('data-printed')).toBe('4');
    // It is no trap: Tab leads on to the field below it.
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('.xterm') === null)).toBe(true);
    await terminal.getByRole('button', { name: 'End' }).click();
    await page.getByText('the end of the run').waitFor();
    expect(await page.locator('.process').innerText()).toContain('status 2');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await terminal.getByText('Nothing has been printed yet.').waitFor();
  });
});

test('on a phone, one at a time, and nothing is wider than the screen', async () => {
  const page = await view.open('', { viewport: PHONE, colorScheme: 'dark' });
  await untilReady(page);
  await press(page, 'f', 's');
  for (const name of [
    'Code',
    'Registers',
    'Stack',
    'Memory',
    'Breakpoints',
    'System calls',
    'Page faults',
    'Terminal',
  ]) {
    await tab(page, name);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(PHONE.width);
    await takePicture(page, `panels-phone-${name.toLowerCase().replaceAll(' ', '-')}`);
  }
});
