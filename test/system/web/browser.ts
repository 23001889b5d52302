/**
 * The browser view in Debian's Chromium: `pml4 serve` on a free port, a fresh profile for each page, and an end to every
 * test in which something went wrong that nobody asked for: an exception, an error on the console, a file that is not
 * there, a violation of the Content-Security-Policy. Pictures of the screen go to .tmp/web/.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const CLI = join(ROOT, 'src/cli/main.ts');
const PICTURES = join(ROOT, '.tmp/web');

export const WIDE = { width: 1440, height: 900 };
export const TABLET = { width: 900, height: 1100 };
export const PHONE = { width: 390, height: 844 };

/** `pml4 serve` as a process of its own. */
export class ServeProcess {
  /** What it has printed. */
  readonly line: string;
  /** Of the page, with what follows it. */
  readonly url: string;
  private readonly _process: ChildProcess;

  private constructor(line: string, process: ChildProcess) {
    this.line = line;
    this.url = /http:\S+/.exec(line)![0];
    this._process = process;
  }
  static async start(...words: string[]): Promise<ServeProcess> {
    const port = words.includes('--port') ? [] : ['--port', '0'];
    const child = spawn(process.execPath, [CLI, 'serve', ...port, ...words], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await Promise.race([
      once(createInterface(child.stdout), 'line'),
      once(child, 'exit').then(([status]) => Promise.reject(new Error(`pml4 serve ended with ${status}`))),
    ]);
    return new ServeProcess(line, child);
  }
  get origin(): string {
    return new URL(this.url).origin;
  }
  /** As Ctrl-C does. */
  async stop(): Promise<void> {
    if (this._process.exitCode !== null || this._process.signalCode !== null) return;
    const ended = once(this._process, 'exit');
    this._process.kill('SIGINT');
    await ended;
  }
}

export interface View {
  readonly server: ServeProcess;
  /** A page in a profile of its own; `path` is relative to the server. */
  open(path?: string, options?: BrowserContextOptions): Promise<Page>;
  /** The same, with nothing in it yet. */
  newPage(options?: BrowserContextOptions): Promise<Page>;
  /** A message that is part of the test does not end it. */
  expectMessage(pattern: RegExp): void;
}

/** For all tests of a file. `words` are those of `pml4 serve`. */
export function browserView(...words: string[]): View {
  let browser: Browser;
  let server: ServeProcess;
  const contexts: BrowserContext[] = [];
  let messages: string[] = [];
  let expected: RegExp[] = [];

  beforeAll(async () => {
    [server, browser] = await Promise.all([ServeProcess.start(...words), launch()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    const unexpected = messages.filter((message) => !expected.some((pattern) => pattern.test(message)));
    [messages, expected] = [[], []];
    expect(unexpected).toEqual([]);
  });

  const newPage = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ viewport: WIDE, ...options });
    contexts.push(context);
    const page = await context.newPage();
    page.on('pageerror', (error) => messages.push(`exception: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        messages.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
    return page;
  };
  return {
    get server() {
      return server;
    },
    newPage,
    async open(path = '', options = {}) {
      const page = await newPage(options);
      await page.goto(new URL(path, server.url).href);
      return page;
    },
    expectMessage: (pattern) => void expected.push(pattern),
  };
}

/** A name of somebody else's that is made to point here. */
export const OTHER_HOST = 'pml4.example';

/** As root, as in many containers, Chromium has no sandbox of its own. */
const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), `--host-resolver-rules=MAP ${OTHER_HOST} 127.0.0.1`],
  });

/** A program is open, and the machine waits to be moved. */
export async function untilReady(page: Page): Promise<void> {
  await page.locator('[data-move="step"][aria-disabled="false"]').waitFor();
}

export async function takePicture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' });
}
