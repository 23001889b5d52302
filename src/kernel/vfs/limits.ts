/** Limits of the virtual file system. */
import { PAGE_SIZE } from '../../base/ints.ts';

/** s_maxbytes: a page less than what page indices reach, and exact as a number. */
export const MAX_FILE_BYTES: number = Number.MAX_SAFE_INTEGER - PAGE_SIZE + 1;
