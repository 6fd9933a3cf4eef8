/**
 * How a request ended, in Envoy's words (`%RESPONSE_FLAGS%`), as bits: several may hold.
 * Source: Envoy docs, access log usage.
 */
export const FLAG_NO_ROUTE = 1 << 0
export const FLAG_NO_CLUSTER = 1 << 1
export const FLAG_NO_HEALTHY_UPSTREAM = 1 << 2
export const FLAG_UPSTREAM_CONNECTION_FAILURE = 1 << 3
export const FLAG_UPSTREAM_RETRY_LIMIT_EXCEEDED = 1 << 4
export const FLAG_UPSTREAM_OVERFLOW = 1 << 5
export const FLAG_UPSTREAM_CONNECTION_TERMINATION = 1 << 6
export const FLAG_UPSTREAM_REMOTE_RESET = 1 << 7
export const FLAG_LOCAL_RESET = 1 << 8
export const FLAG_UPSTREAM_REQUEST_TIMEOUT = 1 << 9
export const FLAG_DOWNSTREAM_CONNECTION_TERMINATION = 1 << 10
export const FLAG_STREAM_IDLE_TIMEOUT = 1 << 11
export const FLAG_DOWNSTREAM_PROTOCOL_ERROR = 1 << 12
export const FLAG_UPSTREAM_PROTOCOL_ERROR = 1 << 13
export const FLAG_OVERLOAD_MANAGER = 1 << 14
export const FLAG_DNS_FAILURE = 1 << 15

/** Index of a bit is the index of its name. */
export const FLAG_NAMES = [
  'NR', 'NC', 'UH', 'UF', 'URX', 'UO', 'UC', 'UR', 'LR', 'UT', 'DC', 'SI', 'DPE', 'UPE', 'OM', 'DF',
] as const // prettier-ignore

/** `UF,URX`; `-` for none, as Envoy prints it. */
export function formatFlags(flags: number): string {
  const names = FLAG_NAMES.filter((_, bit) => flags & (1 << bit))
  return names.length > 0 ? names.join(',') : '-'
}
