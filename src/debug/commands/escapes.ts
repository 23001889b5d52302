/** C's escapes in what a user types, as what they mean. */
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  '0': '\0',
  '"': '"',
  ' ': ' ',
};

export const withEscapes = (given: string): string =>
  given.replaceAll(/\\x([\da-fA-F]{2})|\\([ntr0"\\ ])/g, (all, digits, letter) =>
    digits === undefined ? (ESCAPES[letter] ?? all) : String.fromCharCode(Number.parseInt(digits, 16)),
  );
