/** Where the page's sources are on the assembler's machine, and so in their line tables. */
export const SOURCE_DIRECTORY = '/asm';

/** A name of a file for a source that came under any other: letters, digits, and no option of a tool. */
export const fileName = (name: string): string =>
  name
    .replace(/^.*[/\\]/, '')
    .replaceAll(/[^\w.-]/g, '_')
    .replace(/^[-.]+/, '') || 'program.asm';
