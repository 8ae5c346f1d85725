export interface Lockfile {
  readonly version: string;
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string;
        readonly license?: string;
        readonly dev?: boolean;
        readonly optional?: boolean;
      }
    >
  >;
}

export interface Component {
  readonly type: 'application' | 'library';
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly [{ readonly expression: string }];
}

/** A CycloneDX 1.5 document; the order depends on names only, so equal images have equal bills. */
export function billOfMaterials(dpkgTable: string, lockfile: Lockfile) {
  const components = [...debianComponents(dpkgTable), ...npmComponents(lockfile)];
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: { type: 'application', name: 'coldframe', version: lockfile.version },
    },
    components: components.toSorted((a, b) => (a.purl < b.purl ? -1 : 1)),
  };
}

function debianComponents(table: string): Component[] {
  return table
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', version = '', architecture = ''] = line.split('\t');
      const at = encodeURIComponent(version);
      const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${at}?arch=${architecture}`;
      return { type: 'application', name, version, purl };
    });
}

function npmComponents({ packages }: Lockfile): Component[] {
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, { version = '', license }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
      const licenses =
        license === undefined ? {} : { licenses: [{ expression: license }] as const };
      return { type: 'library', name, version, purl, ...licenses };
    });
}
