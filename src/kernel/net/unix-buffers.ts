/**
 * What a message on an AF_UNIX socket takes of its sender's buffer (`truesize`), which is what limits how much may wait to
 * be read: net/core/skbuff.c, net/unix/af_unix.c.
 */
const PAGE = 4096;
/** struct sk_buff with its rounding, and what stands behind the data. */
const HEADER_BYTES = 256;
const TRAILER_BYTES = 320;
/** SKB_MAX_HEAD(0): what fits in a page with the trailer; SKB_MAX_ALLOC: in four. */
const PAGE_ROOM = PAGE - TRAILER_BYTES;
const MOST_LINEAR = 4 * PAGE - TRAILER_BYTES;
/** UNIX_SKB_FRAGS_SZ. */
const MOST_PAGED = 8 * PAGE;

const pages = (bytes: number): number => Math.ceil(bytes / PAGE) * PAGE;
/** What kmalloc takes for so many bytes of data. */
const linearBytes = (bytes: number): number =>
  HEADER_BYTES + 2 ** Math.ceil(Math.log2(Math.max(512, Math.ceil(bytes / 64) * 64 + TRAILER_BYTES)));

/** How many of the bytes of a write go into the next piece of a stream. */
export const streamPieceBytes = (left: number, sendBuffer: number): number =>
  Math.min(left, (sendBuffer >> 1) - 64, MOST_LINEAR + MOST_PAGED);

export function streamTrueSize(bytes: number): number {
  const paged = Math.min(bytes, pages(Math.max(0, bytes - PAGE_ROOM)));
  return linearBytes(bytes - paged) + pages(paged);
}

export function datagramTrueSize(bytes: number): number {
  const paged = pages(Math.max(0, bytes - MOST_LINEAR));
  return linearBytes(bytes - Math.min(bytes, paged)) + paged;
}
