/** What a program printed, so that it can stand in a document: no character acts. */

/** Control characters, which a terminal would obey and HTML does not allow, become pictures of themselves. */
export const printable = (text: string): string => [...text.replaceAll('\r\n', '\n')].map(shown).join('');

const SYMBOLS = 0x2400;
const REPLACEMENT = '\u{fffd}';

function shown(char: string): string {
  const point = char.codePointAt(0)!;
  if (char === '\n' || char === '\t') return char;
  if (point < 0x20) return String.fromCharCode(SYMBOLS + point);
  const isOdd = (point >= 0x7f && point < 0xa0) || (point >= 0xd800 && point < 0xe000) || (point & 0xfffe) === 0xfffe;
  // Marks of direction would turn what follows around.
  const isTurning = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
  return isOdd || isTurning ? REPLACEMENT : char;
}
