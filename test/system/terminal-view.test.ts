/**
 * The terminal view of `pml4 debug` in a real terminal, that of tmux: what is on its screen, at two sizes, resized, with
 * keys and the mouse; and that the terminal is as it was, however the view ends.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { twoSegments } from '../helpers/tiny-elf.ts';

const ROOT = join(import.meta.dirname, '../..');
const CLI = join(ROOT, 'src/cli/main.ts');
const SCREENS = join(import.meta.dirname, 'screens');
/** Sets one, of the eight. */
const COLOR = new RegExp(`${String.fromCharCode(27)}\\[(?:3|4)[0-7]`);
const F5 = 'F5', F7 = 'F7'; // biome-ignore format: one line

let dir: string;
let socket: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pml4-view-'));
  socket = join(dir, 'tmux');
});
afterEach(() => {
  tmux('kill-server');
  rmSync(dir, { recursive: true });
});

function tmux(...words: string[]): string {
  return execFileSync('tmux', ['-S', socket, ...words], { encoding: 'utf8' });
}

/** The view in a terminal of a size; afterwards its status, and whether stty(1) says the same as before. */
function open(columns: number, rows: number, program = 'fixtures/shm_demo', env = ''): void {
  const after = `echo "status $?"; stty -a | diff - ${dir}/before && echo same; cat`;
  const command = `cd "${ROOT}"; stty -a > ${dir}/before; ${env} "${process.execPath}" "${CLI}" debug ${program} 2> ${dir}/errors; ${after}`;
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows), command);
}

const keys = (...names: string[]): string => tmux('send-keys', ...names);
const type = (text: string): string => tmux('send-keys', '-l', text);
const screen = (): string => tmux('capture-pane', '-p').trimEnd();

/** What is on the screen once a text is there, and nothing is drawn any more. */
async function until(text: string | RegExp, seconds = 30): Promise<string> {
  let last = '';
  for (const end = Date.now() + seconds * 1000; ; ) {
    const shown = screen();
    const isThere = typeof text === 'string' ? shown.includes(text) : text.test(shown);
    if (isThere && shown === last) return shown;
    last = shown;
    if (Date.now() > end) throw new Error(`no ${text} in\n${shown}\n${readFileSync(`${dir}/errors`, 'utf8')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe.each([[80, 24], [160, 50]])('%i x %i', (columns, rows) => {
  test('the demo, to the store to the shared page and back', async () => {
    open(columns, rows);
    await until('F1 or help keys');
    type('break 53\r');
    await until('Breakpoint 1 at');
    keys(F5);
    await until('#20 e10');
    keys(F7);
    await expect(`${await until('#21 e10')}\n`).toMatchFileSnapshot(join(SCREENS, `store-${columns}x${rows}.txt`));
    type('reverse-stepi\r');
    await expect(`${await until('#20 e10')}\n`).toMatchFileSnapshot(join(SCREENS, `before-${columns}x${rows}.txt`));
    keys('C-d');
    expect(await until('same')).toMatch(/status 0\nsame$/);
  });
}); // biome-ignore format: sizes

test('resized, it draws anew', async () => {
  open(160, 50);
  await until('[stack]');
  tmux('resize-window', '-x', '80', '-y', '24');
  const small = await until('[registers]-stack-');
  expect(small.split('\n')).toHaveLength(24);
  tmux('resize-window', '-x', '160', '-y', '50');
  await until('[stack]');
});

test('completion, history, help, panes, the mouse', async () => {
  open(80, 24);
  await until('F1 or help keys');
  type('info reg\t');
  await until('(pml4) info registers');
  type('rip\r');
  await until(/rip +0x401000/);
  keys('Up');
  await until('(pml4) info registers rip');
  keys('C-u', 'F1');
  await until('Any key goes back.');
  keys('Escape');
  await until('[code]');
  keys('Escape');
  await until('[*code]');
  type('i');
  await until('#1 e3');
  type('I');
  await until(/#0 e\d/);
  type(':');
  await until('[*command]');
  type('\x1b[<0;60;3M\x1b[<0;60;3m');
  await until('[*registers]');
  type('\x1b[<0;3;12M\x1b[<0;3;12m');
  await until('[*page walk]');
});

test('Ctrl-C stops a program that spins, and the view goes on', async () => {
  const spin = join(dir, 'spin');
  // jmp to itself
  writeFileSync(spin, twoSegments(new Uint8Array([0xeb, 0xfe])));
  open(80, 24, spin);
  await until('F1 or help keys');
  type('continue\r');
  await until('running; Ctrl-C stops');
  keys('C-c');
  await until('Interrupted.');
  type('p 6 * 7\r');
  await until('$1 = 42');
});

describe('the terminal is as it was', () => {
  test.each([
    ['quit', () => type('quit\r'), 'status 0'],
    ['Ctrl-C twice', () => keys('C-c', 'C-c'), 'status 0'],
    ['SIGTERM', () => kill('TERM'), 'status 143'],
    ['SIGHUP', () => kill('HUP'), 'status 129'],
    ['SIGINT', () => kill('INT'), 'status 130'],
  ] as const)('after %s', async (_, end, status) => {
    open(80, 24);
    await until('F1 or help keys');
    end();
    const shown = await until('same');
    expect(shown).toContain(status);
    expect(shown).not.toContain('[command]');
    expect(tmux('display-message', '-p', '#{alternate_on} #{mouse_any_flag} #{cursor_flag}').trim()).toBe('0 0 1');
    // Ink shows the cursor through standard error.
    expect(readFileSync(`${dir}/errors`, 'utf8').replace('\x1b[?25h', '')).toBe('');
  });
});

test('Ctrl-Z goes to the shell, and fg back', async () => {
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', '80', '-y', '24', `cd "${ROOT}"; PS1='ready> ' bash --norc -i`);
  await until('ready>');
  type(`"${process.execPath}" "${CLI}" debug fixtures/shm_demo 2> ${dir}/errors\r`);
  await until('F1 or help keys');
  type('stepi\r');
  await until('#1 e3');
  keys('C-z');
  const shown = await until('Stopped');
  expect(shown).not.toContain('[command]');
  expect(tmux('display-message', '-p', '#{alternate_on} #{mouse_any_flag} #{cursor_flag}').trim()).toBe('0 0 1');
  type('fg\r');
  await until('[*command]');
  type('stepi\r');
  await until('#2 e3');
  keys('C-d');
  await until(/ready> *$/);
});

test('an error that nobody catches ends the view with one line, and the terminal is as it was', async () => {
  const throwing = join(dir, 'throwing.mjs');
  writeFileSync(
    throwing,
    `const timer = setInterval(() => {
    if (!process.stdin.isRaw) return;
    clearInterval(timer);
    throw new Error('boom');
  }, 300);`,
  );
  open(80, 24, undefined, `NODE_OPTIONS=--import=${throwing}`);
  const shown = await until('same');
  expect(shown).toContain('status 125');
  expect(tmux('display-message', '-p', '#{alternate_on} #{mouse_any_flag} #{cursor_flag}').trim()).toBe('0 0 1');
  expect(readFileSync(`${dir}/errors`, 'utf8')).toContain('pml4: internal error: boom (--verbose shows where)\n');
});

test('NO_COLOR: no colours', async () => {
  open(80, 24, undefined, 'NO_COLOR=1');
  await until('F1 or help keys');
  expect(tmux('capture-pane', '-p', '-e')).not.toMatch(COLOR);
});

/** To the process of the view, by its arguments and our directory. */
function kill(signal: string): void {
  const pane = tmux('display-message', '-p', '#{pane_pid}').trim();
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', pane], { encoding: 'utf8' });
  const line = children.split('\n').find((text) => text.includes('main.ts'));
  process.kill(Number(line!.trim().split(' ')[0]), `SIG${signal}` as NodeJS.Signals);
}
