import type { Script } from './scripted-server.ts';

/** Objects by moref value: type, and the XML of each property's `val` by path. */
export type ScriptedObjects = Readonly<
  Record<string, { readonly type: string; readonly values: Readonly<Record<string, string>> }>
>;

export interface PropertyScriptOptions {
  /** Objects in one answer; the rest comes under a token. */
  readonly page?: number;
}

/** Scripts that answer the property collector out of a table, as far as this room asks. */
export function propertyScripts(
  objects: ScriptedObjects,
  { page = 1000 }: PropertyScriptOptions = {},
): Readonly<Record<string, Script>> {
  let rest: readonly string[] = [];
  let filter = '';
  const updates = (all: readonly string[], version: number): string => {
    rest = all.slice(page);
    const truncated = rest.length === 0 ? '' : '<truncated>true</truncated>';
    const objects = all.slice(0, page).map((object) =>
      object
        .replace(/^<objects>/, '<objectSet><kind>enter</kind>')
        .replace(/<\/objects>$/, '</objectSet>')
        .replaceAll('<propSet>', '<changeSet>')
        .replaceAll('</propSet>', '</changeSet>')
        .replaceAll('</name><val', '</name><op>assign</op><val'),
    );
    const set = `<filterSet><filter type="PropertyFilter">filter-1</filter>${objects.join('')}</filterSet>`;
    return `<returnval><version>${version}</version>${set}${truncated}</returnval>`;
  };
  const answer = (all: readonly string[]): string => {
    rest = all.slice(page);
    const token = rest.length === 0 ? '' : '<token>t-1</token>';
    return `<returnval>${token}${all.slice(0, page).join('')}</returnval>`;
  };
  return {
    RetrievePropertiesEx: (body) => answer(selected(objects, body)),
    ContinueRetrievePropertiesEx: () => answer(rest),
    CancelRetrievePropertiesEx: () => '',
    CreateContainerView: () => '<returnval type="ContainerView">view-1</returnval>',
    DestroyView: () => '',
    CreatePropertyCollector: () => '<returnval type="PropertyCollector">pc-2</returnval>',
    DestroyPropertyCollector: () => '',
    CreateFilter: (body) => {
      filter = body;
      return '<returnval type="PropertyFilter">filter-1</returnval>';
    },
    WaitForUpdatesEx: (body) => {
      const version = Number(/<version>(\d*)<\/version>/.exec(body)?.[1] ?? 0);
      if (version === 0) return updates(selected(objects, filter), 1);
      return rest.length === 0 ? '' : updates(rest, version + 1);
    },
  };
}

function selected(objects: ScriptedObjects, body: string): readonly string[] {
  const wanted = [...body.matchAll(/<propSet><type>(\w+)<\/type>(.*?)<\/propSet>/gs)].map(
    ([, type, paths = '']) => ({
      type,
      paths: [...paths.matchAll(/<pathSet>(.*?)<\/pathSet>/g)].map(([, path = '']) => path),
    }),
  );
  const named = new Set(
    [...body.matchAll(/<obj type="\w+">(.*?)<\/obj>/g)].map(([, value]) => value),
  );
  const traversed = body.includes('TraversalSpec');
  return Object.entries(objects)
    .filter(([value]) => traversed || named.has(value))
    .flatMap(([value, { type, values }]) => {
      const paths = wanted.flatMap((set) =>
        set.type === type || set.type === 'ManagedEntity' ? set.paths : [],
      );
      if (paths.length === 0) return [];
      const present = paths.filter((path) => values[path] !== undefined);
      const properties = present.map(
        (path) => `<propSet><name>${path}</name>${values[path]}</propSet>`,
      );
      const missing = paths
        .filter((path) => values[path] === 'forbidden')
        .map(
          (path) =>
            `<missingSet><path>${path}</path><fault><fault xsi:type="NoPermission"/><localizedMessage/></fault></missingSet>`,
        );
      return [
        `<objects><obj type="${type}">${value}</obj>${properties.join('')}${missing.join('')}</objects>`,
      ];
    });
}

export function stringVal(text: string): string {
  return `<val xsi:type="xsd:string">${text}</val>`;
}

export function refVal(type: string, value: string): string {
  return `<val type="${type}" xsi:type="ManagedObjectReference">${value}</val>`;
}

export function booleanVal(value: boolean): string {
  return `<val xsi:type="xsd:boolean">${value}</val>`;
}
