import { ColdframeError } from '#core/error.ts';

export interface ServerAddress {
  /** Without brackets when it is an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** For URLs: brackets and port where needed. */
  readonly authority: string;
}

/** `host`, `host:port`, `1.2.3.4`, `[::1]:8443` or a bare IPv6 address. */
export function parseAddress(address: string): ServerAddress {
  const text = address.trim();
  const bareIpv6 = /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text);
  let url: URL;
  try {
    url = new URL(`https://${bareIpv6 ? `[${text}]` : text}`);
  } catch (error) {
    throw malformed(address, error);
  }
  if (url.pathname !== '/' || url.username !== '' || url.search !== '' || url.hash !== '')
    throw malformed(address);
  return {
    host: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: url.port === '' ? 443 : Number(url.port),
    authority: url.host,
  };
}

function malformed(address: string, cause?: unknown): ColdframeError {
  return new ColdframeError(
    'invalid-input',
    `"${address}" is not a server address. Write a host name or IP address, with :port when it is not 443.`,
    { cause },
  );
}
