/** The page of HTML: one file that needs nothing else, well formed, and readable without seeing the drawings. */

import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Block, composeDocument } from '../../src/debug/story/document.ts';
import { tellStory } from '../../src/debug/story/tell.ts';
import { code, prose } from '../../src/debug/story/words.ts';
import { loadImage, type Machine } from '../../src/index.ts';
import { renderHtml } from '../../src/story/html.ts';
import { renderMarkdown } from '../../src/story/markdown.ts';
import { printable } from '../../src/story/printable.ts';
import { STYLE, STYLE_SHA256 } from '../../src/story/style.ts';
import { fixturePath } from '../helpers/fixtures.ts';

async function blocksOf(name: string): Promise<Block[]> {
  const image = await loadImage(fixturePath(name));
  const open = async (machine: Machine) => ({ image, start: () => machine.load(image, name) });
  return composeDocument(await tellStory({ program: name, args: [], machine: () => ({}), open, limits: {} }));
}

test('the policy names the style sheet that there is', () => {
  expect(createHash('sha256').update(STYLE).digest('base64')).toBe(STYLE_SHA256);
});

const VOID = ['meta', 'br'];

/** Elements with their attributes, in order; throws where a tag is not closed, or a character is not escaped. */
function parse(html: string): { name: string; attributes: Map<string, string> }[] {
  const found: { name: string; attributes: Map<string, string> }[] = [];
  const open: string[] = [];
  const style = html.replace(/<style>[^<]*<\/style>/, '<style></style>');
  const tokens = style.replace(/^<!doctype html>\n/, '').split(/(<[^>]*>)/);
  for (const token of tokens) {
    if (!token.startsWith('<')) {
      if (/[<>]|&(?!amp;|lt;|gt;|quot;|#39;)/.test(token)) throw new Error(`not escaped: ${token}`);
      continue;
    }
    const closing = /^<\/([a-z0-9]+)>$/.exec(token);
    if (closing) {
      if (open.pop() !== closing[1]) throw new Error(`${token} closes nothing`);
      continue;
    }
    const tag = /^<([a-z][a-z0-9]*)((?: [a-zA-Z-]+(?:="[^"<>]*")?)*)(\/?)>$/.exec(token);
    if (!tag) throw new Error(`not a tag: ${token}`);
    const pairs = [...tag[2].matchAll(/ ([a-zA-Z-]+)(?:="([^"]*)")?/g)].map(
      ([, name, value]) => [name, value ?? ''] as const,
    );
    const attributes = new Map(pairs);
    if (attributes.size !== pairs.length) throw new Error(`an attribute twice: ${token}`);
    found.push({ name: tag[1], attributes });
    if (tag[3] === '' && !VOID.includes(tag[1])) open.push(tag[1]);
  }
  if (open.length > 0) throw new Error(`open at the end: ${open.join(' ')}`);
  return found;
}

describe.each(['shm_demo', 'copy_on_write', 'vfork', 'process_shared_mutex', 'bad_code'])('%s', (name) => {
  test('is one well-formed page', async () => {
    const blocks = await blocksOf(name);
    const html = renderHtml(blocks);
    const elements = parse(html);
    const attributes = elements.flatMap((element) => [...element.attributes]);
    const ids = elements.flatMap((element) => element.attributes.get('id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [key, value] of attributes) {
      if (key === 'href') expect(ids).toContain(value.replace(/^#/, ''));
      if (key === 'aria-labelledby') expect(ids).toEqual(expect.arrayContaining(value.split(' ')));
      // Nothing that a strict policy would refuse, or that comes from elsewhere.
      expect(key).not.toMatch(/^(on|style$|src$)/);
      if (key !== 'xmlns') expect(value).not.toMatch(/https?:/);
    }
    const names = elements.map((element) => element.name);
    for (const forbidden of ['script', 'img', 'link', 'iframe', 'object', 'base', 'form'])
      expect(names).not.toContain(forbidden);
    const count = (wanted: string) => names.filter((element) => element === wanted).length;
    expect(count('svg')).toBeGreaterThan(0);
    expect(count('desc')).toBe(count('svg'));
    expect(count('title')).toBe(count('svg') + 1);
    expect(count('h1')).toBe(1);
    const levels = names.filter((element) => /^h[1-6]$/.test(element)).map((element) => Number(element[1]));
    for (const [i, level] of levels.entries()) expect(level).toBeLessThanOrEqual((levels[i - 1] ?? 0) + 1);
    expect(html).not.toMatch(/undefined|NaN|\[object/);
    // Letters that a rule for lines strokes as well cannot be read.
    const stroked = [...html.matchAll(/^svg \.([\w-]+)\{[^}]*stroke:(?!none)/gm)].map(([, name]) => name);
    const ofTexts = elements
      .filter(({ name }) => name === 'text')
      .flatMap(({ attributes }) => attributes.get('class')?.split(' ') ?? []);
    expect(stroked.filter((name) => ofTexts.includes(name))).toEqual([]);
    expect(html).toMatch(
      /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[\w+/]+={0,2}';/,
    );
  });

  test('draws each frame of a picture once, and says the numbers that the text says', async () => {
    const blocks = await blocksOf(name);
    const html = renderHtml(blocks);
    const drawings = [...html.matchAll(/<svg .*?<\/svg>/gs)].map(([svg]) => svg);
    const text = renderMarkdown(blocks);
    for (const svg of drawings) {
      const frames = [...svg.matchAll(/>frame (0x[0-9a-f]{8})</g)].map(([, frame]) => frame);
      expect(new Set(frames).size).toBe(frames.length);
      for (const frame of frames) expect(text).toContain(`frame ${frame}`);
      // Every arrow to a frame comes from an entry that leads there.
      const entries = [...svg.matchAll(/→ (0x[0-9a-f]{8})/g)].map(([, target]) => target);
      for (const frame of frames) expect(entries).toContain(frame);
    }
  });
});

describe('what a program can put into a story', () => {
  const nasty = '<script>alert(1)</script>\x1b[31m`|*_[x](y)&amp;\u202e';
  const blocks: Block[] = [
    { kind: 'heading', level: 1, text: prose`of ${code(nasty)}` },
    { kind: 'list', items: [prose`${nasty} and ${code(nasty)}`] },
    { kind: 'output', text: `${nasty}\n\`\`\`\n# no heading\n` },
    { kind: 'table', head: [nasty], rows: [[prose`${code(nasty)}`]] },
  ];

  test('does not act in HTML', () => {
    const html = renderHtml(blocks);
    expect(parse(html).map(({ name }) => name)).not.toContain('script');
    expect(html).not.toContain('\x1b');
  });

  test('does not act in Markdown', () => {
    const text = renderMarkdown(blocks);
    expect(text).not.toContain('\x1b');
    // Inside the fence, which is longer than any in the text.
    expect(text).toContain('\n````text\n');
    expect(text).toContain('\\<script\\>');
    expect(text).toMatch(/^- .*``.*``$/m);
  });

  test('control characters become pictures of themselves', () => {
    expect(printable('a\x00b\x1b[1m\r\n\tc\x7f')).toBe('a\u2400b\u241b[1m\n\tc\u{fffd}');
  });
});
