/** A story as Markdown: CommonMark with tables, pictures as fenced text. */
import type { Block } from '../debug/story/document.ts';
import { Code, type Prose } from '../debug/story/words.ts';
import { drawOverview } from './overview.ts';
import { drawEventPictures, drawPicture } from './pages.ts';
import { printable } from './printable.ts';

/** Of the pictures: two processes side by side. */
const COLUMNS = 100;

export const renderMarkdown = (blocks: readonly Block[]): string => `${blocks.map(renderBlock).join('\n')}`;

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'heading': {
      const note = block.note === undefined ? '' : `\n*${escaped(block.note)}*\n`;
      return `${'#'.repeat(block.level)} ${inline(block.text)}\n${note}`;
    }
    case 'text':
      // A line of prose is a line of text; the paragraph is one.
      return `${block.lines.map(inline).join('\n')}\n`;
    case 'list':
      return `${block.items.map((item) => `- ${inline(item)}\n`).join('')}`;
    case 'output':
      return fenced(block.text.replace(/\n$/, ''));
    case 'overview':
      return fenced(drawOverview(block.overview, block.titles));
    case 'event':
      return fenced(drawEventPictures(block.event, COLUMNS));
    case 'picture':
      return `${escaped(block.title)}:\n\n${fenced(drawPicture(block.picture, COLUMNS))}`;
    case 'table':
      return `${[
        block.head.map(escaped),
        block.head.map(() => '---'),
        ...block.rows.map((row) => row.map((cell) => inline(cell).replaceAll('|', '\\|'))),
      ]
        .map((row) => `| ${row.join(' | ')} |\n`)
        .join('')}`;
  }
}

const inline = (sentence: Prose): string =>
  sentence.map((part) => (part instanceof Code ? codeSpan(part.text) : escaped(part))).join('');

/** Backticks enough for what is inside. */
function codeSpan(text: string): string {
  const shown = printable(text).replaceAll('\n', ' ');
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = shown.startsWith('`') || shown.endsWith('`') || shown.trim() === '' ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

function fenced(given: string): string {
  const text = printable(given);
  const longest = Math.max(2, ...[...text.matchAll(/^`+/gm)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}\n`;
}

/** What Markdown would take for markup. */
const escaped = (text: string): string => printable(text).replaceAll(/[\\`*_[\]<>#|&]/g, '\\$&');
