import { scalarOf } from './decode.ts';
import type { VimValue } from './value.ts';

const maxDepth = 200;
const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** The first element of a SOAP body. */
export interface BodyElement {
  readonly name: string;
  readonly value: VimValue;
}

/**
 * Decodes an envelope without the schema, some ten times as fast as `soap` does with it: the
 * inventory of a large vCenter is read in hundreds of such answers. Values whose xsi:type says what they
 * are become numbers and booleans; others stay text, which the accessors of value.ts take.
 * A field that is there once is no list; `listAt` makes it one. Throws on what is no XML.
 */
export function decodeBody(xml: string): BodyElement {
  const envelope = new Reader(xml).document();
  const body = envelope.children.find(([name]) => name === 'Body')?.[1];
  const [first] = body?.children ?? [];
  if (first === undefined) throw new Error('the answer has no SOAP body');
  return { name: first[0], value: valueOf(first[1]) };
}

interface Element {
  /** Of a reference. */
  readonly refType: string | undefined;
  readonly xsiType: string | undefined;
  readonly children: readonly (readonly [string, Element])[];
  readonly text: string;
}

function valueOf({ refType, xsiType, children, text }: Element): VimValue {
  if (refType !== undefined) return { type: refType, value: text };
  if (xsiType?.startsWith('ArrayOf') === true) return children.map(([, child]) => valueOf(child));
  if (children.length === 0)
    return xsiType === undefined ? text : (scalarOf(xsiType, text) ?? emptyOr(text, xsiType));
  const fields = new Map<string, VimValue>();
  const lists = new Map<string, VimValue[]>();
  for (const [name, child] of children) {
    const value = valueOf(child);
    const known = fields.get(name);
    if (known === undefined) fields.set(name, value);
    else {
      const list = lists.get(name) ?? [known];
      list.push(value);
      lists.set(name, list);
      fields.set(name, list);
    }
  }
  return { ...(xsiType === undefined ? {} : { $type: xsiType }), ...Object.fromEntries(fields) };
}

/** An enumeration has text; a complex value without fields has a type and nothing else. */
function emptyOr(text: string, xsiType: string): VimValue {
  return text === '' ? { $type: xsiType } : text;
}

/** Just as much XML as SOAP allows: no document types, no processing instructions that mean anything. */
class Reader {
  readonly #xml: string;
  #at = 0;

  constructor(xml: string) {
    this.#xml = xml;
  }

  document(): Element {
    this.#skipTo('<');
    while (this.#xml.startsWith('<?', this.#at) || this.#xml.startsWith('<!--', this.#at)) {
      this.#at = this.#end(this.#xml.startsWith('<?', this.#at) ? '?>' : '-->');
      this.#skipTo('<');
    }
    return this.#element(0)[1];
  }

  #element(depth: number): readonly [string, Element] {
    if (depth > maxDepth) throw new Error('the answer is nested too deeply');
    const xml = this.#xml;
    const start = this.#at + 1;
    if (!/[A-Za-z_]/.test(xml.charAt(start))) throw new Error('the answer is not XML');
    this.#at = start;
    while (!' \t\r\n/>'.includes(xml.charAt(this.#at))) this.#at++;
    const tag = xml.slice(start, this.#at);
    const { refType, xsiType } = this.#attributes();
    const children: (readonly [string, Element])[] = [];
    let text = '';
    if (xml.charAt(this.#at) === '/') this.#at = this.#end('>');
    else {
      this.#at++;
      for (;;) {
        const open = xml.indexOf('<', this.#at);
        if (open === -1) throw new Error('the answer ends too soon');
        if (open > this.#at) text += unescape(xml.slice(this.#at, open));
        this.#at = open;
        if (xml.startsWith('</', open)) break;
        if (xml.startsWith('<![CDATA[', open)) {
          const end = this.#end(']]>');
          text += xml.slice(open + '<![CDATA['.length, end - ']]>'.length);
          this.#at = end;
        } else if (xml.startsWith('<!--', open)) this.#at = this.#end('-->');
        else children.push(this.#element(depth + 1));
      }
      if (!xml.startsWith(tag, this.#at + 2)) throw new Error(`the answer closes no <${tag}>`);
      this.#at = this.#end('>');
    }
    // Between elements there is only white space, to be read by people.
    return [localName(tag), { refType, xsiType, children, text }];
  }

  /** Stops at the `>` or `/` that ends the tag. */
  #attributes(): { refType: string | undefined; xsiType: string | undefined } {
    const attribute = /\s*([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')|\s*/y;
    let refType: string | undefined;
    let xsiType: string | undefined;
    for (;;) {
      attribute.lastIndex = this.#at;
      const match = attribute.exec(this.#xml);
      this.#at = attribute.lastIndex || this.#at;
      const name = match?.[1];
      if (name === undefined) break;
      const value = unescape(match?.[2] ?? match?.[3] ?? '');
      if (name === 'type') refType = value;
      // vcsim binds the namespace to another prefix.
      else if (name.endsWith(':type')) xsiType = localName(value);
    }
    if (!'/>'.includes(this.#xml.charAt(this.#at) || ' ')) throw new Error('the answer is not XML');
    return { refType, xsiType };
  }

  #skipTo(text: string): void {
    const found = this.#xml.indexOf(text, this.#at);
    if (found === -1) throw new Error('the answer is not XML');
    this.#at = found;
  }

  /** Where `text` ends. */
  #end(text: string): number {
    const found = this.#xml.indexOf(text, this.#at);
    if (found === -1) throw new Error('the answer ends too soon');
    return found + text.length;
  }
}

function unescape(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return entities[name] ?? whole;
    const code = name[1] === 'x' ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function localName(qualified: string): string {
  return qualified.slice(qualified.indexOf(':') + 1);
}
