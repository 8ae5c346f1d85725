import { parseXml, type XmlElement } from '#test/lab/soap/xml.ts';

import type { PublishedField, PublishedSchema } from './published-schema.ts';

/** What is wrong with a request, held against the published API; nothing when it is right. */
export interface RequestCheck {
  readonly operation: string;
  readonly target: string;
  readonly call: XmlElement;
  readonly problems: readonly string[];
}

/**
 * vcsim takes elements in any order and overlooks unknown ones; vCenter does not. `apiVersion` is
 * what the client says it speaks: a field that is newer is as unknown as an invented one.
 */
export function checkRequest(
  schema: PublishedSchema,
  envelope: string,
  apiVersion: string,
): RequestCheck {
  const body = parseXml(envelope).children.find(({ name }) => name === 'Body');
  const [call] = body?.children ?? [];
  if (call === undefined) throw new Error('no call in the request');
  const [self, ...rest] = call.children;
  const checker = new Checker(schema, apiVersion);
  const operation = schema.operations[call.name];
  if (operation === undefined) checker.problems.push(`${call.name} is no published call`);
  else if (self?.name !== '_this') checker.problems.push(`${call.name} begins without _this`);
  else checker.fields(call.name, operation.parameters, rest);
  const { problems } = checker;
  return { operation: call.name, target: self?.text ?? '', call, problems };
}

class Checker {
  readonly problems: string[] = [];
  readonly #schema: PublishedSchema;
  readonly #apiVersion: string;

  constructor(schema: PublishedSchema, apiVersion: string) {
    this.#schema = schema;
    this.#apiVersion = apiVersion;
  }

  fields(
    owner: string,
    published: readonly PublishedField[],
    elements: readonly XmlElement[],
  ): void {
    let at = 0;
    let before: PublishedField | undefined;
    const seen = new Set<string>();
    for (const element of elements) {
      while (at < published.length && published[at]?.name !== element.name) at++;
      const field = published[at];
      if (field === undefined) {
        const known = published.some(({ name }) => name === element.name);
        const what = known ? 'out of order' : 'unknown';
        this.problems.push(`${owner}.${element.name} is ${what}`);
        return;
      }
      if (field === before && !field.repeats)
        this.problems.push(`${owner}.${element.name} comes twice`);
      if (field.since !== undefined && newer(field.since, this.#apiVersion))
        this.problems.push(
          `${owner}.${element.name} is of ${field.since}, not ${this.#apiVersion}`,
        );
      this.#value(`${owner}.${element.name}`, field.type, element);
      seen.add(field.name);
      before = field;
    }
    for (const { name, optional } of published)
      if (!optional && !seen.has(name)) this.problems.push(`${owner}.${name} is missing`);
  }

  #value(place: string, type: string, element: XmlElement): void {
    if (element.xsiNil) this.problems.push(`${place} is nil`);
    if (type === 'moref') {
      if (!element.attributes.has('type')) this.problems.push(`${place} lacks its type`);
      return;
    }
    const actual = element.xsiType ?? type;
    if (type === 'anyType' && element.xsiType === undefined)
      this.problems.push(`${place} needs an xsi:type`);
    const data = this.#schema.types[actual];
    if (data === undefined) {
      if (element.children.length > 0) this.problems.push(`${place} is of no published type`);
      return;
    }
    if (type !== 'anyType' && !this.#isA(actual, type))
      this.problems.push(`${place} is ${actual}, no ${type}`);
    this.fields(actual, this.#allFields(actual), element.children);
  }

  #allFields(type: string): readonly PublishedField[] {
    const found = this.#schema.types[type];
    return found === undefined ? [] : [...this.#allFields(found.base), ...found.fields];
  }

  #isA(type: string, ancestor: string): boolean {
    for (let each: string | undefined = type; each !== undefined;)
      if (each === ancestor) return true;
      else each = this.#schema.types[each]?.base;
    return false;
  }
}

function newer(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < 4; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
