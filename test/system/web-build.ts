/** Builds dist/web, once before all tests, when the sources are newer than it. */
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const INPUTS = ['src/**', 'vite/**', 'asm/**', 'fixtures/*', '*.ts', 'package-lock.json'];
/** What is written last. */
const OUTPUT = 'dist/web/service-worker.js';

export default function buildWeb(): void {
  const changed = (file: string): number => statSync(join(ROOT, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const built = changed(OUTPUT);
  if (!globSync(INPUTS, { cwd: ROOT }).some((file) => changed(file) > built)) return;
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const { status, stderr } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'error'], {
    cwd: ROOT,
    encoding: 'utf8',
    // vitest's own says `test`, which makes another page.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (status !== 0) throw new Error(`vite build failed:\n${stderr}`);
}
