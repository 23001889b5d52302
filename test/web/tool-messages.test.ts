/** What nasm 2.16 and ld 2.40 print, and where it belongs. */
import { expect, test } from 'vitest';
import { type Diagnostic, parseLd, parseNasm } from '../../src/web/model/tool-messages.ts';

const short = ({ file, line, severity, text }: Diagnostic): string => `${file}:${line} ${severity}: ${text}`;

test('messages of nasm', () => {
  const output = [
    'include/bad.inc:1: error: invalid combination of opcode and operands',
    'demo.asm:103: warning: signed dword immediate exceeds bounds [-w+number-overflow]',
    'a.asm:12: error: parser: instruction expected',
    "a.asm:7: ... from macro `outer' defined here",
    "i.asm:4: info: label `lab' originally defined here",
    "f.asm:11: fatal: expected `%endif' before end of file",
    "nasm: fatal: unable to open input file `x.asm': No such file or directory",
    '',
  ].join('\n');
  expect(parseNasm(output).map(short)).toEqual([
    'include/bad.inc:1 error: invalid combination of opcode and operands',
    'demo.asm:103 warning: signed dword immediate exceeds bounds [-w+number-overflow]',
    'a.asm:12 error: parser: instruction expected',
    "a.asm:7 note: ... from macro `outer' defined here",
    "i.asm:4 note: label `lab' originally defined here",
    "f.asm:11 error: expected `%endif' before end of file",
    "undefined:undefined error: unable to open input file `x.asm': No such file or directory",
  ]);
});

test('messages of ld', () => {
  const output = [
    "ld: b.o: in function `_start':",
    "/tmp/as1//b.asm:5: undefined reference to `foo'",
    "ld: /tmp/as1//b.asm:6: undefined reference to `bar'",
    "ld: b.o:(.data+0x0): undefined reference to `foo'",
    "g.o:(.data+0x0): relocation truncated to fit: R_X86_64_16 against `.text'",
    'ld: warning: cannot find entry symbol _start; defaulting to 0000000000401000',
    'ld: cannot find b.o: No such file or directory',
  ].join('\n');
  expect(parseLd(output, '/tmp/as1').map(short)).toEqual([
    "b.asm:5 error: undefined reference to `foo'",
    "b.asm:6 error: undefined reference to `bar'",
    "undefined:undefined error: b.o:(.data+0x0): undefined reference to `foo'",
    "undefined:undefined error: g.o:(.data+0x0): relocation truncated to fit: R_X86_64_16 against `.text'",
    'undefined:undefined warning: cannot find entry symbol _start; defaulting to 0000000000401000',
    'undefined:undefined error: cannot find b.o: No such file or directory',
  ]);
});
