/** The editor: real nasm and ld in the page, errors at their lines, what is written kept; and programs of the user's own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { runTool } from '../../../asm/assemble.ts';
import { browserView, PHONE, TABLET, takePicture, untilReady, WIDE } from './browser.ts';

const view = browserView();
const DEMO = readFileSync(join(import.meta.dirname, '../../../asm/shared_memory_demo.asm'), 'utf8');
const directory = mkdtempSync(join(tmpdir(), 'pml4-editor-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function openEditor(page: Page): Promise<void> {
  await untilReady(page);
  await page.getByRole('tab', { name: 'Editor' }).click();
  await expect.poll(() => text(page).textContent()).toBeTruthy();
}
const text = (page: Page) => page.getByRole('textbox', { name: 'Assembly source' });
const status = (page: Page) => page.locator('.editor-status');
const messages = (page: Page) => page.getByRole('list', { name: 'Messages of the assembler and the linker' });

/** As somebody types it, over what is there. CodeMirror indents nothing by itself here. */
async function write(page: Page, source: string): Promise<void> {
  await text(page).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(source);
}
async function assembleAndRun(page: Page): Promise<void> {
  await text(page).press('Control+Enter');
  await expect.poll(() => status(page).textContent(), { timeout: 60_000 }).toMatch(/^assembled and linked|^\d+ error/);
}

test('the demo as published: assembled, its warning told, and it runs as it was built', async () => {
  const page = await view.open();
  await openEditor(page);
  await assembleAndRun(page);
  await expect.poll(() => status(page).textContent()).toMatch(/^assembled and linked in [\d.]+ s, 2 warnings$/);
  expect(await messages(page).getByRole('button').allTextContents()).toEqual([
    expect.stringContaining('line 103'),
    expect.stringContaining('line 103'),
  ]);
  await expect
    .poll(() => page.locator('.processes').textContent())
    .toMatch(/100 exits with status 0 ?101 exits with status 1/);
  await takePicture(page, 'editor-demo');
});

test('broken at a line: the error stands there, its entry in the list leads to it; reset makes it whole', async () => {
  const page = await view.open();
  await openEditor(page);
  await write(page, DEMO.replace('mov rax, 9 ', 'mov rax, 9, 9 '));
  await assembleAndRun(page);
  const line = DEMO.split('\n').findIndex((one) => one.includes('mov rax, 9 ')) + 1;
  await expect.poll(() => status(page).textContent()).toMatch(/^1 error/);
  const entry = messages(page).getByRole('button', { name: `line ${line} error:` });
  await page.locator('.cm-lint-marker-error').waitFor();
  await takePicture(page, 'editor-error');
  await entry.click();
  await expect.poll(() => page.locator('.cm-activeLine').textContent()).toContain('mov rax, 9, 9');
  expect(await page.locator('.cm-lint-marker-error').count()).toBe(1);
  // What was open is still what runs.
  expect(await page.locator('.processes').textContent()).toContain('100');
  await page.reload();
  await openEditor(page);
  await page.getByRole('button', { name: 'Reset to the original' }).click();
  await assembleAndRun(page);
  await expect.poll(() => status(page).textContent()).toMatch(/^assembled and linked/);
});

test('from the code panel to the line that runs; what was assembled here is edited as it was', async () => {
  const page = await view.open();
  await untilReady(page);
  await page.getByRole('button', { name: 'Edit' }).click();
  await expect.poll(() => page.locator('.cm-activeLine').textContent()).toContain('mov rax, 9');
  await write(page, `; mine\n${DEMO}`);
  await page.getByRole('button', { name: 'Assemble', exact: true }).click();
  await expect
    .poll(() => page.locator('.code-file').textContent(), { timeout: 60_000 })
    .toContain('/asm/shared_memory');
  await page.getByRole('tab', { name: 'Picture' }).click();
  await page.getByRole('button', { name: 'Edit' }).click();
  await expect.poll(() => page.locator('.cm-line').first().textContent()).toBe('; mine');
  await expect.poll(() => page.locator('.cm-activeLine').textContent()).toContain('mov rax, 9');
  await takePicture(page, 'editor-from-code');
});

test('an error is told as one types, without being asked for', async () => {
  const page = await view.open();
  await openEditor(page);
  await write(page, 'section .text\nbogus rax, 1\n');
  await expect.poll(() => messages(page).textContent(), { timeout: 60_000 }).toContain('line 2');
});

test("the linker's error is at its line", async () => {
  const page = await view.open();
  await openEditor(page);
  await write(page, 'extern missing\nglobal _start\nsection .text\n_start:\ncall missing\n');
  await assembleAndRun(page);
  await expect.poll(() => messages(page).textContent()).toContain("line 5error: undefined reference to `missing'");
});

test('a source that never ends is stopped, and the next is assembled', async () => {
  const page = await view.open();
  await openEditor(page);
  const start = 'global _start\nsection .text\n_start:\n';
  await write(page, `${start}${'%rep 1000000\n'.repeat(2)}nop\n${'%endrep\n'.repeat(2)}`);
  // It is given up where nobody has asked for it.
  await expect.poll(() => status(page).textContent(), { timeout: 60_000 }).toContain('This takes long');
  await text(page).press('Control+Enter');
  await expect.poll(() => status(page).textContent(), { timeout: 60_000 }).toMatch(/^nasm: \d+\.\d million/);
  await page.locator('.editor').getByRole('button', { name: 'Stop' }).click();
  await expect.poll(() => status(page).textContent()).toBe('stopped');
  await write(page, `${start}mov eax, 60\nmov edi, 7\nsyscall\n`);
  await assembleAndRun(page);
  await expect.poll(() => page.locator('.processes').textContent()).toContain('exits with status 7');
});

test('nothing that axe objects to, with messages shown and in the dialog for a program', async () => {
  const page = await view.open('', { reducedMotion: 'reduce' });
  await openEditor(page);
  await assembleAndRun(page);
  const objections = async (part: string): Promise<string[]> =>
    (await new AxeBuilder({ page }).include(part).analyze()).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
    );
  expect(await objections('.editor')).toEqual([]);
  await page.getByTitle('Open a lesson or a program').click();
  await page.getByRole('tab', { name: 'Your own' }).click();
  await page.locator('input[type="file"]').setInputFiles('/bin/true');
  await page.getByRole('dialog').getByLabel('Arguments').waitFor();
  expect(await objections('dialog')).toEqual([]);
});

test('a page that was built without an assembler says so, and what is written is kept', async () => {
  const page = await view.newPage();
  const missing = 'the page was built on a machine without nasm';
  await page.route('**/assembler/manifest.json', (route) => route.fulfill({ json: { missing } }));
  await page.goto(view.server.url);
  await openEditor(page);
  await expect.poll(() => status(page).textContent()).toContain(`There is no assembler in this page: ${missing}`);
  expect(await page.getByRole('button', { name: 'Assemble' }).count()).toBe(0);
  await write(page, '; mine');
  await page.getByRole('button', { name: 'Reset to the original' }).waitFor();
});

test('by keyboard alone, in and out: Escape, then Tab', async () => {
  const page = await view.open();
  await openEditor(page);
  await text(page).focus();
  await page.keyboard.press('Tab');
  expect(await text(page).evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  expect(await text(page).evaluate((element) => element === document.activeElement)).toBe(false);
});

test.each([
  ['wide', WIDE, 'dark'],
  ['tablet', TABLET, 'light'],
  ['phone', PHONE, 'light'],
] as const)('%s, %o, %s', async (name, viewport, colorScheme) => {
  const page = await view.open('', { viewport, colorScheme });
  await openEditor(page);
  await write(page, 'extern missing\nglobal _start\nsection .text\n_start:\ncall missing\n');
  await assembleAndRun(page);
  await messages(page).waitFor();
  await takePicture(page, `editor-${name}-${colorScheme}`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
});

describe('files that are dropped', () => {
  async function drop(page: Page, ...paths: string[]): Promise<void> {
    const files = paths.map((path) => [basename(path), readFileSync(path).toString('base64')] as const);
    await page.evaluate((all) => {
      const dataTransfer = new DataTransfer();
      for (const [name, bytes] of all)
        dataTransfer.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
      for (const type of ['dragover', 'drop'])
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }, files);
  }
  function made(name: string, contents: string, ...compile: string[]): string {
    const path = join(directory, name);
    writeFileSync(path, contents);
    if (compile.length === 0) return path;
    runTool('gcc', [...compile, name], directory);
    return join(directory, 'a.out');
  }
  const ECHO =
    '#include <stdio.h>\nint main(int c, char **v) { char b[9]; fgets(b, 9, stdin); printf("%s %s", v[1], b); return c; }\n';

  test('no program: one line why, and what could be done', async () => {
    const page = await view.open();
    await untilReady(page);
    await drop(page, made('notes.txt', 'hello'));
    const dialog = page.getByRole('dialog', { name: 'notes.txt cannot be run here' });
    expect(await dialog.getByRole('alert').textContent()).toBe('It is a text, no program.');
    await page.keyboard.press('Escape');
    await drop(page, made('x.c', ECHO, '-c', '-o', 'a.out'));
    const other = page.getByRole('dialog', { name: 'a.out cannot be run here' });
    expect(await other.getByRole('alert').textContent()).toContain('has not been linked');
  });

  test('a program with arguments and input, of its own, or with the C library of the page', async () => {
    const page = await view.open();
    await untilReady(page);
    for (const options of [['-static'], ['-pie']]) {
      await drop(page, made('x.c', ECHO, ...options));
      const dialog = page.getByRole('dialog', { name: 'Open a.out' });
      await dialog.getByLabel('Arguments').fill("'two words' b");
      await dialog.getByLabel('this text').check();
      await dialog.getByLabel('Text of standard input').fill('in\n');
      await dialog.getByRole('button', { name: 'Open' }).click();
      await page.locator('[data-move="end"][aria-disabled="false"]').click();
      await expect
        .poll(() => page.locator('.processes').textContent(), { timeout: 60_000 })
        .toContain('exits with status 3');
    }
  });

  test('a source opens the editor, and is kept until it is deleted', async () => {
    const page = await view.open();
    await untilReady(page);
    await drop(page, made('mine.asm', '; mine\n'));
    await expect.poll(() => text(page).textContent()).toBe('; mine');
    await page.reload();
    await openEditor(page);
    await expect.poll(() => text(page).textContent()).toBe('; mine');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Really delete' }).click();
    await expect.poll(() => text(page).textContent()).toContain('shared_memory_demo.asm');
    expect(await page.getByRole('option', { name: 'mine.asm' }).count()).toBe(0);
  });
});
