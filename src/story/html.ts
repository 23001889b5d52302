/**
 * A story as one page of HTML that needs nothing else: no script, no file, no network, and a policy that forbids them.
 * The style sheet is allowed by its hash. Each picture is there as a drawing and, folded away, as text.
 */
import type { PageEvent, PagePicture } from '../debug/page-events.ts';
import type { Block } from '../debug/story/document.ts';
import { Code, type Prose, plainText } from '../debug/story/words.ts';
import { escapeHtml } from './escape.ts';
import { drawOverviewSvg } from './overview.ts';
import { describeEntry, drawEventPictures, drawPicture } from './pages.ts';
import { STYLE, STYLE_SHA256 } from './style.ts';
import { drawSvg } from './svg.ts';

const COLUMNS = 100;
/** Pages of one event that are drawn; the text has them all. */
const MOST_DRAWN = 4;
/** Of changed entries, those that are listed. */
const MOST_CHANGES = 8;

export function renderHtml(blocks: readonly Block[]): string {
  const [title, ...rest] = blocks;
  const policy = `default-src 'none'; style-src 'sha256-${STYLE_SHA256}'; base-uri 'none'; form-action 'none'`; // biome-ignore format: one line
  const name = title?.kind === 'heading' ? plainText(title.text) : 'A run';
  const chapters = rest.flatMap((block, i) =>
    block.kind === 'heading' && block.level === 2 ? [{ text: block.text, i }] : [],
  );
  const first = chapters[0]?.i ?? rest.length;
  const draw = new Renderer(chapters.map(({ i }) => `s${i}`));
  const intro = rest.slice(0, first).map((block, i) => draw.block(block, i)).join('\n'); // biome-ignore format: one line
  const body = chapters.map(({ i }, at) => {
    const part = rest.slice(i, chapters[at + 1]?.i ?? rest.length);
    return `<section aria-labelledby="s${i}">\n${part.map((block, k) => draw.block(block, i + k)).join('\n')}\n</section>`;
  });
  const links = chapters.map(({ text, i }) => `<li><a href="#s${i}">${inline(text)}</a></li>`).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(name)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${title?.kind === 'heading' ? inline(title.text) : escapeHtml(name)}</h1>
${intro}
<nav aria-label="Chapters"><ol>
${links}
</ol></nav>
${LEGEND}
</header>
<main>
${body.join('\n')}
</main>
<footer><p>Written by pml4 explain. All numbers were read from the page tables of the run.</p></footer>
</body>
</html>
`;
}

const LEGEND = `<details class="legend" open><summary>How to read the pictures</summary>
<dl>
<dt>PML4, PDPT, PD, PT</dt><dd>the four tables that a walk goes through, from CR3 on; in brackets the index of the entry</dd>
<dt>P</dt><dd>present: the walk goes on here</dd>
<dt>RW</dt><dd>writes are allowed</dd>
<dt>US</dt><dd>the program itself may use it, not only the kernel</dd>
<dt>A, D</dt><dd>accessed, dirty: the processor has read or written through this entry</dd>
<dt>NX</dt><dd>no instruction may be fetched from there</dd>
<dt>COW</dt><dd>the kernel's own mark: whoever writes gets a copy</dd>
</dl>
<p>A box with a dash is a bit that is not set. A frame is drawn once, however many entries lead to it. A thick line is shared for good; a dashed one is shared until somebody writes.</p>
</details>`;

class Renderer {
  private _pictures = 0;
  private readonly _chapterIds: readonly string[];

  constructor(chapterIds: readonly string[]) {
    this._chapterIds = chapterIds;
  }

  block(block: Block, i: number): string {
    switch (block.kind) {
      case 'heading': {
        const note = block.note === undefined ? '' : `\n<p class="note">${escapeHtml(block.note)}</p>`;
        return `<h${block.level} id="s${i}">${inline(block.text)}</h${block.level}>${note}`;
      }
      case 'text':
        return `<div class="text">${block.lines.map((line) => `<p>${inline(line)}</p>`).join('\n')}</div>`;
      case 'list':
        return `<ul>\n${block.items.map((item) => `<li>${inline(item)}</li>`).join('\n')}\n</ul>`;
      case 'output':
        return `<pre class="output" tabindex="0" role="region" aria-label="What was printed">${escapeHtml(block.text)}</pre>`;
      case 'overview': {
        const { overview, titles } = block;
        const svg = drawOverviewSvg(overview, titles, this._chapterIds);
        return `<figure><figcaption>The run at a glance</figcaption><div class="drawing" tabindex="0" role="group" aria-label="Overview">${svg}</div></figure>`;
      }
      case 'event':
        return this._event(block.event);
      case 'picture':
        return `<figure><figcaption>${escapeHtml(block.title)}</figcaption>${this._drawing(block.picture, block.title)}${asText(drawPicture(block.picture, COLUMNS))}</figure>`;
      case 'table':
        return table(block.head, block.rows);
    }
  }

  private _event(event: PageEvent): string {
    const drawn = event.pictures.slice(0, MOST_DRAWN);
    const left = event.pictures.slice(MOST_DRAWN);
    const drawings = drawn.map((picture) => {
      const more =
        picture.more > 0 ? `, and ${picture.more} more page${picture.more === 1 ? '' : 's'} of this area likewise` : '';
      const caption = `The page at 0x${picture.address.toString(16)}${more}`;
      const shown = drawn.length > 1 || more !== '' ? `<p class="note">${escapeHtml(caption)}</p>` : '';
      return shown + this._drawing(picture, `${event.title}: ${caption}`);
    });
    const rest =
      left.length > 0
        ? `<p class="note">${left.length} more page${left.length === 1 ? '' : 's'}: see the text</p>`
        : '';
    const areas =
      event.occasion.kind === 'exec'
        ? `<pre tabindex="0" role="region" aria-label="Areas">${event.notes.map(escapeHtml).join('\n')}</pre>`
        : '';
    return `<figure>${areas}${describeChanges(event)}${drawings.join('')}${rest}${asText(drawEventPictures(event, COLUMNS))}</figure>`;
  }

  private _drawing(picture: PagePicture, title: string): string {
    const svg = drawSvg(picture, title, `p${++this._pictures}`);
    const isWide = picture.walks.length > 2;
    return `<div class="drawing"${isWide ? ' tabindex="0" role="group" aria-label="Drawing"' : ''}>${isWide ? svg.replace('<svg ', '<svg class="wide" ') : svg}</div>`;
  }
}

/** Where a call has changed more entries than the drawing shows. */
function describeChanges({ changes }: PageEvent): string {
  if (changes.length < 2) return '';
  const rows = changes
    .slice(0, MOST_CHANGES)
    .map(({ pid, address, before, after }) => [
      [`pid ${pid}`],
      [new Code(`0x${address.toString(16)}`)],
      [new Code(describeEntry(before))],
      [new Code(describeEntry(after))],
    ]);
  return table(['process', 'page', 'entry before', 'entry after'], rows);
}

const asText = (text: string): string =>
  `<details><summary>The same as text</summary><pre tabindex="0">${escapeHtml(text)}</pre></details>`;

const table = (head: readonly string[], rows: readonly (readonly Prose[])[]): string =>
  `<div class="drawing" tabindex="0" role="group" aria-label="Table"><table><thead><tr>${head.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join('')}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${inline(cell)}</td>`).join('')}</tr>`)
    .join('\n')}</tbody></table></div>`;

const inline = (sentence: Prose): string =>
  sentence.map((part) => (part instanceof Code ? `<code>${escapeHtml(part.text)}</code>` : escapeHtml(part))).join('');
