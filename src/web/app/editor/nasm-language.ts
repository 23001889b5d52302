/** NASM's syntax for CodeMirror, a line at a time, as far as colours need it: comments, strings, names, numbers. */
import {
  HighlightStyle,
  LanguageSupport,
  StreamLanguage,
  type StringStream,
  syntaxHighlighting,
} from '@codemirror/language';
import { tags } from '@lezer/highlight';
import { MNEMONICS } from './mnemonics.prebuilt.ts';

const words = (text: string): string[] => text.trim().split(/\s+/);
const numbered = (names: readonly string[], from: number, to: number, suffixes: readonly string[] = ['']): string[] =>
  names.flatMap((name) =>
    Array.from({ length: to - from + 1 }, (_, i) => suffixes.map((suffix) => `${name}${from + i}${suffix}`)).flat(),
  );

const REGISTERS = [
  ...words('rax rbx rcx rdx rsi rdi rbp rsp eax ebx ecx edx esi edi ebp esp ax bx cx dx si di bp sp'),
  ...words('al bl cl dl ah bh ch dh sil dil bpl spl rip cs ds es fs gs ss'),
  ...numbered(['r'], 8, 15, ['', 'd', 'w', 'b']),
  ...numbered(['xmm', 'ymm'], 0, 15),
  ...numbered(['st', 'mm', 'cr', 'dr'], 0, 7),
];
const DIRECTIVES = words(
  'section segment global extern common static default bits use64 absolute org cpu float align alignb sectalign struc endstruc istruc iend at rel abs',
);
const DATA = words(
  'db dw dd dq dt do dy dz resb resw resd resq rest reso resy resz equ times incbin byte word dword qword tword oword yword ptr short near far strict nosplit seg wrt',
);

const KINDS = new Map<string, string>([
  ...MNEMONICS.map((name) => [name, 'keyword'] as const),
  ...DATA.map((name) => [name, 'typeName'] as const),
  ...DIRECTIVES.map((name) => [name, 'definitionKeyword'] as const),
  ...REGISTERS.map((name) => [name, 'variableName.standard'] as const),
]);

const NAME = /^[A-Za-z_.?@][\w.?@$#~]*/;
const NUMBER =
  /^(?:0[xh][\da-f_]+|\$\d[\da-f_]*|0[bydtoq][\d_]+|\d[\da-f_]*[hx]|[01][01_]*[by]|\d[\d_]*(?:\.[\d_]*)?(?:e[+-]?\d+)?[dtoq]?)(?![\w])/i;

function token(stream: StringStream): string | null {
  if (stream.eatSpace()) return null;
  const next = stream.peek();
  if (next === ';') {
    stream.skipToEnd();
    return 'comment';
  }
  if (next === '"' || next === "'" || next === '`') return stringToken(stream, next);
  if (stream.match(/^%%\w+:?/)) return 'labelName';
  // A directive of the preprocessor; or a parameter of a macro: %1, %{2:3}, %+.
  if (stream.match(/^%[A-Za-z]\w*/)) return 'meta';
  if (stream.match(/^%(?:\d+|\{[^}]*\}|[+\-?!]+)/)) return 'variableName.special';
  if (stream.match(NUMBER)) return 'number';
  const name = stream.match(NAME);
  if (name) {
    const [text] = name as RegExpMatchArray;
    if (stream.peek() === ':' && isFirst(stream, text)) return 'labelName';
    return KINDS.get(text.toLowerCase()) ?? 'variableName';
  }
  stream.next();
  return /[-+*/|^&~<>=!$]/.test(next ?? '') ? 'operator' : null;
}

const isFirst = ({ string, pos }: StringStream, name: string): boolean =>
  string.slice(0, pos - name.length).trim() === '';

function stringToken(stream: StringStream, quote: string): string {
  stream.next();
  for (let c = stream.next(); c !== undefined && c !== null && c !== quote; c = stream.next())
    if (c === '\\' && quote === '`') stream.next();
  return 'string';
}

const language = StreamLanguage.define({ name: 'nasm', token, languageData: { commentTokens: { line: ';' } } });

/** By the page's own colours, so that light and dark follow it. */
const style = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--soft)', fontStyle: 'italic' },
  { tag: tags.keyword, color: 'var(--table)', fontWeight: '600' },
  { tag: [tags.definitionKeyword, tags.meta], color: 'var(--cow)' },
  { tag: tags.typeName, color: 'var(--file)' },
  { tag: tags.labelName, color: 'var(--fg)', fontWeight: '600' },
  { tag: tags.standard(tags.variableName), color: 'var(--p4)' },
  { tag: tags.special(tags.variableName), color: 'var(--cow)' },
  { tag: tags.string, color: 'var(--shared)' },
  { tag: tags.number, color: 'var(--changed)' },
]);

export const nasm = (): LanguageSupport => new LanguageSupport(language, syntaxHighlighting(style));
