/** The package as somebody else gets it: packed, unpacked into another project, used and type-checked there. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'pml4-consumer-'));
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, 'pml4'), { recursive: true });
  // dist/web is there already, and other tests look at it meanwhile.
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT });
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', project], { cwd: ROOT });
  const [archive] = readdirSync(project).filter((name) => name.endsWith('.tgz'));
  execFileSync('tar', ['-xzf', join(project, archive), '-C', join(modules, 'pml4'), '--strip-components=1']);
  for (const name of ['vitest', '@types', 'typescript'])
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
}, 120_000);
afterAll(() => rmSync(project, { recursive: true }));

test('the command', () => {
  const cli = join(project, 'node_modules/pml4/dist/cli.js');
  const { stdout, status } = spawnSync(process.execPath, [cli, 'run', join(ROOT, 'fixtures/shm_demo')], {
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([0, 'Parent wrote: 0xDEADBEEF\nChild read: 0x????????????????\n']);
});

test('the browser view', async () => {
  const cli = join(project, 'node_modules/pml4/dist/cli.js');
  const server = spawn(process.execPath, [cli, 'serve', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(server.stdout), 'line');
  const [url] = /http:\S+/.exec(line)!;
  for (const path of ['', 'programs/shm_demo', 'sources/shared_memory_demo.asm', 'service-worker.js'])
    expect((await fetch(new URL(path, url))).status, path).toBe(200);
  expect((await fetch(new URL('package.json', url))).status).toBe(404);
  server.kill('SIGINT');
  expect((await once(server, 'exit'))[1]).toBe('SIGINT');
});

test('the library', () => {
  const script = `
    import { run } from 'pml4';
    const result = await run('${ROOT}fixtures/shm_demo');
    console.log(result.status, result.processes.map(({ status }) => status));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: project,
    encoding: 'utf8',
  });
  expect(output).toBe('0 [ 0, 1 ]\n');
});

test('the CPU alone, and its types, strict', () => {
  writeFileSync(
    join(project, 'unicorn.ts'),
    `import { UC_ARCH_X86, UC_HOOK_CODE, UC_HOOK_MEM_WRITE, UC_MODE_64, UC_X86_REG_RAX, Unicorn } from 'pml4/unicorn';

const engine = new Unicorn(UC_ARCH_X86, UC_MODE_64);
engine.mem_map(0x1000n, 0x1000);
engine.mem_write(0x1000n, [0x48, 0xff, 0xc0]);
const sizes: number[] = [];
engine.hook_add(UC_HOOK_CODE, (_engine, _address: bigint, size, list) => list.push(size), sizes);
engine.hook_add(UC_HOOK_MEM_WRITE, (_engine, access, address, size, value) => access + size + Number(address + value));
// @ts-expect-error: a mode is a number
new Unicorn(UC_ARCH_X86, 'UC_MODE_64');
engine.emu_start(0x1000, 0x1003);
console.log(engine.reg_read(UC_X86_REG_RAX), sizes);
`,
  );
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const options = '--noEmit --strict --module nodenext --target es2024 --skipLibCheck --types node unicorn.ts';
  expect(spawnSync(process.execPath, [tsc, ...options.split(' ')], { cwd: project, encoding: 'utf8' }).stdout).toBe('');
});

test("the debugger's engine, and its types, strict: what the README says", () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [code] = readme.split('```ts\n').filter((block) => block.includes("from 'pml4/debug'"));
  const source = code.split('```')[0].replace("'fixtures/shm_demo'", JSON.stringify(join(ROOT, 'fixtures/shm_demo')));
  const shown = 'console.log(JSON.stringify([reason.kind, position, pfn, writer?.pid, engine.position.instruction]));';
  writeFileSync(join(project, 'debug.ts'), `${source}\n${shown}\n`);
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const options = '--noEmit --strict --module nodenext --target es2024 --skipLibCheck --types node debug.ts';
  expect(spawnSync(process.execPath, [tsc, ...options.split(' ')], { cwd: project, encoding: 'utf8' }).stdout).toBe('');
  const output = execFileSync(process.execPath, ['debug.ts'], { cwd: project, encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual(['catchpoint', { instruction: 200000047, event: 18 }, 0x20e, 100, 19]);
});

test('the matchers and their types, strict', () => {
  writeFileSync(
    join(project, 'demo.test.ts'),
    `import { type RunResult, run } from 'pml4';
import { expect, test } from 'vitest';
import 'pml4/vitest';

test('shares its page', async () => {
  const result: RunResult = await run('${ROOT}fixtures/shm_demo');
  expect(result).toExitWith(0);
  expect(result).toShareFrame(result.processes[0], result.processes[1]);
  expect(result).not.toBeKilledBy('SIGSEGV');
  // @ts-expect-error: a status is a number
  expect(result).not.toExitWith('0');
});
`,
  );
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const options = '--noEmit --strict --module nodenext --target es2024 --skipLibCheck --types node demo.test.ts';
  const types = spawnSync(process.execPath, [tsc, ...options.split(' ')], { cwd: project, encoding: 'utf8' });
  expect(types.stdout).toBe('');
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const tests = spawnSync(process.execPath, [vitest, 'run', '--root', project], { cwd: project, encoding: 'utf8' });
  expect(tests.stdout + tests.stderr).toContain('1 passed');
});
