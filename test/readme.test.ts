/** What the README shows is what happens. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ISA_TABLE } from '../isa-table.ts';
import { describeExhaustive } from '../src/cli/explore/exhaustive.ts';
import { summaryTable } from '../src/cli/isa.ts';
import { StraceWriter } from '../src/cli/strace.ts';
import { listEncodings, summarize } from '../src/cpu/isa/inventory.ts';
import { runScript } from '../src/debug/commands/script.ts';
import { PageStory } from '../src/debug/page-story.ts';
import { composeDocument } from '../src/debug/story/document.ts';
import { tellStory } from '../src/debug/story/tell.ts';
import { exhaust } from '../src/explore/exhaustive.ts';
import { loadImage, Machine } from '../src/index.ts';
import { renderMarkdown } from '../src/story/markdown.ts';
import { drawPageEvent } from '../src/story/pages.ts';
import * as unicorn from '../src/unicorn/unicorn.ts';
import { openSession } from './debug/commands/open.ts';
import { fixturePath, fixtures } from './helpers/fixtures.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const NAME = 'fixtures/shm_demo';

test("the demo's output and system calls", async () => {
  let text = '';
  const machine = new Machine({
    observer: new StraceWriter((line) => {
      text += line;
    }),
    onStdout: (bytes) => {
      text += Buffer.from(bytes);
    },
  });
  await machine.load(await loadImage(fixturePath('shm_demo')), NAME);
  machine.run();
  expect(README).toContain(`\`\`\`\n${text}\`\`\`\n`);
});

test("the demo's pictures", async () => {
  const image = await loadImage(fixturePath('shm_demo'));
  const pictures: string[] = [];
  const machine = new Machine({ observer: new PageStory(image, (event) => pictures.push(drawPageEvent(event, 100))) });
  await machine.load(image, NAME);
  machine.run();
  expect(pictures).toHaveLength(10);
  expect(README).toContain(pictures.slice(4, 7).join('').trimEnd());
});

test("what the demo's story shows", async () => {
  const image = await loadImage(fixturePath('shm_demo'));
  const open = async (machine: Machine) => ({ image, start: () => machine.load(image, NAME) });
  const text = renderMarkdown(
    composeDocument(await tellStory({ program: NAME, args: [], machine: () => ({}), open, limits: {} })),
  );
  const [, shown] = /````\n(### .*?)\n````/s.exec(README)!;
  expect(text).toContain(shown);
  expect(text).toContain(/^\| {2}\| MAP.*?\n\n/ms.exec(README)?.[0]);
});

test('the table of instruction sets; `npm run isa-table` writes it', () => {
  expect(ISA_TABLE.exec(README)?.[0]).toBe(summaryTable(summarize(listEncodings())));
});

test('the example of the CPU alone', () => {
  const [, names, body] = /```ts\nimport \{ ([^}]*) \} from 'pml4\/unicorn';\n(.*?)```/s.exec(README)!;
  const module: Readonly<Record<string, unknown>> = { ...unicorn };
  const wanted = names.split(', ');
  const checked = body
    .replace(': bigint[]', '')
    .replaceAll(/^(engine\.reg_read.*|seen); \/\/ (.*)$/gm, 'expect($1).toEqual($2);');
  expect(checked.match(/toEqual/g)).toHaveLength(2);
  new Function('expect', ...wanted, checked)(expect, ...wanted.map((name) => module[name]));
});

test('the schedules of the smallest race', async () => {
  const path = 'fixtures/one_update';
  const image = await loadImage(fixturePath('one_update'));
  const result = await exhaust({
    conduct: { image, path, machine: {}, program: {}, limits: {} },
    comparison: 'all',
    mode: 'orders',
    maxRuns: 1000,
    expect: undefined,
    onProgress: async () => true,
  });
  const subject = { program: path, args: [], digest: '', options: [], comparison: 'all' } as const;
  expect(README).toContain(`pml4 explore --exhaustive ${path}\n${describeExhaustive(subject, result)}\`\`\`\n`);
});

test('the seeds of the lost update', async () => {
  const image = await loadImage(fixturePath('lost_update'));
  const rows = [...README.matchAll(/exit 0 "(total = \d+)\\n" .*--seed (\d+) fixtures\/lost_update$/gm)];
  expect(rows).toHaveLength(10);
  for (const [, output, seed] of rows.slice(0, 4)) {
    const machine = new Machine({ seed: Number(seed) });
    machine.load(image, 'fixtures/lost_update');
    expect((await machine.run()).stdout).toBe(`${output}\n`);
  }
});

test('the session of the debugger, and its screen', async () => {
  const [, shown] = /```\n\$ pml4 debug fixtures\/shm_demo < commands\n(.*?)```/s.exec(README)!;
  const commands = [...shown.matchAll(/^\(pml4\) (.*)$/gm)].map(([, command]) => command);
  let text = '';
  const session = await openSession('fixtures/shm_demo');
  await runScript(session, commands, { stopsAtErrors: true, repeats: true }, (piece) => {
    text += piece;
  });
  expect(shown).toBe(text);
  const screen = readFileSync(new URL('tui/screens/demo-80x24.txt', import.meta.url), 'utf8');
  expect(README).toContain(`\`\`\`\n${screen}\`\`\`\n`);
});

test('every lesson is listed', () => {
  for (const { name } of fixtures) expect(README).toContain(`\`${name}\``);
});
