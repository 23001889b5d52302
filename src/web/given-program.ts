/**
 * What `pml4 serve PROGRAM` tells its page about the program, at DESCRIPTION_PATH; the program's bytes are at
 * PROGRAM_PATH. Both are relative to the page. Plain JSON.
 */
export const DESCRIPTION_PATH = 'given/program.json';
export const PROGRAM_PATH = 'given/program';

export interface GivenProgram {
  /** What the link to it calls it: the last part of its path. */
  readonly name: string;
  /** As it was given: what the guest's argv[0] is. */
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  readonly memory?: number | undefined;
  readonly quantum?: number | undefined;
  readonly seed?: number | undefined;
  readonly cpu?: 1 | 2 | 3 | undefined;
  /** Source files that the program's line tables name and that are at hand, by that name. */
  readonly sources: Readonly<Record<string, string>>;
}
