/** Errors of Unicorn's API: thrown, with the number that C code would get as a result. */
import * as uc from './constants.ts';

const TEXTS: Readonly<Record<number, string>> = {
  [uc.UC_ERR_OK]: 'OK',
  [uc.UC_ERR_NOMEM]: 'out of memory, or memory that is not mapped',
  [uc.UC_ERR_ARCH]: 'unsupported architecture',
  [uc.UC_ERR_HANDLE]: 'the engine is closed',
  [uc.UC_ERR_MODE]: 'unsupported mode',
  [uc.UC_ERR_VERSION]: 'unsupported version',
  [uc.UC_ERR_READ_UNMAPPED]: 'read of unmapped memory',
  [uc.UC_ERR_WRITE_UNMAPPED]: 'write to unmapped memory',
  [uc.UC_ERR_FETCH_UNMAPPED]: 'fetch from unmapped memory',
  [uc.UC_ERR_HOOK]: 'invalid type of hook',
  [uc.UC_ERR_INSN_INVALID]: 'invalid instruction',
  [uc.UC_ERR_MAP]: 'invalid memory mapping',
  [uc.UC_ERR_WRITE_PROT]: 'write to memory that is not writable',
  [uc.UC_ERR_READ_PROT]: 'read of memory that is not readable',
  [uc.UC_ERR_FETCH_PROT]: 'fetch from memory that is not executable',
  [uc.UC_ERR_ARG]: 'invalid argument',
  [uc.UC_ERR_READ_UNALIGNED]: 'unaligned read',
  [uc.UC_ERR_WRITE_UNALIGNED]: 'unaligned write',
  [uc.UC_ERR_FETCH_UNALIGNED]: 'unaligned fetch',
  [uc.UC_ERR_HOOK_EXIST]: 'there is such a hook already',
  [uc.UC_ERR_RESOURCE]: 'not possible at this time',
  [uc.UC_ERR_EXCEPTION]: 'unhandled CPU exception',
  [uc.UC_ERR_OVERFLOW]: 'the buffer is too small',
};

/** What an error number means. */
export const strerror = (code: number): string => TEXTS[code] ?? 'unknown error';

export class UnicornError extends Error {
  override name = 'UnicornError';
  /** UC_ERR_*. */
  readonly errno: number;
  constructor(errno: number, detail?: string) {
    super(detail === undefined ? strerror(errno) : `${strerror(errno)}: ${detail}`);
    this.errno = errno;
  }
}
