import { ColdframeError } from '#core/error.ts';

/** What the virtualisation platform tells a deployed VM (DMTF DSP0243, "OVF environment"). */
export interface OvfEnvironment {
  readonly properties: ReadonlyMap<string, string>;
  /** MAC addresses of the VM's adapters, lower case, in the platform's order. */
  readonly macs: readonly string[];
}

interface Tag {
  readonly kind: 'open' | 'close' | 'empty';
  /** Without its namespace prefix; prefixes differ between platforms. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/**
 * Reads the document. Only the VM's own PropertySection counts: sections inside
 * Entity belong to its neighbours in a vApp.
 */
export function parseOvfEnvironment(text: string): OvfEnvironment {
  const properties = new Map<string, string>();
  const macs: string[] = [];
  const path: string[] = [];
  let roots = 0;
  for (const { kind, name, attributes } of tags(text)) {
    if (kind === 'close') {
      if (path.pop() !== name) throw notAnEnvironment(`</${name}> closes something else`);
      continue;
    }
    if (path.length === 0) {
      roots++;
      if (name !== 'Environment' || roots > 1) throw notAnEnvironment(`its root is <${name}>`);
    }
    if (path.length === 2 && path[1] === 'PropertySection' && name === 'Property') {
      const key = attributes.get('key');
      if (key !== undefined) properties.set(key, attributes.get('value') ?? '');
    }
    if (path.length === 2 && path[1] === 'EthernetAdapterSection' && name === 'Adapter') {
      const mac = attributes.get('mac')?.toLowerCase() ?? '';
      if (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac)) macs.push(mac);
    }
    if (kind === 'open') path.push(name);
  }
  if (roots === 0 || path.length > 0) throw notAnEnvironment('it ends too early');
  return { properties, macs };
}

/** The same document with the values of these properties emptied. */
export function withoutValues(text: string, keys: readonly string[]): string {
  return text.replaceAll(/<(?:\w+:)?Property\b(?:"[^"]*"|'[^']*'|[^"'>])*>/g, (tag) => {
    const key = attributesOf(tag).get('key');
    if (key === undefined || !keys.includes(key)) return tag;
    return tag.replace(/(\s(?:\w+:)?value\s*=\s*)(?:"[^"]*"|'[^']*')/, '$1""');
  });
}

const markup = /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[[^]*?\]\]>|<(?:"[^"]*"|'[^']*'|[^"'>])*>/g;

function* tags(text: string): Generator<Tag> {
  for (const [tag] of text.matchAll(markup)) {
    if (tag.startsWith('<!--') || tag.startsWith('<?') || tag.startsWith('<![CDATA[')) continue;
    // No platform sends one, and entities are how XML hurts its readers.
    if (tag.startsWith('<!')) throw notAnEnvironment('it has a document type declaration');
    const [, slash, name] = /^<(\/?)(?:[\w.-]+:)?([\w.-]+)/.exec(tag) ?? [];
    if (name === undefined) throw notAnEnvironment(`it contains ${tag.slice(0, 20)}`);
    const kind = slash === '/' ? 'close' : tag.endsWith('/>') ? 'empty' : 'open';
    yield { kind, name, attributes: attributesOf(tag) };
  }
}

function attributesOf(tag: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', quoted = ''] of tag.matchAll(
    /\s(?:[\w.-]+:)?([\w.-]+)\s*=\s*("[^"]*"|'[^']*')/g,
  ))
    attributes.set(name, unescapeXml(quoted.slice(1, -1)));
  return attributes;
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescapeXml(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[String(name)] ?? whole;
    const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
    return code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
  });
}

function notAnEnvironment(why: string): ColdframeError {
  return new ColdframeError('invalid-input', `The OVF environment cannot be read: ${why}.`);
}
