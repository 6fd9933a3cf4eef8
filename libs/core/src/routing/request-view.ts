/**
 * A request as the route engine sees it: bytes and a flat table of ranges, never strings. HTTP/1 ranges point into the
 * read buffer, HPACK decodes into an arena of the same shape; `explain` and tests build one from strings.
 *
 * Ranges die when the read callback returns, unless the owner of the view retained it.
 */
export interface RequestView {
  readonly bytes: Uint8Array
  /**
   * `PSEUDO_SLOTS` numbers for the pseudo-headers (start, end; absent: start is -1), then `FIELD_STRIDE` numbers a
   * field: name start, name end, value start, value end. Names are in any case; values are trimmed of white space.
   */
  readonly ranges: Int32Array
  readonly fieldCount: number
}

export const METHOD = 0
/** Absent on HTTP/1 origin-form requests: means `http`. */
export const SCHEME = 2
/** Host and optional port, as received. */
export const AUTHORITY = 4
/** Path without `?` and query. `*` for OPTIONS *. */
export const PATH = 6
/** Query without `?`; absent when there was no `?`. */
export const QUERY = 8
export const PSEUDO_SLOTS = 10
export const FIELD_STRIDE = 4
