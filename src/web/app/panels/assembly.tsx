/** Assembly text with its parts told apart: NASM's source lines, and instructions of the disassembler. */
import type { JSX } from 'preact';

type Part = 'comment' | 'label' | 'string' | 'number' | 'register' | 'mnemonic' | 'directive' | 'plain';

const REGISTER =
  /^(?:[re]?(?:ax|bx|cx|dx|si|di|sp|bp)|[abcd][hl]|(?:si|di|sp|bp)l|r(?:8|9|1[0-5])[dwb]?|rip|[cdefgs]s|[xyz]?mm\d+|st\d?|cr\d)$/i;
const NUMBER = /^(?:\d[\da-f_]*h?|0[xb][\da-f_]+)$/i;
const DIRECTIVE =
  /^(?:%.*|section|segment|global|extern|default|bits|align[b]?|db|dw|dd|dq|resb|resw|resd|resq|equ|times|struc|endstruc|istruc|iend|at|incbin|rel|abs|byte|word|dword|qword|oword|tword|yword|near|short|far|ptr|strict)$/i;
const TOKEN = /;.*|"[^"]*"|'[^']*'|`[^`]*`|%?[\w.$@?]+:?|\s+|./g;

export interface AssemblyPiece {
  readonly part: Part;
  readonly text: string;
}

const cache = new Map<string, readonly AssemblyPiece[]>();
const MOST_CACHED = 5000;

export function piecesOf(line: string): readonly AssemblyPiece[] {
  const known = cache.get(line);
  if (known !== undefined) return known;
  if (cache.size > MOST_CACHED) cache.clear();
  const pieces: AssemblyPiece[] = [];
  let hasMnemonic = false;
  for (const [text] of line.matchAll(TOKEN)) {
    const part = partOf(text, hasMnemonic);
    if (part === 'mnemonic') hasMnemonic = !/^(?:lock|rep|repn?[ez])$/i.test(text);
    if (part === 'directive' && !/^(?:byte|[dqoty]?word|rel|abs|near|short|strict)$/i.test(text)) hasMnemonic = true;
    const last = pieces.at(-1);
    if (last?.part === part) pieces[pieces.length - 1] = { part, text: last.text + text };
    else pieces.push({ part, text });
  }
  cache.set(line, pieces);
  return pieces;
}

function partOf(text: string, hasMnemonic: boolean): Part {
  if (text.startsWith(';')) return 'comment';
  if (/^["'`]/.test(text)) return 'string';
  if (!/[\w%]/.test(text)) return 'plain';
  if (text.endsWith(':')) return 'label';
  if (NUMBER.test(text)) return 'number';
  if (REGISTER.test(text)) return 'register';
  if (DIRECTIVE.test(text)) return 'directive';
  return hasMnemonic || /^[.$@?]/.test(text) ? 'plain' : 'mnemonic';
}

export function Assembly({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {piecesOf(text).map(({ part, text: piece }, i) =>
        part === 'plain' ? (
          piece
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text do not move
          <span key={i} class={`asm-${part}`}>
            {piece}
          </span>
        ),
      )}
    </>
  );
}
