/** What the editor's colours are given to: a line of NASM, word by word. */
import { highlightTree, tagHighlighter, tags } from '@lezer/highlight';
import { expect, test } from 'vitest';
import { MNEMONICS } from '../../src/web/app/editor/mnemonics.prebuilt.ts';
import { nasm } from '../../src/web/app/editor/nasm-language.ts';

const classes = tagHighlighter([
  { tag: tags.comment, class: 'comment' },
  { tag: tags.keyword, class: 'instruction' },
  { tag: tags.definitionKeyword, class: 'directive' },
  { tag: tags.meta, class: 'preprocessor' },
  { tag: tags.typeName, class: 'data' },
  { tag: tags.labelName, class: 'label' },
  { tag: tags.standard(tags.variableName), class: 'register' },
  { tag: tags.special(tags.variableName), class: 'parameter' },
  { tag: tags.string, class: 'string' },
  { tag: tags.number, class: 'number' },
]);

function coloured(line: string): string[] {
  const found: string[] = [];
  highlightTree(nasm().language.parser.parse(line), classes, (from, to, kind) =>
    found.push(`${kind} ${line.slice(from, to)}`),
  );
  return found;
}

test.each<[string, string[]]>([
  [
    '_start: mov rax, [rbx+8] ; x',
    ['label _start', 'instruction mov', 'register rax', 'register rbx', 'number 8', 'comment ; x'],
  ],
  ['section .text', ['directive section']],
  ['msg db "a;b", 10, `c\\`d`', ['data db', 'string "a;b"', 'number 10', 'string `c\\`d`']],
  ['%include "linux.inc"', ['preprocessor %include', 'string "linux.inc"']],
  ['%%loop: dec %1', ['label %%loop:', 'instruction dec', 'parameter %1']],
  ['JNZ .again', ['instruction JNZ']],
  ['mov eax, 0xDEAD_BEEF', ['instruction mov', 'register eax', 'number 0xDEAD_BEEF']],
  ['db 0FFh, 1010b, 0o17, $0a', ['data db', 'number 0FFh', 'number 1010b', 'number 0o17', 'number $0a']],
  ['cmovae r8d, dword [rel x]', ['instruction cmovae', 'register r8d', 'data dword', 'directive rel']],
  ['rep stosq', ['instruction rep', 'instruction stosq']],
  ['vfmadd231sd xmm0, xmm1, xmm15', ['instruction vfmadd231sd', 'register xmm0', 'register xmm1', 'register xmm15']],
  ["db 'open", ['data db', "string 'open"]],
])('%s', (line, expected) => expect(coloured(line)).toEqual(expected));

test('every instruction has its name there', () => {
  expect(MNEMONICS.length).toBeGreaterThan(700);
  expect(MNEMONICS).toEqual(expect.arrayContaining(['syscall', 'movaps', 'fldpi', 'jne', 'sete', 'cmovle']));
  expect(MNEMONICS.filter((name) => !/^[a-z0-9]+$/.test(name))).toEqual([]);
});
